"""How many pages of each feed and template had a body, day by day."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from crawler.core.health import Bodies
from crawler.storage.index import transaction

_KEPT = timedelta(days=30)


class BodyCounts:
    """The counts of a store; a part of an open `PostStore`.

    Args:
        index: the open index.
        path: its file, for messages.
    """

    def __init__(self, index: sqlite3.Connection, path: Path) -> None:
        self._index = index
        self._path = path

    def add(
        self,
        day: date,
        pages: Counter[tuple[str, str]],
        bare: Sequence[tuple[str, str, str]],
    ) -> None:
        """Add the pages of a run, and forget what is older than a month.

        Args:
            day: the Beijing day.
            pages: how many pages had a body, by feed and template.
            bare: feed, template and document id of each that had none. A page that is
                tried again counts once.

        Raises:
            StoreError: the index refused.
        """
        if not pages and not bare:
            return
        with transaction(self._index, self._path):
            counts = Counter(
                (feed, template) for feed, template, name in bare if self._is_new(name)
            )
            rows = [
                (*key, day.isoformat(), pages[key] + counts[key], counts[key])
                for key in {*pages, *counts}
            ]
            self._index.executemany(
                "INSERT INTO bodies VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " pages = pages + excluded.pages, bare = bare + excluded.bare",
                rows,
            )
            oldest = (day - _KEPT).isoformat()
            self._index.execute("DELETE FROM bodies WHERE day < ?", (oldest,))

    def _is_new(self, identifier: str) -> bool:
        row = self._index.execute(
            "SELECT tries FROM rejections WHERE id = ?", (identifier,)
        ).fetchone()
        return row is None or row[0] <= 1


def read_bodies(index: sqlite3.Connection) -> dict[str, list[Bodies]]:
    """Read the counts of every feed."""
    found: dict[str, list[Bodies]] = defaultdict(list)
    rows = index.execute("SELECT feed, day, template, pages, bare FROM bodies")
    for feed, *values in rows.fetchall():
        found[feed].append(Bodies(*values))
    return found
