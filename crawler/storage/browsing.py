"""The browsing database: what a store holds in plain tables, with full-text search.

It is made of the index, in a file of its own, so that a crawl is as fast without it.
All of it can be made anew at any time: a damaged or outdated one is simply replaced.
Bringing it up to date reads what has changed since the last time, and no more.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.core.catalogue import Catalogue, Feed
from crawler.core.changes import compare, version_in
from crawler.core.dates import format_iso, format_minute
from crawler.core.errors import StoreError
from crawler.core.health import examine, name_state
from crawler.core.report import OUTCOMES
from crawler.core.text import drop_surrogates
from crawler.storage.changes import last_change, read_changed, read_listed
from crawler.storage.index import open_index, reading, refuse_lost_index
from crawler.storage.links import memberships
from crawler.storage.polls import Polls, read_polls
from crawler.storage.removals import is_withdrawn, with_removal
from crawler.storage.runs import now_iso
from crawler.storage.search import END
from crawler.storage.versions import Sighting, read_sightings

NAME = "browse.sqlite"
"""The database's file in the output folder."""

_VERSION = 3
_BATCH = 500
_OVERLAP = timedelta(hours=1)
"""What a crawl was just writing when the database was brought up to date."""

_FOREIGN = "not in the catalogue"

_SCHEMA = """
CREATE TABLE feeds (
    id TEXT PRIMARY KEY, title TEXT, site TEXT, format TEXT, state TEXT, problem TEXT,
    posts INTEGER, last_poll TEXT, newest TEXT, url TEXT
);
CREATE TABLE runs (
    run TEXT PRIMARY KEY, spider TEXT, started TEXT, finished TEXT, exit_code INTEGER,
    feeds_well TEXT, stop TEXT/* outcomes */
);
CREATE TABLE posts (
    id TEXT PRIMARY KEY, published TEXT, title TEXT, source TEXT,
    feed TEXT REFERENCES feeds (id), symbols TEXT, status TEXT, revision INTEGER,
    document TEXT, original TEXT, changed TEXT, removed TEXT, author TEXT, editor TEXT,
    keywords TEXT, feeds TEXT, images INTEGER, letters INTEGER, text TEXT
);
CREATE INDEX posts_by_time ON posts (published);
CREATE INDEX posts_by_feed ON posts (feed, published);
CREATE INDEX posts_by_change ON posts (changed);
CREATE TABLE revisions (
    id TEXT REFERENCES posts (id), revision INTEGER, title TEXT, known TEXT,
    last_seen TEXT, what TEXT, added INTEGER, removed INTEGER, document TEXT,
    PRIMARY KEY (id, revision)
);
CREATE INDEX revisions_by_time ON revisions (known);
CREATE VIRTUAL TABLE posts_fts USING fts5 (
    title, text, content='posts', tokenize='trigram'
);
CREATE VIRTUAL TABLE posts_runs USING fts5vocab (posts_fts, instance);
CREATE TABLE progress (since TEXT, updated TEXT);
INSERT INTO progress VALUES ('', '');
""".replace("/* outcomes */", "".join(f", {each} INTEGER" for each in OUTCOMES))
_TELLING = ("revision", "status", "changed", "feeds", "document")
_OWN = "id published title source feed status revision author editor text".split()

LISTS = ("symbols", "keywords", "feeds")
"""The columns of posts that hold a JSON list of words."""


def update_browsing(
    folder: Path, catalogue: Catalogue, tell: Callable[[int], None] = lambda _: None
) -> int:
    """Bring the browsing database up to date; made anew where that is needed.

    Args:
        folder: the store; a crawl may go on in it.
        catalogue: names the feeds.
        tell: called now and then with how many posts have been written.

    Returns:
        How many posts were new or had changed.

    Raises:
        StoreError: there is no store, it is damaged, or the disk refuses.
    """
    path = folder / "index.sqlite"
    if not path.is_file():
        refuse_lost_index(path)
        raise StoreError(folder, "holds no posts yet; run scrapy crawl finance first")
    with closing(open_index(path, writable=False)) as index, reading(path):
        try:
            return _update(index, folder, catalogue, tell)
        except (sqlite3.DatabaseError, _OutdatedError) as error:
            if isinstance(error, sqlite3.OperationalError):
                problem = f"cannot be written: {error}"
                raise StoreError(folder / NAME, problem) from error
        for name in (NAME, f"{NAME}-journal"):
            (folder / name).unlink(missing_ok=True)
        return _update(index, folder, catalogue, tell)


class _OutdatedError(Exception):
    """The database is of another form or of another index."""


def _update(
    index: sqlite3.Connection,
    folder: Path,
    catalogue: Catalogue,
    tell: Callable[[int], None],
) -> int:
    with closing(_open(folder / NAME)) as base:
        start = now_iso()
        since = base.execute("SELECT since FROM progress").fetchone()[0]
        changed = read_changed(index, since, backwards=False)
        listed = read_listed(index, since) if since else iter(())
        count = 0
        for batch in _batched(_unique(changed, listed)):
            with base:
                base.execute("BEGIN")
                count += sum(_write_post(base, index, each) for each in batch)
            tell(count)
        sizes = [
            each.execute("SELECT count(*) FROM posts").fetchone()
            for each in (base, index)
        ]
        if since and sizes[0] > sizes[1]:
            raise _OutdatedError  # Some post is gone: the index was rebuilt.
        with base:
            base.execute("BEGIN")
            now = datetime.fromisoformat(start)
            _write_feeds(base, catalogue, read_polls(folder), now)
            _write_runs(base, index, folder / "runs")
            overlap = format_iso(datetime.fromisoformat(start) - _OVERLAP)
            base.execute("UPDATE progress SET since = ?, updated = ?", (overlap, start))
        return count


def _open(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, isolation_level=None)
    try:
        base.execute("PRAGMA synchronous = OFF")
        version = base.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            base.executescript(
                f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;"
            )
    except BaseException:
        base.close()
        raise
    if version not in {0, _VERSION}:
        base.close()
        raise _OutdatedError
    return base


def _unique(*streams: Iterable[str]) -> Iterator[str]:
    # One after the other; one that comes twice is found unchanged.
    for stream in streams:
        yield from stream


def _batched(identifiers: Iterator[str]) -> Iterator[list[str]]:
    batch = []
    for identifier in identifiers:
        batch.append(identifier)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


# -- one post ------------------------------------------------------------------------


def _write_post(
    base: sqlite3.Connection, index: sqlite3.Connection, identifier: str
) -> bool:
    """Write a post and its versions as they are now, unless they stand there so."""
    versions = read_sightings(index, identifier)
    if not versions:
        return False
    row = _post_row(index, versions)
    old = base.execute(
        f"SELECT rowid, title, text, {', '.join(_TELLING)} FROM posts WHERE id = ?",  # noqa: S608
        (identifier,),
    ).fetchone()
    if old and old[3:] == tuple(row[name] for name in _TELLING):
        return False
    if old:
        base.execute(
            "INSERT INTO posts_fts (posts_fts, rowid, title, text)"
            " VALUES ('delete', ?, ?, ?)",
            (old[0], old[1] + END, old[2] + END),
        )
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    [number] = base.execute(
        f"INSERT INTO posts ({names}) VALUES ({marks}) ON CONFLICT DO UPDATE SET"  # noqa: S608 - our own column names
        f" {', '.join(f'{name} = excluded.{name}' for name in row)} RETURNING rowid",
        row,
    ).fetchone()
    base.execute(
        "INSERT INTO posts_fts (rowid, title, text) VALUES (?, ?, ?)",
        (number, row["title"] + END, row["text"] + END),
    )
    base.executemany(
        "INSERT OR REPLACE INTO revisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _revision_rows(versions),
    )
    return True


def _post_row(index: sqlite3.Connection, versions: list[Sighting]) -> dict[str, Any]:
    record = versions[-1].record
    identifier = record["id"]
    record = record | memberships(index, identifier, record["feeds"])
    record = with_removal(index, record)
    symbols = [symbol["market"] + symbol["code"] for symbol in record["symbols"]]
    lists = {**record, "symbols": symbols}
    own = {name: record[name] for name in _OWN}
    withdrawn = is_withdrawn(index, identifier)
    gone = record["removed"] if not record["restored"] else None
    row = own | {
        **{name: json.dumps(lists[name], ensure_ascii=False) for name in LISTS},
        "document": f"{'withdrawn' if withdrawn else 'posts'}/{record['path']}",
        "original": record["url"],
        "changed": last_change(index, identifier),
        "removed": gone,
        "images": len(record["images"]),
        "letters": len(record["text"]),
    }
    return {name: _storable(value) for name, value in row.items()}


def _storable(value: Any) -> Any:
    return drop_surrogates(value) if isinstance(value, str) else value


def _revision_rows(versions: list[Sighting]) -> Iterator[tuple[Any, ...]]:
    before = None
    for one in versions:
        record = one.record
        change = compare(version_in(before), version_in(record)) if before else None
        what = ", ".join(change.kinds) if change else "new"
        counts = (change.added, change.removed) if change else (None, None)
        yield (
            *(record["id"], record["revision"], _storable(record["title"])),
            *(one.known, one.last_seen, what, *counts),
            f"{record['id']}/{record['revision']}",
        )
        before = record


# -- feeds and runs --------------------------------------------------------------------


def _write_feeds(
    base: sqlite3.Connection, catalogue: Catalogue, polls: Polls, now: datetime
) -> None:
    counts = dict(
        base.execute("SELECT feed, count(*) FROM posts GROUP BY feed").fetchall()
    )
    base.execute("DELETE FROM feeds")
    known = {feed.id: feed for feed in catalogue.feeds}
    for name in dict.fromkeys([*known, *polls.last, *filter(None, counts)]):
        feed = known.get(name)
        last = polls.last.get(name)
        times = (last.last, last.newest or None) if last else (None, None)
        state, problem = _judge(feed, polls, now) if feed else (_FOREIGN, "")
        base.execute(
            "INSERT INTO feeds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(name, feed.title if feed else name),
                catalogue.site_of(name).name if feed else "",
                *(feed.format if feed else "", state, problem, counts.get(name, 0)),
                *(*times, feed.page_url(1) if feed else ""),
            ),
        )


def _judge(feed: Feed, polls: Polls, now: datetime) -> tuple[str, str]:
    """Say how a feed is, and what is wrong with it and since when."""
    known = polls.known(feed)
    signs = examine(feed, known, now)
    words = (f"since {format_minute(sign.since)}: {sign.words()}" for sign in signs)
    problem = "; ".join(words) or known.problem if feed.enabled else feed.reason
    return name_state(feed, known.schedule, signs), problem


def _write_runs(
    base: sqlite3.Connection, index: sqlite3.Connection, folder: Path
) -> None:
    told = {run for (run,) in base.execute("SELECT run FROM runs WHERE finished")}
    query = "SELECT run, spider, started, finished FROM runs"
    for row in index.execute(query).fetchall():
        if row[0] in told:
            continue
        report = _read_report(folder / f"{row[0]}.json")
        counts = report.get("counts", {})
        states = [feed.get("status") for feed in report.get("feeds", {}).values()]
        well = f"{states.count('ok')} of {len(states)}" if states else ""
        values = (
            *(*row, report.get("exit_code"), well, report.get("stop", "")),
            *(counts.get(each) for each in OUTCOMES),
        )
        marks = ", ".join("?" * len(values))
        base.execute(f"INSERT OR REPLACE INTO runs VALUES ({marks})", values)  # noqa: S608


def _read_report(path: Path) -> dict[str, Any]:
    try:
        report = json.loads(path.read_bytes())
    except (OSError, ValueError):  # Killed before it, or moved away.
        return {}
    return report if isinstance(report, dict) else {}
