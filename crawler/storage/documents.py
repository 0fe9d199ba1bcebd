"""Write versions of posts: the document, its place in the history, its record."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from crawler.core.dates import format_iso
from crawler.core.errors import StoreError
from crawler.core.frontmatter import mark as set_mark
from crawler.core.paths import post_path
from crawler.core.prepared import Prepared
from crawler.core.records import record_line, record_of
from crawler.storage.adoption import take_stand_in
from crawler.storage.checksums import (
    EDITED,
    Checksum,
    note_document,
    read_checksum,
    unpack_document,
)
from crawler.storage.files import read_present, save_aside
from crawler.storage.images import Images
from crawler.storage.links import memberships
from crawler.storage.removals import MARK, place_of, times_of, unmarked
from crawler.storage.revisions import keep_old, old_path, packed
from crawler.storage.sketches import Sketches
from crawler.storage.symlinks import refuse_links
from crawler.storage.versions import add_version

logger = logging.getLogger(__name__)


class Written(NamedTuple):
    """A version that was written."""

    number: int
    """Its number; 0 where it is one that is told of again."""

    record: dict[str, Any]
    """Its record."""

    line: str
    """The record as it is exported; it is made once, for it is wanted thrice."""


Files = dict[Path, str | bytes]
"""Files to be written at the end of a transaction, with their contents."""


class DocumentWriter:
    """Writes versions into the index, in a transaction, and gathers their files.

    Args:
        folder: the output folder.
        index: the open index.
        run: the run's name.
        sketches: the index's sketches, by which reprints are found.
        images: the pictures that documents may show from here.
        path_template: where documents go (``POST_PATH``).
    """

    def __init__(  # noqa: PLR0913 - each is one thing of the store
        self,
        folder: Path,
        index: sqlite3.Connection,
        run: str,
        sketches: Sketches,
        images: Images,
        *,
        path_template: str,
    ) -> None:
        self._folder = folder
        self._index = index
        self._run = run
        self._path_template = path_template
        self._sketches = sketches
        self._images = images

    def write_new(
        self,
        prepared: Prepared,
        now: str,
        files: Files,
        *,
        is_fresh: bool = False,
    ) -> Written:
        """Write a post's first version.

        ``is_fresh`` tells that there is nothing of its id in the index.

        Raises:
            StoreError: the disk refused to set aside what lay at its place.
        """
        post, mark = prepared.post, prepared.mark
        row = None
        if not is_fresh:
            query = "SELECT path FROM posts WHERE id = ?"
            row = self._index.execute(query, (post.id,)).fetchone()
        path = row[0] if row else post_path(self._path_template, post)
        target = self._folder / "posts" / path
        files[target] = document = self._images.localised(prepared)
        self._read_last(post.id, 1, target, document)
        if not is_fresh:
            take_stand_in(self._index, post.id)
        seen = format_iso(post.fetched)
        self._index.execute(
            "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
            (
                *(post.id, post.url, path, post.feed, format_iso(post.published)),
                *(mark.title, mark.text, mark.story, seen),
            ),
        )
        facts = {"path": path, "revision": 1, "status": "new", "first_seen": seen}
        return self._add(prepared, facts, now, document)

    def write_revision(
        self,
        prepared: Prepared,
        now: str,
        files: Files,
        *,
        status: str = "revision",
    ) -> Written:
        """Write a stored post's next version, keep the last one.

        The document lies where a removal has put the last one, with its mark.
        ``status`` is ``reprocessed`` where the page is the same and was read anew.

        Raises:
            PathRefused: the old document cannot be kept for its name's sake.
            StoreError: the disk refused to keep it.
        """
        post, mark = prepared.post, prepared.mark
        path, seen, last = self._index.execute(
            "SELECT path, first_seen, revision FROM posts WHERE id = ?", (post.id,)
        ).fetchone()
        target, removed = place_of(self._index, self._folder, post.id, path)
        document = self._images.localised(prepared)
        old = old_path(self._folder, path, last)
        if target in files:  # Both versions came in one batch.
            files[old] = packed(files.pop(target))
        elif said := self._read_last(post.id, last, target, document):
            keep_old(self._folder, old, said)
        files[target] = set_mark(document, MARK, removed) if removed else document
        self._index.execute(
            "UPDATE posts SET url = ?, published = ?, title_mark = ?, text_mark = ?,"
            " story = ?, revision = ? WHERE id = ?",
            (
                *(post.url, format_iso(post.published)),
                *(mark.title, mark.text, mark.story, last + 1, post.id),
            ),
        )
        facts = {"path": path, "revision": last + 1, "status": status}
        return self._add(prepared, {**facts, "first_seen": seen}, now, document)

    def _read_last(
        self, identifier: str, revision: int, place: Path, document: str
    ) -> bytes | None:
        """Read the document that is about to be replaced, as the store wrote it.

        What somebody else wrote there is set aside, and a line of the log says so.
        """
        if not os.path.lexists(place):
            return None
        refuse_links(self._folder, [place])
        data = read_present(place)
        if data is None:
            return None
        query = "SELECT number FROM versions WHERE id = ? AND revision = ?"
        row = self._index.execute(query, (identifier, revision)).fetchone()
        due = read_checksum(self._index, row[0]) if row else None
        if due == Checksum.of(data):
            return data
        said = unmarked(data)
        if row and due in {None, Checksum.of(said)}:
            return said
        if said != document.encode():
            aside = save_aside(self._folder, place, data).relative_to(self._folder)
            name = place.relative_to(self._folder)
            logger.warning("%s: %s; what it said is now %s", name, EDITED, aside)
        with suppress(StoreError):
            return unpack_document(self._index, row[0]) if row else None
        return said

    def _add(
        self, prepared: Prepared, facts: dict[str, Any], now: str, document: str
    ) -> Written:
        post, mark = prepared.post, prepared.mark
        facts |= {"content_hash": mark.content} | times_of(self._index, post.id)
        first = [post.feed] if post.feed else []
        record = record_of(post, facts | memberships(self._index, post.id, first))
        line = record_line(record)
        number = add_version(self._index, record, line, self._run, now)
        self._sketches.keep(number, prepared.sketch)
        note_document(self._index, number, line, document)
        return Written(number, record, line)
