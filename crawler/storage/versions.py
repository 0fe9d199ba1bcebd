"""A post's versions in the index: records packed small, and when each was seen."""

from __future__ import annotations

import json
import sqlite3
import zlib
from dataclasses import dataclass
from typing import Any

from crawler.core.errors import StoreError
from crawler.core.records import record_line


@dataclass(frozen=True, slots=True)
class Sighting:
    """One version of a post as the store knows it."""

    record: dict[str, Any]
    """Its record, as it was exported."""

    known: str
    """Since when the store has had it, ISO 8601 UTC."""

    last_seen: str
    """When the site was last seen to show it."""


def add_version(
    index: sqlite3.Connection, record: dict[str, Any], line: str, run: str, now: str
) -> int:
    """Add a version that a run has kept now; returns its number.

    ``line`` is the record as `record_line` writes it.
    """
    key = (record["id"], record["revision"])
    number: int = index.execute(
        "INSERT INTO versions (id, revision, run, record) VALUES (?, ?, ?, ?)"
        " RETURNING number",
        (*key, run, pack_line(line)),
    ).fetchone()[0]
    index.execute(
        "INSERT OR IGNORE INTO sightings VALUES (?, ?, ?, ?, ?)",
        (*key, record["published"], now, now),
    )
    return number


def number_of(index: sqlite3.Connection, record: dict[str, Any]) -> int:
    """Find the number of the version that a record is of."""
    query = "SELECT number FROM versions WHERE id = ? AND revision = ?"
    [number] = index.execute(query, (record["id"], record["revision"])).fetchone()
    return int(number)


def see_again(index: sqlite3.Connection, identifier: str, now: str) -> None:
    """Note that the site still shows a post's last version."""
    index.execute(
        "UPDATE sightings SET last_seen = ? WHERE id = ? AND revision ="
        " (SELECT revision FROM posts WHERE id = ?)",
        (now, identifier, identifier),
    )


def latest_records(
    index: sqlite3.Connection, identifier: str, count: int
) -> list[dict[str, Any]]:
    """Read a post's latest versions, oldest first, no more than ``count``."""
    rows = index.execute(
        "SELECT record FROM versions WHERE id = ? ORDER BY revision DESC LIMIT ?",
        (identifier, count),
    ).fetchall()
    return [unpack(blob) for (blob,) in reversed(rows)]


def read_sightings(index: sqlite3.Connection, identifier: str) -> list[Sighting]:
    """Read all versions of a post, oldest first; none when there is no such post."""
    rows = index.execute(
        "SELECT record, known, last_seen FROM versions JOIN sightings"
        " USING (id, revision) WHERE id = ? ORDER BY revision",
        (identifier,),
    ).fetchall()
    return [Sighting(unpack(blob), *times) for blob, *times in rows]


def pack(record: dict[str, Any]) -> bytes:
    """Pack a record for the index."""
    return pack_line(record_line(record))


def pack_line(line: str) -> bytes:
    """Pack a record for the index, given as `record_line` writes it."""
    return zlib.compress(line.encode(), 1)


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
