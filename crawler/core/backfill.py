"""Read a feed's past again, day by day, and know how far that has come.

The roll API shows one Beijing day when it is asked to: ``etime`` is the day's start and
``stime`` the next one's, with ``ctime`` equal to it and ``date`` the day (the names are
the wrong way round; so does Sina's own archive of the roll page ask). Feeds of other
kinds are read from their front back to the first day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.core.catalogue import Feed
from crawler.core.dates import BEIJING
from crawler.core.entries import Entry
from crawler.core.report import Outcome

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a feed's past that is read at one go."""

    feed: Feed
    """The feed, with the address that shows this part."""

    day: str
    """The Beijing day, ``YYYY-MM-DD``; ``""`` where a feed shows no single days."""

    start: datetime
    """When it begins, UTC."""

    end: datetime
    """When it is over, UTC."""

    @property
    def key(self) -> tuple[str, str]:
        """What it is remembered by."""
        return self.feed.id, self.day

    def holds(self, entry: Entry) -> bool:
        """Tell whether an entry is of this time; one without a time may be."""
        return entry.published is None or self.start <= entry.published < self.end

    def is_kept_to(self, entries: Sequence[Entry]) -> bool:
        """Tell whether a first page shows the day that was asked for."""
        inside = sum(map(self.holds, entries))
        return not self.day or not entries or inside * 2 > len(entries)


def plan(feeds: Sequence[Feed], since: datetime, until: datetime) -> list[Window]:
    """Divide a time into what is read at one go, the latest first.

    Args:
        feeds: the feeds, in the order they are read.
        since: a Beijing midnight.
        until: a later one.
    """
    days = max((until - since) // _DAY, 0)
    windows = []
    for number in reversed(range(days)):
        start = since + number * _DAY
        windows += [_of_day(feed, start) for feed in feeds if feed.has_days]
    others = [feed for feed in feeds if not feed.has_days and days]
    return windows + [Window(feed, "", since, until) for feed in others]


def _of_day(feed: Feed, start: datetime) -> Window:
    end, day = start + _DAY, f"{start.astimezone(BEIJING):%Y-%m-%d}"
    first, last = int(start.timestamp()), int(end.timestamp())
    url = f"{feed.url}&etime={first}&stime={last}&ctime={last}&date={day}"
    return Window(feed.model_copy(update={"url": url}), day, start, end)


class Backfill:
    """How far the windows of a run have come.

    A window is read when its list has been and its articles have come to an end that
    is kept; after a kill, only those that are not are read again.

    Args:
        windows: all that were asked for.
        read: the keys of those that an earlier run has read.
    """

    def __init__(
        self, windows: Sequence[Window], read: Collection[tuple[str, str]] = ()
    ) -> None:
        self.windows = tuple(windows)
        """All that were asked for."""
        self.left = [window for window in windows if window.key not in read]
        """Those that are still to be read."""
        self._articles: dict[str, Window] = {}
        self._open: dict[tuple[str, str], int] = defaultdict(int)
        self._listed: dict[tuple[str, str], Window] = {}
        self._failed: set[tuple[str, str]] = set()

    @property
    def is_done(self) -> bool:
        """Whether every window has been read."""
        return not self.left

    def open_article(self, url: str, window: Window) -> None:
        """Note that a window led to an article."""
        self._articles[url] = window
        self._open[window.key] += 1

    def close_article(self, url: str, outcome: Outcome) -> Window | None:
        """Note what became of it; give the window, if it has been read with that."""
        window = self._articles.pop(url, None)
        if window is None:
            return None
        self._open[window.key] -= 1
        if outcome == "failed":
            self._failed.add(window.key)
        return self._if_read(window)

    def open_page(self, window: Window) -> None:
        """Note that a page of a list is being read, and may lead to more articles."""
        self._open[window.key] += 1

    def close_page(self, window: Window) -> Window | None:
        """Note that its articles are known; give the window, if it has been read."""
        self._open[window.key] -= 1
        return self._if_read(window)

    def fail(self, window: Window) -> None:
        """Note that a window cannot be read in this run."""
        self._failed.add(window.key)

    def end_list(self, window: Window) -> Window | None:
        """Note that a list has been read; give its window, if it has been with that."""
        self._listed[window.key] = window
        return self._if_read(window)

    def stretch(self, window: Window) -> tuple[datetime, datetime]:
        """Give the time around a window of which its feed has been read.

        Days are not always read to their end in the order they were begun in.
        """
        start, end = window.start, window.end
        read = [
            each
            for each in self.windows
            if each.feed.id == window.feed.id and each not in self.left
        ]
        for each in read:  # The latest first.
            if each.end == start:
                start = each.start
        for each in reversed(read):
            if each.start == end:
                end = each.end
        return start, end

    def _if_read(self, window: Window) -> Window | None:
        key = window.key
        if key not in self._listed or self._open[key] or key in self._failed:
            return None
        if window not in self.left:
            return None
        self.left.remove(window)
        return window
