"""What an operator is told of, and when: once it begins, daily, and when it is over.

Polls are minutes apart, and most problems last for hours. So what has been told is
remembered, and only what is news is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from crawler.core.health import Sign
from crawler.core.hosts import Stop
from crawler.core.report import BROKEN, RunReport

Kind = Literal[
    "no new posts", "layout changed", "hole", "feed", "ban", "failures", "store", "run"
]
KINDS: tuple[Kind, ...] = (
    "no new posts",
    "layout changed",
    "hole",
    "feed",
    "ban",
    "failures",
    "store",
    "run",
)
"""Every kind of problem: the first four are of a feed, ``ban`` is of a host, the others
are of a run: many articles failed, the store is not sound, nothing could be done."""

FEW = 10
"""Of fewer articles no share is taken."""

_REMIND = timedelta(days=1)
_PATIENCE = timedelta(hours=1)
_KINDS: dict[str, Kind] = {
    "stale": "no new posts",
    "layout changed": "layout changed",
    "hole": "hole",
}
_OF_RUNS = {"failures", "store", "run"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that somebody should look at."""

    kind: Kind
    """What it is."""

    about: str
    """Of which feed, host or spider."""

    text: str
    """More, in one line; words of others may be in it."""

    since: datetime
    """Since when, UTC."""

    @property
    def key(self) -> str:
        """What makes it the same problem at the next run."""
        return f"{self.kind}: {self.about}"

    @property
    def line(self) -> str:
        """All of it in one line."""
        since = f"since {self.since:%Y-%m-%d %H:%M} UTC"
        return ", ".join(part for part in (self.key, since, self.text) if part)


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a problem."""

    line: str
    """The last words."""

    at: datetime
    """When, UTC."""


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told now, and what will have been told then."""

    begun: tuple[str, ...]
    """The lines of problems that are new."""

    lasting: tuple[str, ...]
    """Of those told a day ago that are still there."""

    over: tuple[str, ...]
    """Of those that are gone, as they were told."""

    told: Mapping[str, Told]
    """What to remember, by key, once it has been told."""

    def __bool__(self) -> bool:
        """Tell whether there is anything to tell."""
        return bool(self.begun or self.lasting or self.over)

    def lines(self) -> list[str]:
        """Say it, one line each."""
        parts = (("new", self.begun), ("still", self.lasting), ("over", self.over))
        return [f"{word}: {line}" for word, lines in parts for line in lines]


def find_problems(
    report: RunReport,
    signs: Mapping[str, Sequence[Sign]],
    stops: Mapping[str, Stop],
    share: float,
    now: datetime,
) -> list[Problem]:
    """List what is wrong after a run.

    Args:
        report: the run's report.
        signs: what is wrong with each feed, by its id.
        stops: the hosts that were stopped, by name.
        share: which part of the articles may fail without an alert.
        now: the present instant.
    """
    hosts = ((host, stop) for host, stop in stops.items() if stop.until > now)
    return [
        *_of_run(report, share, now),
        *_of_polls(report, now),
        *(Problem("ban", host, stop.why, stop.since) for host, stop in hosts),
        *_of_feeds(signs, now),
    ]


def find_news(
    told: Mapping[str, Told],
    problems: Sequence[Problem],
    report: RunReport,
    now: datetime,
) -> News:
    """Compare the problems with what was told.

    A problem of a run is over when a run of the same spider could have shown it.
    """
    present = {each.key: each for each in problems}
    begun = [each for key, each in present.items() if key not in told]
    lasting = [
        each
        for key, each in present.items()
        if key in told and now - told[key].at >= _REMIND
    ]
    gone = [key for key in told if key not in present and _is_judged(key, report)]
    kept = {key: each for key, each in told.items() if key not in gone}
    fresh = {each.key: Told(each.line, now) for each in (*begun, *lasting)}
    return News(
        tuple(each.line for each in begun),
        tuple(each.line for each in lasting),
        tuple(told[key].line for key in gone),
        {**kept, **fresh},
    )


def _of_run(report: RunReport, share: float, now: datetime) -> Iterator[Problem]:
    spider = report.spider
    broken = sum(report.counts[outcome] for outcome in BROKEN)
    total = sum(report.counts.values())
    if total >= FEW and broken > share * total:
        text = f"{broken} of {total} articles did not become posts"
        yield Problem("failures", spider, text, now)
    if report.exit_code == 3:
        yield Problem("store", spider, report.stop, now)
    elif report.exit_code in {2, 4}:
        text = report.stop or _cause(report)
        yield Problem("run", spider, f"ended with {report.exit_code}: {text}", now)


def _cause(report: RunReport) -> str:
    feeds = report.feeds.items()
    told = [f"{name}: {line}" for name, feed in feeds for line in feed["problems"][:1]]
    told += [each["reason"] for each in report.failures[:1]]
    return ": ".join(["nothing could be fetched", *told[:1]])


def _of_polls(report: RunReport, now: datetime) -> Iterator[Problem]:
    # A gap that can never be closed is no sign of a feed that is unwell: said once.
    for feed, told in report.feeds.items():
        for line in told["lost"]:
            yield Problem("hole", feed, line, now)


def _of_feeds(signs: Mapping[str, Sequence[Sign]], now: datetime) -> Iterator[Problem]:
    for feed, found in signs.items():
        for sign in found:
            kind = _KINDS.get(sign.kind, "feed")
            # A poll that fails once or twice is no news: the next may do.
            if kind == "feed" and now - sign.since < _PATIENCE:
                continue
            words = sign.words()
            text = words if kind != "feed" else f"{sign.kind}: {words}"
            yield Problem(kind, feed, text, sign.since)


def _is_judged(key: str, report: RunReport) -> bool:
    kind, _, about = key.partition(": ")
    if kind not in _OF_RUNS:
        return report.exit_code not in {2, 3}  # Else nothing is known of the feeds.
    if about != report.spider:
        return False
    return kind != "failures" or sum(report.counts.values()) >= FEW
