"""Go on with a replay where it was stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from crawler.core.archive import Place
from crawler.core.catalogue import Catalogue
from crawler.core.errors import OptionError
from crawler.storage.archive_index import read_settled
from crawler.storage.archive_reading import Answer, Taken, Told
from crawler.storage.archive_records import Damage
from crawler.storage.files import remove_durably, write_synced
from crawler.storage.index import open_index

_NOTE = ".replay"


class Archive(Protocol):
    """What a replay reads, ours or others'."""

    damages: list[Damage]
    """What could not be read so far."""

    def events(self) -> Iterator[Taken | Told]:
        """Give answers and steps in the archive's order."""

    def answer(self, place: Place) -> Answer | None:
        """Read the answer at a place."""


class Resumed:
    """An archive without the steps that a store has taken already.

    Args:
        archive: the archive.
        settled: how far the store has taken it.
    """

    def __init__(self, archive: Archive, settled: Place) -> None:
        self._archive = archive
        self._settled = settled
        self.damages = archive.damages
        """What could not be read so far."""

    def events(self) -> Iterator[Taken | Told]:
        """Give what comes after; first the begin of the run that was going on."""
        events = self._archive.events()
        if self._settled != Place("", 0):
            yield from self._pass(events)
        yield from events

    def answer(self, place: Place) -> Answer | None:
        """Read the answer at a place."""
        return self._archive.answer(place)

    def _pass(self, events: Iterator[Taken | Told]) -> Iterator[Told]:
        begun: Told | None = None
        for event in events:
            if isinstance(event, Taken):
                continue
            if event.step.do == "begin":
                begun = event
            if event.end == self._settled:
                # It takes several commits to end a run.
                last = [event] if event.step.do == "end" else []
                yield from [replace(begun, end=event.end), *last] if begun else last
                return
            if event.step.do == "end":
                begun = None


def begin(folder: Path, about: dict[str, Any]) -> Place:
    """Begin a replay into a folder, or find out how far one has come.

    Args:
        folder: an empty folder, or one that the same replay was stopped in.
        about: what is replayed, as plain data.

    Returns:
        How far the folder's store has taken the archive.

    Raises:
        OptionError: the folder holds something else.
        StoreError: it cannot be read or written.
    """
    check(folder, about)
    note = folder / _NOTE
    if note.is_file():
        return _settled(folder / "index.sqlite")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"cannot be made: {error.strerror}"
        raise OptionError("--into", folder, problem) from error
    write_synced(note, json.dumps(about, sort_keys=True))
    return Place("", 0)


def check(folder: Path, about: dict[str, Any] | None = None) -> None:
    """Make sure that a folder is empty, or one that the same replay was stopped in.

    Args:
        folder: the folder.
        about: what is replayed; ``None`` when that is not known yet.

    Raises:
        OptionError: it is not.
    """
    is_empty = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    if not is_empty and not (folder / _NOTE).is_file():
        raise OptionError("--into", folder, "is no empty folder")
    if about is None or is_empty:
        return
    told = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
    other = [name for name in sorted(about) if told.get(name) != about[name]]
    if other:
        names = ", ".join(other)
        problem = f"holds a stopped replay of something else: other {names}"
        raise OptionError("--into", folder, problem)


def end(folder: Path) -> None:
    """Note that a folder's replay is complete."""
    remove_durably([folder / _NOTE], store=folder)


def _settled(index: Path) -> Place:
    if not index.is_file():
        return Place("", 0)
    # Writable, for it may have been killed while it was made.
    with closing(open_index(index, writable=True)) as connection:
        return read_settled(connection)


def describe(
    files: Sequence[object],
    selection: object,
    catalogue: Catalogue,
    settings: dict[str, Any],
) -> dict[str, Any]:
    """Say what a replay is of, so that the same one can be told.

    Args:
        files: what is read.
        selection: which part of it.
        catalogue: whose sites and feeds it is read with.
        settings: the settings of posts, as far as the archive does not tell them.
    """
    sites = "\n".join(site.model_dump_json() for site in catalogue.sites)
    return {
        "files": [str(each) for each in files],
        "selection": repr(selection),
        "catalogue": sha256(sites.encode()).hexdigest(),
        "settings": json.loads(json.dumps(settings)),
    }
