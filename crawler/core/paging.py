"""One poll of a feed while it goes on: how many pages, and whether a gap is left.

Whole pages are read and at least two of them, whatever is known already: on the real
feeds 41 % of new items appear below known ones. After an outage, a poll goes on to the
page after the one that meets what the last poll listed: one that stopped there missed
two of 10,000 articles in a month's simulation, those that were listed late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from crawler.core.backfill import Window
from crawler.core.catalogue import Feed
from crawler.core.entries import Entry, FeedAnswer
from crawler.core.polling import Found, Schedule

GAP_PAGES = 20
"""How many pages a poll reads at most to be joined to the last one."""

MAX_PAGES = 2000
"""How many pages are read at most, whatever was asked for."""


@dataclass(frozen=True, slots=True)
class Range:
    """What is asked of a poll beyond what is new."""

    pages: int | None = None
    """Read exactly so many pages."""

    since: datetime | None = None
    """Go back to this instant."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A time of which a feed may have listed articles that no poll has seen."""

    feed: str
    """The feed."""

    start: datetime
    """When the newest article was published that the poll before it knew."""

    end: datetime
    """When the oldest article was published that the poll after it saw."""

    is_lost: bool = False
    """Whether it can never be closed: the feed's whole list begins after it."""

    def __str__(self) -> str:
        """Say it in one line."""
        start, end = (f"{time:%Y-%m-%d %H:%M}" for time in (self.start, self.end))
        if self.is_lost:
            why = "is lost: the list does not go back so far any more"
        else:
            why = "could not be closed"
        return f"a hole from {start} to {end} UTC {why}"


class Paging:
    """A poll of one feed.

    Args:
        feed: the feed.
        last: what is remembered of the last poll.
        asked: what the operator asked for.
        window: the part of its past that is read, if it is that.
    """

    def __init__(
        self,
        feed: Feed,
        last: Schedule,
        asked: Range | None = None,
        window: Window | None = None,
    ) -> None:
        self.feed = feed
        """The feed, with the address that is asked."""
        self.window = window
        """The part of its past that is read, if it is that."""
        self.last = last
        """What is remembered of the last poll."""
        self._asked = asked or Range()
        self._page = 0
        self._first: FeedAnswer | None = None
        self._ids: dict[str, None] = {}
        self._fresh: list[Entry] = []
        self._times: list[datetime] = []
        self._is_back = False
        self._joined_at = 0

    @property
    def is_whole(self) -> bool:
        """Whether a range was asked for, which says nothing about the next poll."""
        return self._asked == Range()

    @property
    def overlap(self) -> int | None:
        """How many entries the last poll knew; ``None`` when there was none."""
        anchor = set(self.last.anchor)
        return sum(name in anchor for name in self._ids) if anchor else None

    @property
    def is_joined(self) -> bool:
        """Whether nothing can lie between this poll and the last."""
        ranked = self.feed.order == "rank"
        return ranked or self.overlap is None or self.overlap > 0 or self._is_back

    @property
    def is_same(self) -> bool:
        """Whether the first page lists what it did when all of it was dealt with."""
        known = self.is_whole and self.last.mark and self._first
        return bool(known) and self._mark() == self.last.mark

    @property
    def is_through(self) -> bool:
        """Whether a window has been read to its beginning."""
        if self.window is None or self.window.day:
            return True
        return any(time < self.window.start for time in self._times)

    @property
    def is_at_end(self) -> bool:
        """Whether the list has nothing after the pages that were read."""
        return self._page > 0 and (not self._fresh or not self.feed.is_paged)

    @property
    def oldest(self) -> datetime | None:
        """When the oldest article of these pages was published, where one says so."""
        return min(self._times, default=None)

    def take(self, answer: FeedAnswer) -> list[Entry]:
        """Take the next page in.

        Returns:
            Its entries that no earlier page had.
        """
        self._page += 1
        if self._page == 1:
            self._first = answer
        fresh = [each for each in answer.entries if each.id not in self._ids]
        self._ids.update(dict.fromkeys(each.id for each in fresh))
        self._fresh = fresh
        times = [each.published for each in fresh if each.published]
        self._times += times
        before = self.last.newest
        if before and times:
            # One article that was listed late does not mean that the list is there.
            self._is_back = sum(time <= before for time in times) * 2 > len(times)
        if not self._joined_at and self.is_joined:
            self._joined_at = self._page
        return fresh

    def goes_on(self) -> bool:
        """Tell whether another page is to be read."""
        page, asked = self._page, self._asked
        if not self._fresh or not self.feed.is_paged or page >= MAX_PAGES:
            return False
        if asked.pages is not None:
            return page < asked.pages
        if asked.since:
            times = [each.published for each in self._fresh if each.published]
            return page < self.feed.pages or any(t >= asked.since for t in times)
        if page == 1 and self.is_same:
            return False
        is_past = 0 < self._joined_at < page
        return page < self.feed.pages or (page < GAP_PAGES and not is_past)

    def hole(self) -> Hole | None:
        """Give the gap that this poll leaves to the last one, if it leaves one."""
        start = self.last.newest
        if self.is_joined or not self.is_whole or start is None:
            return None
        end = min((time for time in self._times if time > start), default=start)
        # A feed that shows single days of its past has more than its list.
        is_lost = self.is_at_end and not self.feed.has_days
        return Hole(self.feed.id, start, end, is_lost) if end > start else None

    def found(self) -> Found:
        """Sum up what was found, as if all of it came to an end that is kept."""
        hole = self.hole()
        return Found(
            ids=tuple(self._ids),
            times=tuple(self._times),
            first_page=len(self._first.entries) if self._first else 0,
            mark=self._mark() if self._first and self._first.entries else "",
            overlap=self.overlap,
            joined=self.is_joined or self.is_whole,
            lost=hole is not None and hole.is_lost,
        )

    def _mark(self) -> str:
        assert self._first is not None
        told = [
            (each.id, each.title, str(each.updated)) for each in self._first.entries
        ]
        return sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()[:32]
