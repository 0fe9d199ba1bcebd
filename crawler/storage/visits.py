"""Which posts' pages are due for another visit, and what the visits found."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from crawler.core.dates import format_iso
from crawler.core.entries import Entry
from crawler.core.records import record_line
from crawler.core.removals import Policy
from crawler.core.schedule import History, confirms, due_since
from crawler.storage.index import reading, transaction
from crawler.storage.removals import announce, confirm, note_gone, settle, take_back
from crawler.storage.runs import RunLog
from crawler.storage.versions import unpack

_LATEST = 20_000
_WITNESSES = 3
_COLUMNS = (
    "SELECT posts.id, posts.url, feed, posts.published, visited, noticed, confirmed,"
    " nullif(tried, ''), tries, CASE WHEN visits.revision = posts.revision"
    " THEN etag ELSE '' END, CASE WHEN visits.revision = posts.revision"
    " THEN modified ELSE '' END FROM posts JOIN visits USING (id)"
    " LEFT JOIN removals ON removals.id = posts.id AND back IS NULL"
)


@dataclass(frozen=True, slots=True)
class StoredPage:
    """The page of a stored post, as it is to be visited again."""

    id: str
    """The document id."""

    url: str
    """The canonical address."""

    feed: str
    """The feed it was first found in, or ``""``."""

    history: History
    """The visits so far."""

    etag: str = ""
    """The page's ``ETag`` when the stored version was read, or ``""``."""

    modified: str = ""
    """Its ``Last-Modified``, or ``""``."""


class Visits:
    """The visits to a store's posts; a part of an open `PostStore`.

    Args:
        folder: the output folder.
        index: the open index.
        index_path: its file, for messages.
        runs: the run's log, which exports what is told of removals.
    """

    def __init__(
        self,
        folder: Path,
        index: sqlite3.Connection,
        index_path: Path,
        runs: RunLog,
    ) -> None:
        self._folder = folder
        self._index = index
        self._index_path = index_path
        self._runs = runs

    def due(
        self,
        now: datetime,
        ages: Sequence[timedelta],
        limit: int,
        since: datetime | None = None,
    ) -> list[StoredPage]:
        """List the pages that are due, the longest overdue first.

        Args:
            now: the present instant.
            ages: the schedule, youngest age first.
            limit: list at most so many.
            since: leave out what was published before.
        """
        seconds = int(ages[-1].total_seconds())
        where = (
            "posts.published >= ? AND posts.id IN (SELECT id FROM visits WHERE age < ?"
            " UNION SELECT id FROM removals WHERE back IS NULL AND confirmed IS NULL)"
        )
        pages = self._read(where, format_iso(since) if since else "", seconds)
        due = ((due_since(page.history, now, ages), page.id, page) for page in pages)
        waiting = sorted((when, name, page) for when, name, page in due if when)
        return [page for _, _, page in waiting[:limit]]

    def latest(self, limit: int, since: datetime | None = None) -> list[StoredPage]:
        """List the pages of the newest posts, due or not.

        Args:
            limit: list at most so many.
            since: leave out what was published before.
        """
        where = "posts.published >= ? ORDER BY published DESC LIMIT ?"
        return self._read(where, format_iso(since) if since else "", limit)

    def witnesses(self, host: str, but: Sequence[str]) -> list[StoredPage]:
        """List pages of a host that should be there: up to three of its newest posts.

        Args:
            host: the host.
            but: ids not to be listed, because the run has visited them.
        """
        where = (
            "noticed IS NULL AND posts.id IN (SELECT id FROM (SELECT id, url FROM posts"
            " ORDER BY published DESC LIMIT ?) WHERE substr(url, 1, ?) = ?)"
            " ORDER BY published DESC LIMIT ?"
        )
        start = f"https://{host}/"
        most = len(but) + _WITNESSES
        pages = self._read(where, _LATEST, len(start), start, most)
        return [page for page in pages if page.id not in but][:_WITNESSES]

    def read_entry(self, identifier: str) -> tuple[Entry, str]:
        """Give what a stored post says for an entry, and the template that read it."""
        with reading(self._index_path):
            [blob] = self._index.execute(
                "SELECT record FROM posts JOIN versions ON versions.id = posts.id AND"
                " versions.revision = posts.revision WHERE posts.id = ?",
                (identifier,),
            ).fetchone()
        record = unpack(blob)
        return _entry_of(record), record["template"]

    def settle(self, policy: Policy) -> None:
        """Treat the documents of all removed posts as the setting says now.

        Raises:
            StoreError: the disk or index refused.
        """
        with transaction(self._index, self._index_path):
            settle(self._index, self._folder, policy)

    def note_there(
        self, identifier: str, now: datetime, etag: str = "", modified: str = ""
    ) -> bool:
        """Note a visit that found the page.

        Args:
            identifier: the post.
            now: when.
            etag: the page's ``ETag``, where the stored version is what it said.
            modified: its ``Last-Modified``, likewise.

        Returns:
            Whether the page is back after a removal; the exported feed tells it.

        Raises:
            StoreError: the disk or index refused.
        """
        changing = transaction(self._index, self._index_path)
        with self._runs.whole_or_mended(), changing:
            self._note_visit(identifier, now, etag, modified)
            at = format_iso(now)
            back = take_back(self._index, self._folder, identifier, at)
            record = self._announce(identifier, "restored") if back else None
        if record:
            self._runs.export([record_line(record)])
        return back

    def note_validators(self, told: Sequence[tuple[str, str, str]]) -> None:
        """Note what the servers of pages call the versions that are stored.

        Args:
            told: document id, ``ETag`` and ``Last-Modified`` of each.

        Raises:
            StoreError: the index refused.
        """
        if not told:
            return
        rows = [(etag, modified, name) for name, etag, modified in told]
        with transaction(self._index, self._index_path):
            self._index.executemany(
                "UPDATE visits SET etag = ?, modified = ?, revision = (SELECT revision"
                " FROM posts WHERE posts.id = visits.id) WHERE id = ?",
                rows,
            )

    def note_read(self, identifier: str, now: datetime) -> None:
        """Note a visit that found a page which says nothing of the article.

        Raises:
            StoreError: the disk or index refused.
        """
        with transaction(self._index, self._index_path):
            self._note_visit(identifier, now)

    def note_gone(
        self, identifier: str, now: datetime, reason: str, policy: Policy
    ) -> Literal["gone", "removed", "unchanged"]:
        """Note a visit that found the page gone.

        Args:
            identifier: the post.
            now: when.
            reason: how the site says so.
            policy: what becomes of the document once it is confirmed.

        Returns:
            ``gone``: noticed, to be confirmed by a later visit; ``removed``:
            confirmed now, and told in the exported feed; ``unchanged``: known.

        Raises:
            StoreError: the disk or index refused.
        """
        at = format_iso(now)
        changing = transaction(self._index, self._index_path)
        with self._runs.whole_or_mended(), changing:
            known = self._is_removed(identifier)
            noticed = note_gone(self._index, identifier, at, reason)
            confirmed = confirms(datetime.fromisoformat(noticed), now)
            self._note_visit(identifier, now)
            if known or not confirmed:
                return "unchanged" if known else "gone"
            confirm(self._index, self._folder, identifier, at, policy)
            record = self._announce(identifier, "removed")
        self._runs.export([record_line(record)])
        return "removed"

    def note_failure(self, identifier: str, now: datetime) -> None:
        """Note a visit that learnt nothing; the page stays due, after a while.

        Raises:
            StoreError: the disk or index refused.
        """
        with transaction(self._index, self._index_path):
            self._index.execute(
                "UPDATE visits SET tried = ?, tries = tries + 1 WHERE id = ?",
                (format_iso(now), identifier),
            )

    def _note_visit(
        self, identifier: str, now: datetime, etag: str = "", modified: str = ""
    ) -> None:
        published, revision = self._index.execute(
            "SELECT published, revision FROM posts WHERE id = ?", (identifier,)
        ).fetchone()
        age = now - datetime.fromisoformat(published)
        self._index.execute(
            "INSERT OR REPLACE INTO visits VALUES (?, ?, ?, ?, ?, ?, '', 0)",
            (
                *(identifier, format_iso(now), int(age.total_seconds())),
                *(revision, etag, modified),
            ),
        )

    def _is_removed(self, identifier: str) -> bool:
        query = (
            "SELECT 1 FROM removals WHERE id = ? AND back IS NULL"
            " AND confirmed IS NOT NULL"
        )
        return self._index.execute(query, (identifier,)).fetchone() is not None

    def _announce(self, identifier: str, status: str) -> dict[str, Any]:
        return announce(self._index, self._runs.run, identifier, status)

    def _read(self, where: str, *values: object) -> list[StoredPage]:
        with reading(self._index_path):
            rows = self._index.execute(f"{_COLUMNS} WHERE {where}", values).fetchall()
        return [_page_of(row) for row in rows]


def _page_of(row: tuple[Any, ...]) -> StoredPage:
    identifier, url, feed, *times, tries, etag, modified = row
    at = [datetime.fromisoformat(time) if time else None for time in times]
    published, visited, noticed, confirmed, tried = at
    assert published
    assert visited
    history = History(
        published=published,
        visited=visited,
        noticed=noticed,
        confirmed=confirmed,
        tried=tried,
        tries=tries,
    )
    return StoredPage(identifier, url, feed, history, etag, modified)


def _entry_of(record: dict[str, Any]) -> Entry:
    updated = record["updated"]
    return Entry(
        id=record["id"],
        url=record["url"],
        title=record["title"],
        feed=record["feed"],
        published=datetime.fromisoformat(record["published"]),
        updated=datetime.fromisoformat(updated) if updated else None,
        source=record["source"],
        author=record["author"],
        image=record["headimg"],
    )
