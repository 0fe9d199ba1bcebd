"""The checks of what a run leaves in a store: runs, exports, records, copies.

`CHECKS` has all of them in their order; those of documents are in
`crawler.storage.document_checks`, those of rows that belong together in
`crawler.storage.row_checks`. A mend must make the next examination silent.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from functools import partial
from itertools import zip_longest
from pathlib import Path

from crawler.core.dedup import fingerprint
from crawler.core.errors import StoreError
from crawler.core.records import post_of
from crawler.storage.adoption import adopt_record, is_known, read_records
from crawler.storage.archive_checks import check_archive, check_sources
from crawler.storage.document_checks import (
    check_documents,
    check_revisions,
    check_strays,
)
from crawler.storage.files import find_temporaries, keep_aside, move_aside
from crawler.storage.image_checks import check_images
from crawler.storage.index import reading
from crawler.storage.quarantine import find_held
from crawler.storage.rebuilding import FOLDER as REBUILDING
from crawler.storage.rebuilding import clear_rebuilding
from crawler.storage.removals import treatment
from crawler.storage.row_checks import (
    check_buckets,
    check_derived,
    check_listings,
    check_memberships,
    check_posts,
    check_sightings,
    check_sketches,
    check_visits,
    forget,
)
from crawler.storage.runs import RunLog, now_iso, run_lines
from crawler.storage.verification import Audit, Check, Finding
from crawler.storage.versions import pack, unpack


def check_runs(audit: Audit) -> Iterator[Finding]:
    """Find runs that were killed; mended as the next run would."""
    with reading(audit.index_path):
        rows = audit.index.execute("SELECT run FROM runs WHERE finished IS NULL")
        unfinished = [row[0] for row in rows.fetchall()]
    for run in unfinished:
        yield Finding(f"feeds/{run}.jsonl", "its run never ended", partial(_end, audit))


def check_temporaries(audit: Audit) -> Iterator[Finding]:
    """Find the temporary files of killed runs."""
    for path in find_temporaries(audit.folder):
        if path != audit.index_path:
            place = path.relative_to(audit.folder).as_posix()
            mend = partial(_move_aside, audit, path)
            yield Finding(place, "temporary file of a killed run", mend)
    rebuilding = audit.folder / REBUILDING
    if rebuilding.exists() and rebuilding not in audit.index_path.parents:
        mend = partial(_sweep_rebuilding, audit)
        yield Finding(f"{REBUILDING}/", "left by a killed repair", mend)


def check_unknown_exports(audit: Audit) -> Iterator[Finding]:
    """Find exported records that the index has no version of."""
    for path in _exports(audit):
        run = path.stem
        with reading(audit.index_path):
            query = "SELECT 1 FROM runs WHERE run = ?"
            known = audit.index.execute(query, (run,)).fetchone()
        if known and not (audit.full or audit.repair):
            continue
        unknown = sum(1 for _ in _unknown_records(audit, path))
        if unknown or not known:
            problem = f"{unknown} records that the index does not know"
            mend = partial(_adopt_export, audit, path)
            yield Finding(f"feeds/{path.name}", problem, mend)


def check_exports(audit: Audit) -> Iterator[Finding]:
    """Find exports that are cut or differ from the index; those moved away are fine."""
    for path in _exports(audit):
        problem = _half_line(path)
        if not problem and audit.full:
            problem = _difference(audit, path)
        if problem:
            mend = partial(_mend_export, audit, path)
            yield Finding(f"feeds/{path.name}", problem, mend)


def check_records(audit: Audit) -> Iterator[Finding]:
    """Find, with ``full``, records that are spoilt."""
    if not audit.full:
        return
    query = "SELECT number, id, revision, run, record FROM versions WHERE number > ?"
    for number, identifier, revision, run, blob in audit.rows(query, after=0):
        problem = _spoilt(identifier, revision, blob)
        if problem:
            place = f"index.sqlite: post {identifier} revision {revision}"
            path = audit.folder / "feeds" / f"{run}.jsonl"
            whole = _exported(path, (identifier, revision))
            mend = partial(_put_record, audit, number, whole) if whole else None
            yield Finding(place, problem, mend)


def check_fetches(audit: Audit) -> Iterator[Finding]:
    """Find articles that count as fetched although there is nothing of them."""
    query = (
        "SELECT id FROM fetches WHERE id > ? AND id NOT IN (SELECT id FROM posts)"
        " AND id NOT IN (SELECT id FROM duplicates)"
    )
    for (identifier,) in audit.rows(query):
        mend = partial(forget, audit, identifier)
        place = f"index.sqlite: article {identifier}"
        yield Finding(place, "fetched, but no post", mend)


def check_duplicates(audit: Audit) -> Iterator[Finding]:
    """Find copies of posts that are not there."""
    query = (
        "SELECT id, of FROM duplicates WHERE id > ?"
        " AND of NOT IN (SELECT id FROM posts)"
    )
    for identifier, original in audit.rows(query):
        problem = f"a copy of {original}, which is not there"
        mend = partial(forget, audit, identifier)
        yield Finding(f"index.sqlite: article {identifier}", problem, mend)


def check_links(audit: Audit) -> Iterator[Finding]:
    """Find ids whose present post and whose history of posts disagree."""
    query = (
        "SELECT id FROM (SELECT id FROM duplicates UNION ALL SELECT id FROM links"
        " WHERE ended IS NULL AND NOT kept) WHERE id > ?"
        " GROUP BY id HAVING count(*) != 2"
    )
    for (identifier,) in audit.rows(query):
        mend = partial(forget, audit, identifier)
        problem = "a copy of a post in one of two tables only"
        yield Finding(f"index.sqlite: article {identifier}", problem, mend)


def check_quarantine(audit: Audit) -> Iterator[Finding]:
    """Find versions in quarantine that cannot be read, or that no post waits for."""
    query = (
        "SELECT DISTINCT quarantine.id, posts.id FROM quarantine LEFT JOIN posts"
        " ON posts.id = quarantine.id WHERE quarantine.id > ?"
    )
    for identifier, post in audit.rows(query):
        place = f"index.sqlite: quarantine {identifier}"
        if post is None:
            yield Finding(place, "of a post that is not there")
        try:
            find_held(audit.index, identifier)
        except StoreError as error:
            yield Finding(place, error.problem)


CHECKS: tuple[Check, ...] = (
    check_runs,
    check_temporaries,
    check_unknown_exports,
    check_posts,
    check_sightings,
    check_records,
    check_documents,
    check_strays,
    check_revisions,
    check_exports,
    check_fetches,
    check_duplicates,
    check_links,
    check_listings,
    check_memberships,
    check_quarantine,
    check_visits,
    check_sketches,
    check_buckets,
    check_derived,
    check_sources,
    check_archive,
    check_images,
)
"""All checks; what an earlier one mends, a later one finds well."""


# -- what they look at ---------------------------------------------------------------


def _exports(audit: Audit) -> list[Path]:
    return sorted((audit.folder / "feeds").glob("*.jsonl"))


def _unknown_records(audit: Audit, path: Path) -> Iterator[dict[str, object]]:
    for _, record in read_records(path):
        if record is not None and not is_known(audit.index, record, path.stem):
            yield record


def _half_line(path: Path) -> str:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return ""
        file.seek(-1, os.SEEK_END)
        return "" if file.read(1) == b"\n" else "ends in half a line"


def _difference(audit: Audit, path: Path) -> str:
    lines = run_lines(audit.index, path.stem)
    try:
        with path.open("rb") as file:
            for number, (there, due) in enumerate(zip_longest(file, lines), 1):
                if there is None:
                    return f"lacks records from line {number} on"
                if due is None or there != due.encode():
                    return f"line {number} is not what the index knows"
    except StoreError as error:
        return f"cannot be compared: {error.problem}"
    return ""


def _spoilt(identifier: str, revision: int, blob: bytes) -> str:
    try:
        record = unpack(blob)
        post = post_of(record)
    except (StoreError, ValueError, KeyError, TypeError, AttributeError):
        return "its record cannot be read"
    if (record["id"], record["revision"]) != (identifier, revision):
        return "its record is another's"
    if record["content_hash"] != fingerprint(post).content:
        return "its record has the wrong hash"
    return ""


def _exported(path: Path, key: tuple[str, int]) -> dict[str, object] | None:
    if not path.is_file():
        return None
    for _, record in read_records(path):
        if record and (record["id"], record["revision"]) == key:
            return record
    return None


# -- what mends ----------------------------------------------------------------------


def _end(audit: Audit) -> str:
    RunLog(audit.folder, audit.index, audit.index_path, "").recover()
    return "ended, its export completed"


def _move_aside(audit: Audit, path: Path) -> str:
    if not os.path.lexists(path):
        return "swept"  # With the run that left it.
    return f"moved to {move_aside(audit.folder, path).relative_to(audit.folder)}"


def _sweep_rebuilding(audit: Audit) -> str:
    clear_rebuilding(audit.folder)
    return "swept"


def _adopt_export(audit: Audit, path: Path) -> str:
    adopted = skipped = 0
    with audit.transaction():
        audit.index.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (path.stem, path.stem.partition("-")[2], now_iso(), now_iso()),
        )
        for _, record in read_records(path):
            try:
                adopted += record is not None and adopt_record(
                    audit.index, record, path.stem
                )
            except sqlite3.IntegrityError:  # Another post has its path.
                skipped += 1
        _note_treatments(audit)
    return f"{adopted} adopted" + (f", {skipped} not" if skipped else "")


def _note_treatments(audit: Audit) -> None:
    """Note of adopted removals what was done to the documents, as they lie there."""
    rows = audit.index.execute(
        "SELECT removals.number, path FROM removals JOIN posts USING (id)"
        " WHERE back IS NULL AND done = 'keep'"
    ).fetchall()
    for number, path in rows:
        done = treatment(audit.folder, path)
        audit.index.execute(
            "UPDATE removals SET done = ? WHERE number = ?", (done, number)
        )


def _mend_export(audit: Audit, path: Path) -> str:
    # It stays in its place until the other replaces it: one that is missing would be
    # taken for moved away.
    aside = keep_aside(audit.folder, path).relative_to(audit.folder)
    RunLog(audit.folder, audit.index, audit.index_path, "").mend_feed(path.stem)
    return f"written from the index, as it was in {aside}"


def _put_record(audit: Audit, number: int, record: dict[str, object]) -> str:
    with audit.transaction():
        values = (pack(record), number)
        audit.index.execute("UPDATE versions SET record = ? WHERE number = ?", values)
    return "taken from its run's export"
