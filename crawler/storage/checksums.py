"""Every published document once more in the index, packed, with its checksum.

A document is nearly the same text as its record, so packed with the record as
dictionary it takes little room. From it a document that was lost or spoilt comes back
to the byte, and one that was edited by hand is told from one that was not.
"""

from __future__ import annotations

import sqlite3
import zlib
from dataclasses import dataclass
from hashlib import sha256

from crawler.core.errors import StoreError
from crawler.core.records import record_line
from crawler.storage.versions import unpack

EDITED = "edited by hand, or begun by a killed run"
"""What is said of a document that is whole and not what the store wrote."""

_WINDOW = 32 * 2**10
"""How much of a dictionary zlib can look back on."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the file of a version must be like."""

    size: int
    """Its bytes."""

    mark: str
    """Their SHA-256, in hexadecimal digits."""

    @classmethod
    def of(cls, data: bytes) -> Checksum:
        """Take it of a file's bytes."""
        return cls(len(data), sha256(data).hexdigest())


def note_document(
    index: sqlite3.Connection, number: int, line: str, document: str
) -> None:
    """Keep the document of a version, within a transaction.

    Args:
        index: the open index.
        number: the version's row.
        line: its record as it stands there, as `record_line` writes it.
        document: the document's text.
    """
    data = document.encode()
    sums = Checksum.of(data)
    index.execute(
        "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)",
        (number, sums.size, sums.mark, pack_document(line, data)),
    )


def read_checksum(index: sqlite3.Connection, number: int) -> Checksum | None:
    """Give the checksum of a version's document, or ``None`` where none was kept."""
    query = "SELECT size, mark FROM documents WHERE number = ?"
    row = index.execute(query, (number,)).fetchone()
    return Checksum(*row) if row else None


def pack_document(line: str, data: bytes) -> bytes:
    """Pack a document's bytes with its record's line as dictionary."""
    packer = zlib.compressobj(1, zdict=_dictionary(line))
    return packer.compress(data) + packer.flush()


def unpack_document(index: sqlite3.Connection, number: int) -> bytes | None:
    """Give a version's document to the byte, or ``None`` where none was kept.

    Raises:
        StoreError: the index is damaged.
    """
    row = index.execute(
        "SELECT record, packed, size, mark FROM documents JOIN versions USING (number)"
        " WHERE number = ?",
        (number,),
    ).fetchone()
    if row is None:
        return None
    blob, packed, *sums = row
    try:
        unpacker = zlib.decompressobj(zdict=_dictionary(record_line(unpack(blob))))
        data = unpacker.decompress(packed) + unpacker.flush()
    except zlib.error as error:
        problem = f"a document is damaged: {error}"
        raise StoreError("index.sqlite", problem) from error
    if Checksum.of(data) != Checksum(*sums):
        raise StoreError("index.sqlite", "a document is damaged: wrong checksum")
    return data


def _dictionary(line: str) -> bytes:
    return line.encode()[-_WINDOW:]
