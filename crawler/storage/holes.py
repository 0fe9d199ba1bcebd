"""The gaps that polls left, until a backfill closes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.core.dates import format_iso
from crawler.core.paging import Hole
from crawler.storage.index import reading, transaction

_OPEN = "SELECT number, feed, start, end, noticed FROM holes WHERE closed IS NULL"


@dataclass(frozen=True, slots=True)
class OpenHole:
    """A gap that is still open."""

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

    def open(self) -> list[OpenHole]:
        """List the holes that are open, the oldest first."""
        with reading(self._path):
            return open_holes(self._index)

    def add(self, holes: Sequence[Hole], now: datetime) -> None:
        """Note holes; one that lies within an open hole of its feed is known.

        Raises:
            StoreError: the index refused.
        """
        if not holes:
            return
        with transaction(self._index, self._path):
            for hole in holes:
                row = (hole.feed, format_iso(hole.start), format_iso(hole.end))
                self._index.execute(
                    "INSERT INTO holes (feed, start, end, noticed)"
                    " SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM holes"
                    " WHERE feed = ?1 AND start <= ?2 AND end >= ?3"
                    " AND closed IS NULL)",
                    (*row, format_iso(now)),
                )

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


def open_holes(index: sqlite3.Connection) -> list[OpenHole]:
    """List the open holes of an index, the oldest first."""
    rows = index.execute(f"{_OPEN} ORDER BY start, number").fetchall()
    return [_hole_of(row) for row in rows]


def _hole_of(row: tuple[int, str, str, str, str]) -> OpenHole:
    number, feed, *times = row
    start, end, noticed = map(datetime.fromisoformat, times)
    return OpenHole(number, Hole(feed, start, end), noticed)
