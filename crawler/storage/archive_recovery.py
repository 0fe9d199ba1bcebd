"""What an archive's files tell that an index is to know, compared and taken in again.

Of every full answer the index knows the place; of every version the answers that it
was made of: those of the step that read its address at the time it was fetched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from crawler.core.archive import Place, Step
from crawler.core.dates import format_iso
from crawler.core.errors import StoreError
from crawler.storage.archive_records import Stored
from crawler.storage.index import reading
from crawler.storage.verification import Audit, Finding
from crawler.storage.versions import unpack

_AT = "SELECT 1 FROM {} WHERE file = ? AND offset = ?"
_READS = frozenset({"read", "reprocess"})
_TABLES = """
    CREATE TABLE answers (
        number INTEGER PRIMARY KEY, url TEXT, file TEXT, offset INTEGER, digest TEXT,
        taken TEXT
    );
    CREATE TABLE pages (
        url TEXT, fetched TEXT, part INTEGER, file TEXT, offset INTEGER,
        PRIMARY KEY (url, fetched, part)
    ) WITHOUT ROWID;
    CREATE INDEX answers_by_place ON answers (file, offset);
"""


class Reading:
    """What has been read of an archive, in a file of SQLite's that nobody sees.

    Args:
        settled: how far the index has come; what comes after is for the next run.
        names: the archive's files, oldest first.
    """

    def __init__(self, settled: Place, names: list[str]) -> None:
        self._notes = sqlite3.connect("", isolation_level=None)
        self._notes.executescript(_TABLES)
        self._notes.execute("BEGIN")
        self._order = {name: number for number, name in enumerate(names)}
        self._settled = settled
        last = self._order.get(settled.file, len(names))
        self._limit = (last, settled.offset)
        self._end: Place | None = None

    def close(self) -> None:
        """Forget what was read."""
        self._notes.close()

    def note(self, found: Stored) -> None:
        """Take note of a record."""
        place = found.place
        if (self._order[place.file], place.offset) >= self._limit:
            return
        self._end = Place(place.file, found.end)
        if found.kind == "response":
            headers = found.headers
            digest = headers.get("warc-payload-digest", "")
            taken = headers.get("warc-date", "")
            row = (found.url, place.file, place.offset, digest, taken)
            self._notes.execute(
                "INSERT INTO answers (url, file, offset, digest, taken)"
                " VALUES (?, ?, ?, ?, ?)",
                row,
            )
        elif found.is_step:
            self._note_step(found.block)

    def compare(self, audit: Audit) -> Iterator[Finding]:
        """Find what the index lacks; each is to be mended before the next is sought."""
        if self._end and not self._settled.file:
            mend = partial(self._note_end, audit)
            problem = "how far the index has come in it is not noted"
            yield Finding("archive", problem, mend)
        unknown = sum(1 for number, _ in self._answers(audit) if number is None)
        if unknown:
            problem = f"{unknown} pages that the index does not know"
            yield Finding("archive", problem, partial(self._fill, audit))
        told: dict[int, list[tuple[Any, ...]]] = {}
        lost = []
        for number, pages, noted in self._sourceless(audit):
            if pages:
                told[number] = pages
            elif noted:
                lost.append(number)
        if told:
            problem = f"{len(told)} versions whose pages are not noted"
            yield Finding("index.sqlite", problem, partial(_link, audit, told))
        if lost:
            problem = f"{len(lost)} versions made of pages that nobody knows"
            yield Finding("index.sqlite", problem, partial(_unlink, audit, lost))

    def _note_step(self, text: bytes) -> None:
        try:
            step = Step.from_json(text)
            if step.do not in _READS:
                return
            fetched = format_iso(datetime.fromisoformat(step.facts["fetched"]))
            key = (step.facts["url"], fetched)
        except (KeyError, TypeError, ValueError):
            return  # Of a page that a step of another kind was made of.
        self._notes.executemany(
            "INSERT OR IGNORE INTO pages VALUES (?, ?, ?, ?, ?)",
            [
                (*key, part, page.file, page.offset)
                for part, page in enumerate(step.pages, 1)
            ],
        )

    def _answers(self, audit: Audit) -> Iterator[tuple[int | None, tuple[Any, ...]]]:
        """Give the archive's answers, each with its number in the index, if any."""
        query = "SELECT number FROM captures WHERE file = ? AND offset = ?"
        rows = self._notes.cursor().execute(
            "SELECT url, file, offset, digest, taken FROM answers ORDER BY number"
        )
        for row in rows:
            with reading(audit.index_path):
                known = audit.index.execute(query, row[1:3]).fetchone()
            yield known[0] if known else None, row

    def _sourceless(
        self, audit: Audit
    ) -> Iterator[tuple[int, list[tuple[Any, ...]], int]]:
        """Give versions that lack pages, with what is known of these, and noted."""
        query = (
            "SELECT versions.number, record, count(capture) FROM versions"
            " LEFT JOIN sources ON sources.number = versions.number"
            " LEFT JOIN captures ON captures.number = capture"
            " WHERE versions.number > ? GROUP BY versions.number"
            " HAVING count(captures.number) < max(count(capture), 1)"
        )
        for number, blob, noted in audit.rows(query, after=0):
            yield number, self._pages_of(audit, blob), noted

    def _pages_of(self, audit: Audit, blob: bytes) -> list[tuple[Any, ...]]:
        """Give part, file and offset of the pages that a record was made of."""
        try:
            record = unpack(blob)
        except StoreError:  # Which is told of as a spoilt record.
            return []
        query = "SELECT part, file, offset FROM pages WHERE url = ? AND fetched = ?"
        key = (record["url"], record["fetched"])
        rows = self._notes.execute(f"{query} ORDER BY part", key).fetchall()
        return [row for row in rows if self._is_there(audit, row[1:])]

    def _is_there(self, audit: Audit, place: tuple[Any, ...]) -> bool:
        found = self._notes.execute(_AT.format("answers"), place).fetchone()
        with reading(audit.index_path):
            known = audit.index.execute(_AT.format("captures"), place).fetchone()
        return bool(found or known)

    def _note_end(self, audit: Audit) -> str:
        assert self._end
        with audit.transaction():
            query = "INSERT OR REPLACE INTO journal VALUES (1, ?, ?)"
            audit.index.execute(query, (self._end.file, self._end.offset))
        return "noted that it has come to the end"

    def _fill(self, audit: Audit) -> str:
        query = "INSERT INTO captures VALUES (?, ?, ?, ?, ?, ?)"
        taken = "SELECT 1 FROM captures WHERE number = ?"
        before = filled = 0
        with audit.transaction():
            for known, row in self._answers(audit):
                if known is not None:
                    before = known
                    continue
                # Between its neighbours: of an address, the last answer counts.
                is_free = not audit.index.execute(taken, (before + 1,)).fetchone()
                audit.index.execute(query, (before + 1 if is_free else None, *row))
                before += is_free
                filled += 1
        return f"{filled} noted"


def _link(audit: Audit, told: dict[int, list[tuple[Any, ...]]]) -> str:
    with audit.transaction():
        for number, pages in told.items():
            _drop_sources(audit, number)
            for part, file, offset in pages:
                audit.index.execute(
                    "INSERT INTO sources SELECT ?, ?, number FROM captures"
                    " WHERE file = ? AND offset = ?",
                    (number, part, file, offset),
                )
    return "noted as the archive tells them"


def _unlink(audit: Audit, numbers: list[int]) -> str:
    with audit.transaction():
        for number in numbers:
            _drop_sources(audit, number)
    return "these are forgotten: the archive does not have them"


def _drop_sources(audit: Audit, number: int) -> None:
    audit.index.execute("DELETE FROM sources WHERE number = ?", (number,))
