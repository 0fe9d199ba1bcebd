"""The documents of earlier versions: gzip files in a tree of their own.

A post's document lies in ``posts/`` under a path that never changes; when a revision
replaces it, its bytes go to the same path below ``revisions/``, as ``NAME.N.html.gz``
with the number of the version that ended. Each lies in one place only, and ``zcat``
gives it back to the byte.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from crawler.core.errors import StoreError
from crawler.storage.files import place_durably


def old_path(folder: Path, path: str, number: int) -> Path:
    """Say where a version's document is kept once another has replaced it.

    Args:
        folder: the output folder.
        path: the document's path below ``posts/``.
        number: the version's number.
    """
    return folder / "revisions" / Path(path).with_suffix(f".{number}.html.gz")


def packed(document: str | bytes) -> bytes:
    """Compress a document; the same document gives the same bytes."""
    data = document.encode() if isinstance(document, str) else document
    return gzip.compress(data, mtime=0)


def keep_old(folder: Path, copy: Path, document: bytes) -> None:
    """Keep a document, durably, before another one replaces it.

    A copy that is there already stays: it is older and nearer the truth.

    Raises:
        PathRefused: the copy cannot be written for its name's sake.
        StoreError: the disk refused.
    """
    if not copy.exists():
        place_durably([(copy, packed(document))], store=folder)


def read_document(folder: Path, path: str, number: int, *, latest: bool) -> bytes:
    """Read the document of one version, to the byte as it was published.

    Args:
        folder: the output folder.
        path: the document's path below ``posts/``.
        number: the version's number.
        latest: whether it is the one that is published.

    Raises:
        StoreError: it is missing or damaged.
    """
    place = folder / "posts" / path if latest else old_path(folder, path, number)
    try:
        if not latest and not place.exists():
            # Stores of the first days kept them uncompressed.
            return place.with_suffix("").read_bytes()
        data = place.read_bytes()
        return data if latest else gzip.decompress(data)
    except FileNotFoundError:
        problem = "the document is missing; scrapy history --json has its record"
    except (OSError, EOFError, zlib.error) as error:
        problem = f"cannot be read: {error}; scrapy history --json has its record"
    raise StoreError(place, problem)


def read_shown(folder: Path, path: str, number: int, *, latest: bool) -> bytes:
    """Read the document of one version, wherever a removal has put it.

    Raises:
        StoreError: it is missing or damaged.
    """
    if latest and not (folder / "posts" / path).exists():
        place = folder / "withdrawn" / path
        if place.is_file():
            return place.read_bytes()
    return read_document(folder, path, number, latest=latest)
