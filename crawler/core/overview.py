"""Sum up many runs and posts into what a report shows of them.

`Overview` is fed one run or post after the other and stays small however many there
are: it counts by intervals of time, whose number is bounded, and keeps no run and no
post. Days and hours are Beijing's, where the news is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from crawler.core.dates import BEIJING
from crawler.core.health import Sign
from crawler.core.hosts import Stop
from crawler.core.report import BROKEN, OUTCOMES, kind_of

_WIDTHS = [timedelta(hours=hours) for hours in (1, 2, 3, 6, 12, 24, 48, 168, 672)]
_MOST = 62
_BACKFILL = timedelta(days=1)
_MONDAY = datetime(2001, 1, 1, tzinfo=BEIJING)
_STEP = 1.1
"""Delays are counted in classes that are each a tenth longer than the one before."""

_EXAMPLES = 200


_LATER = ConfigDict(defer_build=True)
"""Made ready when the first report is read: most commands read none."""


class FeedFacts(BaseModel):
    """What a run's report says of one feed."""

    model_config = _LATER

    status: str
    problems: list[str] = []


class HostFacts(BaseModel):
    """What a run's report says of one host."""

    model_config = _LATER

    responses: int = 0
    failures: int = 0
    mean_seconds: float = 0.0
    slowest_seconds: float = 0.0


class FailureFacts(BaseModel):
    """What a run's report says of an article that did not become a post."""

    model_config = _LATER

    url: str
    feed: str
    outcome: str
    reason: str


class RunFacts(BaseModel):
    """What is read of a run's report; reports older than a key do without it."""

    model_config = _LATER

    run: str
    spider: str
    started: Annotated[datetime, BeforeValidator(datetime.fromisoformat)]
    finished: Annotated[datetime, BeforeValidator(datetime.fromisoformat)]
    exit_code: int
    stop: str = ""
    counts: dict[str, int]
    reasons: dict[str, dict[str, int]] = {}
    feeds: dict[str, FeedFacts] = {}
    hosts: dict[str, HostFacts] = {}
    traffic: dict[str, Any] = Field(default_factory=dict)
    failures: list[FailureFacts] = []


STATES = (
    "all failed",
    "not polled",
    "layout changed",
    "stale",
    "shrunk",
    "hole",
    "some failed",
    "well",
)
"""How a feed can be in one interval, the worst first."""


@dataclass(slots=True)
class Health:
    """How a feed was in one interval: how its polls went, and what is wrong since."""

    well: int = 0
    unwell: int = 0
    """Polls, by how they went."""

    problem: str = ""
    """The last one's."""

    signs: list[Sign] = field(default_factory=list)
    """What has been wrong from this interval, or an earlier one, until now."""

    @property
    def states(self) -> tuple[str, ...]:
        """All that it was of `STATES`, the worst first."""
        found: set[str] = {sign.kind for sign in self.signs}
        if self.unwell or "failing" in found:
            found.add("some failed" if self.well else "all failed")
        return tuple(state for state in STATES if state in found) or ("well",)


@dataclass(slots=True)
class HostSum:
    """What one host did in all runs."""

    responses: int = 0
    failures: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    @property
    def mean(self) -> float:
        """The mean time until the first bytes of a response, in seconds."""
        return self.seconds / max(self.responses, 1)


@dataclass(slots=True)
class Reason:
    """A kind of reason for which articles did not become posts."""

    count: int = 0
    last: datetime | None = None
    feed: str = ""
    url: str = ""
    text: str = ""
    """The last example's feed, address and reason in full."""


@dataclass(slots=True)
class Overview:
    """What happened in a span of time.

    Args:
        since: its first instant.
        until: the instant after its last.
    """

    since: datetime
    until: datetime
    runs: int = 0
    unreadable: int = 0
    """Reports that could not be read."""

    last: RunFacts | None = None
    """The latest run."""

    verdicts: Counter[tuple[datetime, int]] = field(default_factory=Counter)
    """Runs by interval and exit code."""

    outcomes: Counter[tuple[datetime, str]] = field(default_factory=Counter)
    """Articles by interval and outcome."""

    posts: Counter[tuple[datetime, str]] = field(default_factory=Counter)
    """Posts by the interval of their publication, and feed."""

    hours: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Posts by feed and hour of the day, 0 to 23."""

    delays: Counter[tuple[datetime, int]] = field(default_factory=Counter)
    """Posts by interval and class of delay; see `delay_rows`."""

    backfilled: int = 0
    """Posts older than a day when they were first seen: no delay of ours."""

    health: dict[tuple[datetime, str], Health] = field(default_factory=dict)
    """How each feed was, by day or longer interval."""

    feeds: dict[str, FeedFacts] = field(default_factory=dict)
    """The latest poll of each feed."""

    hosts: dict[str, HostSum] = field(default_factory=dict)
    reasons: dict[tuple[str, str], Reason] = field(default_factory=dict)
    """By outcome and kind of reason."""

    @property
    def width(self) -> timedelta:
        """How long an interval is, so that they stay few."""
        fitting = (w for w in _WIDTHS if (self.until - self.since) / w <= _MOST)
        return next(fitting, _WIDTHS[-1])

    @property
    def health_width(self) -> timedelta:
        """How long an interval of the calendar is: a day, or longer in a long span."""
        return max(self.width, timedelta(days=1))

    def add_run(self, run: RunFacts) -> None:
        """Count a run; they may come in any order."""
        start = interval(run.started, self.width)
        self.runs += 1
        self.verdicts[start, run.exit_code] += 1
        for outcome, count in run.counts.items():
            if count and outcome in OUTCOMES:
                self.outcomes[start, outcome] += count
        is_latest = self.last is None or run.started >= self.last.started
        self.last = run if is_latest else self.last
        for name, feed in run.feeds.items():
            self._add_poll(run, name, feed, is_latest=is_latest)
        for name, host in run.hosts.items():
            total = self.hosts.setdefault(name, HostSum())
            total.responses += host.responses
            total.failures += host.failures
            total.seconds += host.mean_seconds * host.responses
            total.slowest = max(total.slowest, host.slowest_seconds)
        self._add_reasons(run)

    def add_signs(self, feed: str, signs: Sequence[Sign]) -> None:
        """Note what is wrong with a feed at the end, in each interval since it is."""
        for sign in signs:
            width = self.health_width
            day = interval(max(sign.since, self.since), width)
            while day < self.until:
                health = self.health.setdefault((day, feed), Health())
                health.signs.append(sign)
                day += width

    def add_post(self, feed: str, published: datetime, first_seen: datetime) -> None:
        """Count a post, by when it was published."""
        start = interval(published, self.width)
        self.posts[start, feed] += 1
        self.hours[feed, published.astimezone(BEIJING).hour] += 1
        delay = first_seen - published
        if delay > _BACKFILL:
            self.backfilled += 1
        else:
            self.delays[start, _class_of(delay.total_seconds())] += 1

    def delay_rows(self) -> Iterator[tuple[datetime, float, float]]:
        """Give each interval's median and 90th percentile of the delay, in minutes."""
        for start in sorted({start for start, _ in self.delays}):
            classes = sorted((c, n) for (s, c), n in self.delays.items() if s == start)
            yield start, _quantile(classes, 0.5), _quantile(classes, 0.9)

    def median_delay(self) -> float | None:
        """Give the median delay of all posts in minutes."""
        classes: Counter[int] = Counter()
        for (_, each), count in self.delays.items():
            classes[each] += count
        return _quantile(sorted(classes.items()), 0.5) if classes else None

    def total(self, *outcomes: str) -> int:
        """Count the articles with any of these outcomes."""
        return sum(n for (_, name), n in self.outcomes.items() if name in outcomes)

    def broken_share(self) -> float:
        """Give the share of the fetched articles that somebody should look at."""
        return self.total(*BROKEN) / max(self.total(*OUTCOMES), 1)

    def _add_poll(
        self, run: RunFacts, name: str, feed: FeedFacts, *, is_latest: bool
    ) -> None:
        day = interval(run.started, self.health_width)
        health = self.health.setdefault((day, name), Health())
        if feed.status == "ok":
            health.well += 1
        else:
            health.unwell += 1
            health.problem = "; ".join(feed.problems)[:300]
        if is_latest or name not in self.feeds:
            self.feeds[name] = feed

    def _add_reasons(self, run: RunFacts) -> None:
        for outcome, kinds in run.reasons.items():
            for kind, count in kinds.items():
                if len(self.reasons) < _EXAMPLES or (outcome, kind) in self.reasons:
                    self.reasons.setdefault((outcome, kind), Reason()).count += count
        for failure in run.failures:
            reason = self.reasons.get((failure.outcome, kind_of(failure.reason)))
            if reason and (reason.last is None or run.finished >= reason.last):
                reason.last, reason.text = run.finished, failure.reason
                reason.feed, reason.url = failure.feed, failure.url


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong now with a feed or a host."""

    name: str
    """The feed's id, or the host."""

    what: str
    """In a word or two."""

    since: datetime | None
    """Since when, where that is known."""

    detail: str
    """More, in one line; times in it are Beijing's."""


def list_troubles(
    overview: Overview,
    signs: Mapping[str, Sequence[Sign]],
    stops: Mapping[str, Stop],
) -> list[Trouble]:
    """List what is wrong at the end of a span of time.

    Args:
        overview: what happened in it.
        signs: what is known to be wrong with each feed, by its id.
        stops: the hosts that were stopped, by name.

    Returns:
        Stopped hosts, then feeds by id. A feed without a sign whose latest poll was
        not well is there too: a single failure is no sign yet of more.
    """
    troubles = [
        Trouble(host, "refuses us", stop.since, stop.words(host, BEIJING))
        for host, stop in stops.items()
        if stop.until > overview.until
    ]
    for name in sorted({*signs, *overview.feeds}):
        found = signs.get(name, ())
        troubles += [Trouble(name, s.kind, s.since, s.words(BEIJING)) for s in found]
        last = overview.feeds.get(name)
        if last and last.status != "ok" and not found:
            troubles.append(Trouble(name, last.status, None, "; ".join(last.problems)))
    return troubles


def interval(instant: datetime, width: timedelta) -> datetime:
    """Give the start of the interval an instant lies in, in Beijing time.

    >>> from datetime import UTC
    >>> instant = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
    >>> interval(instant, timedelta(days=1)).isoformat()
    '2026-11-25T00:00:00+08:00'
    """
    return _MONDAY + (instant - _MONDAY) // width * width


def _class_of(seconds: float) -> int:
    # Of a tenth each: 30 s, 33 s, 36.3 s, ... at 30 s and less it is one.
    number, length = 0, 30.0
    while length < seconds:
        number, length = number + 1, length * _STEP
    return number


def _quantile(classes: list[tuple[int, int]], share: float) -> float:
    total = sum(count for _, count in classes)
    sums = accumulate(count for _, count in classes)
    reached = (c for (c, _), n in zip(classes, sums, strict=True) if n >= share * total)
    return float(30.0 * _STEP ** next(reached) / 60)
