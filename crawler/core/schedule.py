"""When a stored post's page is due for another visit.

The first fetch counts as a visit, so a post that was fetched long after it was
published is not visited for the times it has missed. Visits that several times of the
schedule ask for, as after days of standstill, are one visit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.core.errors import OptionError

CONFIRM_AFTER = timedelta(hours=1)
"""How long after a page was first found gone a second visit may confirm it."""

_FIRST_WAIT = timedelta(hours=1)
_LONGEST_WAIT = timedelta(days=7)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_AGE = re.compile(r"([1-9]\d{0,4})([mhd])")


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of the visits to one post; all instants are UTC."""

    published: datetime
    """When the post was published."""

    visited: datetime
    """When its page was last seen, or last seen to be gone."""

    noticed: datetime | None = None
    """When it was first found gone; ``None`` while it is there."""

    confirmed: datetime | None = None
    """When a second visit found it gone as well."""

    tried: datetime | None = None
    """When a visit last failed; ``None`` when none has since ``visited``."""

    tries: int = 0
    """How many visits have failed since ``visited``."""


def due_since(
    history: History, now: datetime, ages: Sequence[timedelta]
) -> datetime | None:
    """Tell since when a post's page has been due for a visit.

    Args:
        history: its visits so far.
        now: the present instant.
        ages: how old a post is when it is to be visited, from its publication.

    Returns:
        The instant the visit fell due, or ``None`` when none is. A visit that failed
        is repeated after 1, 2, 4, ... hours, at most 7 days.
    """
    if history.tried and now < history.tried + _wait(history.tries):
        return None
    if history.noticed and not history.confirmed:
        due = history.noticed + CONFIRM_AFTER
        return due if due <= now else None
    times = (history.published + age for age in ages)
    return min((time for time in times if history.visited < time <= now), default=None)


def confirms(noticed: datetime, now: datetime) -> bool:
    """Tell whether finding a page gone again confirms that it is.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    >>> confirms(noon, noon + timedelta(minutes=20))
    False
    """
    return now >= noticed + CONFIRM_AFTER


def parse_ages(texts: Sequence[str]) -> tuple[timedelta, ...]:
    """Read ``RECHECK_AFTER``: whole numbers of minutes, hours or days.

    Returns:
        The ages, youngest first, each once.

    Raises:
        OptionError: one is of another form, or there is none.

    >>> [str(age) for age in parse_ages(["1d", "90m"])]
    ['1:30:00', '1 day, 0:00:00']
    """
    ages = set()
    for text in texts:
        match = _AGE.fullmatch(str(text).strip())
        if match is None:
            raise OptionError("RECHECK_AFTER", text, "is no age such as 30m, 1h or 7d")
        ages.add(timedelta(**{_UNITS[match[2]]: int(match[1])}))
    if not ages:
        raise OptionError("RECHECK_AFTER", "", "names no age such as 1h,1d,7d,30d")
    return tuple(sorted(ages))


def _wait(tries: int) -> timedelta:
    # The power is bounded before it is taken: a counter may have any value.
    wait = _FIRST_WAIT * (1 << min(max(tries - 1, 0), 10))
    return min(wait, _LONGEST_WAIT)
