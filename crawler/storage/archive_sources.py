"""Which posts were made of which archived pages, and what they are like now."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from crawler.core.archive import Place
from crawler.core.prepared import Prepared
from crawler.core.reprocessing import DOCUMENT, changed_fields
from crawler.storage.checksums import Checksum
from crawler.storage.versions import unpack

_QUERY = (
    "SELECT posts.id, versions.record, documents.mark, EXISTS (SELECT 1 FROM removals"
    " WHERE removals.id = posts.id AND back IS NULL) FROM posts"
    " JOIN versions ON versions.id = posts.id AND versions.revision = posts.revision"
    " LEFT JOIN documents USING (number)"
)
_OF_PAGE = (
    "versions.number IN (SELECT sources.number FROM sources JOIN captures"
    " ON captures.number = capture WHERE file = ? AND offset = ? AND part = 1)"
)


@dataclass(frozen=True, slots=True)
class Sourced:
    """The latest version of a post."""

    id: str
    """The post's document id."""

    record: dict[str, Any]
    """Its record."""

    mark: str | None
    """The checksum of its document."""

    is_removed: bool
    """Whether the site has removed it, or was seen without it."""

    def differences(self, prepared: Prepared, document: str) -> tuple[str, ...]:
        """Name what is different in a post: fields, or its document alone.

        Args:
            prepared: the post as today's code reads it.
            document: its document as the store would write it.
        """
        names = changed_fields(self.record, prepared.post)
        mark = Checksum.of(document.encode()).mark
        return names if names or mark == self.mark else (DOCUMENT,)


def find_sourced(index: sqlite3.Connection, identifier: str) -> Sourced | None:
    """Find the latest version of a post."""
    row = index.execute(f"{_QUERY} WHERE posts.id = ?", (identifier,)).fetchone()
    return _sourced(row) if row else None


def sourced_from(index: sqlite3.Connection, place: Place) -> list[Sourced]:
    """Find the posts whose latest version was made of a page of the archive."""
    rows = index.execute(
        f"{_QUERY} WHERE {_OF_PAGE}",
        (place.file, place.offset),
    )
    return [_sourced(row) for row in rows.fetchall()]


def is_rejected(index: sqlite3.Connection, identifier: str) -> bool:
    """Tell whether an article has no post because its page could not be read."""
    row = index.execute(
        "SELECT 1 FROM rejections WHERE id = ?1"
        " AND NOT EXISTS (SELECT 1 FROM posts WHERE id = ?1)",
        (identifier,),
    ).fetchone()
    return row is not None


def _sourced(row: tuple[Any, ...]) -> Sourced:
    identifier, blob, mark, removed = row
    return Sourced(identifier, unpack(blob), mark, bool(removed))
