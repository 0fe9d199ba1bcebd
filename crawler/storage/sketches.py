"""Find the stored post that a new one is a reprint of, however long ago it was kept.

The index holds of each version twelve bucket numbers and a tally of its figures: some
300 bytes. Whatever shares a bucket is a candidate; the tallies rule most of a daily
form's other issues out; the few that are left are compared with their text, which is
read from the version's record. A copy of the texts beside the sketches would double
the index to save a tenth of a millisecond for each candidate.

Sketches follow from the records: the tables ``sketches`` and ``buckets`` may be emptied
at any time, and the next run fills them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from crawler.core.comparison import compare
from crawler.core.dedup import Likeness
from crawler.core.prepared import Prepared, shape_of_post
from crawler.core.similarity import (
    BUCKET,
    CANDIDATES,
    Shape,
    Sketch,
    Tally,
    draw,
    rank,
    shape_of,
)
from crawler.storage.index import transaction
from crawler.storage.versions import unpack

_BATCH = 200
_NEWEST = (
    "SELECT * FROM (SELECT number FROM buckets WHERE bucket = ?"  # noqa: S608 - a constant
    f" ORDER BY number DESC LIMIT {BUCKET})"
)


class Sketches:
    """The sketches of an index; its calls belong into a transaction of the caller.

    Args:
        index: the open index.
    """

    def __init__(self, index: sqlite3.Connection) -> None:
        self._index = index

    def find(self, prepared: Prepared) -> Likeness | None:
        """Find the stored post that a post is a reprint of.

        Raises:
            StoreError: a record is damaged.
        """
        post, shape = prepared.post, None
        numbers = self._candidates(prepared.sketch)
        candidates = (self._read(number) for number in numbers)
        others = (each for each in candidates if each and each[0] != post.id)
        for identifier, old in islice(others, CANDIDATES):
            shape = shape or shape_of_post(post)  # Most posts have no candidate.
            found = compare(shape, old)
            if found.same:
                differs = ", ".join(found.differs)
                return Likeness(identifier, found.similarity, differs, found.says_more)
        return None

    def keep(self, number: int, sketch: Sketch) -> None:
        """Keep the sketch of a version that was stored under this number."""
        self._index.execute(
            "INSERT OR REPLACE INTO sketches VALUES (?, ?, ?)", (number, *sketch.tally)
        )
        if sketch.buckets:
            places = ", ".join(["(?, ?)"] * len(sketch.buckets))
            values = [value for bucket in sketch.buckets for value in (bucket, number)]
            statement = f"INSERT OR IGNORE INTO buckets VALUES {places}"  # noqa: S608
            self._index.execute(statement, values)

    def draw_missing(self, path: Path) -> None:
        """Draw sketches of the versions that have none, in transactions of its own.

        Args:
            path: the index's file, for error messages.

        Raises:
            StoreError: the index cannot be written, or a record is damaged.
        """
        query = (
            "SELECT number, record FROM versions WHERE number >"
            " (SELECT coalesce(max(number), 0) FROM sketches) ORDER BY number LIMIT ?"
        )
        more = True
        while more:
            with transaction(self._index, path):
                rows = self._index.execute(query, (_BATCH,)).fetchall()
                for number, blob in rows:
                    self.keep(number, draw(_shape_of_record(unpack(blob))))
            more = len(rows) == _BATCH

    def draw_one(self, number: int) -> None:
        """Draw the sketch that a version lacks.

        Raises:
            StoreError: its record is damaged.
        """
        self.keep(number, self.drawn(number))

    def drawn(self, number: int) -> Sketch:
        """Draw the sketch of a version anew, without keeping it.

        Raises:
            StoreError: its record is damaged.
        """
        query = "SELECT record FROM versions WHERE number = ?"
        [blob] = self._index.execute(query, (number,)).fetchone()
        return draw(_shape_of_record(unpack(blob)))

    def _candidates(self, sketch: Sketch) -> Iterator[int]:
        # One statement for all buckets: thirteen take four times as long.
        query = " UNION ALL ".join([_NEWEST] * len(sketch.buckets))
        rows = self._index.execute(query, sketch.buckets) if query else ()
        found = [number for (number,) in rows]
        if not found:
            return
        query = (
            "SELECT number, bits, total FROM sketches"
            " WHERE number IN (SELECT value FROM json_each(?))"
        )
        tallies = {
            number: Tally(*tally)
            for number, *tally in self._index.execute(query, (json.dumps(found),))
        }
        for number in rank([found]):
            if not sketch.tally.differs(tallies[number]):
                yield number

    def _read(self, number: int) -> tuple[str, Shape] | None:
        # A text that its post no longer has makes nothing a reprint.
        row = self._index.execute(
            "SELECT id, record FROM versions JOIN posts USING (id, revision)"
            " WHERE number = ?",
            (number,),
        ).fetchone()
        return (row[0], _shape_of_record(unpack(row[1]))) if row else None


def _shape_of_record(record: dict[str, Any]) -> Shape:
    codes = frozenset(each["market"] + each["code"] for each in record["symbols"])
    published = datetime.fromisoformat(record["published"])
    return shape_of(record["title"], record["text"], published, codes)
