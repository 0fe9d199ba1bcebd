"""Take what can still be read out of a damaged index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from crawler.storage.index import MIGRATIONS, transaction

_BATCH = 500


def salvage(
    index: sqlite3.Connection,
    index_path: Path,
    damaged: Path,
    tables: Sequence[str] = (),
) -> int:
    """Copy every row that a damaged index still gives into a new one.

    Each table is read from both ends towards the damage. What is copied may lack
    what it belongs to; the checks of ``scrapy verify`` find that and mend it.

    Args:
        index: the new index, which is empty.
        index_path: its file, for messages.
        damaged: the other's file; one of another schema gives nothing.
        tables: copy these alone; all of them when none is named.

    Returns:
        How many rows were copied.

    Raises:
        StoreError: the new index cannot be written.
    """
    if not damaged.is_file():
        return 0
    with closing(_opened(damaged)) as old:
        if not _is_of_this_schema(old):
            return 0
        wanted = tables or _tables(index)
        return sum(_copy(old, index, index_path, table) for table in wanted)


def _opened(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    with suppress(sqlite3.DatabaseError):
        # Else a damaged line of the schema would hide every table.
        connection.execute("PRAGMA writable_schema = ON")
    return connection


def _is_of_this_schema(old: sqlite3.Connection) -> bool:
    with suppress(sqlite3.DatabaseError):
        [version] = old.execute("PRAGMA user_version").fetchone()
        return bool(version == len(MIGRATIONS))
    return False


def _tables(index: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid"
    return [row[0] for row in index.execute(query).fetchall()]


def _copy(
    old: sqlite3.Connection, index: sqlite3.Connection, path: Path, table: str
) -> int:
    columns = index.execute(f"PRAGMA table_info({table})").fetchall()
    names = [column[1] for column in columns]
    places = sorted((column[5], column[1]) for column in columns if column[5])
    keys = [name for _, name in places]
    if not keys:
        keys, names = ["rowid"], ["rowid", *names]
    # The first visit of each copied post has been noted by the index itself.
    verb = "REPLACE" if table == "visits" else "IGNORE"
    into = f"INSERT OR {verb} INTO {table} ({', '.join(names)})"
    query = f"{into} VALUES ({', '.join('?' * len(names))})"
    copied = 0
    for direction in ("ASC", "DESC"):
        order = ", ".join(f"{key} {direction}" for key in keys)
        wanted = f"SELECT {', '.join(names)} FROM {table} ORDER BY {order}"  # noqa: S608
        with suppress(sqlite3.DatabaseError):  # The rest comes from the other end.
            for batch in _batches(old, wanted):
                with transaction(index, path):
                    copied += index.executemany(query, batch).rowcount
            break
    return copied


def _batches(old: sqlite3.Connection, query: str) -> Iterator[list[tuple[Any, ...]]]:
    """Read rows in batches; those before an error are given before it is raised."""
    rows, failure = old.execute(query), None
    while True:
        batch = []
        try:
            for row in islice(rows, _BATCH):
                batch.append(row)  # noqa: PERF402 - what came before an error counts
        except sqlite3.DatabaseError as error:
            failure = error
        if batch:
            yield batch
        if failure:
            raise failure
        if not batch:
            return
