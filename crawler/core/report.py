"""What a run did, feed by feed, and the verdict on it.

`Tally` is filled while a run goes on; `RunReport` is what is left of it. The verdict
is ours because Scrapy ends with 0 after almost every failure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from crawler.core.dates import format_iso

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
"""What is told only where it happened: most runs cannot meet it."""

_KEPT = 500
"""How many failures a report spells out; all are counted."""


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

    problems: list[str] = field(default_factory=list)
    """What could not be read, one line each."""

    done: bool = False
    """Whether its last page has been dealt with."""

    @property
    def status(self) -> str:
        """``ok``, ``partial`` (some of it was read) or ``failed``."""
        if not self.problems and self.done:
            return "ok"
        return "partial" if self.listed else "failed"


@dataclass(frozen=True, slots=True)
class RunReport:
    """A finished run."""

    run: str
    """Its name: the instant it started and the spider."""

    spider: str
    """The spider."""

    started: str
    """When it started, ISO 8601 UTC."""

    finished: str
    """When it ended, ISO 8601 UTC."""

    counts: dict[str, int]
    """Articles by outcome, every outcome present."""

    feeds: dict[str, dict[str, Any]]
    """What became of each feed: status, pages, listed, known, problems."""

    failures: tuple[dict[str, str], ...]
    """The articles that did not become posts, the first 500."""

    stop: str
    """Why it ended early, or ``""``: ``signal 15``, ``store: …``."""

    exit_code: int
    """The verdict."""

    def told(self) -> list[tuple[str, int]]:
        """List what became of the articles, without what is rare and did not happen."""
        counts = self.counts
        return [
            (each, counts[each])
            for each in OUTCOMES
            if counts[each] or each not in RARE
        ]

    def as_dict(self) -> dict[str, Any]:
        """Give the report as plain data, for JSON."""
        return asdict(self)


class Tally:
    """Counts a run while it goes on.

    Every scheduled article ends in exactly one outcome; one that never came to an
    end (dropped without a word, as a redirect loop is) is a failure in the report.
    """

    def __init__(self) -> None:
        self.feeds: dict[str, FeedTally] = {}
        self.counts: Counter[str] = Counter()
        self.failures: list[Failure] = []
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
        if reason and len(self.failures) < _KEPT:
            self.failures.append(Failure(url, feed, outcome, reason))

    def finish(
        self, run: str, spider: str, started: datetime, now: datetime
    ) -> RunReport:
        """Close the run: whatever is still open has failed."""
        lost = "stopped before it was fetched" if self.stop else _DROPPED
        for identifier in list(self._open):
            self.close_article(identifier, "failed", lost)
        for feed in self.feeds.values():
            if not feed.done and not feed.problems:
                feed.problems.append("not polled" if self.stop else _DROPPED)
        return RunReport(
            run=run,
            spider=spider,
            started=format_iso(started),
            finished=format_iso(now),
            counts={outcome: self.counts[outcome] for outcome in OUTCOMES},
            feeds={
                name: {
                    "status": feed.status,
                    "pages": feed.pages,
                    "listed": feed.listed,
                    "known": feed.known,
                    "problems": feed.problems,
                }
                for name, feed in self.feeds.items()
            },
            failures=tuple(asdict(failure) for failure in self.failures),
            stop=self.stop,
            exit_code=self._verdict(),
        )

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
