"""Make the index once more beside the lost one, and then put it in its place.

The archive tells most: where its steps, taken again, make what lies in the store, the
index that comes of them is the one that was lost. Else the exports, the documents and
what can be read of a damaged index make another, and of the archive's come the facts
that no decision stands behind.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from crawler.core.errors import CrawlerError, DocumentError
from crawler.storage.adoption import identifier_in, read_text
from crawler.storage.archive_files import FOLDER as ARCHIVE
from crawler.storage.archive_files import list_files
from crawler.storage.files import keep_aside, move_aside, sync_file
from crawler.storage.index import open_index, reading, transaction
from crawler.storage.salvage import salvage

FOLDER = ".rebuilding"
"""The folder of a store in which its index is made once more."""

Remake = Callable[[Path, Path], None]
"""Takes the steps of an archive again: given its store and a folder to be filled."""

_REST = "copies, quarantine, listings and visits are"
"""What exports and documents do not tell; a decision in quarantine is gone for good
where no archive does."""

_ELSEWHERE = ("images",)
"""Tables of which the steps of older archives tell nothing."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """An index that was begun anew."""

    place: Path
    """Its file, not in its place yet."""

    told: str
    """What it was made of, for people."""

    other: Path | None = None
    """The index that the archive makes, where that is not this store's."""


def begin_rebuilding(folder: Path, path: Path, remake: Remake | None) -> Rebuilt:
    """Make an index beside the lost one.

    Args:
        folder: the output folder.
        path: the lost index.
        remake: takes the archive's steps again; ``None`` where nobody can.

    Raises:
        StoreError: the disk refused.
    """
    clear_rebuilding(folder)
    again = folder / FOLDER / "again"
    again.mkdir(parents=True)
    made = again / path.name
    problem = _remade(folder, again, remake)
    if not problem:
        with closing(open_index(made, writable=True, anew=True)) as index:
            salvage(index, made, path, _ELSEWHERE)
        return Rebuilt(made, "rebuilt from the archive")
    _clear_but(again, path.name)
    place = folder / FOLDER / path.name
    with closing(open_index(place, writable=True, anew=True)) as index:
        index.execute("PRAGMA synchronous = OFF")
        rows = salvage(index, place, path)
    other = made if made.is_file() else None
    saved = f"{rows} rows of it, " if rows else ""
    rest = "taken from the archive" if other else "learnt again from the site"
    told = f"rebuilt from {saved}exports and documents, as {problem}; {_REST} {rest}"
    return Rebuilt(place, told, other)


def end_rebuilding(folder: Path, path: Path, rebuilt: Rebuilt) -> None:
    """Put the new index in the lost one's place, which is kept in ``set-aside/``.

    Killed at any time, it leaves one of the two in its place.

    Raises:
        StoreError: the disk refused.
    """
    sync_file(rebuilt.place)
    if os.path.lexists(path):
        keep_aside(folder, path)
    journal = path.with_name(f"{path.name}-journal")
    if os.path.lexists(journal):  # SQLite would take it for the new one's.
        move_aside(folder, journal)
    rebuilt.place.replace(path)
    sync_file(path)
    clear_rebuilding(folder)


def clear_rebuilding(folder: Path) -> None:
    """Remove what a rebuild has left."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


def _clear_but(again: Path, name: str) -> None:
    """Make room: of what the archive makes, the index alone is of use from here on."""
    for path in again.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif not path.name.startswith(name):
            path.unlink()


def _remade(folder: Path, again: Path, remake: Remake | None) -> str:
    if remake is None or not list_files(folder / ARCHIVE):
        return "there is no archive"
    try:
        remake(folder, again)
        return _difference(folder, again)
    except CrawlerError as error:
        return f"the archive {getattr(error, 'problem', error)}"


# -- whether the archive makes what lies in the store ---------------------------------


def _difference(folder: Path, again: Path) -> str:
    """Say in what the store that an archive makes is another one, or ``""``."""
    for path in sorted((folder / "runs").glob("*.json")):
        if not (again / "runs" / path.name).is_file():
            return f"the archive tells nothing of run {path.stem}"
    for path in sorted((folder / "feeds").glob("*.jsonl")):
        if not _begins(path, again / "feeds" / path.name):
            return f"the archive makes another feeds/{path.name}"
    for name in _other_documents(folder, again, told=_tells_all(folder, again)):
        return f"the archive makes another {name}"
    return ""


def _begins(path: Path, whole: Path) -> bool:
    """Tell whether an export is the beginning of another, but for half a line."""
    if not whole.is_file():
        return path.stat().st_size == 0
    with path.open("rb") as lines, whole.open("rb") as due:
        return all(line == next(due, b"") for line in lines if line.endswith(b"\n"))


def _tells_all(folder: Path, again: Path) -> bool:
    """Tell whether the store has every export, whole."""
    return all(
        (folder / "feeds" / path.name).is_file()
        and (folder / "feeds" / path.name).stat().st_size >= path.stat().st_size
        for path in (again / "feeds").glob("*.jsonl")
    )


def _other_documents(folder: Path, again: Path, *, told: bool) -> Iterator[str]:
    """Name the store's documents that were made otherwise.

    Where every version's record is ``told`` by an export to be the same, a document
    that differs was changed since, which the checks mend.
    """
    known = {identifier_in(path.name) for path in _documents(again)}
    for path in _documents(folder):
        name = path.relative_to(folder)
        is_known = identifier_in(path.name) in known
        if not is_known or not (told or _is_same(path, again / name)):
            yield name.as_posix()


def _documents(folder: Path) -> Iterator[Path]:
    roots = (folder / name for name in ("posts", "withdrawn", "revisions"))
    for path in chain.from_iterable(root.rglob("*.html*") for root in roots):
        if identifier_in(path.name) and not path.name.startswith("."):
            yield path


def _is_same(path: Path, other: Path) -> bool:
    try:
        return other.is_file() and read_text(path) == read_text(other)
    except (OSError, DocumentError):
        return False


# -- what the archive tells all the same ----------------------------------------------

_FACTS = """
    INSERT OR IGNORE INTO listings
        SELECT feed, id, url, first_listed, last_listed, NULL, NULL
        FROM again.listings;
    INSERT OR IGNORE INTO polls SELECT * FROM again.polls;
    INSERT OR IGNORE INTO schedules SELECT * FROM again.schedules;
    INSERT OR IGNORE INTO stops SELECT * FROM again.stops;
    INSERT OR IGNORE INTO windows SELECT * FROM again.windows;
    INSERT OR IGNORE INTO bodies SELECT * FROM again.bodies;
    INSERT INTO holes (feed, start, end, noticed, closed, lost)
        SELECT feed, start, end, noticed, closed, lost FROM again.holes
        WHERE NOT EXISTS (SELECT 1 FROM holes);
    INSERT OR IGNORE INTO rejections SELECT * FROM again.rejections
        WHERE id NOT IN (SELECT id FROM posts);
    INSERT OR REPLACE INTO runs SELECT * FROM again.runs
        WHERE finished IS NOT NULL AND run IN (SELECT run FROM runs);
    INSERT OR REPLACE INTO visits
        SELECT seen.* FROM again.visits AS seen JOIN visits USING (id)
        WHERE seen.visited > visits.visited;
    INSERT OR IGNORE INTO quarantine
        (id, content, reason, state, first_seen, last_seen, post)
        SELECT id, content, reason, state, first_seen, last_seen, post
        FROM again.quarantine WHERE id IN (SELECT id FROM posts) ORDER BY number;
    INSERT OR IGNORE INTO duplicates SELECT * FROM again.duplicates
        WHERE of IN (SELECT id FROM posts) AND id NOT IN (SELECT id FROM posts);
    INSERT INTO links SELECT * FROM again.links
        WHERE ended IS NULL AND NOT kept
        AND (id, of) IN (SELECT id, of FROM duplicates)
        AND id NOT IN (SELECT id FROM links WHERE ended IS NULL AND NOT kept);
    DELETE FROM duplicates
        WHERE id NOT IN (SELECT id FROM links WHERE ended IS NULL AND NOT kept);
    INSERT INTO links SELECT * FROM again.links
        WHERE ended IS NULL AND kept AND (id, of) NOT IN (SELECT id, of FROM links)
        AND id IN (SELECT id FROM posts) AND of IN (SELECT id FROM posts);
    INSERT OR IGNORE INTO removals (id, reason, noticed, confirmed, back, done)
        SELECT id, reason, noticed, confirmed, back, done FROM again.removals
        WHERE confirmed IS NULL AND back IS NULL AND id IN (SELECT id FROM posts);
    UPDATE removals SET reason = old.reason FROM again.removals AS old
        WHERE old.id = removals.id AND old.noticed = removals.noticed;
    UPDATE sightings SET known = old.known,
        last_seen = max(sightings.last_seen, old.last_seen)
        FROM again.sightings AS old JOIN again.versions AS page USING (id, revision)
        WHERE old.id = sightings.id AND old.revision = sightings.revision
        AND field_of(page.record, 'fetched') = sightings.known;
"""
"""Take over what an archive tells of posts, and when; the rows that are there stay."""


def take_facts(index: sqlite3.Connection, index_path: Path, other: Path) -> None:
    """Take over the facts of the index that the archive makes, where it is another.

    Raises:
        StoreError: the index cannot be written.
    """
    with reading(index_path):
        index.execute("ATTACH ? AS again", (str(other),))
    try:
        with transaction(index, index_path):
            for statement in _FACTS.split(";"):
                index.execute(statement)
    finally:
        index.execute("DETACH again")
