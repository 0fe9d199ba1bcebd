"""Which articles are none, so that they are not fetched for ever."""

from __future__ import annotations

import sqlite3

from crawler.core.entries import Entry
from crawler.storage.listings import entry_version


def note_rejection(  # noqa: PLR0913, PLR0917 - the columns of one row
    index: sqlite3.Connection,
    identifier: str,
    url: str,
    reason: str,
    now: str,
    entry: Entry | None,
) -> None:
    """Note, within a transaction, that a page was no article.

    Args:
        index: the open index.
        identifier: the article's id.
        url: its address.
        reason: why it is none.
        now: the present instant, ISO 8601 UTC.
        entry: the entry that led to it, if any; another version of it is another try.
    """
    title, mtime = entry_version(entry) if entry else (None, None)
    index.execute(
        "INSERT INTO rejections VALUES (?, ?, ?, 1, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET reason = excluded.reason,"
        " last = excluded.last, title = excluded.title, mtime = excluded.mtime,"
        " tries = CASE WHEN title IS excluded.title AND mtime IS excluded.mtime"
        " THEN tries + 1 ELSE 1 END",
        (identifier, url, reason, now, title, mtime),
    )


def forget_rejection(index: sqlite3.Connection, identifier: str) -> None:
    """Note, within a transaction, that an article is one after all."""
    index.execute("DELETE FROM rejections WHERE id = ?", (identifier,))
