"""Read Sina's many spellings of a time and write the two that we use.

Sina's times are Beijing time (UTC+8, no daylight saving since 1991) and name no
zone, so every naive time is taken as Beijing's; everything returned is aware UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import format_datetime, parsedate_to_datetime

from dateutil import parser as dateutil_parser

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Beijing time; a fixed offset is exact for every article since 1998."""

EARLIEST = datetime(1998, 1, 1, tzinfo=UTC)
"""Sina was founded in 1998: an article cannot be older."""

# Digits in order with anything short between them covers "2019年09月09日 20:52",
# "2019年09月11日01:53", "2018.05.09 12:52:37" and "2022-03-28 21:09:55".
_NUMERIC = re.compile(
    r"(?<!\d)(\d{4})\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})\s*日?"
    r"[\sT\u00a0\u3000]*(\d{1,2})\s*[:：时]\s*(\d{1,2})"
    r"(?:\s*[:：分]\s*(\d{1,2}))?(?:\.\d+)?\s*"
    r"(Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)


def parse_time(text: str) -> datetime | None:
    """Read a time in any spelling Sina's pages and feeds use, or say ``None``.

    Args:
        text: free text holding one time to the minute or second; without a zone
            it is Beijing time. A date alone is no time.

    Returns:
        The instant in UTC; never raises.

    >>> parse_time("2022年03月28日 21:09").isoformat()
    '2022-03-28T13:09:00+00:00'
    >>> parse_time("Mon, 28 Mar 2022 13:09:55 GMT").isoformat()
    '2022-03-28T13:09:55+00:00'
    >>> parse_time("昨天") is None
    True
    """
    match = _NUMERIC.search(text)
    try:
        if match:
            return _from_match(match)
        if len(text) > 64 or ":" not in text:
            return None
        return _as_utc(parsedate_to_datetime(text.strip()))
    except (ValueError, OverflowError):
        return _parse_other(text)


def parse_epoch(value: object) -> datetime | None:
    """Read unix seconds, given as a number or as the string the roll API writes.

    Returns:
        The instant in UTC, or ``None`` for anything that is no time since 1998
        (the API writes ``"0"`` for "unknown"); never raises.

    >>> parse_epoch("1648472995").isoformat()
    '2022-03-28T13:09:55+00:00'
    """
    try:
        instant = datetime.fromtimestamp(int(str(value).strip()), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return instant if instant >= EARLIEST else None


def parse_day(text: str) -> datetime | None:
    """Read ``YYYY-MM-DD`` as the start of that day in Beijing, in UTC.

    >>> parse_day("2026-11-01").isoformat()
    '2026-10-31T16:00:00+00:00'
    """
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=BEIJING)
    except ValueError:
        return None
    return day.astimezone(UTC)


def parse_instant(text: str) -> datetime | None:
    """Read a day or a time with a day, in Beijing unless it names a zone, in UTC.

    >>> parse_instant("2026-11-01T09:30").isoformat()
    '2026-11-01T01:30:00+00:00'
    >>> parse_instant("2026-11-01T09:30:00Z").isoformat()
    '2026-11-01T09:30:00+00:00'
    """
    try:
        instant = datetime.fromisoformat(text.strip())
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=BEIJING)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_credible(instant: datetime, fetched: datetime) -> bool:
    """Tell whether an article can be from then: not before the site, not to come.

    A day is granted to clocks that run ahead.

    >>> is_credible(datetime(1970, 1, 1, tzinfo=UTC), datetime.now(UTC))
    False
    """
    return EARLIEST <= instant <= fetched + timedelta(days=1)


def format_rfc1123(instant: datetime) -> str:
    """Write an instant as the documents do: RFC 1123, always GMT.

    >>> format_rfc1123(datetime(2022, 3, 28, 13, 9, 55, tzinfo=UTC))
    'Mon, 28 Mar 2022 13:09:55 GMT'
    """
    return format_datetime(instant.astimezone(UTC), usegmt=True)


def format_iso(instant: datetime) -> str:
    """Write an instant as the records do: ISO 8601 to the second, ``+00:00``.

    >>> format_iso(datetime(2022, 3, 28, 13, 9, 55, tzinfo=UTC))
    '2022-03-28T13:09:55+00:00'
    """
    return instant.astimezone(UTC).isoformat(timespec="seconds")


def format_minute(instant: datetime, zone: tzinfo = UTC) -> str:
    """Write an instant for people: of UTC, which is named, or of another zone.

    >>> instant = datetime(2026, 11, 20, 6, 48, tzinfo=UTC)
    >>> format_minute(instant), format_minute(instant, BEIJING)
    ('2026-11-20 06:48 UTC', '2026-11-20 14:48')
    """
    name = " UTC" if zone is UTC else ""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}{name}"


def beijing_day(instant: datetime) -> str:
    """Name the Beijing calendar day of an instant as ``YYYY/MM/DD``.

    >>> beijing_day(datetime(2022, 3, 28, 16, 30, tzinfo=UTC))
    '2022/03/29'
    """
    return instant.astimezone(BEIJING).strftime("%Y/%m/%d")


def _from_match(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute = (int(match[group]) for group in range(1, 6))
    zone, second = _zone(match[7]), int(match[6] or 0)
    return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)


def _zone(text: str | None) -> timezone:
    if not text:
        return BEIJING
    if text[0] not in "+-":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _as_utc(instant: datetime) -> datetime:
    zoned = instant if instant.tzinfo else instant.replace(tzinfo=BEIJING)
    return zoned.astimezone(UTC)


def _parse_other(text: str) -> datetime | None:
    # dateutil reads what is left ("Mon Dec 14 19:10:02 +0800 2020"); it would also
    # fill missing parts from a default, so two defaults must give the same instant.
    if not re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", text):
        return None
    try:
        found = {
            _as_utc(dateutil_parser.parse(text, default=default, tzinfos=_offset))
            for default in _DEFAULTS
        }
    except (ValueError, OverflowError, TypeError):
        return None
    return found.pop() if len(found) == 1 else None


def _offset(_name: str | None, seconds: int | None) -> timezone | None:
    # A zone known by name alone is taken for no zone, without a warning.
    return None if seconds is None else timezone(timedelta(seconds=seconds))


_DEFAULTS = (
    datetime(2001, 1, 1, tzinfo=BEIJING),
    datetime(2002, 2, 2, tzinfo=BEIJING),
)
