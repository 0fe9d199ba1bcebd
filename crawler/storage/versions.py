"""A post's versions in the index: records packed small, and who lists or copies it."""

from __future__ import annotations

import json
import sqlite3
import zlib
from typing import Any

from crawler.core.errors import StoreError
from crawler.core.records import record_line


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
