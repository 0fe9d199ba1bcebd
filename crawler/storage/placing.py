"""Take back what a run placed and the index never committed.

A document is renamed into place before the commit that makes it count. A run that is
killed in between leaves a document that no row knows; the next run may find the same
article in another feed, and so under another path, and it would be published twice.
So each batch first notes, durably, where it is about to place new documents, and the
next run removes those that the index does not have.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from crawler.core.errors import StoreError
from crawler.storage.files import remove_durably, write_synced
from crawler.storage.index import reading

_NOTE = ".placing"


class Placing:
    """The note of what a run is about to place.

    Args:
        folder: the output folder.
        index: the open index.
        index_path: its file, for messages.
        run: the run's name.
    """

    def __init__(
        self, folder: Path, index: sqlite3.Connection, index_path: Path, run: str
    ) -> None:
        self._folder = folder
        self._index = index
        self._index_path = index_path
        self._run = run
        self._open: set[str] = set()

    def begin(self, targets: Iterable[Path]) -> None:
        """Note, before any is placed, the documents of a batch.

        Raises:
            StoreError: the disk refused.
        """
        posts = self._folder / "posts"
        paths = (path for path in targets if path.is_relative_to(posts))
        # Those of a batch that failed stay noted: its commit may yet be one.
        self._open.update(path.relative_to(posts).as_posix() for path in paths)
        if self._open:
            note = {"run": self._run, "paths": sorted(self._open)}
            text = json.dumps(note, ensure_ascii=False)
            write_synced(self._folder / _NOTE, text)

    def end(self) -> None:
        """Forget a batch that was committed."""
        self._open.clear()

    def take_back(self) -> None:
        """Remove what an earlier run placed and did not commit.

        Raises:
            StoreError: the disk or index refused.
        """
        run, paths = _read(self._folder / _NOTE)
        with reading(self._index_path):
            # An older index, put back from a backup, is no reason to remove anything.
            query = "SELECT 1 FROM runs WHERE run = ?"
            if not self._index.execute(query, (run,)).fetchone():
                return
            query = "SELECT 1 FROM posts WHERE path = ?"
            unknown = [
                self._folder / "posts" / path
                for path in paths
                if not self._index.execute(query, (path,)).fetchone()
            ]
        remove_durably(unknown, store=self._folder)


def _read(path: Path) -> tuple[str, list[str]]:
    try:
        note = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        # Half a note is of a batch of which nothing was placed yet.
        return "", []
    except OSError as error:
        raise StoreError(path, f"cannot be read: {error.strerror}") from error
    return note["run"], note["paths"]
