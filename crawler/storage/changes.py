"""Which posts have changed in content since a time, and when.

A change is what a follower has to act upon: a new version, a removal that was
confirmed, a page that came back. What feeds list and which copies were found is none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import chain

from crawler.storage.links import EVER
from crawler.storage.versions import unpack

_BATCH = 2000
_UPSERT = (
    "INSERT INTO changes VALUES (?, ?)"
    " ON CONFLICT DO UPDATE SET at = max(at, excluded.at)"
)


def read_changed(
    index: sqlite3.Connection, since: str, before: str = EVER, *, backwards: bool
) -> Iterator[str]:
    """Give the ids of the posts that have changed, in the order of their last change.

    What is found is sorted in a temporary file of SQLite's own, so memory does not
    grow with it; the index is read in batches that hold up no writer.

    Args:
        index: the index.
        since: the first instant that counts, ISO 8601 UTC.
        before: the first that does not.
        backwards: begin with the last change.
    """
    order = "DESC" if backwards else "ASC"
    with closing(sqlite3.connect("", isolation_level=None)) as sorted_:
        sorted_.execute("PRAGMA journal_mode = OFF")
        sorted_.execute("CREATE TABLE changes (id TEXT PRIMARY KEY, at TEXT NOT NULL)")
        for batch in chain(_versions(index), _removals(index)):
            sorted_.executemany(
                _UPSERT, [row for row in batch if since <= row[1] < before]
            )
        rows = sorted_.execute(
            f"SELECT id FROM changes ORDER BY at {order}, id {order}"  # noqa: S608
        )
        yield from (row[0] for row in rows)


def last_change(index: sqlite3.Connection, identifier: str, before: str = EVER) -> str:
    """Tell when a post last changed, before an instant; ISO 8601 UTC."""
    row = index.execute(
        "SELECT max(at) FROM (SELECT known AS at FROM sightings WHERE id = :id"
        " UNION ALL SELECT confirmed FROM removals WHERE id = :id"
        " UNION ALL SELECT back FROM removals WHERE id = :id) WHERE at < :before",
        {"id": identifier, "before": before},
    ).fetchone()
    return str(row[0])


def last_edit(index: sqlite3.Connection, identifier: str, before: str = EVER) -> str:
    """Tell when the publisher last changed a post, as `last_change` does.

    That later code read the same page otherwise is no change of the publisher's.
    """
    edited = ""
    for known, blob in index.execute(
        "SELECT known, record FROM sightings JOIN versions USING (id, revision)"
        " WHERE id = ? AND known < ? ORDER BY revision DESC",
        (identifier, before),
    ):
        edited = known
        if unpack(blob)["status"] != "reprocessed":
            break
    row = index.execute(
        "SELECT max(at) FROM (SELECT confirmed AS at FROM removals WHERE id = :id"
        " UNION ALL SELECT back FROM removals WHERE id = :id) WHERE at < :before",
        {"id": identifier, "before": before},
    ).fetchone()
    return max(edited, row[0] or "")


def read_listed(index: sqlite3.Connection, since: str) -> Iterator[str]:
    """Give the ids that some feed began to list at or after an instant, in no order.

    Those of posts and of others; one that several feeds list comes several times.
    """
    last = ("", "")
    while True:
        rows = index.execute(
            "SELECT feed, id, first_listed FROM listings WHERE (feed, id) > (?, ?)"
            " ORDER BY feed, id LIMIT ?",
            (*last, _BATCH),
        ).fetchall()
        if not rows:
            return
        yield from (row[1] for row in rows if row[2] >= since)
        last = rows[-1][:2]


def _versions(index: sqlite3.Connection) -> Iterator[list[tuple[str, str]]]:
    last: tuple[str, int] = ("", 0)
    while True:
        rows = index.execute(
            "SELECT id, known, revision FROM sightings WHERE (id, revision) > (?, ?)"
            " ORDER BY id, revision LIMIT ?",
            (*last, _BATCH),
        ).fetchall()
        if not rows:
            return
        yield [row[:2] for row in rows]
        last = (rows[-1][0], rows[-1][2])


def _removals(index: sqlite3.Connection) -> Iterator[list[tuple[str, str]]]:
    last = 0
    while True:
        rows = index.execute(
            "SELECT id, confirmed, back, number FROM removals WHERE number > ?"
            " ORDER BY number LIMIT ?",
            (last, _BATCH),
        ).fetchall()
        if not rows:
            return
        yield [(row[0], at) for row in rows for at in row[1:3] if at]
        last = rows[-1][3]
