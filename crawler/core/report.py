"""What a run did, feed by feed, and the verdict on it.

`Tally` is filled while a run goes on; `RunReport` is what is left of it. The verdict
is ours because Scrapy ends with 0 after almost every failure.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from crawler.core.dates import format_iso
from crawler.core.images import ImageTally

Outcome = Literal[
    "new",
    "revised",
    "unchanged",
    "duplicate",
    "quarantined",
    "rejected",
    "gone",
    "removed",
    "back",
    "failed",
]
OUTCOMES: tuple[Outcome, ...] = (
    "new",
    "revised",
    "unchanged",
    "duplicate",
    "quarantined",
    "rejected",
    "gone",
    "removed",
    "back",
    "failed",
)
"""What can become of an article, in the order reports list it. ``gone``, ``removed``
and ``back`` are the site's own word and no failure; those of `BROKEN` are. A stored
post is ``gone`` until a second visit confirms that it is ``removed``."""

BROKEN: tuple[Outcome, ...] = ("quarantined", "rejected", "failed")
"""What makes a run end with 1: somebody should look."""

RARE: frozenset[Outcome] = frozenset({"gone", "back"})
"""What most runs cannot meet: a table of outcomes leaves it out."""

FORMAT = 1
"""The version of a report's form. Keys are only ever added, which is no new version."""

_KEPT = 500
"""How many failures a report spells out; all are counted."""

_KINDS = 50
"""How many kinds of reasons a report tells apart; all are counted."""

_OTHER = "other reasons"
_KIND_ENDS = re.compile(r": | from | \(|; ")


@dataclass(frozen=True, slots=True)
class Failure:
    """One article that did not become a post."""

    url: str
    """Its address."""

    feed: str
    """The feed that listed it, or ``""``."""

    outcome: str
    """``quarantined``, ``rejected``, ``gone``, ``removed`` or ``failed``."""

    reason: str
    """Why, in one line."""


@dataclass(slots=True)
class FeedTally:
    """What a run learnt of one feed."""

    pages: int = 0
    """List pages read."""

    listed: int = 0
    """Entries seen, each id once."""

    known: int = 0
    """Entries not fetched because the store has them as they are."""

    counts: Counter[str] = field(default_factory=Counter)
    """What became of the articles that were fetched because it listed them first."""

    problems: list[str] = field(default_factory=list)
    """What could not be read, one line each."""

    lost: list[str] = field(default_factory=list)
    """Which of them are gaps that can never be closed."""

    same: bool = False
    """Whether its list is what it was when it was last read."""

    done: bool = False
    """Whether its last page has been dealt with."""

    @property
    def status(self) -> str:
        """``ok``, ``partial`` (some of it was read) or ``failed``."""
        if not self.problems and self.done:
            return "ok"
        return "partial" if self.listed else "failed"

    def as_dict(self) -> dict[str, Any]:
        """Give what the report tells of it, for JSON."""
        return {
            "status": self.status,
            "pages": self.pages,
            "listed": self.listed,
            "known": self.known,
            "counts": {
                name: self.counts[name] for name in OUTCOMES if self.counts[name]
            },
            "problems": self.problems,
            "lost": self.lost,
            "same": self.same,
        }


@dataclass(frozen=True, slots=True)
class RunReport:
    """A finished run."""

    format: int
    """The version of this form, 1."""

    run: str
    """Its name: the instant it started and the spider."""

    spider: str
    """The spider."""

    started: str
    """When it started, ISO 8601 UTC."""

    finished: str
    """When it ended, ISO 8601 UTC."""

    seconds: float
    """How long it took."""

    counts: dict[str, int]
    """Articles by outcome, every outcome present."""

    reasons: dict[str, dict[str, int]]
    """How many articles ended with each kind of reason, by outcome."""

    feeds: dict[str, dict[str, Any]]
    """What became of each feed: status, pages, listed, known, counts, problems,
    lost, same."""

    failures: tuple[dict[str, str], ...]
    """The articles that did not become posts, the first 500: url, feed, outcome,
    reason."""

    stop: str
    """Why it ended early, or ``""``: ``signal 15``, ``store: …``."""

    exit_code: int
    """The verdict."""

    traffic: Mapping[str, Any]
    """How many requests were made and how they ended: requests = responses + failures
    + dropped; the bytes of the responses and how many had which status."""

    hosts: Mapping[str, Mapping[str, Any]]
    """The hosts asked most: responses, failures, mean_seconds, slowest_seconds."""

    versions: Mapping[str, str]
    """Which program, Python and libraries it was."""

    settings: Mapping[str, str]
    """What was set otherwise than by default, without secrets."""

    images: Mapping[str, Any]
    """Where pictures are kept: how many were stored, known, failed, and the reasons."""

    mended: tuple[str, ...] = ()
    """What an earlier crash had left half done and was mended at the start."""

    def told(self) -> list[tuple[str, int]]:
        """List what became of the articles, without what became of none."""
        return [(each, self.counts[each]) for each in OUTCOMES if self.counts[each]]

    def as_dict(self) -> dict[str, Any]:
        """Give the report as plain data, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a report tells of a run beside its feeds and articles; see `RunReport`."""

    traffic: Mapping[str, Any] = field(default_factory=dict)
    """The requests, as `crawler.core.traffic.Traffic.totals` counts them."""

    hosts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The hosts, as `crawler.core.traffic.Traffic.busiest` lists them."""

    versions: Mapping[str, str] = field(default_factory=dict)
    """The program's and the libraries' versions."""

    settings: Mapping[str, str] = field(default_factory=dict)
    """The settings, as `crawler.core.options.disclose` shows them."""

    mended: tuple[str, ...] = ()
    """What was mended at the start, as `RunReport` tells it."""


def kind_of(reason: str) -> str:
    """Tell what a reason has in common with those of other articles.

    >>> kind_of("timeout: finance.sina.com.cn was too slow")
    'timeout'
    >>> kind_of("http 403 from finance.sina.com.cn")
    'http 403'
    """
    return _KIND_ENDS.split(reason, maxsplit=1)[0][:80]


class Tally:
    """Counts a run while it goes on.

    Every scheduled article ends in exactly one outcome; one that never came to an
    end (dropped without a word, as a redirect loop is) is a failure in the report.
    """

    def __init__(self) -> None:
        self.feeds: dict[str, FeedTally] = {}
        self.windows = 0
        """How many parts of the past are to be read."""
        self.windows_read = 0
        """How many of them have been."""
        self.counts: Counter[str] = Counter()
        self.reasons: dict[str, Counter[str]] = defaultdict(Counter)
        self.failures: list[Failure] = []
        self.images: ImageTally | None = None
        self.stop = ""
        self.stop_code = 0
        self._open: dict[str, tuple[str, str]] = {}

    @property
    def scheduled(self) -> int:
        """How many articles the run has found to fetch so far."""
        return sum(self.counts.values()) + len(self._open)

    @property
    def finished(self) -> int:
        """How many of them have come to an end."""
        return sum(self.counts.values())

    @property
    def polled(self) -> int:
        """How many feeds are done."""
        return sum(feed.done for feed in self.feeds.values())

    def open_feed(self, feed: str) -> FeedTally:
        """Start counting a feed."""
        return self.feeds.setdefault(feed, FeedTally())

    def open_article(self, identifier: str, url: str, feed: str) -> bool:
        """Note an article about to be fetched; ``False`` when it already is."""
        if identifier in self._open:
            return False
        self._open[identifier] = (url, feed)
        return True

    def close_article(
        self, identifier: str, outcome: Outcome, reason: str = ""
    ) -> None:
        """Note what became of an article; one not open any more is not counted."""
        if identifier not in self._open:
            return
        url, feed = self._open.pop(identifier)
        self.counts[outcome] += 1
        if feed in self.feeds:
            self.feeds[feed].counts[outcome] += 1
        if reason:
            self._note_reason(outcome, reason)
        if reason and len(self.failures) < _KEPT:
            self.failures.append(Failure(url, feed, outcome, reason))

    def finish(
        self,
        run: str,
        spider: str,
        started: datetime,
        now: datetime,
        circumstances: Circumstances | None = None,
    ) -> RunReport:
        """Close the run: whatever is still open has failed."""
        about = circumstances or Circumstances()
        lost = "stopped before it was fetched" if self.stop else _DROPPED
        for identifier in list(self._open):
            self.close_article(identifier, "failed", lost)
        for feed in self.feeds.values():
            if not feed.done and not feed.problems:
                feed.problems.append("not polled" if self.stop else _DROPPED)
        return RunReport(
            format=FORMAT,
            run=run,
            spider=spider,
            started=format_iso(started),
            finished=format_iso(now),
            seconds=round((now - started).total_seconds(), 3),
            counts={outcome: self.counts[outcome] for outcome in OUTCOMES},
            reasons={
                outcome: dict(self.reasons[outcome].most_common())
                for outcome in OUTCOMES
                if outcome in self.reasons
            },
            feeds={name: feed.as_dict() for name, feed in self.feeds.items()},
            failures=tuple(asdict(failure) for failure in self.failures),
            stop=self.stop,
            exit_code=self._verdict(),
            traffic=about.traffic,
            hosts=about.hosts,
            versions=about.versions,
            settings=about.settings,
            images=self.images.as_dict() if self.images else {},
            mended=about.mended,
        )

    def _note_reason(self, outcome: str, reason: str) -> None:
        kinds, kind = self.reasons[outcome], kind_of(reason)
        kinds[kind if kind in kinds or len(kinds) < _KINDS else _OTHER] += 1

    def _verdict(self) -> int:
        if self.stop_code:
            return self.stop_code
        statuses = [feed.status for feed in self.feeds.values()]
        reached = sum(self.counts.values()) - self.counts["failed"]
        answered = any(status != "failed" for status in statuses)
        if (statuses or self.counts) and not answered and not reached:
            return 4
        broken = any(self.counts[outcome] for outcome in BROKEN)
        return 1 if broken or any(status != "ok" for status in statuses) else 0


_DROPPED = "dropped on the way: no answer and no failure came back"
