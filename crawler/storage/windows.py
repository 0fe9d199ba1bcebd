"""Which windows of a backfill have been read, until the whole of it has."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from crawler.core.dates import format_iso
from crawler.storage.index import reading, transaction


class ReadWindows:
    """The windows a store has read; a part of an open `PostStore`.

    Args:
        index: the open index.
        path: its file, for messages.
    """

    def __init__(self, index: sqlite3.Connection, path: Path) -> None:
        self._index = index
        self._path = path

    def read(self) -> set[tuple[str, str]]:
        """Give feed and day of each."""
        with reading(self._path):
            return set(self._index.execute("SELECT feed, day FROM windows").fetchall())

    def note(self, feed: str, day: str, now: datetime) -> None:
        """Note that one has been read.

        Raises:
            StoreError: the index refused.
        """
        with transaction(self._index, self._path):
            self._index.execute(
                "INSERT OR REPLACE INTO windows VALUES (?, ?, ?)",
                (feed, day, format_iso(now)),
            )

    def forget(self, keys: Sequence[tuple[str, str]]) -> None:
        """Forget those of a backfill that is complete: the next one begins anew.

        Raises:
            StoreError: the index refused.
        """
        with transaction(self._index, self._path):
            self._index.executemany(
                "DELETE FROM windows WHERE feed = ? AND day = ?", keys
            )
