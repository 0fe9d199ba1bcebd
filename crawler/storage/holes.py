"""The gaps that polls left: until a backfill closes them, or for good."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.core.dates import format_iso
from crawler.core.paging import Hole
from crawler.storage.index import reading, transaction

_NOTED = "SELECT number, feed, start, end, noticed, lost FROM holes WHERE"
_ADD = (
    "INSERT INTO holes (feed, start, end, noticed, closed, lost)"
    " SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM holes WHERE"
    " feed = ?1 AND start <= ?2 AND end >= ?3 AND (closed IS NULL OR lost AND ?6))"
)


@dataclass(frozen=True, slots=True)
class NotedHole:
    """A gap that is still open, or lost."""

    number: int
    """Its number in this store."""

    hole: Hole
    """The feed and the time it concerns."""

    noticed: datetime
    """When it was noticed, UTC."""


class Holes:
    """The holes of a store; a part of an open `PostStore`.

    Args:
        index: the open index.
        path: its file, for messages.
    """

    def __init__(self, index: sqlite3.Connection, path: Path) -> None:
        self._index = index
        self._path = path

    def open(self) -> list[NotedHole]:
        """List the holes that are open, the oldest first."""
        with reading(self._path):
            return open_holes(self._index)

    def add(self, holes: Sequence[Hole], now: datetime) -> None:
        """Note holes; one that lies within an open hole of its feed is known.

        One that is lost is closed at once, and so is known within another one.

        Raises:
            StoreError: the index refused.
        """
        if not holes:
            return
        at = format_iso(now)
        with transaction(self._index, self._path):
            for hole in holes:
                row = (hole.feed, format_iso(hole.start), format_iso(hole.end), at)
                closed = at if hole.is_lost else None
                self._index.execute(_ADD, (*row, closed, hole.is_lost))

    def close(self, feed: str, start: datetime, end: datetime, now: datetime) -> None:
        """Note that all of a feed between two instants has been read.

        A hole that is covered in part becomes shorter; one that is cut in two stays as
        it is.

        Raises:
            StoreError: the index refused.
        """
        first, last, at = map(format_iso, (start, end, now))
        with transaction(self._index, self._path):
            self._index.execute(
                "UPDATE holes SET closed = ?4 WHERE feed = ?1"
                " AND closed IS NULL AND start >= ?2 AND end <= ?3",
                (feed, first, last, at),
            )
            self._index.execute(
                "UPDATE holes SET start = ?3 WHERE feed = ?1 AND closed IS NULL"
                " AND start >= ?2 AND start < ?3 AND end > ?3",
                (feed, first, last),
            )
            self._index.execute(
                "UPDATE holes SET end = ?2 WHERE feed = ?1 AND closed IS NULL"
                " AND start < ?2 AND end > ?2 AND end <= ?3",
                (feed, first, last),
            )

    def lose(self, feed: str, before: datetime, now: datetime) -> None:
        """Close what is open before an instant: a feed's whole list begins there.

        Of a hole that goes on after it, that part stays open.

        Raises:
            StoreError: the index refused.
        """
        row = (feed, format_iso(before), format_iso(now))
        with transaction(self._index, self._path):
            self._index.execute(
                "INSERT INTO holes (feed, start, end, noticed, closed, lost)"
                " SELECT feed, start, ?2, noticed, ?3, 1 FROM holes WHERE feed = ?1"
                " AND closed IS NULL AND start < ?2 AND end > ?2",
                row,
            )
            self._index.execute(
                "UPDATE holes SET start = ?2 WHERE feed = ?1 AND closed IS NULL"
                " AND start < ?2 AND end > ?2",
                row[:2],
            )
            self._index.execute(
                "UPDATE holes SET closed = ?3, lost = 1 WHERE feed = ?1"
                " AND closed IS NULL AND end <= ?2",
                row,
            )


def open_holes(index: sqlite3.Connection) -> list[NotedHole]:
    """List the open holes of an index, the oldest first."""
    return _holes(index, f"{_NOTED} closed IS NULL ORDER BY start, number")


def lost_holes(index: sqlite3.Connection) -> list[NotedHole]:
    """List the holes of an index that nothing can close, the oldest first."""
    return _holes(index, f"{_NOTED} lost ORDER BY start, number")


def _holes(index: sqlite3.Connection, query: str) -> list[NotedHole]:
    found = []
    for number, feed, *times, lost in index.execute(query).fetchall():
        start, end, noticed = map(datetime.fromisoformat, times)
        hole = Hole(feed, start, end, bool(lost))
        found.append(NotedHole(number, hole, noticed))
    return found
