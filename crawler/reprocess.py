"""Read archived pages anew for the posts that are stored, and tell or make the changes.

Nothing is written by a survey. What it finds, `apply` writes through the guarded way
of every revision: a version that would spoil its post waits in quarantine instead.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from crawler.core.archive import Place
from crawler.core.changes import Piece
from crawler.core.errors import PathRefused, StoreError
from crawler.core.line_diff import line_diff
from crawler.core.prepared import Prepared
from crawler.core.reprocessing import DOCUMENT, Survey
from crawler.replay import Reader, Tasks, read_here
from crawler.rereading import Fit, Refused, Result, Unread
from crawler.storage.absent_pages import count_absent
from crawler.storage.archive_reading import Taken
from crawler.storage.archive_sources import Sourced, is_rejected, sourced_from
from crawler.storage.archive_store import ArchivedStore
from crawler.storage.images import localised
from crawler.storage.index import open_index, reading
from crawler.storage.revisions import read_document


@dataclass(frozen=True, slots=True)
class _Store:
    """What is looked at of a store."""

    index: sqlite3.Connection
    """Its index."""

    folder: Path
    """Its folder."""

    document_of: Callable[[Prepared], str]
    """Gives the document that it would write of a post."""


@dataclass(frozen=True, slots=True)
class Change:
    """A post that today's code reads otherwise, or for the first time."""

    fit: Fit
    """What it reads."""

    pages: tuple[Place, ...]
    """Where the pages lie."""

    facts: dict[str, Any]
    """What else reading them took."""

    is_fresh: bool
    """Whether there is no post of it yet."""


def survey(
    folder: Path,
    tasks: Tasks,
    found: Survey,
    reader: Reader = read_here,
    images_url: str = "",
) -> Iterator[Change]:
    """Read the pages that stored posts were made of, and yield what would change.

    Args:
        folder: the output folder; its index is only read.
        tasks: the archive's steps.
        found: what is told of it is added here.
        reader: reads the tasks.
        images_url: where documents show the pictures that are kept here.

    Raises:
        StoreError: the index or archive cannot be read.
    """
    path = folder / "index.sqlite"
    index = open_index(path, writable=False)
    with closing(index), reading(path):
        seen: set[str] = set()
        files: set[str] = set()
        store = _Store(index, folder, partial(localised, index, prefix=images_url))
        examine = partial(_examine, store, found, seen)
        for event, result in reader(tasks):
            files.add(event.place.file)
            if isinstance(event, Taken) or result is None or not event.step.pages:
                continue
            step = event.step
            if step.do in {"read", "reprocess"}:
                yield from examine(step.pages, step.facts, result)
        found.absent = count_absent(index, files)


def apply(store: ArchivedStore, change: Change) -> str:
    """Make one change; returns what became of it.

    Raises:
        StoreError: the disk or index refused.
    """
    try:
        if not change.is_fresh:
            prepared = change.fit.prepared
            return store.reprocess(prepared, change.pages, change.facts)
        kept = store.keep_archived(change.fit.prepared, change.pages, change.facts)
    except PathRefused:
        return "refused by the disk"
    return type(kept.decision).__name__.lower()


def _examine(  # noqa: PLR0913, PLR0917 - all that is known of a step
    store: _Store,
    found: Survey,
    seen: set[str],
    pages: tuple[Place, ...],
    facts: dict[str, Any],
    result: Result,
) -> Iterator[Change]:
    wanted = facts["entry"] if facts.get("whole") else ""
    posts = [
        post
        for post in sourced_from(store.index, pages[0])
        if post.id not in seen and wanted in {"", post.id}
    ]
    for post in posts:
        seen.add(post.id)
        if post.is_removed:
            found.removed += 1
            continue
        found.examined += 1
        if _differs(post, result, store, found):
            assert isinstance(result, Fit)
            yield Change(result, pages, facts, is_fresh=False)
    if not posts and isinstance(result, Fit):
        identifier = result.prepared.post.id
        if identifier not in seen and is_rejected(store.index, identifier):
            seen.add(identifier)
            found.fresh += 1
            yield Change(result, pages, facts, is_fresh=True)


def _differs(post: Sourced, result: Result, store: _Store, found: Survey) -> bool:
    if isinstance(result, Refused | Unread):
        found.lost[result.reason] += 1
        return False
    if not isinstance(result, Fit) or result.prepared.post.id != post.id:
        found.lost["its page is another article's now"] += 1
        return False
    document = store.document_of(result.prepared)
    names = post.differences(result.prepared, document)
    if names:
        is_wanted = names == (DOCUMENT,) and found.wants(post.record, DOCUMENT)
        lines = _lines(store.folder, post.record, document) if is_wanted else ()
        found.note(post.record, result.prepared.post, names, lines)
    return bool(names)


def _lines(folder: Path, old: dict[str, Any], new: str) -> tuple[Piece, ...]:
    path, number = old["path"], old["revision"]
    try:
        document = read_document(folder, path, number, latest=True)
    except StoreError:  # Somebody took it away, which is for verify to tell.
        return ()
    return line_diff(document.decode(errors="replace"), new)


def tell_counts(done: Counter[str]) -> str:
    """Tell what became of the changes, in one line."""
    return ", ".join(f"{n} {what}" for what, n in sorted(done.items())) or "nothing"
