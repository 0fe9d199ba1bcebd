"""What servers say of themselves: patience asked for, bans, and how long it holds.

Some of Sina's servers have answered 502 to every address outside China since September
2025; some answer 403, or 200 with a page that says so, to those they have banned. All
of that concerns a host, not a page: to go on asking only makes it last longer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime

from crawler.core.dates import format_minute
from crawler.core.entries import FeedAnswer
from crawler.core.extraction import find_notice
from crawler.core.extraction.article import BANNED
from crawler.core.polling import PATIENCE, Trouble, back_off
from crawler.core.text import one_line

_SECONDS = re.compile(r"\d{1,9}")
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_NO_STORE = re.compile(r"(?:^|,)\s*(?:no-store|no-cache)\b", re.IGNORECASE)
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_HEAD = 20_000
_NOTICE = 500
_SUSPICIONS = 3
"""How many refusals in a row, with no good answer between, are a ban of the host."""

BAN_STATUSES = frozenset({403, 418, 456})
"""What servers answer whoever they have banned."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A host that is left alone for a while."""

    until: datetime
    """When it may be asked again, UTC."""

    since: datetime
    """When it first refused us, UTC."""

    why: str
    """In one line."""

    times: int = 1
    """How often in a row it has been stopped."""

    def is_believable(self, now: datetime) -> bool:
        """Tell whether it ends soon enough; else it is of a clock that was wrong."""
        return self.until <= now + 2 * PATIENCE

    def holds(self, now: datetime) -> bool:
        """Tell whether the host is to be left alone now."""
        return now < self.until and self.is_believable(now)

    def words(self, host: str, zone: tzinfo = UTC) -> str:
        """Say it in one line, the time as of a zone."""
        until = format_minute(self.until, zone)
        return f"{host} is left alone until {until}: {self.why}"


def status_trouble(status: int) -> Trouble:
    """Name the trouble behind an HTTP status.

    >>> status_trouble(403), status_trouble(502), status_trouble(503)
    ('ban', 'abroad', 'server error')
    """
    if status in BAN_STATUSES:
        return "ban"
    if status in {404, 410}:
        return "not found"
    if status == 429:
        return "throttled"
    if status == 502:
        return "abroad"
    return "server error" if status >= 500 else "failed"


def answer_trouble(body: bytes, answer: FeedAnswer) -> Trouble | None:
    """Name the trouble behind a feed's answer that has no entries, if it has one.

    Args:
        body: the answer's bytes.
        answer: what was read of it.
    """
    if answer.entries or not answer.problems:
        return None
    if is_ban_page(body):
        return "ban"
    what = answer.problems[0].what
    return "empty" if what.startswith("empty") else "not a feed"


def is_ban_page(body: bytes) -> bool:
    """Tell whether a page says that we are banned, or asks who we are."""
    text = _TAGS.sub(" ", body[:_HEAD].decode("utf-8", "replace"))
    return find_notice(one_line(text)[:_NOTICE]) == BANNED


def parse_retry_after(text: str, now: datetime) -> timedelta:
    """Read ``Retry-After``: seconds or a date (RFC 9110, 10.2.3), at most a day.

    Returns:
        The wait; none for anything else, or for a time that is over.

    >>> str(parse_retry_after("120", datetime.now(UTC)))
    '0:02:00'
    """
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return min(timedelta(seconds=int(text)), PATIENCE)
    try:
        until = parsedate_to_datetime(text)
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return min(max(until - now, timedelta(0)), PATIENCE)
    except (ValueError, TypeError, OverflowError):
        return timedelta(0)


def parse_max_age(cache_control: str) -> timedelta:
    """Read how long an answer holds, from ``Cache-Control``; at most a day.

    >>> str(parse_max_age("public, max-age=300"))
    '0:05:00'
    """
    match = _MAX_AGE.search(cache_control)
    if match is None or _NO_STORE.search(cache_control):
        return timedelta(0)
    return min(timedelta(seconds=int(match[1])), PATIENCE)


def due_after(
    due: datetime | None, stop: Stop | None, now: datetime
) -> datetime | None:
    """Tell when a feed can be polled.

    Args:
        due: when it is due; ``None``: at once.
        stop: the stop of its host, where there is one.
        now: the present instant.
    """
    if stop is None or not stop.is_believable(now):
        return due
    return max(due, stop.until) if due else stop.until


class HostWatch:
    """Which hosts refuse us, and until when each is left alone.

    Args:
        stops: what is known from earlier runs. A host whose time is over is asked
            again, and one more refusal stops it for twice as long.
    """

    def __init__(self, stops: Mapping[str, Stop] | None = None) -> None:
        self._stops = dict(stops or {})
        self._refusals: dict[str, int] = {}

    def stopped(self, host: str, now: datetime) -> Stop | None:
        """Tell whether a host is to be left alone now."""
        stop = self._stops.get(host)
        return stop if stop and stop.holds(now) else None

    def note_good(self, host: str) -> bool:
        """Note a good answer; tell whether that ends what was known of a stop."""
        self._refusals.pop(host, None)
        return self._stops.pop(host, None) is not None

    def note_refusal(
        self, host: str, trouble: Trouble, why: str, now: datetime, wish: timedelta
    ) -> Stop | None:
        """Note that a host refused us.

        Args:
            host: the host.
            trouble: what it was; only bans, throttling and 502 are refusals.
            why: the same in one line.
            now: the present instant.
            wish: for how long it asks to be left alone, which is done at once.

        Returns:
            The stop, where the host is to be left alone from now on.
        """
        if trouble not in {"ban", "abroad", "throttled"} and not wish:
            return None
        if self.stopped(host, now):
            return None
        last = self._stops.get(host)
        count = self._refusals[host] = self._refusals.get(host, 0) + 1
        if not wish and not last and count < _SUSPICIONS:
            return None
        times = last.times + 1 if last else 1
        wait = wish or back_off(trouble, times)
        stop = Stop(now + wait, last.since if last else now, why, times)
        self._stops[host] = stop
        return stop
