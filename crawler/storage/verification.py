"""Prove that a store is right: index, documents, revisions and exports agree.

Each check is a function from an `Audit` to findings; a new table or folder gets its
check by one more function in `crawler.storage.checks.CHECKS`. A check says what is
wrong and, where it can be mended, how; whether that is done is decided here. Nothing
is deleted: what has to make room is moved to ``set-aside/`` in the store, and the
finding says so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.core.errors import DocumentError, StoreError, StoreLocked
from crawler.storage.index import IndexDamaged, open_index, reading, transaction
from crawler.storage.lock import StoreLock
from crawler.storage.rebuilding import (
    Remake,
    begin_rebuilding,
    end_rebuilding,
    take_facts,
)

_BATCH = 500
_TOLD = 20
"""How many problems of its own SQLite spells out."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong in a store."""

    place: str
    """The file, from the store's folder, or the index with the row concerned."""

    problem: str
    """What is wrong, in a few words."""

    mend: Callable[[], str] | None = None
    """Mends it and says what was done; ``None`` where nobody can but a person."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be told of one finding."""

    line: str
    """Place, problem and what was done, in one line."""

    mended: bool
    """Whether the store is right now in this respect."""

    is_note: bool = False
    """Nothing is wrong; it is about how the store was examined."""


@dataclass(frozen=True, slots=True)
class Audit:
    """A store under examination."""

    folder: Path
    """The output folder."""

    index: sqlite3.Connection
    """Its open index."""

    index_path: Path
    """The index's file, for messages."""

    full: bool
    """Read every file and record, instead of names and sizes alone."""

    repair: bool
    """What can be mended is about to be."""

    def rows(self, query: str, *, after: object = "") -> Iterator[tuple[Any, ...]]:
        """Ask the index for rows in batches, in the order of their first column.

        Args:
            query: a SELECT whose one parameter is what the first column, which tells
                the rows apart, must lie beyond.
            after: where to begin: 0 where that column is a number.
        """
        last = after
        while True:
            with reading(self.index_path):
                batch = self.index.execute(
                    f"{query} ORDER BY 1 LIMIT {_BATCH}", (last,)
                ).fetchall()
            if not batch:
                return
            yield from batch
            last = batch[-1][0]

    def transaction(self) -> AbstractContextManager[None]:
        """Write to the index; see `crawler.storage.index.transaction`."""
        return transaction(self.index, self.index_path)


Check = Callable[[Audit], Iterator[Finding]]


def verify(
    folder: Path,
    checks: tuple[Check, ...],
    *,
    full: bool,
    repair: bool,
    remake: Remake | None = None,
) -> Iterator[Verdict]:
    """Examine a store, which no run may hold meanwhile.

    Args:
        folder: the output folder.
        checks: the checks, in the order they are made.
        full: read everything, not only names and sizes.
        repair: mend what can be mended, which takes reading everything; an index
            that is damaged or lost is rebuilt.
        remake: takes the archive's steps again, for an index that is rebuilt.

    Yields:
        A verdict for everything that was found wrong; none when all is well.

    Raises:
        StoreLocked: a run holds the store.
        StoreError: there is no store, its index is of a newer program, or the disk
            refuses.
    """
    path, full = folder / "index.sqlite", full or repair
    if not folder.is_dir():
        raise StoreError(folder, "is no store; run scrapy crawl finance first")
    lock, refusal = _lock(folder, repair=repair)
    try:
        if refusal:
            yield Verdict(f"{folder}: {refusal}", mended=True, is_note=True)
        try:
            index = _open_sound(path, writable=repair, full=full)
        except IndexDamaged as damage:
            line = f"{path.name}: {damage.damage if repair else damage.problem}"
            if repair:
                yield from _rebuild(folder, path, checks, line, remake)
            else:
                yield Verdict(line, mended=False)
            return
        with closing(index):
            yield from _examine(Audit(folder, index, path, full, repair), checks)
    finally:
        if lock:
            lock.release()


def _lock(folder: Path, *, repair: bool) -> tuple[StoreLock | None, str]:
    """Hold the store; one that cannot be written needs no lock to be read."""
    try:
        return StoreLock(folder), ""
    except StoreLocked:
        raise
    except StoreError as error:
        if repair:
            raise
        problem = error.problem
    try:
        return StoreLock(folder, writable=False), ""
    except StoreLocked:
        raise
    except StoreError:
        return None, f"read without a lock, so let no run begin: {problem}"


def _open_sound(path: Path, *, writable: bool, full: bool) -> sqlite3.Connection:
    if not path.exists():
        raise IndexDamaged(path, "missing")
    index = open_index(path, writable=writable)
    check = "integrity_check" if full else "quick_check"
    try:
        rows = index.execute(f"PRAGMA {check}({_TOLD})").fetchall()
    except sqlite3.DatabaseError as error:
        rows = [(str(error),)]
    if rows == [("ok",)]:
        return index
    index.close()
    problems = "; ".join(dict.fromkeys(row[0] for row in rows))
    raise IndexDamaged(path, f"damaged: {' '.join(problems.split())}")


def _examine(audit: Audit, checks: tuple[Check, ...]) -> Iterator[Verdict]:
    for check in checks:
        for finding in check(audit):
            yield _settle(finding, repair=audit.repair)


def _settle(finding: Finding, *, repair: bool) -> Verdict:
    line = f"{finding.place}: {finding.problem}"
    if not repair or finding.mend is None:
        return Verdict(line, mended=False)
    try:
        return Verdict(f"{line}; {finding.mend()}", mended=True)
    except (StoreError, DocumentError) as error:
        return Verdict(f"{line}; cannot be mended: {error}", mended=False)


def _rebuild(
    folder: Path,
    path: Path,
    checks: tuple[Check, ...],
    line: str,
    remake: Remake | None,
) -> Iterator[Verdict]:
    rebuilt = begin_rebuilding(folder, path, remake)
    yield Verdict(f"{line}; {rebuilt.told}", mended=True)
    with closing(open_index(rebuilt.place, writable=True)) as index:
        index.execute("PRAGMA synchronous = OFF")
        audit = Audit(folder, index, rebuilt.place, full=True, repair=True)
        yield from _examine(audit, checks)
        if rebuilt.other:
            take_facts(index, rebuilt.place, rebuilt.other)
    end_rebuilding(folder, path, rebuilt)
