"""Which feeds list a post and which ids are copies of it, now and at any time before.

The table ``duplicates`` says what holds now and why; ``links`` keeps from when to when
each id was linked to a post. A listing is never taken back.
"""

from __future__ import annotations

import sqlite3

EVER = "9999"
"""Later than every time of the index."""


def link(
    index: sqlite3.Connection, copy: str, of: str, first_seen: str, now: str
) -> None:
    """Note that an id is from now on a copy of a post; nothing if it is already."""
    row = index.execute(
        "SELECT of FROM links WHERE id = ? AND ended IS NULL", (copy,)
    ).fetchone()
    if row == (of,):
        return
    unlink(index, copy, now)
    index.execute(
        "INSERT INTO links VALUES (?, ?, ?, ?, NULL)", (copy, of, first_seen, now)
    )


def unlink(index: sqlite3.Connection, copy: str, now: str) -> None:
    """Note that an id is no longer a copy of another post."""
    index.execute(
        "UPDATE links SET ended = ? WHERE id = ? AND ended IS NULL", (now, copy)
    )


def memberships(
    index: sqlite3.Connection, identifier: str, before: str = EVER
) -> tuple[list[str], list[str]]:
    """Look up the feeds that list a post or a copy of it, and the copies' ids.

    Args:
        index: the index.
        identifier: the post's document id.
        before: only what was known before this instant, ISO 8601 UTC.
    """
    copies = index.execute(
        "SELECT id FROM links WHERE of = ? AND known < ?"
        " AND (ended IS NULL OR ended >= ?) ORDER BY first_seen, id",
        (identifier, before, before),
    ).fetchall()
    feeds = index.execute(
        "SELECT feed, min(first_listed) AS first FROM listings"
        " WHERE (id = ? OR id IN (SELECT id FROM links WHERE of = ? AND known < ?"
        " AND (ended IS NULL OR ended >= ?))) AND first_listed < ?"
        " GROUP BY feed ORDER BY first, feed",
        (identifier, identifier, before, before, before),
    ).fetchall()
    return [row[0] for row in feeds], [row[0] for row in copies]
