"""How often a feed brings something, counted in the hours in which anybody publishes.

Sina's lists stand nearly still between 00:30 and 06:30 Beijing time, for up to seven
hours (three years of half-hourly lists). Such hours are left out of every count here,
so that a night looks neither like a slow feed nor like a dead one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise

from crawler.core.dates import BEIJING

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SPAN = re.compile(r"([1-9]\d{0,4})([smhd])")
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_DAY = timedelta(days=1)
_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest time between two polls of a feed."""

    shortest: timedelta
    """Never sooner than this."""

    longest: timedelta
    """Not later than this while the feed answers."""

    def clamp(self, interval: timedelta) -> timedelta:
        """Return the interval, or the bound it goes beyond."""
        return min(max(interval, self.shortest), self.longest)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of every Beijing day in which little is published.

    Two equal times are no hours at all. They may span midnight.
    """

    start: time
    """When they begin, Beijing time."""

    end: time
    """When they are over, Beijing time."""

    def end_after(self, instant: datetime) -> datetime | None:
        """Tell when the quiet hours end in which an instant lies; else ``None``."""
        for start, end in self._around(instant):
            if start <= instant < end:
                return end
        return None

    def within(self, start: datetime, end: datetime) -> timedelta:
        """Add up the quiet hours between two instants; none when they are reversed."""
        total = timedelta(0)
        if start >= end or self.start == self.end:
            return total
        # Whole days have as many each: only the rest is looked at.
        days = (end - start) // _DAY
        total, start = days * self._length(), start + days * _DAY
        for quiet, loud in self._around(start):
            total += max(min(loud, end) - max(quiet, start), timedelta(0))
        return total

    def _length(self) -> timedelta:
        [first, *_] = self._around(datetime(2000, 1, 1, tzinfo=BEIJING))
        return first[1] - first[0]

    def _around(self, instant: datetime) -> list[tuple[datetime, datetime]]:
        day = instant.astimezone(BEIJING).date()
        spans = []
        for number in (-1, 0, 1):
            start = datetime.combine(day, self.start, BEIJING) + number * _DAY
            end = datetime.combine(day, self.end, BEIJING) + number * _DAY
            spans.append((start, end + _DAY if self.end < self.start else end))
        return spans


def parse_bounds(text: str) -> Bounds:
    """Read ``every``: one span of time, or the shortest and the longest.

    Raises:
        ValueError: it is something else.

    >>> parse_bounds("10m-2h").longest
    datetime.timedelta(seconds=7200)
    """
    spans = [_SPAN.fullmatch(part) for part in text.split("-")]
    if len(spans) > 2 or not all(spans):
        raise ValueError("must be a time such as 30m, or two such as 10m-2h")
    times = [timedelta(**{_UNITS[m[2]]: int(m[1])}) for m in spans if m]
    if times[0] > times[-1] or times[-1] > timedelta(days=30):
        raise ValueError("must name the shorter time first, and at most 30 days")
    return Bounds(times[0], times[-1])


def parse_quiet(text: str) -> Quiet:
    """Read ``quiet``: ``HH:MM-HH:MM`` in Beijing time, or ``none``.

    Raises:
        ValueError: it is something else.
    """
    if text == "none":
        return Quiet(time(0), time(0))
    match = _HOURS.fullmatch(text)
    try:
        if match is None:
            raise ValueError  # noqa: TRY301 - told below, as the other one is
        first, second = (time(int(match[n]), int(match[n + 1])) for n in (1, 3))
    except ValueError:
        raise ValueError("must be hours such as 00:30-06:30, or none") from None
    return Quiet(first, second)


def awake(start: datetime, end: datetime, quiet: Quiet) -> timedelta:
    """Measure the time between two instants without its quiet hours.

    >>> from datetime import UTC
    >>> evening = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)  # midnight in Beijing
    >>> str(awake(evening, evening + timedelta(hours=8), parse_quiet("00:30-06:30")))
    '2:00:00'
    """
    return max(end - start, timedelta(0)) - quiet.within(start, end)


def after_awake(start: datetime, span: timedelta, quiet: Quiet) -> datetime:
    """Give the instant at which so much time has gone by without the quiet hours."""
    end = start + span
    # Each step adds the quiet hours of the one before, which may hold more of them.
    for _ in range(_STEPS):
        missing = span - awake(start, end, quiet)
        if not missing:
            break
        end += missing
    return end


def rhythm_of(
    times: Sequence[datetime], now: datetime, quiet: Quiet
) -> timedelta | None:
    """Give the usual time from one article of a feed to the next, quiet hours aside.

    Args:
        times: when the latest articles were published, in any order.
        now: the present instant; a feed that has fallen silent slows down with it.
        quiet: the hours that do not count.

    Returns:
        The mean, or ``None`` when fewer than two times are known.
    """
    known = sorted(instant for instant in times if instant <= now)
    if len(known) < 2:
        return None
    return awake(known[0], now, quiet) / len(known)


def longest_silence(times: Sequence[datetime], quiet: Quiet) -> timedelta:
    """Give the longest time between two neighbouring articles, quiet hours aside."""
    pairs = sorted(pairwise(sorted(times)), key=_length, reverse=True)
    longest = timedelta(0)
    for first, second in pairs:
        if second - first <= longest:
            break  # As are all that follow: quiet hours only take away.
        longest = max(longest, awake(first, second, quiet))
    return longest


def _length(pair: tuple[datetime, datetime]) -> timedelta:
    return pair[1] - pair[0]
