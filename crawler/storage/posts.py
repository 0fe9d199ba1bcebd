"""The content store: posts as files, their history and look-ups in the index.

``keep`` is the one way in. It looks up, decides and writes in one transaction, in
this order: document beside its target, fsync, rename, fsync the folder, commit the
index, and only then the line in the run's exported feed. Whatever happens in
between, no reader sees half a post, and what was not acknowledged is fetched again.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.core.dates import format_iso
from crawler.core.dedup import (
    Decision,
    Duplicate,
    Fingerprint,
    Known,
    New,
    Revision,
    decide,
    fingerprint,
)
from crawler.core.entries import Entry
from crawler.core.errors import StoreError
from crawler.core.frontmatter import dump
from crawler.core.paths import DEFAULT_PATH, check_path, post_path
from crawler.core.posts import Post
from crawler.core.records import record_line, record_of
from crawler.core.report import RunReport
from crawler.storage.files import (
    append_line_batch,
    keep_old,
    place_durably,
    place_lines,
    sweep_temporaries,
    sync_file,
)
from crawler.storage.index import open_index, transaction
from crawler.storage.lock import StoreLock

MAX_TRIES = 3
"""How often a page that was no article is fetched again while a feed lists it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store did with one post."""

    decision: Decision
    """New, revision, duplicate or unchanged, with its reason."""

    record: dict[str, Any] | None
    """The record that was exported for it; ``None`` when nothing was written."""


class PostStore:
    """One folder of posts with its index, held by this process while it is open.

    Not for several threads at once; `crawler.storage.writer` gives it one of its own.

    Args:
        folder: the output folder: ``posts/``, ``revisions/``, ``feeds/``, ``runs/``
            and ``index.sqlite`` live in it.
        run: the run's name, which names its exported feed.
        spider: what the run is of, for its report.
        path_template: where documents go (``POST_PATH``).
        extra_fields: front-matter keys beyond the seven (``POST_EXTRA_FIELDS``).

    Raises:
        StoreLocked: another run holds the folder.
        StoreError: the folder or index cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        run: str,
        *,
        spider: str = "",
        path_template: str = DEFAULT_PATH,
        extra_fields: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.run = run
        self._path_template = check_path(path_template)
        self._extra_fields = tuple(extra_fields)
        self._whole = True
        self._lock = StoreLock(folder)
        try:
            self._index_path = folder / "index.sqlite"
            self._index = open_index(self._index_path, writable=True)
            self._recover()
            with self._transaction():
                self._index.execute(
                    "INSERT OR IGNORE INTO runs VALUES (?, ?, ?, NULL)",
                    (run, spider, _now()),
                )
        except BaseException:
            self._lock.release()
            raise

    @property
    def feed_path(self) -> Path:
        """The run's exported feed."""
        return self._feed_path(self.run)

    def keep(self, post: Post, entry: Entry | None = None) -> Kept:
        """Keep one post; see `keep_all`."""
        return self.keep_all([(post, entry)])[0]

    def keep_all(self, posts: Sequence[tuple[Post, Entry | None]]) -> list[Kept]:
        """Keep posts in one transaction, each decided upon after those before it.

        Args:
            posts: the posts, each with the entry that led to it, if any; from then on
                the entry's version of the article counts as known.

        Returns:
            What was done with each; all of it is durable.

        Raises:
            StoreError: the disk or index refused; nothing is acknowledged, and the
                next fetch of the same articles mends what was begun.
        """
        files: dict[Path, str] = {}
        self._whole = False
        with self._transaction():
            kept = [self._keep(post, entry, files) for post, entry in posts]
            place_durably(files.items())
        records = [done.record for done in kept if done.record]
        if records:
            append_line_batch(self.feed_path, map(record_line, records))
        self._whole = True
        return kept

    def sift(self, entries: Sequence[Entry], *, force: bool = False) -> list[Entry]:
        """Record a page of listings and return the entries whose article is wanted.

        Args:
            entries: what one page of one feed lists.
            force: want every article, known or not.

        Returns:
            Those the store does not know, or knows in another version: another title
            than this feed last had, or another ``mtime``.
        """
        now = _now()
        with self._transaction():
            wanted = [e for e in entries if force or not self._is_known(e)]
            self._index.executemany(
                "INSERT INTO listings VALUES (?, ?, ?, ?, ?, NULL, NULL)"
                " ON CONFLICT DO UPDATE SET last_listed = excluded.last_listed",
                [(e.feed, e.id, e.url, now, now) for e in entries],
            )
            settled = {e.id for e in entries} - {e.id for e in wanted}
            for entry in entries:
                if entry.id in settled:
                    self._settle(entry)
        return wanted

    def has_listed(self, feed: str) -> bool:
        """Tell whether a feed has ever been read into this store."""
        query = "SELECT 1 FROM listings WHERE feed = ? LIMIT 1"
        return self._index.execute(query, (feed,)).fetchone() is not None

    def feed_of(self, identifier: str) -> str:
        """Name the feed that first listed an article, or ``""``."""
        query = "SELECT feed FROM listings WHERE id = ? ORDER BY first_listed LIMIT 1"
        row = self._index.execute(query, (identifier,)).fetchone()
        return row[0] if row else ""

    def reject(
        self, identifier: str, url: str, reason: str, entry: Entry | None
    ) -> None:
        """Note that a page was no article, so that it is not fetched for ever."""
        title, mtime = _version(entry) if entry else (None, None)
        with self._transaction():
            self._index.execute(
                "INSERT INTO rejections VALUES (?, ?, ?, 1, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET reason = excluded.reason,"
                " last = excluded.last, title = excluded.title, mtime = excluded.mtime,"
                " tries = CASE WHEN title IS excluded.title AND mtime IS excluded.mtime"
                " THEN tries + 1 ELSE 1 END",
                (identifier, url, reason, _now(), title, mtime),
            )

    def close(self, report: RunReport | None = None) -> None:
        """End the run: write its report, note what is known of its feeds, let go."""
        try:
            if report:
                self._note_polls(report)
                text = json.dumps(report.as_dict(), ensure_ascii=False, indent=2)
                path = self.folder / "runs" / f"{self.run}.json"
                place_durably([(path, text + "\n")])
            # After a failed write the next run mends the exported feed first.
            if self._whole:
                self._end_run(self.run)
        finally:
            self._index.close()
            self._lock.release()

    # -- one post ------------------------------------------------------------------

    def _keep(self, post: Post, entry: Entry | None, files: dict[Path, str]) -> Kept:
        mark = fingerprint(post)
        decision = decide(mark, self._known(post.id), self._twin(post.id, mark.story))
        record = None
        if isinstance(decision, New):
            record = self._write_new(post, mark, files)
        elif isinstance(decision, Revision):
            record = self._write_revision(post, mark, decision.number, files)
        elif isinstance(decision, Duplicate):
            self._link(post, decision)
        self._index.execute("DELETE FROM rejections WHERE id = ?", (post.id,))
        if entry:
            self._settle(entry)
            self._index.execute(
                "INSERT OR REPLACE INTO fetches VALUES (?, ?, ?)",
                (entry.id, *_version(entry)),
            )
        return Kept(decision, record)

    def _known(self, identifier: str) -> Known | None:
        row = self._index.execute(
            "SELECT title_mark, text_mark, story, revision FROM posts WHERE id = ?",
            (identifier,),
        ).fetchone()
        return Known(Fingerprint(*row[:3]), row[3]) if row else None

    def _twin(self, identifier: str, story: str) -> str | None:
        row = self._index.execute(
            "SELECT id FROM posts WHERE story = ? AND id != ? ORDER BY first_seen, id",
            (story, identifier),
        ).fetchone()
        return row[0] if row else None

    def _write_new(
        self, post: Post, mark: Fingerprint, files: dict[Path, str]
    ) -> dict[str, Any]:
        path = post_path(self._path_template, post)
        seen = format_iso(post.fetched)
        self._index.execute(
            "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
            (
                *(post.id, post.url, path, post.feed, format_iso(post.published)),
                *(mark.title, mark.text, mark.story, seen),
            ),
        )
        # What was a copy before its text changed is a post of its own now.
        self._index.execute("DELETE FROM duplicates WHERE id = ?", (post.id,))
        facts = {"path": path, "revision": 1, "status": "new", "first_seen": seen}
        return self._write_version(post, mark, facts, files)

    def _write_revision(
        self,
        post: Post,
        mark: Fingerprint,
        number: int,
        files: dict[Path, str],
    ) -> dict[str, Any]:
        path, seen = self._index.execute(
            "SELECT path, first_seen FROM posts WHERE id = ?", (post.id,)
        ).fetchone()
        target = self.folder / "posts" / path
        name = Path(path).with_suffix(f".{number - 1}.html")
        old = self.folder / "revisions" / name
        if target in files:  # Both versions came in one batch.
            files[old] = files.pop(target)
        else:
            keep_old(target, old)
        self._index.execute(
            "UPDATE posts SET url = ?, published = ?, title_mark = ?, text_mark = ?,"
            " story = ?, revision = ? WHERE id = ?",
            (
                *(post.url, format_iso(post.published)),
                *(mark.title, mark.text, mark.story, number, post.id),
            ),
        )
        facts = {"path": path, "revision": number, "status": "revision"}
        return self._write_version(post, mark, {**facts, "first_seen": seen}, files)

    def _write_version(
        self,
        post: Post,
        mark: Fingerprint,
        facts: dict[str, Any],
        files: dict[Path, str],
    ) -> dict[str, Any]:
        feeds, duplicates = memberships(self._index, post.id)
        feeds = list(dict.fromkeys([post.feed, *feeds] if post.feed else feeds))
        facts |= {"content_hash": mark.content, "feeds": feeds}
        record = record_of(post, {**facts, "duplicates": duplicates})
        self._index.execute(
            "INSERT INTO versions (id, revision, run, record) VALUES (?, ?, ?, ?)",
            (post.id, record["revision"], self.run, pack(record)),
        )
        target = self.folder / "posts" / record["path"]
        files[target] = dump(post, self._extra_fields)
        return record

    def _link(self, post: Post, decision: Duplicate) -> None:
        self._index.execute(
            "INSERT INTO duplicates VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET of = excluded.of, why = excluded.why",
            (post.id, decision.of, post.url, decision.why, format_iso(post.fetched)),
        )

    # -- what is known of entries --------------------------------------------------

    def _is_known(self, entry: Entry) -> bool:
        version = _version(entry)
        row = self._index.execute(
            "SELECT title, mtime FROM rejections WHERE id = ? AND tries >= ?",
            (entry.id, MAX_TRIES),
        ).fetchone()
        if row == version:
            return True
        # What this feed last showed, and what was last fetched: an edit that another
        # feed showed first is known, and one taken back again is not.
        rows = self._index.execute(
            "SELECT title, mtime FROM listings WHERE feed = ? AND id = ?"
            " AND title IS NOT NULL UNION SELECT title, mtime FROM fetches"
            " WHERE id = ?",
            (entry.feed, entry.id, entry.id),
        ).fetchall()
        return version in rows

    def _settle(self, entry: Entry) -> None:
        title, mtime = _version(entry)
        self._index.execute(
            "INSERT INTO listings VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET title = excluded.title, mtime = excluded.mtime",
            (entry.feed, entry.id, entry.url, _now(), _now(), title, mtime),
        )

    # -- the run -------------------------------------------------------------------

    def _recover(self) -> None:
        unfinished = self._index.execute(
            "SELECT run FROM runs WHERE finished IS NULL"
        ).fetchall()
        if unfinished:
            sweep_temporaries(self.folder)
        for (run,) in unfinished:
            rows = self._index.execute(
                "SELECT record FROM versions WHERE run = ? ORDER BY number", (run,)
            )
            lines = (record_line(unpack(blob)) for (blob,) in rows)
            place_lines(self._feed_path(run), lines)
            self._end_run(run)

    def _end_run(self, run: str) -> None:
        sync_file(self._feed_path(run))
        with self._transaction():
            self._index.execute(
                "UPDATE runs SET finished = ? WHERE run = ?", (_now(), run)
            )

    def _note_polls(self, report: RunReport) -> None:
        with self._transaction():
            for feed, seen in report.feeds.items():
                ok = report.finished if seen["status"] == "ok" else None
                newest = self._index.execute(
                    "SELECT max(posts.published) FROM listings JOIN posts USING (id)"
                    " WHERE listings.feed = ?",
                    (feed,),
                ).fetchone()[0]
                problem = "; ".join(seen["problems"])
                self._index.execute(
                    "INSERT INTO polls VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO"
                    " UPDATE SET last = excluded.last, status = excluded.status,"
                    " problem = excluded.problem, listed = excluded.listed,"
                    " newest = excluded.newest,"
                    " last_ok = coalesce(excluded.last_ok, last_ok)",
                    (
                        *(feed, report.finished, seen["status"], problem, ok),
                        *(seen["listed"], newest),
                    ),
                )

    def _feed_path(self, run: str) -> Path:
        return self.folder / "feeds" / f"{run}.jsonl"

    def _transaction(self) -> Any:
        return transaction(self._index, self._index_path)


def memberships(
    index: sqlite3.Connection, identifier: str
) -> tuple[list[str], list[str]]:
    """Look up the feeds that list a post or a copy of it, and the copies' ids."""
    copies = index.execute(
        "SELECT id FROM duplicates WHERE of = ? ORDER BY first_seen, id", (identifier,)
    ).fetchall()
    feeds = index.execute(
        "SELECT feed, min(first_listed) AS first FROM listings WHERE id = ? OR id IN"
        " (SELECT id FROM duplicates WHERE of = ?) GROUP BY feed ORDER BY first, feed",
        (identifier, identifier),
    ).fetchall()
    return [row[0] for row in feeds], [row[0] for row in copies]


def pack(record: dict[str, Any]) -> bytes:
    """Pack a record for the index."""
    return zlib.compress(record_line(record).encode(), 1)


def unpack(blob: bytes) -> dict[str, Any]:
    """Unpack a record of the index.

    Raises:
        StoreError: the index is damaged.
    """
    try:
        record: dict[str, Any] = json.loads(zlib.decompress(blob))
    except (zlib.error, ValueError) as error:
        raise StoreError("index.sqlite", f"a record is damaged: {error}") from error
    return record


def _version(entry: Entry) -> tuple[str, str]:
    return entry.title, format_iso(entry.updated) if entry.updated else ""


def _now() -> str:
    return format_iso(datetime.now(UTC))
