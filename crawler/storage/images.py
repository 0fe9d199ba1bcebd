"""The pictures a store keeps: files named by their hash, and where each came from.

A file is ``images/<first two figures>/<hash>.<ending>`` and never changes, so that a
picture that many posts show is kept once. The index knows which address gave which.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from crawler.core.archive import Fetched
from crawler.core.images import MAX_IMAGES, image_name, image_path, localise
from crawler.core.prepared import Prepared
from crawler.storage.files import place_durably
from crawler.storage.index import reading, transaction

FOLDER = "images"
"""The folder of a store for pictures."""


class Images:
    """The pictures of a store.

    Args:
        folder: the output folder.
        index: the open index, written by this process alone.
        path: its file, for messages.
        clock: tells the present instant, ISO 8601 UTC.
        prefix: where the site shows them (``IMAGES_URL``); ``""`` leaves documents
            as they are.
    """

    def __init__(
        self,
        folder: Path,
        index: sqlite3.Connection,
        path: Path,
        clock: Callable[[], str],
        prefix: str,
    ) -> None:
        self._folder = folder
        self._index = index
        self._path = path
        self._clock = clock
        self._prefix = prefix

    def missing(self, prepared: Prepared) -> tuple[list[str], int]:
        """List the pictures that a post about to be kept needs to have fetched.

        Returns:
            Their addresses, and how many it shows that are kept; none and 0 for a
            version that is stored already, or under another id.

        Raises:
            StoreError: the index refused.
        """
        post, mark = prepared.post, prepared.mark
        with reading(self._path):
            stored = self._index.execute(
                "SELECT 1 FROM posts WHERE id = ? AND title_mark = ? AND text_mark = ?"
                " UNION ALL SELECT 1 FROM posts WHERE story = ? AND id != ?",
                (post.id, mark.title, mark.text, mark.story, post.id),
            ).fetchone()
            urls = [] if stored else _addresses(prepared)
            kept = _names(self._index, urls)
        return [url for url in urls if url not in kept], len(kept)

    def keep(
        self,
        url: str,
        data: bytes,
        ending: str,
        answer: Fetched | None = None,  # noqa: ARG002 - of use to an archive alone
    ) -> str:
        """Keep a picture, durably; returns its name.

        Args:
            url: the address it came from.
            data: its bytes.
            ending: its format.
            answer: the answer that it came in, for a store that archives.

        Raises:
            StoreError: the disk or index refused.
        """
        name = image_name(data, ending)
        place = self._folder / FOLDER / image_path(name)
        if not place.exists():
            place_durably([(place, data)], store=self._folder)
        with transaction(self._index, self._path):
            self._index.execute(
                "INSERT OR REPLACE INTO images VALUES (?, ?, ?, ?)",
                (url, name, len(data), self._clock()),
            )
        return name

    def localised(self, prepared: Prepared) -> str:
        """Give a post's document, with the pictures that are kept from here."""
        return localised(self._index, prepared, self._prefix)


def localised(index: sqlite3.Connection, prepared: Prepared, prefix: str) -> str:
    """Give a post's document, with the pictures that a store keeps shown from there.

    Args:
        index: the store's open index.
        prepared: the post.
        prefix: where the site shows them; ``""`` leaves the document as it is.
    """
    if not prefix:
        return prepared.document
    names = _names(index, _addresses(prepared))
    return localise(prepared.document, names, prefix)


def _names(index: sqlite3.Connection, urls: Sequence[str]) -> dict[str, str]:
    query = "SELECT name FROM images WHERE url = ?"
    rows = ((url, index.execute(query, (url,)).fetchone()) for url in urls)
    return {url: row[0] for url, row in rows if row}


def _addresses(prepared: Prepared) -> list[str]:
    urls = dict.fromkeys(image.url for image in prepared.post.images)
    return list(urls)[:MAX_IMAGES]
