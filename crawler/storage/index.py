"""The index: one SQLite file that knows every post, listing and run of a store.

A rollback journal with ``synchronous=EXTRA``: what is committed survives a power cut
(with ``FULL`` the journal's deletion might not, which would undo the last commit).
Reads are short (whole batches, never an open cursor), so that an export never holds
up a crawl's commit.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from crawler.core.errors import StoreError
from crawler.storage.versions import unpack

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
    # When each version and each link to a copy was known. Of what older stores hold,
    # the time of the fetch comes nearest.
    """
    CREATE TABLE sightings (
        id TEXT NOT NULL, revision INTEGER NOT NULL, published TEXT NOT NULL,
        known TEXT NOT NULL, last_seen TEXT NOT NULL, PRIMARY KEY (id, revision)
    ) WITHOUT ROWID;
    CREATE INDEX sightings_by_time ON sightings (published, id);
    INSERT INTO sightings
        SELECT id, revision, field_of(record, 'published'),
            field_of(record, 'fetched'), field_of(record, 'fetched') FROM versions;
    CREATE TABLE links (
        id TEXT NOT NULL, of TEXT NOT NULL, first_seen TEXT NOT NULL,
        known TEXT NOT NULL, ended TEXT
    );
    CREATE INDEX links_by_id ON links (id);
    CREATE INDEX links_by_post ON links (of);
    INSERT INTO links SELECT id, of, first_seen, first_seen, NULL FROM duplicates;
    """,
    """
    CREATE TABLE quarantine (
        id TEXT PRIMARY KEY, content TEXT NOT NULL, reason TEXT NOT NULL,
        state TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
        post BLOB NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE sketches (
        number INTEGER PRIMARY KEY, bits INTEGER NOT NULL, total INTEGER NOT NULL
    );
    CREATE TABLE buckets (
        bucket INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (bucket, number)
    ) WITHOUT ROWID;
    ALTER TABLE links ADD COLUMN url TEXT NOT NULL DEFAULT '';
    ALTER TABLE links ADD COLUMN similarity REAL NOT NULL DEFAULT 1;
    ALTER TABLE links ADD COLUMN differs TEXT NOT NULL DEFAULT '';
    ALTER TABLE links ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
    UPDATE links SET url = coalesce(
        (SELECT url FROM duplicates WHERE duplicates.id = links.id), '');
    """,
    # `age` is in seconds: how old the post was when it was visited. Posts that are
    # past the schedule are most of a store, and an index on it leaves them out. The
    # trigger is so that no way into `posts` can forget the visits.
    """
    CREATE TABLE visits (
        id TEXT PRIMARY KEY, visited TEXT NOT NULL, age INTEGER NOT NULL,
        revision INTEGER NOT NULL, etag TEXT NOT NULL, modified TEXT NOT NULL,
        tried TEXT NOT NULL, tries INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX visits_by_age ON visits (age);
    INSERT INTO visits SELECT id, first_seen,
        strftime('%s', first_seen) - strftime('%s', published), 0, '', '', '', 0
        FROM posts;
    CREATE TRIGGER first_visits AFTER INSERT ON posts BEGIN
        INSERT OR REPLACE INTO visits VALUES (new.id, new.first_seen,
            strftime('%s', new.first_seen) - strftime('%s', new.published),
            0, '', '', '', 0);
    END;
    CREATE TABLE removals (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL, reason TEXT NOT NULL,
        noticed TEXT NOT NULL, confirmed TEXT, back TEXT, done TEXT NOT NULL
    );
    CREATE UNIQUE INDEX removals_open ON removals (id) WHERE back IS NULL;
    CREATE INDEX removals_by_post ON removals (id, number);
    CREATE TABLE notices (
        number INTEGER PRIMARY KEY, after INTEGER NOT NULL, id TEXT NOT NULL,
        run TEXT NOT NULL, record BLOB NOT NULL
    );
    CREATE INDEX notices_by_run ON notices (run, after, number);
    """,
    """
    CREATE TABLE documents (
        number INTEGER PRIMARY KEY, size INTEGER NOT NULL, mark TEXT NOT NULL,
        packed BLOB NOT NULL
    );
    """,
    # What a feed is to be polled by. `rhythm` and `silence` are in seconds; `anchor`
    # and `times` are JSON lists.
    """
    CREATE TABLE schedules (
        feed TEXT PRIMARY KEY, next_poll TEXT, polled TEXT, rhythm INTEGER,
        trouble TEXT NOT NULL, failures INTEGER NOT NULL, since TEXT,
        etag TEXT NOT NULL, modified TEXT NOT NULL, mark TEXT NOT NULL,
        anchor TEXT NOT NULL, anchored TEXT, newest TEXT, times TEXT NOT NULL,
        silence INTEGER NOT NULL, usual REAL NOT NULL, shrunk TEXT, overlap INTEGER
    ) WITHOUT ROWID;
    INSERT INTO schedules SELECT feed, NULL, last, NULL, '', 0, NULL, '', '', '',
        (SELECT json_group_array(id) FROM (SELECT id FROM listings
         WHERE listings.feed = polls.feed ORDER BY last_listed DESC LIMIT 200)),
        last, newest, '[]', 0, 0, NULL, NULL FROM polls;
    CREATE TABLE stops (
        host TEXT PRIMARY KEY, until TEXT NOT NULL, since TEXT NOT NULL,
        why TEXT NOT NULL, times INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE holes (
        number INTEGER PRIMARY KEY, feed TEXT NOT NULL, start TEXT NOT NULL,
        end TEXT NOT NULL, noticed TEXT NOT NULL, closed TEXT
    );
    CREATE INDEX holes_by_feed ON holes (feed, closed);
    CREATE TABLE windows (
        feed TEXT NOT NULL, day TEXT NOT NULL, read TEXT NOT NULL,
        PRIMARY KEY (feed, day)
    ) WITHOUT ROWID;
    CREATE TABLE bodies (
        feed TEXT NOT NULL, template TEXT NOT NULL, day TEXT NOT NULL,
        pages INTEGER NOT NULL, bare INTEGER NOT NULL,
        PRIMARY KEY (feed, template, day)
    ) WITHOUT ROWID;
    """,
    # The archive: its full answers, which of them each version was made of, and how
    # far the index has come in it.
    """
    CREATE TABLE captures (
        number INTEGER PRIMARY KEY, url TEXT NOT NULL, file TEXT NOT NULL,
        offset INTEGER NOT NULL, digest TEXT NOT NULL, taken TEXT NOT NULL
    );
    CREATE INDEX captures_by_url ON captures (url, number);
    CREATE UNIQUE INDEX captures_by_place ON captures (file, offset);
    CREATE TABLE sources (
        number INTEGER NOT NULL, part INTEGER NOT NULL, capture INTEGER NOT NULL,
        PRIMARY KEY (number, part)
    ) WITHOUT ROWID;
    CREATE TABLE journal (
        one INTEGER PRIMARY KEY, file TEXT NOT NULL, offset INTEGER NOT NULL
    );
    """,
    """
    CREATE TABLE images (
        url TEXT PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL,
        fetched TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX images_by_name ON images (name);
    """,
    # Holes that were closed because nothing can close them.
    "ALTER TABLE holes ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;",
    # A post may have several versions in quarantine; `number` is in the order in which
    # the site was last seen to show them.
    """
    CREATE TABLE held (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL, content TEXT NOT NULL,
        reason TEXT NOT NULL, state TEXT NOT NULL, first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL, post BLOB NOT NULL, UNIQUE (id, content)
    );
    INSERT INTO held (id, content, reason, state, first_seen, last_seen, post)
        SELECT id, content, reason, state, first_seen, last_seen, post
        FROM quarantine ORDER BY last_seen, id;
    DROP TABLE quarantine;
    ALTER TABLE held RENAME TO quarantine;
    """,
)
"""Schema changes in order, added at the end; their number is the schema's version."""

_BUSY_MS = 30_000
_TRACES = ("posts", "withdrawn", "feeds")
"""The folders of a store in which posts, or what was told of them, are left."""

_DAMAGES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_ADVICE = "restore a backup or run scrapy verify --repair"


class IndexDamaged(StoreError):
    """The index is missing, empty, garbage or another's: it can be rebuilt.

    Args:
        path: the index's file.
        problem: what is wrong with it.
        advice: what to do, where that is not plain.
    """

    def __init__(self, path: object, problem: str, advice: str = "") -> None:
        super().__init__(path, f"{problem}; {advice}" if advice else problem)
        self.damage = problem
        """What is wrong, without advice."""


class Attendant(Protocol):
    """Has something to write with whatever is committed next."""

    def write(self) -> None:
        """Write it, at the end of a transaction; may be called more than once."""

    def wrote(self) -> None:
        """Take note that the transaction was committed."""


class IndexConnection(sqlite3.Connection):
    """A connection to the index, with what goes with each of its commits."""

    attendant: Attendant | None = None


def open_index(path: Path, *, writable: bool, anew: bool = False) -> IndexConnection:
    """Open the index, bringing its schema up to date when writable.

    Args:
        path: the SQLite file; made when writable and missing.
        writable: ``False`` for looking things up beside a running crawl.
        anew: an index is being rebuilt here, so it may be empty beside posts.

    Raises:
        StoreError: it is no index of ours, is damaged, is newer than this program,
            is missing or empty although there are posts, or the disk refuses. It is
            never replaced by an empty one.
        IndexDamaged: one of those that ``scrapy verify --repair`` mends.
    """
    if not path.exists() and not anew:
        refuse_lost_index(path)
    if path.is_dir():
        raise IndexDamaged(path, "the index is a folder", _ADVICE)
    try:
        mode = "rwc" if writable else "rw"
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            factory=IndexConnection,
        )
        try:
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            _prepare(connection, path, writable=writable, anew=anew)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        problem = f"the index cannot be used: {error}"
        if error.sqlite_errorcode & 0xFF in _DAMAGES:
            raise IndexDamaged(path, problem, _ADVICE) from error
        raise StoreError(path, problem) from error
    return connection


def refuse_lost_index(path: Path) -> None:
    """Refuse an index that is missing or empty beside posts: all would be new again.

    Raises:
        IndexDamaged: a folder of the store holds a document or an export.
    """
    for folder in _TRACES:
        for _, _, names in os.walk(path.parent / folder):
            if any(name.endswith((".html", ".jsonl")) for name in names):
                raise IndexDamaged(
                    path,
                    f"the index is missing or empty while {folder}/ is not",
                    "restore it from a backup, rebuild it with scrapy verify --repair,"
                    f" or move {', '.join(f'{each}/' for each in _TRACES)} away to"
                    " start anew",
                )


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Hold the write lock for a block; commit at its end, undo it on any error.

    Raises:
        StoreError: SQLite refused; nothing of the block was kept.
    """
    attendant: Attendant | None = getattr(connection, "attendant", None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        if attendant:
            attendant.write()
        connection.execute("COMMIT")
        if attendant:
            attendant.wrote()
    except BaseException as error:
        with suppress(sqlite3.Error):  # A disk that fails may fail here once more.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            problem = f"the index cannot be written: {error}"
            raise StoreError(path, problem) from error
        raise


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Tell a damaged index from a mistake of ours while a block looks things up.

    Raises:
        StoreError: SQLite refused.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(path, f"the index cannot be read: {error}") from error


def _prepare(
    connection: sqlite3.Connection, path: Path, *, writable: bool, anew: bool
) -> None:
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise StoreError(path, "was made by a newer version of this program; update it")
    if version == 0:
        if connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise IndexDamaged(path, "is not an index of this program")
        if not anew:
            refuse_lost_index(path)
    if not writable:
        connection.execute("PRAGMA query_only = ON")
        if version < len(MIGRATIONS):
            kind = "older" if version else "empty"
            advice = "scrapy verify --repair brings it up to date, as any crawl does"
            raise StoreError(path, f"the index is {kind}; {advice}")
        return
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.create_function("field_of", 2, _field_of, deterministic=True)
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(
            f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;"
        )


def _field_of(blob: bytes, name: str) -> Any:
    return unpack(blob)[name]


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version
