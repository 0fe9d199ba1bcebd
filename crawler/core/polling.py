"""When a feed is to be polled next: its own rhythm, the server's wish, its troubles.

A feed that answers is polled so often that a poll finds about two new articles, within
the bounds that the catalogue sets. One that fails is left alone for a while that
depends on what is wrong and doubles with each failure in a row; one success ends that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from crawler.core.catalogue import Feed
from crawler.core.rhythm import longest_silence, rhythm_of

Trouble = Literal[
    "dns",
    "refused",
    "timeout",
    "tls",
    "ban",
    "abroad",
    "throttled",
    "server error",
    "not found",
    "broken answer",
    "not a feed",
    "empty",
    "failed",
]

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BACK_OFF: Mapping[Trouble, tuple[timedelta, timedelta]] = {
    # A lost network is soon back, and asking for a name harms nobody.
    "dns": (5 * _MINUTE, _HOUR),
    "refused": (10 * _MINUTE, 2 * _HOUR),
    "timeout": (10 * _MINUTE, 2 * _HOUR),
    "tls": (_HOUR, _DAY),
    # People who were banned were let in again after some ten minutes of silence.
    "ban": (30 * _MINUTE, _DAY),
    "abroad": (_HOUR, _DAY),
    "throttled": (15 * _MINUTE, 6 * _HOUR),
    "server error": (10 * _MINUTE, 2 * _HOUR),
    "not found": (_HOUR, _DAY),
    "broken answer": (10 * _MINUTE, 2 * _HOUR),
    "not a feed": (30 * _MINUTE, _DAY),
    "empty": (30 * _MINUTE, 6 * _HOUR),
    "failed": (15 * _MINUTE, 2 * _HOUR),
}
"""For each kind of trouble, the first wait and the longest."""

PATIENCE = _DAY
"""The longest wait that a server's ``Retry-After`` is granted."""

REMEMBERED = 200
"""How many ids of a poll are kept, for the next one to be joined to."""

_ARTICLES_A_POLL = 2
_TIMES = 20
_FARTHEST = timedelta(days=31)
_HELD = _DAY
_LATELY = timedelta(days=30)
_AHEAD = timedelta(minutes=10)
_FORGETTING = 0.95
_LEARNING = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What is remembered of a feed between two polls; all instants are UTC."""

    next_poll: datetime | None = None
    """When it is due; ``None``: at once."""

    polled: datetime | None = None
    """When it was last polled."""

    rhythm: timedelta | None = None
    """The usual time from one article to the next, quiet hours aside."""

    trouble: Trouble | Literal[""] = ""
    """What was wrong with the last poll, or ``""``."""

    failures: int = 0
    """How many polls in a row have failed."""

    since: datetime | None = None
    """When the first of them did."""

    etag: str = ""
    """The ``ETag`` of the first page, when nothing is left to be done with it."""

    modified: str = ""
    """Its ``Last-Modified``, likewise."""

    mark: str = ""
    """Stands for all that the first page listed, likewise."""

    anchor: tuple[str, ...] = ()
    """The ids of the last poll that left nothing to be done, newest first."""

    anchored: datetime | None = None
    """When that was."""

    newest: datetime | None = None
    """When the newest article listed by then was published."""

    times: tuple[datetime, ...] = ()
    """When the latest articles were published, newest first."""

    silence: timedelta = timedelta(0)
    """The longest it has been silent of late, quiet hours aside."""

    usual: float = 0
    """How many entries its first page usually has."""

    shrunk: datetime | None = None
    """Since when that page has had less than half as many."""

    overlap: int | None = None
    """How many entries of the last poll an earlier one had listed; ``None`` when
    there was no earlier one, or the list had not changed."""

    @property
    def latest(self) -> datetime | None:
        """When the newest article was published that any poll has listed."""
        return max(filter(None, (self.newest, *self.times[:1])), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a poll found in a feed that answered."""

    ids: tuple[str, ...]
    """The ids listed, in the feed's order."""

    times: tuple[datetime, ...]
    """When they were published, as far as it is known."""

    first_page: int
    """How many entries the first page has."""

    mark: str = ""
    """Stands for all that it lists."""

    etag: str = ""
    """Its ``ETag``."""

    modified: str = ""
    """Its ``Last-Modified``."""

    overlap: int | None = None
    """How many of the ids the last poll knew."""

    joined: bool = True
    """Whether nothing can lie between this poll and the last, or what does is
    recorded as a hole."""

    settled: bool = True
    """Whether every article it listed has come to an end that is kept."""

    lost: bool = False
    """Whether nothing is gained by going back further: the list does not."""


def is_due(schedule: Schedule, now: datetime) -> bool:
    """Tell whether a feed is due; a date too far ahead is a clock that was wrong."""
    if schedule.next_poll is None:
        return True
    return not now < schedule.next_poll < now + _FARTHEST


def after_change(
    old: Schedule, feed: Feed, found: Found, now: datetime, *, wish: timedelta
) -> Schedule:
    """Schedule a feed whose poll brought a list.

    Args:
        old: what was known of it.
        feed: the feed.
        found: what the poll found. Where something is left to be done, the next poll
            is not told that it has seen this list; and for a day at most, it will go
            back to where the last whole poll began.
        now: the present instant.
        wish: for how long the server says that its answer holds.

    Returns:
        The schedule; `spread` is to be applied to it.
    """
    past = sorted((time for time in found.times if time <= now + _AHEAD), reverse=True)
    # Lists also show what was written years ago, which is nobody's rhythm.
    lately = [time for time in past if time > now - _LATELY]
    gap = longest_silence(lately, feed.quiet_hours)
    new = replace(
        _well(old, now),
        times=tuple(lately[:_TIMES]),
        silence=max(gap, old.silence * _FORGETTING ** _days(old.polled, now)),
        overlap=found.overlap,
        mark=found.mark if found.settled else "",
        etag=found.etag if found.settled else "",
        modified=found.modified if found.settled else "",
    )
    new = _weigh(new, found.first_page, now)
    too_long = old.anchored is not None and now - old.anchored > _HELD
    if found.joined and (found.settled or found.lost or too_long):
        newest = max([*past[:1], *([old.newest] if old.newest else [])], default=None)
        anchor = found.ids[:REMEMBERED]
        new = replace(new, anchor=anchor, anchored=now, newest=newest)
    return _plan(new, feed, now, wish)


def after_same(
    old: Schedule, feed: Feed, now: datetime, *, wish: timedelta
) -> Schedule:
    """Schedule a feed whose list has not changed."""
    new = replace(_well(old, now), overlap=None, anchored=now)
    return _plan(new, feed, now, wish)


def after_failure(
    old: Schedule, feed: Feed, trouble: Trouble, now: datetime, *, wish: timedelta
) -> Schedule:
    """Schedule a feed that could not be read.

    Args:
        old: what was known of it; where the last whole poll began stays known.
        feed: the feed.
        trouble: what is wrong.
        now: the present instant.
        wish: for how long the server asks to be left alone (``Retry-After``).
    """
    failures = old.failures + 1
    wait = max(back_off(trouble, failures), feed.bounds.shortest, min(wish, PATIENCE))
    return replace(
        old,
        polled=now,
        trouble=trouble,
        failures=failures,
        since=old.since or now,
        next_poll=now + wait,
    )


def back_off(trouble: Trouble, failures: int) -> timedelta:
    """Give the wait after so many failures in a row, the last one of this kind.

    >>> [str(back_off("refused", n)) for n in (1, 2, 3)]
    ['0:10:00', '0:20:00', '0:40:00']
    """
    first, longest = BACK_OFF[trouble]
    # The power is bounded before it is taken: a counter may have any value.
    return min(first * (1 << min(max(failures - 1, 0), 20)), longest)


def spread(schedule: Schedule, now: datetime, chance: float) -> Schedule:
    """Put a poll off by up to a tenth, so that not all feeds are due at once.

    Args:
        schedule: with its next poll.
        now: the present instant.
        chance: from 0 to 1, drawn anew for each poll.
    """
    if schedule.next_poll is None:
        return schedule
    wait = schedule.next_poll - now
    return replace(schedule, next_poll=now + wait * (1 + 0.1 * chance))


def _well(old: Schedule, now: datetime) -> Schedule:
    return replace(old, polled=now, trouble="", failures=0, since=None)


def _plan(schedule: Schedule, feed: Feed, now: datetime, wish: timedelta) -> Schedule:
    bounds, quiet = feed.bounds, feed.quiet_hours
    rhythm = rhythm_of(schedule.times, now, quiet)
    if rhythm is not None:
        wait = bounds.clamp(rhythm * _ARTICLES_A_POLL)
    else:
        # A feed that never tells a time may be a busy one.
        wait = bounds.longest if schedule.newest else bounds.shortest
    wait = max(wait, bounds.clamp(wish))
    over = quiet.end_after(now + wait)
    if over is not None:
        # Slow in quiet hours, but there when they are over.
        wait = max(wait, min(bounds.longest, over - now))
    return replace(schedule, rhythm=rhythm, next_poll=now + wait)


def _days(start: datetime | None, end: datetime) -> float:
    return min(max((end - start) / _DAY, 0), 99) if start else 0


def _weigh(schedule: Schedule, size: int, now: datetime) -> Schedule:
    usual = schedule.usual or size
    if size * 2 < usual:
        # Learnt slowly: after a week or two the small size is the usual one.
        usual += (size - usual) * (1 - _FORGETTING ** _days(schedule.shrunk, now))
        return replace(schedule, usual=usual, shrunk=schedule.shrunk or now)
    return replace(schedule, usual=usual + (size - usual) * _LEARNING, shrunk=None)
