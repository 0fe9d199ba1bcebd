"""The index: one SQLite file that knows every post, listing and run of a store.

A rollback journal with ``synchronous=FULL``: what is committed survives a power cut.
Reads are short (whole batches, never an open cursor), so that an export never holds
up a crawl's commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.core.errors import StoreError

MIGRATIONS = (
    """
    CREATE TABLE posts (
        id TEXT PRIMARY KEY, url TEXT NOT NULL, path TEXT NOT NULL UNIQUE,
        feed TEXT NOT NULL, published TEXT NOT NULL, title_mark TEXT NOT NULL,
        text_mark TEXT NOT NULL, story TEXT NOT NULL, revision INTEGER NOT NULL,
        first_seen TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX posts_by_story ON posts (story);
    CREATE INDEX posts_by_time ON posts (published, id);
    CREATE TABLE versions (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL, revision INTEGER NOT NULL,
        run TEXT NOT NULL, record BLOB NOT NULL, UNIQUE (id, revision)
    );
    CREATE INDEX versions_by_run ON versions (run, number);
    CREATE TABLE duplicates (
        id TEXT PRIMARY KEY, of TEXT NOT NULL, url TEXT NOT NULL, why TEXT NOT NULL,
        first_seen TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX duplicates_by_post ON duplicates (of);
    CREATE TABLE listings (
        feed TEXT NOT NULL, id TEXT NOT NULL, url TEXT NOT NULL,
        first_listed TEXT NOT NULL, last_listed TEXT NOT NULL,
        title TEXT, mtime TEXT, PRIMARY KEY (feed, id)
    ) WITHOUT ROWID;
    CREATE INDEX listings_by_id ON listings (id);
    CREATE TABLE fetches (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, mtime TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE rejections (
        id TEXT PRIMARY KEY, url TEXT NOT NULL, reason TEXT NOT NULL,
        tries INTEGER NOT NULL, last TEXT NOT NULL, title TEXT, mtime TEXT
    ) WITHOUT ROWID;
    CREATE TABLE polls (
        feed TEXT PRIMARY KEY, last TEXT NOT NULL, status TEXT NOT NULL,
        problem TEXT NOT NULL, last_ok TEXT, listed INTEGER NOT NULL, newest TEXT
    ) WITHOUT ROWID;
    CREATE TABLE runs (
        run TEXT PRIMARY KEY, spider TEXT NOT NULL, started TEXT NOT NULL,
        finished TEXT
    ) WITHOUT ROWID;
    """,
)
"""Schema changes in order, added at the end; their number is the schema's version."""

_BUSY_MS = 30_000


def open_index(path: Path, *, writable: bool) -> sqlite3.Connection:
    """Open the index, bringing its schema up to date when writable.

    Args:
        path: the SQLite file; made when writable and missing.
        writable: ``False`` for looking things up beside a running crawl.

    Raises:
        StoreError: it is no index of ours, is damaged, is newer than this program,
            or the disk refuses. It is never replaced by an empty one.
    """
    try:
        mode = "rwc" if writable else "rw"
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        if writable:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = FULL")
            _migrate(connection)
        else:
            connection.execute("PRAGMA query_only = ON")
        _check_version(connection, path)
    except sqlite3.Error as error:
        raise StoreError(path, f"the index cannot be used: {error}") from error
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Hold the write lock for a block; commit at its end, undo it on any error.

    Raises:
        StoreError: SQLite refused; nothing of the block was kept.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            problem = f"the index cannot be written: {error}"
            raise StoreError(path, problem) from error
        raise


def _migrate(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(
            f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;"
        )


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise StoreError(path, "was made by a newer version of this program; update it")
    if version < len(MIGRATIONS):
        raise StoreError(path, "is not an index of this program")
