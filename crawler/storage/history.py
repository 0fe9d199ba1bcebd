"""Look up what the store keeps of one post: its versions, its quarantine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from crawler.core.errors import OptionError, StoreError
from crawler.core.posts import Post
from crawler.core.urls import canonical, document_id
from crawler.storage.index import open_index, reading, refuse_lost_index
from crawler.storage.quarantine import Held, find_held, read_quarantine
from crawler.storage.versions import Sighting, read_sightings


def read_history(folder: Path, name: str) -> list[Sighting]:
    """Read every version of a post, oldest first.

    Args:
        folder: the output folder.
        name: its document id or address.

    Raises:
        OptionError: the store has no such post.
        StoreError: there is no store, or it is damaged.
    """
    identifier = identify(name)
    with _opened(folder) as index:
        found = read_sightings(index, identifier)
        of = index.execute("SELECT of FROM duplicates WHERE id = ?", (identifier,))
        copy = of.fetchone()
    if found:
        return found
    if copy:
        raise OptionError("id", name, f"is kept as a copy of {copy[0]}")
    raise OptionError("id", name, "is no post of this store")


def read_held(folder: Path, name: str) -> list[tuple[Held, Post]]:
    """Read the versions of a post that wait, the newest last; else the one held last.

    Raises:
        OptionError: nothing is.
        StoreError: there is no store, or it is damaged.
    """
    with _opened(folder) as index:
        found = find_held(index, identify(name))
    if not found:
        raise OptionError("id", name, "has nothing in quarantine")
    return [one for one in found if one[0].state == "waiting"] or found[-1:]


def list_held(folder: Path) -> list[Held]:
    """List what is held back in a store, in any state, oldest first.

    Raises:
        StoreError: there is no store, or it is damaged.
    """
    with _opened(folder) as index:
        return read_quarantine(index)


def identify(name: str) -> str:
    """Give the document id that an id or address stands for."""
    return document_id(canonical(name)) if "://" in name else name


@contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    path = folder / "index.sqlite"
    if not path.is_file():
        refuse_lost_index(path)
        raise StoreError(folder, "holds no posts yet; run scrapy crawl finance first")
    index = open_index(path, writable=False)
    with closing(index), reading(path):
        yield index
