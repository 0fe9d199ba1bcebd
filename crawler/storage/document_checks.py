"""The checks of documents: published ones, those of earlier versions, and strays."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from crawler.core.dates import format_rfc1123
from crawler.core.errors import DocumentError, StoreError
from crawler.core.frontmatter import dump, load, mark
from crawler.core.records import post_of, record_line
from crawler.core.text import display_line
from crawler.storage.adoption import (
    adopt_document,
    identifier_in,
    read_text,
    says_what_its_record_says,
)
from crawler.storage.checksums import EDITED, Checksum, note_document, unpack_document
from crawler.storage.files import move_aside, place_durably
from crawler.storage.index import reading
from crawler.storage.removals import MARK, is_withdrawn
from crawler.storage.revisions import old_path, packed
from crawler.storage.verification import Audit, Finding
from crawler.storage.versions import unpack

LINKED = "a symbolic link, which nothing is written through; remove it"
"""What is said of a link below a part of a store."""

_BATCH = 200
_LEAST_GZIP = 18
"""The bytes of gzip's head and end."""

_EARLIER = re.compile(r"(.+)\.(\d+)\.html(?:\.gz)?")


def check_documents(audit: Audit) -> Iterator[Finding]:
    """Find published documents that are missing, cut, damaged or edited by hand."""
    query = (
        "SELECT posts.path, versions.number, size, mark, done, noticed FROM posts"
        " JOIN versions USING (id, revision)"
        " LEFT JOIN documents ON documents.number = versions.number"
        " LEFT JOIN removals ON removals.id = posts.id AND back IS NULL"
        " WHERE posts.path > ?"
    )
    uncopied: list[tuple[int, Path]] = []
    for path, number, size, digest, done, noticed in audit.rows(query):
        name = f"{'withdrawn' if done == 'withdraw' else 'posts'}/{path}"
        place, removed = audit.folder / name, noticed if done == "mark" else ""
        if digest is None:
            problem = _unlike_its_record(audit, number, place)
            uncopied += [] if problem else [(number, place)]
        else:
            due = Checksum(size, digest)
            problem = _problem_of(place, due, full=audit.full, removed=removed)
        if problem:
            mend = partial(_restore, audit, number, place, removed)
            yield Finding(name, problem, mend)
        yield from _check_copy(audit, number, place, problem)
    yield from _check_copies(audit, uncopied)


def check_strays(audit: Audit) -> Iterator[Finding]:
    """Find files among the documents that the index does not know there."""
    for place, path in _files(audit.folder / "posts"):
        with reading(audit.index_path):
            if _is_withdrawn(audit, path) is not False:
                problem, mend = _stray(audit, path, place)
                yield Finding(f"posts/{path}", problem, mend)
    for place, path in _files(audit.folder / "withdrawn"):
        with reading(audit.index_path):
            withdrawn = _is_withdrawn(audit, path)
            if withdrawn is None:
                yield Finding(f"withdrawn/{path}", *_stray(audit, path, place))
            elif place.is_symlink():
                yield Finding(f"withdrawn/{path}", LINKED)
            elif not withdrawn:
                mend = partial(_move_aside, audit, place)
                yield Finding(f"withdrawn/{path}", "of no withdrawn post", mend)


def check_revisions(audit: Audit) -> Iterator[Finding]:
    """Find documents of earlier versions that are missing, spoilt or nobody's."""
    query = (
        "SELECT number, path, versions.revision, size, mark FROM versions"
        " JOIN posts USING (id) LEFT JOIN documents USING (number)"
        " WHERE number > ? AND versions.revision < posts.revision"
    )
    uncopied: list[tuple[int, Path]] = []
    for number, path, revision, size, digest in audit.rows(query, after=0):
        place = _earlier_place(audit.folder, path, revision)
        if digest is None:
            problem = _unlike_its_record(audit, number, place)
            uncopied += [] if problem else [(number, place)]
        else:
            problem = _problem_of(place, Checksum(size, digest), full=audit.full)
        if problem:
            name = place.relative_to(audit.folder).as_posix()
            yield Finding(name, problem, partial(_restore, audit, number, place))
        yield from _check_copy(audit, number, place, problem)
    yield from _check_copies(audit, uncopied)
    for place, path in _files(audit.folder / "revisions"):
        if place.is_symlink():
            yield Finding(f"revisions/{path}", LINKED)
        elif not _is_version(audit, path):
            mend = partial(_move_aside, audit, place)
            yield Finding(f"revisions/{path}", "of no version of a post", mend)


# -- what they look at ---------------------------------------------------------------


def _is_withdrawn(audit: Audit, path: str) -> bool | None:
    """Tell whether a post's document is withdrawn; ``None`` when there is no post."""
    row = audit.index.execute(
        "SELECT done IS 'withdraw' FROM posts LEFT JOIN removals"
        " ON removals.id = posts.id AND back IS NULL WHERE path = ?",
        (path,),
    ).fetchone()
    return bool(row[0]) if row else None


def _check_copy(
    audit: Audit, number: int, place: Path, problem: str
) -> Iterator[Finding]:
    """Find, with ``full``, a document whose copy in the index is spoilt."""
    if audit.full and not problem:
        try:
            unpack_document(audit.index, number)
        except StoreError as error:
            name = place.relative_to(audit.folder).as_posix()
            mend = partial(_note_again, audit, number, place)
            yield Finding(f"index.sqlite: copy of {name}", error.problem, mend)


def _check_copies(audit: Audit, uncopied: list[tuple[int, Path]]) -> Iterator[Finding]:
    """Tell of sound documents of which the index keeps no copy.

    Such are those of a store made before copies were kept, or of a rebuilt index.
    """
    if uncopied:
        roots = {place.relative_to(audit.folder).parts[0] for _, place in uncopied}
        problem = f"no copies of {len(uncopied)} documents in {', '.join(roots)}/"
        yield Finding("index.sqlite", problem, partial(_note_all, audit, uncopied))


def _problem_of(place: Path, due: Checksum, *, full: bool, removed: str = "") -> str:
    """Say what is wrong with a document's file, or ``""``.

    One that is marked as ``removed`` has a line more than its checksum is of.
    """
    if not os.path.lexists(place):
        return "missing"
    if place.is_symlink() or not place.is_file():
        return "no regular file"
    if not full and (removed or _size_of(place) == due.size % 2**32):
        return ""
    try:
        return _difference(read_text(place), due, removed)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except DocumentError as error:
        return f"damaged: {error.problem}" if place.stat().st_size else "empty"


def _size_of(place: Path) -> int:
    """Tell how many bytes a document has, unpacked, modulo 2**32; -1 for no gzip.

    A gzip file says so itself, in its last bytes.
    """
    if not place.name.endswith(".gz"):
        return place.stat().st_size % 2**32
    with place.open("rb") as file:
        head, size = file.read(2), file.seek(0, os.SEEK_END)
        if head != b"\x1f\x8b" or size < _LEAST_GZIP:
            return -1
        file.seek(-4, os.SEEK_END)
        return int.from_bytes(file.read(4), "little")


def _difference(text: str, due: Checksum, removed: str) -> str:
    if removed and text != mark(text, MARK, _mark_value(removed)):
        return "lacks its mark of a removed post"
    if removed:
        text = mark(text, MARK, "")
    if Checksum.of(text.encode()) == due:
        return ""
    load(text)
    return EDITED


def _unlike_its_record(audit: Audit, number: int, place: Path) -> str:
    """Compare a document without a checksum with its record."""
    if not os.path.lexists(place):
        return "missing"
    try:
        text = read_text(place)
        title = load(text).title
        record = _record(audit, number)
        is_same = says_what_its_record_says(text, record)
    except (DocumentError, OSError) as error:
        return f"damaged: {error}"
    except StoreError as error:
        return f"cannot be compared: {error.problem}"
    is_same = is_same and title == display_line(record["title"])
    return "" if is_same else EDITED


def _stray(audit: Audit, path: str, place: Path) -> tuple[str, partial[str] | None]:
    if place.is_symlink():
        return LINKED, None
    identifier = identifier_in(path)
    aside = partial(_move_aside, audit, place)
    if not identifier or not path.endswith(".html"):
        return "no document of this store", aside
    for query, problem in (
        ("SELECT path FROM posts WHERE id = ?", "a second document of posts/{}"),
        ("SELECT of FROM duplicates WHERE id = ?", "a copy of post {}"),
    ):
        row = audit.index.execute(query, (identifier,)).fetchone()
        if row:
            return problem.format(row[0]), aside
    try:
        load(read_text(place))
    except DocumentError as error:
        return f"not in the index, and damaged: {error.problem}", aside
    return "not in the index", partial(_adopt, audit, path, place)


def _is_version(audit: Audit, path: str) -> bool:
    found = _EARLIER.fullmatch(path)
    if found is None:
        return False
    # One that ends where the version begins is of a run killed while it replaced it.
    query = "SELECT 1 FROM posts WHERE path = ? AND revision >= ?"
    values = (f"{found[1]}.html", int(found[2]))
    with reading(audit.index_path):
        return audit.index.execute(query, values).fetchone() is not None


def _files(root: Path) -> Iterator[tuple[Path, str]]:
    for parent, folders, names in os.walk(root):
        linked = [name for name in folders if Path(parent, name).is_symlink()]
        for name in sorted([*names, *linked]):
            # Hidden files, such as .gitkeep, are published by nobody.
            if not name.startswith("."):
                place = Path(parent, name)
                yield place, place.relative_to(root).as_posix()


def version_place(audit: Audit, identifier: str, path: str, revision: int) -> Path:
    """Say where the document of a post's version is to lie."""
    query = "SELECT 1 FROM posts WHERE id = ? AND revision = ?"
    if not audit.index.execute(query, (identifier, revision)).fetchone():
        return _earlier_place(audit.folder, path, revision)
    place = "withdrawn" if is_withdrawn(audit.index, identifier) else "posts"
    return audit.folder / place / path


def _mark_value(removed: str) -> str:
    return format_rfc1123(datetime.fromisoformat(removed))


def _earlier_place(folder: Path, path: str, revision: int) -> Path:
    place = old_path(folder, path, revision)
    plain = place.with_suffix("")  # As stores of the first days kept them.
    return plain if plain.exists() else place


def _earlier(folder: Path, path: str) -> list[Path]:
    found: list[Path] = []
    while (place := _earlier_place(folder, path, len(found) + 1)).exists():
        found.append(place)
    return found


# -- what mends ----------------------------------------------------------------------


def _restore(audit: Audit, number: int, place: Path, removed: str = "") -> str:
    with reading(audit.index_path):
        data, source = _copy_of(audit, number), "the index"
        if data is None:
            data, source = (
                _copy_of_record(audit, number),
                "its record, with the clean body",
            )
    if removed:
        data = mark(data.decode(), MARK, _mark_value(removed)).encode()
    kept = ""
    if os.path.lexists(place):
        aside = move_aside(audit.folder, place).relative_to(audit.folder)
        kept = f"; what was there is now {aside}"
    is_packed = place.name.endswith(".gz")
    whole = packed(data) if is_packed else data
    place_durably([(place, whole)], store=audit.folder)
    return f"restored from {source}{kept}"


def _copy_of(audit: Audit, number: int) -> bytes | None:
    """Give a version's document to the byte, where the index has kept it well."""
    try:
        return unpack_document(audit.index, number)
    except StoreError:
        return None


def _copy_of_record(audit: Audit, number: int) -> bytes:
    """Make a document of a version's record, and note it as the right one."""
    record = _record(audit, number)
    text = dump(post_of(record))
    with audit.transaction():
        note_document(audit.index, number, record_line(record), text)
    return text.encode()


def _record(audit: Audit, number: int) -> dict[str, Any]:
    query = "SELECT record FROM versions WHERE number = ?"
    [blob] = audit.index.execute(query, (number,)).fetchone()
    return unpack(blob)


def _note_again(audit: Audit, number: int, place: Path) -> str:
    text = mark(read_text(place), MARK, "")
    with audit.transaction():
        note_document(audit.index, number, record_line(_record(audit, number)), text)
    return "copied from it again"


def _note_all(audit: Audit, uncopied: list[tuple[int, Path]]) -> str:
    for start in range(0, len(uncopied), _BATCH):
        with audit.transaction():
            for number, place in uncopied[start : start + _BATCH]:
                text = mark(read_text(place), MARK, "")
                note_document(
                    audit.index, number, record_line(_record(audit, number)), text
                )
    return "copied from them"


def _adopt(audit: Audit, path: str, place: Path) -> str:
    with audit.transaction():
        adopt_document(audit.index, path, place, _earlier(audit.folder, path))
    return "adopted; its record is completed when its article is fetched again"


def _move_aside(audit: Audit, place: Path) -> str:
    return f"moved to {move_aside(audit.folder, place).relative_to(audit.folder)}"
