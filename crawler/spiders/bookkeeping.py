"""What a run of the spider ``finance`` learns of its feeds, on its way to the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import random
from typing import Any

from scrapy.http import Response

from crawler.core.backfill import Backfill, Window, plan
from crawler.core.catalogue import Feed
from crawler.core.dates import BEIJING
from crawler.core.entries import FeedAnswer
from crawler.core.hosts import parse_max_age
from crawler.core.ledger import Head, Ledger
from crawler.core.paging import Paging, Range
from crawler.core.polling import Schedule, Trouble, spread
from crawler.core.posts import Post
from crawler.core.removals import usable_validator
from crawler.core.report import Outcome
from crawler.spiders.patient import NO_WISH, PatientSpider

_AS_STORED: frozenset[Outcome] = frozenset({"new", "revised", "unchanged"})
"""Outcomes after which the store has what the page said."""


class Bookkeeping(PatientSpider):
    """The part of the spider that keeps its books: polls, windows, holes, bodies."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ledger = Ledger({})
        self._backfill = Backfill(())
        self._ends: dict[tuple[str, str], datetime] = {}
        """Where the lists end that do not go back as far as was asked for."""
        self._heads: dict[str, Head] = {}
        self.pages: Counter[tuple[str, str]] = Counter()
        """How many pages had a body, by feed and template."""
        self.bare: list[tuple[str, str, str]] = []
        """Feed, template and document id of each that had none."""
        self._told: dict[str, tuple[str, str, str]] = {}
        self._validators: list[tuple[str, str, str]] = []

    async def begin(
        self,
        feeds: Sequence[Feed],
        schedules: Mapping[str, Schedule],
        asked: Range,
        until: datetime | None,
    ) -> list[Paging]:
        """Begin to read feeds: what is new in them, or a part of their past.

        Args:
            feeds: the feeds.
            schedules: what is remembered of each.
            asked: what the operator asked of every poll.
            until: where the part of the past ends that begins with ``asked.since``.
        """
        self.run_.closing, self.run_.ending = self._close, self._end
        self._ledger = Ledger(schedules, asked)
        tally, since = self.run_.tally, asked.since
        if since is None or until is None:
            return [self._ledger.begin(feed) for feed in feeds]
        read = await self.ask_store("schedules.windows.read")
        self._backfill = Backfill(plan(feeds, since, until), read)
        left = self._backfill.left
        tally.windows = len(self._backfill.windows)
        tally.windows_read = tally.windows - len(left)
        for feed in feeds:
            tally.feeds[feed.id].done = all(w.feed.id != feed.id for w in left)
        return [
            Paging(each.feed, Schedule(), Range(since=each.start), each)
            for each in left
        ]

    def note_head(self, paging: Paging, response: Response, answer: FeedAnswer) -> None:
        """Note what the first page of a list says of itself."""
        self._heads[paging.feed.id] = Head(
            etag=usable_validator(response.headers.get("ETag")),
            modified=usable_validator(response.headers.get("Last-Modified")),
            wish=max(_holding(response), answer.ttl),
        )

    def note_validators(self, post: Post, response: Response) -> None:
        """Note what a page's server calls this version of it, for its next visit."""
        etag = usable_validator(response.headers.get("ETag"))
        modified = usable_validator(response.headers.get("Last-Modified"))
        if etag or modified:
            self._told[post.url] = (post.id, etag, modified)

    def begin_page(self, paging: Paging) -> None:
        """Note that a page of a list is being read."""
        if paging.window:
            self._backfill.open_page(paging.window)

    def end_page(self, paging: Paging) -> None:
        """Note that all articles a page leads to have been asked for."""
        if paging.window:
            self._note_window(self._backfill.close_page(paging.window))

    def note_article(self, url: str, paging: Paging) -> None:
        """Note that a list led to an article."""
        if paging.window:
            self._backfill.open_article(url, paging.window)
        else:
            self._ledger.open_article(url, paging.feed.id)

    def end_same(self, paging: Paging, response: Response) -> None:
        """Note that a feed has not changed, as its server says."""
        wish, now = _holding(response), self.run_.clock()
        self.run_.tally.feeds[paging.feed.id].same = True
        self._ledger.end_same(paging.feed, now, wish=wish)

    def end_read(self, paging: Paging) -> None:
        """Note that the last page of a list has been read, and what gap it leaves."""
        feed, window, now = paging.feed, paging.window, self.run_.clock()
        if window is None:
            tally = self.run_.tally.feeds[feed.id]
            tally.same = paging.is_same
            hole = self._ledger.end_read(paging, now, self._heads[feed.id])
            if hole:
                self.note_problem(feed, str(hole))
            if hole and hole.is_lost:
                tally.lost.append(str(hole))
            return
        if not paging.is_through:
            self._note_short(paging, window)
        if paging.is_through or paging.is_at_end:
            self._note_window(self._backfill.end_list(window))

    def end_failed(
        self, paging: Paging, trouble: Trouble, wish: timedelta = NO_WISH
    ) -> None:
        """Note that a list could not be read."""
        if paging.window:
            self._backfill.fail(paging.window)
        else:
            self._ledger.end_failed(paging.feed, trouble, self.run_.clock(), wish=wish)

    def _note_short(self, paging: Paging, window: Window) -> None:
        """Note that a list does not go back as far as was asked for."""
        problem = f"the list does not go back to {window.start:%Y-%m-%d %H:%M} UTC"
        if paging.is_at_end:
            end = self._ends[window.key] = paging.oldest or window.end
            problem += f": it ends at {end:%Y-%m-%d %H:%M}"
        self.note_problem(paging.feed, problem)

    def _note_window(self, window: Window | None) -> None:
        """Note that a window has been read, and what that closes."""
        if window is None:
            return
        now, tally = self.run_.clock(), self.run_.tally
        tally.windows_read += 1
        self.logger.info(
            "Read %s %s: %d of %d", *window.key, tally.windows_read, tally.windows
        )
        start, end = self._backfill.stretch(window)
        if window.end <= now:
            self.run_.tell("schedules.windows.note", *window.key, now)
        feed, oldest = window.feed.id, self._ends.get(window.key)
        close = (feed, max(start, oldest or start), min(end, now), now)
        self.run_.tell("schedules.holes.close", *close)
        if oldest:
            self.run_.tell("schedules.holes.lose", feed, oldest, now)

    def fail_unasked(self, paging: Paging, reason: str) -> None:
        """Note that a list is not asked for, and why; it is no failure of its own."""
        tally = self.run_.tally.feeds[paging.feed.id]
        tally.done = True
        if reason not in tally.problems:
            self.note_problem(paging.feed, reason)

    def leave(self, paging: Paging, *, cut: bool) -> None:
        """Note that not every article was asked for, and whether it should be soon."""
        if paging.window:
            if cut:
                self._backfill.fail(paging.window)
        elif cut:
            self._ledger.cut(paging.feed.id)
        else:
            self._ledger.leave(paging.feed.id)

    def note_problem(self, feed: Feed, problem: str) -> None:
        """Note what could not be read of a feed."""
        self.run_.tally.feeds[feed.id].problems.append(problem)
        self.logger.debug("Feed %s: %s", feed.id, problem)

    def _close(self, url: str, outcome: Outcome) -> None:
        self._ledger.close_article(url, outcome)
        self._note_window(self._backfill.close_article(url, outcome))
        told = self._told.pop(url, None)
        if told and outcome in _AS_STORED:
            self._validators.append(told)

    def _end(self) -> None:
        now = self.run_.clock()
        schedules = {
            feed: spread(schedule, now, random())  # noqa: S311 - no secret
            for feed, schedule in self._ledger.schedules().items()
        }
        self.run_.tell("schedules.save", schedules)
        self.run_.tell("schedules.holes.add", self._ledger.holes, now)
        self.run_.tell("visits.note_validators", self._validators)
        day = now.astimezone(BEIJING).date()
        self.run_.tell("schedules.bodies.add", day, self.pages, self.bare)
        if self._backfill.windows and self._backfill.is_done:
            keys = [window.key for window in self._backfill.windows]
            self.run_.tell("schedules.windows.forget", keys)


def _holding(response: Response) -> timedelta:
    text = (response.headers.get("Cache-Control") or b"").decode("latin-1")
    return parse_max_age(text)
