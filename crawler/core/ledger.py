"""What a run learns of its feeds, and what becomes of their schedules at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.core.catalogue import Feed
from crawler.core.paging import Hole, Paging, Range
from crawler.core.polling import (
    Found,
    Schedule,
    Trouble,
    after_change,
    after_failure,
    after_same,
)
from crawler.core.report import Outcome

LEFT_OPEN: frozenset[Outcome] = frozenset({"failed", "rejected"})
"""Outcomes after which an article is to be tried again while its feed lists it."""

NO_WISH = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the first page of a list says of itself beside its entries."""

    etag: str = ""
    """Its ``ETag``."""

    modified: str = ""
    """Its ``Last-Modified``."""

    wish: timedelta = NO_WISH
    """For how long the server says that it holds."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A feed that has been read, until its articles have come to an end."""

    feed: Feed
    found: Found
    at: datetime
    wish: timedelta


class Ledger:
    """The polls of one run.

    A list counts as seen only when every article it led to has come to an end that is
    kept: until then the next poll reads it again, and goes back as far.

    Args:
        schedules: what is remembered of each feed.
        asked: what the operator asked of every poll.
    """

    def __init__(
        self, schedules: Mapping[str, Schedule], asked: Range | None = None
    ) -> None:
        self._last = schedules
        self._asked = asked
        self._read: dict[str, _Read] = {}
        self._done: dict[str, Schedule] = {}
        self._open: dict[str, str] = {}
        self._unsettled: set[str] = set()
        self._cut: set[str] = set()
        self.holes: list[Hole] = []
        """The gaps that were found, and could not be closed or never can be."""

    def last(self, feed: str) -> Schedule:
        """Give what is remembered of a feed."""
        return self._last.get(feed, Schedule())

    def begin(self, feed: Feed) -> Paging:
        """Begin to read a feed."""
        return Paging(feed, self.last(feed.id), self._asked)

    def open_article(self, url: str, feed: str) -> None:
        """Note that a feed led to an article."""
        self._open[url] = feed

    def close_article(self, url: str, outcome: Outcome) -> None:
        """Note what became of it."""
        feed = self._open.pop(url, None)
        if feed is not None and outcome in LEFT_OPEN:
            self._unsettled.add(feed)

    def leave(self, feed: str) -> None:
        """Note that some of what a feed lists was not wanted this time."""
        self._unsettled.add(feed)

    def cut(self, feed: str) -> None:
        """Note that not every article of a feed was asked for: the next run goes on."""
        self._cut.add(feed)

    def end_read(self, paging: Paging, now: datetime, head: Head) -> Hole | None:
        """Note that the last page of a feed has been read.

        Returns:
            The gap the poll leaves, if it leaves one.
        """
        feed, hole = paging.feed, paging.hole()
        if paging.is_same:
            self.end_same(feed, now, wish=head.wish)
            return None
        found = replace(paging.found(), etag=head.etag, modified=head.modified)
        self._read[feed.id] = _Read(feed, found, now, head.wish)
        if hole:
            self.holes.append(hole)
        return hole

    def end_same(self, feed: Feed, now: datetime, *, wish: timedelta = NO_WISH) -> None:
        """Note that a feed has not changed."""
        last = self.last(feed.id)
        self._done[feed.id] = after_same(last, feed, now, wish=wish)

    def end_failed(
        self, feed: Feed, trouble: Trouble, now: datetime, *, wish: timedelta = NO_WISH
    ) -> None:
        """Note that a feed could not be read."""
        last = self.last(feed.id)
        self._done[feed.id] = after_failure(last, feed, trouble, now, wish=wish)

    def schedules(self) -> dict[str, Schedule]:
        """Give the new schedule of every feed that was polled, at the run's end."""
        still_open = {*self._open.values(), *self._cut}
        unsettled = still_open | self._unsettled
        new = dict(self._done)
        for name, read in self._read.items():
            lost = read.found.lost and name not in still_open
            settled = name not in unsettled
            found = replace(read.found, settled=settled, lost=lost)
            last = self.last(name)
            done = after_change(last, read.feed, found, read.at, wish=read.wish)
            # What was not even tried is not to wait.
            new[name] = replace(done, next_poll=None) if name in still_open else done
        return new
