"""The checks of the archive: every record whole, every row of the index with its own.

Files may be moved away as a whole; what is here must be right. The program only ever
appends to the newest file, so a half record at that file's end is a crash's. What is
damaged within a file stays where it is: steps name the pages by their places.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from crawler.core.archive import Place, digest_of
from crawler.core.errors import StoreError
from crawler.storage.archive_files import FOLDER, ArchiveFiles, list_files
from crawler.storage.archive_index import read_settled
from crawler.storage.archive_records import (
    Damage,
    Stored,
    read_records,
    split_answer,
)
from crawler.storage.archive_recovery import Reading
from crawler.storage.files import save_aside, sync_file
from crawler.storage.index import reading
from crawler.storage.runs import now_iso
from crawler.storage.verification import Audit, Finding

_ADVICE = "put the file back from a backup, or move it away as a whole"


def check_archive(audit: Audit) -> Iterator[Finding]:
    """Find records that are cut, damaged or not what the index knows of them.

    With ``full``, as well what the index does not know of them.
    """
    folder = audit.folder / FOLDER
    with reading(audit.index_path):
        settled = read_settled(audit.index)
    names = list_files(folder)
    with closing(Reading(settled, names)) as found:
        for name in names:
            path = folder / name
            due = settled.offset if name == settled.file else 0
            is_short = path.stat().st_size < due
            if audit.full or is_short:
                yield from _check_file(audit, path, found)
            elif name == names[-1]:
                yield from _check_end(audit, path, due)
            if is_short:
                problem = f"has lost its end: {due} bytes were here; {_ADVICE}"
                yield Finding(_place(name), problem, partial(_go_on, audit))
        if audit.full:
            yield from found.compare(audit)


def check_sources(audit: Audit) -> Iterator[Finding]:
    """Find, without ``full``, versions made of pages that are not known."""
    if audit.full:
        return  # The check of the archive finds and mends them.
    query = (
        "SELECT number FROM sources WHERE number > ?"
        " AND capture NOT IN (SELECT number FROM captures) GROUP BY number"
    )
    count = sum(1 for _ in audit.rows(query, after=0))
    if count:
        problem = f"{count} versions made of pages that nobody knows"
        yield Finding("index.sqlite", problem)


def _check_end(audit: Audit, path: Path, start: int) -> Iterator[Finding]:
    for found in read_records(path, path.name, start):
        if isinstance(found, Damage):
            yield _told(audit, path, found)
        elif problem := _spoilt(found):
            yield _of_record(path.name, found.place.offset, problem)


def _check_file(audit: Audit, path: Path, noted: Reading) -> Iterator[Finding]:
    due = _captures(audit, path.name)
    end = 0
    for found in read_records(path, path.name):
        offset = found.place.offset
        if isinstance(found, Damage):
            yield _told(audit, path, found)
            if not found.is_cut:
                end = found.end
                # One line is enough for what is damaged here.
                due = {at: due[at] for at in due if not offset <= at < end}
            continue
        end = found.end
        problem = _spoilt(found)
        digest = due.pop(offset, "")
        if not problem and digest not in {"", _digest(found)}:
            problem = "is not the page that the index knows here"
        if problem:
            yield _of_record(path.name, offset, problem)
        else:
            noted.note(found)
    yield from _check_rows(audit, path.name, due, end)


def _check_rows(
    audit: Audit, name: str, due: dict[int, str], end: int
) -> Iterator[Finding]:
    """Find rows of pages that are not there: lost with the end, or of no record."""
    lost = sum(offset >= end for offset in due)
    if lost:
        mend = partial(_forget_from, audit, Place(name, end))
        yield Finding(_place(name), f"lacks {lost} pages that the index knows", mend)
    for offset in due:
        if offset < end:
            problem = "is not there; the index knows a page here"
            yield _of_record(name, offset, problem)


def _captures(audit: Audit, name: str) -> dict[int, str]:
    query = "SELECT offset, digest FROM captures WHERE file = ? ORDER BY offset"
    with reading(audit.index_path):
        return dict(audit.index.execute(query, (name,)).fetchall())


def _of_record(name: str, offset: int, problem: str) -> Finding:
    return Finding(f"{_place(name)}: record at {offset}", f"{problem}; {_ADVICE}")


def _told(audit: Audit, path: Path, damage: Damage) -> Finding:
    size = damage.end - damage.place.offset
    if damage.is_cut:
        mend = partial(_cut, audit, path, damage.place.offset)
        return Finding(_place(path.name), f"ends in {size} bytes of a record", mend)
    place = f"{_place(path.name)}: {size} bytes at {damage.place.offset}"
    return Finding(place, f"{damage.problem}; {_ADVICE}")


def _cut(audit: Audit, path: Path, size: int) -> str:
    """Cut off half a record, and keep it."""
    try:
        with path.open("rb") as file:
            file.seek(size)
            place = save_aside(audit.folder, path, file.read())
        os.truncate(path, size)
    except OSError as error:
        raise StoreError(path, f"cannot be cut: {error.strerror}") from error
    sync_file(path)
    return f"cut off there, and kept as {place.relative_to(audit.folder)}"


def _go_on(audit: Audit) -> str:
    """Let the archive go on in another file: this one may yet be put back."""
    files = ArchiveFiles(audit.folder / FOLDER, read_settled(audit.index))
    files.rotate(now_iso())
    files.sync()
    with audit.transaction():
        query = "INSERT OR REPLACE INTO journal VALUES (1, ?, ?)"
        audit.index.execute(query, (files.end.file, files.end.offset))
    return f"left so, the archive goes on in {files.end.file}"


def _forget_from(audit: Audit, end: Place) -> str:
    with audit.transaction():
        query = "DELETE FROM captures WHERE file = ? AND offset >= ?"
        audit.index.execute(query, (end.file, end.offset))
    return "forgotten"


def _spoilt(record: Stored) -> str:
    told = record.headers.get("warc-block-digest", "")
    if told.startswith("sha1:") and told != digest_of(record.block):
        return "its block has another digest than it tells"
    if record.kind != "response":
        return ""
    try:
        body = split_answer(record.block)[2]
    except ValueError as error:
        return str(error)
    return "" if digest_of(body) == _digest(record) else "its body has another digest"


def _digest(record: Stored) -> str:
    return record.headers.get("warc-payload-digest", "")


def _place(name: str) -> str:
    return f"{FOLDER}/{name}"
