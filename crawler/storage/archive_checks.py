"""The checks of the archive: every record whole, every row of the index with its own.

Files may be moved away as a whole; what is here must be right. The program only ever
appends to the newest file, so a half record at that file's end is a crash's.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from crawler.core.archive import digest_of
from crawler.storage.archive_files import FOLDER, ArchiveFiles, list_files
from crawler.storage.archive_index import read_settled
from crawler.storage.archive_records import (
    Damage,
    Stored,
    read_records,
    split_answer,
)
from crawler.storage.index import reading
from crawler.storage.verification import Audit, Finding


def check_archive(audit: Audit) -> Iterator[Finding]:
    """Find records that are cut, damaged or not what the index knows of them."""
    folder = audit.folder / FOLDER
    with reading(audit.index_path):
        settled = read_settled(audit.index)
    names = list_files(folder)
    for name in names:
        path = folder / name
        due = settled.offset if name == settled.file else 0
        if path.stat().st_size < due:
            yield Finding(_place(name), f"has lost its end: {due} bytes were here")
        elif audit.full or name == names[-1]:
            yield from _check_file(audit, path, 0 if audit.full else due)


def check_sources(audit: Audit) -> Iterator[Finding]:
    """Find versions made of pages that are not known."""
    query = (
        "SELECT number FROM sources WHERE number > ? AND"
        " (capture NOT IN (SELECT number FROM captures)"
        " OR number NOT IN (SELECT number FROM versions)) GROUP BY number"
    )
    for (number,) in audit.rows(query, after=0):
        yield Finding(f"index.sqlite: version {number}", "made of an unknown page")


def _check_file(audit: Audit, path: Path, start: int) -> Iterator[Finding]:
    due = _captures(audit, path.name) if start == 0 else {}
    for found in read_records(path, path.name, start):
        if isinstance(found, Damage):
            yield _told(audit, path, found)
            continue
        place = f"{_place(path.name)}: record at {found.place.offset}"
        problem = _spoilt(found)
        digest = due.pop(found.place.offset, "")
        if not problem and digest not in {"", _digest(found)}:
            problem = "is not the page that the index knows here"
        if problem:
            yield Finding(place, problem)
    for offset in due:
        place = f"{_place(path.name)}: record at {offset}"
        yield Finding(place, "is not there; the index knows a page here")


def _captures(audit: Audit, name: str) -> dict[int, str]:
    query = "SELECT offset, digest FROM captures WHERE file = ? ORDER BY offset"
    with reading(audit.index_path):
        return dict(audit.index.execute(query, (name,)).fetchall())


def _told(audit: Audit, path: Path, damage: Damage) -> Finding:
    size = damage.end - damage.place.offset
    if damage.is_cut and path.name == list_files(path.parent)[-1]:
        mend = partial(_cut, audit, damage)
        return Finding(_place(path.name), f"ends in {size} bytes of a record", mend)
    place = f"{_place(path.name)}: {size} bytes at {damage.place.offset}"
    return Finding(place, damage.problem)


def _cut(audit: Audit, damage: Damage) -> str:
    for _ in ArchiveFiles(audit.folder / FOLDER, damage.place).close_off():
        pass
    return "cut off there"


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
