"""What the index knows of the archive: every full answer, and whose source it is.

Rows wait until the store commits anything, and then go with it: the archive is synced
first, so no row refers to a record that might be lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass

from crawler.core.archive import Place


@dataclass(frozen=True, slots=True)
class Capture:
    """A full answer in the archive."""

    number: int
    """Its number, in the order of the archive."""

    url: str
    """The address asked for."""

    file: str
    """The file's name."""

    offset: int
    """The record's first byte there."""

    digest: str
    """The digest of the body, as WARC files write it."""

    taken: str
    """When it had come: its ``WARC-Date``."""

    @property
    def place(self) -> Place:
        """Where its record lies."""
        return Place(self.file, self.offset)


class Ledger:
    """The archive's rows in an index; told of every commit by `transaction`.

    Args:
        index: the open index.
    """

    def __init__(self, index: sqlite3.Connection) -> None:
        self._index = index
        self.sync: Callable[[], None] = lambda: None
        """Makes the archive durable; called before a commit."""
        [last] = index.execute("SELECT max(number) FROM captures").fetchone()
        self._last: int = last or 0
        self._fresh: list[Capture] = []
        self._waiting: list[Capture] = []
        self._by_place: dict[Place, Capture] = {}
        self._by_url: dict[str, Capture] = {}
        self.settled = read_settled(index)
        """How far the steps in the archive have been carried out for good."""
        self._end = self.settled

    def find(self, url: str) -> Capture | None:
        """Find the last full answer of an address."""
        known = self._by_url.get(url)
        return known or self._find("url = ? ORDER BY number DESC LIMIT 1", url)

    def at(self, place: Place) -> Capture | None:
        """Find the full answer whose record lies at a place."""
        known = self._by_place.get(place)
        return known or self._find("file = ? AND offset = ?", place.file, place.offset)

    def add(self, url: str, place: Place, digest: str, taken: str) -> Capture:
        """Note a full answer that is about to be written."""
        self._last += 1
        capture = Capture(self._last, url, place.file, place.offset, digest, taken)
        self._fresh.append(capture)
        self._note(capture)
        return capture

    def advance(self, end: Place) -> None:
        """Note that everything is written; the next commit carries it out.

        Args:
            end: where the archive ends.
        """
        self._waiting += self._fresh
        self._fresh.clear()
        self._end = end

    def forget(self) -> None:
        """Note that what was about to be written was not."""
        self._last -= len(self._fresh)
        self._fresh.clear()
        self._by_place.clear()
        self._by_url.clear()
        for capture in self._waiting:
            self._note(capture)

    def unsettled(self) -> list[Capture]:
        """Give the answers that were noted and are not committed."""
        return [*self._waiting, *self._fresh]

    def link(self, number: int, pages: Sequence[Place]) -> None:
        """Note, within a transaction, which answers a version was made of.

        Args:
            number: the version's.
            pages: where the answers lie.
        """
        found = [self.at(place) for place in pages]
        self._index.executemany(
            "INSERT OR REPLACE INTO sources VALUES (?, ?, ?)",
            [(number, part, one.number) for part, one in enumerate(found, 1) if one],
        )

    def write(self) -> None:
        """Write what waits, within a transaction that is about to be committed.

        Raises:
            StoreError: the archive could not be made durable.
        """
        if not self._waiting and self._end == self.settled:
            return
        self.sync()
        self._index.executemany(
            "INSERT OR IGNORE INTO captures VALUES (?, ?, ?, ?, ?, ?)",
            [
                (each.number, each.url, each.file, each.offset, each.digest, each.taken)
                for each in self._waiting
            ],
        )
        self._index.execute(
            "INSERT OR REPLACE INTO journal VALUES (1, ?, ?)", astuple(self._end)
        )

    def wrote(self) -> None:
        """Take note of the commit."""
        self._waiting.clear()
        self._by_place.clear()
        self._by_url.clear()
        for capture in self._fresh:
            self._note(capture)
        self.settled = self._end

    def _note(self, capture: Capture) -> None:
        self._by_place[capture.place] = capture
        self._by_url[capture.url] = capture

    def _find(self, where: str, *values: object) -> Capture | None:
        row = self._index.execute(
            f"SELECT * FROM captures WHERE {where}",  # noqa: S608 - ours
            values,
        ).fetchone()
        return Capture(*row) if row else None


def read_settled(index: sqlite3.Connection) -> Place:
    """Read how far the steps in the archive have been carried out for good."""
    row = index.execute("SELECT file, offset FROM journal").fetchone()
    return Place(*row) if row else Place("", 0)
