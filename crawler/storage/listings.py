"""What feeds list: which entries are news, and since when each is listed.

A page of entries is looked up in one or two queries, whatever the store's size, and a
page that brings nothing new writes nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from crawler.core.dates import format_iso
from crawler.core.entries import Entry
from crawler.storage.index import reading, transaction

MAX_TRIES = 3
"""How often a page that was no article is fetched again while a feed lists it."""

_RENEWED_AFTER = timedelta(hours=1)
_UPSERT = "INSERT INTO listings VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
_UNLISTED = (None, None, "")

_Listed = tuple[str | None, str | None, str]
"""Title, ``mtime`` and last listing of an entry in its feed."""

_Key = tuple[str, str | None, str | None]
"""Id, title and ``mtime`` of one version of an article."""


class Listings:
    """The listings of a store.

    Args:
        index: the open index, written by this process alone.
        path: its file, for messages.
        clock: tells the present instant, ISO 8601 UTC.
    """

    def __init__(
        self, index: sqlite3.Connection, path: Path, clock: Callable[[], str]
    ) -> None:
        self._index = index
        self._path = path
        self._clock = clock

    def sift(self, entries: Sequence[Entry], *, force: bool = False) -> list[Entry]:
        """Record a page of listings and return the entries whose article is wanted.

        Args:
            entries: what one page of one feed lists.
            force: want every article, known or not.

        Returns:
            Those the store does not know, or knows in another version: another title
            than this feed last had, or another ``mtime``. When an entry was last
            listed is noted to the hour.

        Raises:
            StoreError: the index refused; nothing of the page was recorded.
        """
        with reading(self._path):
            listed = self._listed(entries)
            known = self._known(entries, listed)
        wanted = [e for e in entries if force or _key(e) not in known]
        ids = {entry.id for entry in wanted}
        rows = _changes(entries, listed, ids, self._clock())
        if rows:
            with transaction(self._index, self._path):
                self._index.executemany(
                    f"{_UPSERT} last_listed = excluded.last_listed,"
                    " title = coalesce(excluded.title, title),"
                    " mtime = coalesce(excluded.mtime, mtime)",
                    rows,
                )
        return wanted

    def settle(self, entry: Entry) -> None:
        """Note, within a transaction, that an entry's version is known."""
        now, version = self._clock(), entry_version(entry)
        self._index.execute(
            f"{_UPSERT} title = excluded.title, mtime = excluded.mtime",
            (entry.feed, entry.id, entry.url, now, now, *version),
        )
        self._index.execute(
            "INSERT OR REPLACE INTO fetches VALUES (?, ?, ?)", (entry.id, *version)
        )

    def feed_of(self, identifier: str) -> str:
        """Name the feed that first listed an article, or ``""``."""
        query = "SELECT feed FROM listings WHERE id = ? ORDER BY first_listed LIMIT 1"
        with reading(self._path):
            row = self._index.execute(query, (identifier,)).fetchone()
        return row[0] if row else ""

    def _listed(self, entries: Sequence[Entry]) -> dict[tuple[str, str], _Listed]:
        """Look up what each entry's feed last showed of it, and when."""
        found: dict[tuple[str, str], _Listed] = {}
        for feed in {entry.feed for entry in entries}:
            rows = self._index.execute(
                "SELECT id, title, mtime, last_listed FROM listings"
                " WHERE feed = ? AND id IN (SELECT value FROM json_each(?))",
                (feed, _ids(entry for entry in entries if entry.feed == feed)),
            )
            found.update(((feed, row[0]), row[1:]) for row in rows)
        return found

    def _known(
        self, entries: Sequence[Entry], listed: dict[tuple[str, str], _Listed]
    ) -> set[_Key]:
        """Give the listed versions that the store has, or has given up."""
        known = {
            _key(entry)
            for entry in entries
            if listed.get((entry.feed, entry.id), _UNLISTED)[:2] == entry_version(entry)
        }
        others = [entry for entry in entries if _key(entry) not in known]
        if others:
            # What was last fetched counts beside what this feed last showed: an edit
            # another feed showed first is known, and one taken back again is not.
            known.update(
                self._index.execute(
                    "SELECT id, title, mtime FROM fetches"
                    " WHERE id IN (SELECT value FROM json_each(?1)) UNION ALL"
                    " SELECT id, title, mtime FROM rejections"
                    " WHERE id IN (SELECT value FROM json_each(?1)) AND tries >= ?2",
                    (_ids(others), MAX_TRIES),
                )
            )
        return known


def entry_version(entry: Entry) -> tuple[str, str]:
    """Give what tells one version of a listed article from the next."""
    return entry.title, format_iso(entry.updated) if entry.updated else ""


def _changes(
    entries: Sequence[Entry],
    listed: dict[tuple[str, str], _Listed],
    wanted: set[str],
    now: str,
) -> list[tuple[str | None, ...]]:
    """Give the rows that a page makes or changes; those of wanted ids stay open."""
    fresh = format_iso(datetime.fromisoformat(now) - _RENEWED_AFTER)
    rows = []
    for entry in entries:
        *before, last = listed.get((entry.feed, entry.id), _UNLISTED)
        version: tuple[str | None, ...] = (None, None)
        if entry.id not in wanted:
            version = entry_version(entry)
        # A time that lies ahead was written while the clock was wrong.
        renewed = not fresh < last <= now
        if renewed or version not in {(None, None), (*before,)}:
            rows.append((entry.feed, entry.id, entry.url, now, now, *version))
    return rows


def _key(entry: Entry) -> _Key:
    return (entry.id, *entry_version(entry))


def _ids(entries: Iterable[Entry]) -> str:
    return json.dumps([entry.id for entry in entries])
