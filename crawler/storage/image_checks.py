"""The checks of pictures: that each is there and is what it was named after."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from crawler.core.archive import Place
from crawler.core.compression import Wrapping, unwrap
from crawler.core.images import (
    image_path,
    is_image_name,
    is_named_after,
    names_in,
)
from crawler.storage.archive_files import FOLDER as ARCHIVE
from crawler.storage.archive_records import (
    MAX_RECORD,
    Stored,
    read_record,
    split_answer,
)
from crawler.storage.document_checks import LINKED
from crawler.storage.files import move_aside, place_durably
from crawler.storage.images import FOLDER
from crawler.storage.index import reading
from crawler.storage.verification import Audit, Finding


def check_images(audit: Audit) -> Iterator[Finding]:
    """Find pictures that are missing, spoilt, or show nothing a document needs."""
    told = set()
    for (name,) in audit.rows("SELECT DISTINCT name FROM images WHERE name > ?"):
        place = audit.folder / FOLDER / image_path(name)
        problem = _problem_of(audit, place, name)
        if problem:
            told.add(name)
            mend = partial(_mend, audit, name, place)
            yield Finding(f"{FOLDER}/{image_path(name)}", problem, mend)
    yield from _check_strays(audit)
    if audit.full:
        yield from _check_documents(audit, told)


def _problem_of(audit: Audit, place: Path, name: str) -> str:
    if not os.path.lexists(place):
        return "missing"
    if place.is_symlink() or not place.is_file():
        return "no regular file"
    query = "SELECT size FROM images WHERE name = ?"
    [size] = audit.index.execute(query, (name,)).fetchone()
    if place.stat().st_size != size:
        return "cut or changed"
    if audit.full and not is_named_after(name, place.read_bytes()):
        return "damaged: its hash is not its name"
    return ""


def _check_strays(audit: Audit) -> Iterator[Finding]:
    root = audit.folder / FOLDER
    for parent, folders, names in os.walk(root):
        for name in sorted(folders):
            place = Path(parent, name)
            if place.is_symlink():
                yield Finding(f"{FOLDER}/{place.relative_to(root)}", LINKED)
        for name in sorted(names):
            place = Path(parent, name)
            path = place.relative_to(root).as_posix()
            if name.startswith(".") and name.endswith(".tmp"):
                continue
            # One that the index does not know is of a run that was killed, or of an
            # index that was rebuilt: it says itself whether it is whole.
            query = "SELECT 1 FROM images WHERE name = ?"
            if is_image_name(name) and path == image_path(name):
                known = audit.index.execute(query, (name,)).fetchone()
                if known or is_named_after(name, place.read_bytes()):
                    continue
            mend = partial(_move_aside, audit, place)
            yield Finding(f"{FOLDER}/{path}", "no picture of this store", mend)


def _check_documents(audit: Audit, told: set[str]) -> Iterator[Finding]:
    """Find documents that show a picture from here which is not here."""
    for root in ("posts", "withdrawn"):
        for parent, _, files in os.walk(audit.folder / root):
            for file in sorted(files):
                place = Path(parent, file)
                text = place.read_bytes().decode("utf-8", "replace")
                for name in sorted(names_in(text) - told):
                    if not (audit.folder / FOLDER / image_path(name)).is_file():
                        told.add(name)
                        path = place.relative_to(audit.folder).as_posix()
                        problem = f"missing, but shown by {path}"
                        yield Finding(f"{FOLDER}/{image_path(name)}", problem)


def _mend(audit: Audit, name: str, place: Path) -> str:
    if _is_whole(name, place):
        with audit.transaction():
            _note_size(audit, name, place.stat().st_size)
        return "its size noted anew"
    data = _find_archived(audit, name)
    aside = ""
    if os.path.lexists(place):
        moved = move_aside(audit.folder, place).relative_to(audit.folder)
        aside = f"; what was there is now {moved}"
    if data:
        place_durably([(place, data)], store=audit.folder)
    with audit.transaction():
        if data:
            _note_size(audit, name, len(data))
            return f"restored from the archive{aside}"
        audit.index.execute("DELETE FROM images WHERE name = ?", (name,))
    return f"forgotten: fetched again with the next post that shows it{aside}"


def _is_whole(name: str, place: Path) -> bool:
    is_file = place.is_file() and not place.is_symlink()
    return is_file and is_named_after(name, place.read_bytes())


def _note_size(audit: Audit, name: str, size: int) -> None:
    audit.index.execute("UPDATE images SET size = ? WHERE name = ?", (size, name))


def _find_archived(audit: Audit, name: str) -> bytes:
    """Find a picture in the answers it came in; ``b""`` where none is here."""
    query = (
        "SELECT file, offset FROM captures JOIN images USING (url) WHERE name = ?"
        " AND typeof(file) = 'text' AND typeof(offset) = 'integer' AND offset >= 0"
        " ORDER BY number DESC"
    )
    with reading(audit.index_path):
        rows = audit.index.execute(query, (name,)).fetchall()
    for file, offset in rows:
        path = audit.folder / ARCHIVE / file
        record = read_record(path, Place(file, offset)) if path.is_file() else None
        if isinstance(record, Stored):
            data = _picture_in(record)
            if is_named_after(name, data):
                return data
    return b""


def _picture_in(record: Stored) -> bytes:
    try:
        _, headers, body = split_answer(record.block)
    except ValueError:
        return b""
    encoding = headers.get(b"content-encoding", b"").lower()
    return unwrap(body, Wrapping(MAX_RECORD, encoding))[0]


def _move_aside(audit: Audit, place: Path) -> str:
    return f"moved to {move_aside(audit.folder, place).relative_to(audit.folder)}"
