"""The checks of rows that belong together: posts, versions, sketches, visits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import partial

from crawler.core.errors import DocumentError, StoreError
from crawler.core.similarity import BANDS
from crawler.storage.adoption import adopt_post, adopt_version
from crawler.storage.document_checks import version_place
from crawler.storage.index import reading
from crawler.storage.links import memberships, unlink_post
from crawler.storage.runs import now_iso
from crawler.storage.sketches import Sketches
from crawler.storage.verification import Audit, Finding
from crawler.storage.versions import unpack

_DERIVED = {
    "sightings": "NOT EXISTS (SELECT 1 FROM versions WHERE versions.id = sightings.id"
    " AND versions.revision = sightings.revision)",
    "documents": "number NOT IN (SELECT number FROM versions)",
    "sketches": "number NOT IN (SELECT number FROM versions)",
    "buckets": "number NOT IN (SELECT number FROM sketches)",
    "sources": "number NOT IN (SELECT number FROM versions)",
    "visits": "id NOT IN (SELECT id FROM posts)",
}
"""Tables whose rows say nothing without another row, and the rows that lack it."""


def check_posts(audit: Audit) -> Iterator[Finding]:
    """Find versions that no post has, and posts that lack versions."""
    query = (
        "SELECT id FROM (SELECT DISTINCT id FROM versions) WHERE id > ?"
        " AND id NOT IN (SELECT id FROM posts)"
    )
    for (identifier,) in audit.rows(query):
        mend = partial(_adopt_post, audit, identifier)
        yield Finding(f"index.sqlite: versions of {identifier}", "of no post", mend)
    query = (
        "SELECT posts.id, posts.revision, count(number) FROM posts"
        " LEFT JOIN versions USING (id) WHERE posts.id > ? GROUP BY posts.id"
        " HAVING count(number) != posts.revision"
    )
    for identifier, revision, count in audit.rows(query):
        problem = f"has {count} of {revision} versions"
        mend = partial(_adopt_versions, audit, identifier)
        yield Finding(f"index.sqlite: post {identifier}", problem, mend)


def check_sightings(audit: Audit) -> Iterator[Finding]:
    """Find versions known since no time: exports start from it, and leave them out."""
    query = (
        "SELECT number, id, revision FROM versions WHERE number > ? AND NOT EXISTS"
        " (SELECT 1 FROM sightings WHERE sightings.id = versions.id"
        " AND sightings.revision = versions.revision)"
    )
    for number, identifier, revision in audit.rows(query, after=0):
        place = f"index.sqlite: post {identifier} revision {revision}"
        mend = partial(_note_sighting, audit, number)
        yield Finding(place, "known since no time", mend)


def check_visits(audit: Audit) -> Iterator[Finding]:
    """Find posts whose pages would never be visited again."""
    query = "SELECT id FROM posts WHERE id > ? AND id NOT IN (SELECT id FROM visits)"
    for (identifier,) in audit.rows(query):
        mend = partial(_note_visit, audit, identifier)
        yield Finding(f"index.sqlite: post {identifier}", "never to be visited", mend)


def check_sketches(audit: Audit) -> Iterator[Finding]:
    """Find versions by which no reprint would be found.

    Those after the last sketch are drawn by the next run.
    """
    query = (
        "SELECT number, id FROM versions WHERE number > ?"
        " AND number < (SELECT max(number) FROM sketches)"
        " AND number NOT IN (SELECT number FROM sketches)"
    )
    for number, identifier in audit.rows(query, after=0):
        mend = partial(_draw, audit, number)
        yield Finding(f"index.sqlite: post {identifier}", "has no sketch", mend)


def check_buckets(audit: Audit) -> Iterator[Finding]:
    """Find, with ``full``, sketches that lack a part, so that no reprint is found."""
    if not audit.full:
        return
    query = (
        "SELECT number FROM sketches WHERE number IN (SELECT number FROM versions)"
        " AND number NOT IN"
        " (SELECT number FROM buckets GROUP BY number HAVING count(*) >= ?)"
    )
    with reading(audit.index_path):
        rows = audit.index.execute(query, (BANDS,)).fetchall()
    sketches = Sketches(audit.index)
    poor = [number for (number,) in rows if _lacks_buckets(audit, sketches, number)]
    if poor:
        problem = f"{len(poor)} sketches lack a part"
        yield Finding("index.sqlite", problem, partial(_draw_all, audit, poor))


def check_memberships(audit: Audit) -> Iterator[Finding]:
    """Find, with ``full``, listings that are gone although records tell of them."""
    if not audit.full:
        return
    query = (
        "SELECT number, record FROM versions JOIN posts USING (id, revision)"
        " WHERE number > ?"
    )
    gone = []
    for _, blob in audit.rows(query, after=0):
        try:
            record = unpack(blob)
        except StoreError:  # Which is told of as a spoilt record.
            continue
        there = memberships(audit.index, record["id"])["listed"]
        feeds = {each["feed"] for each in there}
        gone += [
            (each["feed"], record["id"], record["url"], *[each["since"]] * 2)
            for each in record.get("listed", ())
            if each["feed"] not in feeds
        ]
    if gone:
        problem = f"{len(gone)} listings are gone that records tell of"
        yield Finding("index.sqlite", problem, partial(_list_again, audit, gone))


def check_listings(audit: Audit) -> Iterator[Finding]:
    """Find articles that count as known although nothing ever came of them."""
    query = (
        "SELECT DISTINCT id FROM listings WHERE id > ? AND title IS NOT NULL"
        " AND id NOT IN (SELECT id FROM fetches)"
        " AND id NOT IN (SELECT id FROM rejections)"
        " AND id NOT IN (SELECT id FROM posts)"
        " AND id NOT IN (SELECT id FROM duplicates)"
    )
    for (identifier,) in audit.rows(query):
        mend = partial(forget, audit, identifier)
        place = f"index.sqlite: article {identifier}"
        yield Finding(place, "listed as known, but never fetched", mend)


def check_derived(audit: Audit) -> Iterator[Finding]:
    """Find rows that say something of versions or posts that are not there."""
    for table, lacking in _DERIVED.items():
        with reading(audit.index_path):
            query = f"SELECT count(*) FROM {table} WHERE {lacking}"  # noqa: S608
            [count] = audit.index.execute(query).fetchone()
        if count:
            mend = partial(_sweep, audit, table, lacking)
            yield Finding(f"index.sqlite: {table}", f"{count} rows of nothing", mend)


def forget(audit: Audit, identifier: str) -> str:
    """Let an article be fetched once more; says so."""
    with audit.transaction():
        audit.index.execute("DELETE FROM fetches WHERE id = ?", (identifier,))
        unlink_post(audit.index, identifier, now_iso())
        audit.index.execute(
            "UPDATE listings SET title = NULL, mtime = NULL WHERE id = ?", (identifier,)
        )
    return "forgotten, so that it is fetched once more"


def _adopt_post(audit: Audit, identifier: str) -> str:
    with audit.transaction():
        try:
            adopt_post(audit.index, identifier)
        except sqlite3.IntegrityError as error:
            problem = "another post has its path"
            raise StoreError(audit.index_path, problem) from error
    return "adopted from its last record"


def _adopt_versions(audit: Audit, identifier: str) -> str:
    path, last = audit.index.execute(
        "SELECT path, revision FROM posts WHERE id = ?", (identifier,)
    ).fetchone()
    rows = audit.index.execute(
        "SELECT revision FROM versions WHERE id = ?", (identifier,)
    )
    there = {row[0] for row in rows.fetchall()}
    with audit.transaction():
        if max(there, default=0) > last:
            last = max(there)
            adopt_post(audit.index, identifier)
        for revision in sorted({*range(1, last + 1)} - there):
            place = version_place(audit, identifier, path, revision)
            try:
                adopt_version(audit.index, identifier, revision, place)
            except FileNotFoundError as error:
                raise DocumentError(f"revision {revision} is nowhere") from error
    return "the others adopted from their documents"


def _note_sighting(audit: Audit, number: int) -> str:
    with audit.transaction():
        query = "SELECT record FROM versions WHERE number = ?"
        [blob] = audit.index.execute(query, (number,)).fetchone()
        record = unpack(blob)
        row = [record[name] for name in ("id", "revision", "published", "fetched")]
        audit.index.execute(
            "INSERT INTO sightings VALUES (?, ?, ?, ?, ?)", (*row, record["fetched"])
        )
    return "known since it was fetched"


def _note_visit(audit: Audit, identifier: str) -> str:
    with audit.transaction():
        audit.index.execute(
            "INSERT INTO visits SELECT id, first_seen, strftime('%s', first_seen)"
            " - strftime('%s', published), 0, '', '', '', 0 FROM posts WHERE id = ?",
            (identifier,),
        )
    return "visited when it was first seen"


def _draw(audit: Audit, number: int) -> str:
    with audit.transaction():
        Sketches(audit.index).draw_one(number)
    return "drawn"


def _lacks_buckets(audit: Audit, sketches: Sketches, number: int) -> bool:
    query = "SELECT 1 FROM buckets WHERE bucket = ? AND number = ?"
    try:
        due = sketches.drawn(number).buckets
    except StoreError:
        return False  # Of a record that is spoilt.
    with reading(audit.index_path):
        return any(
            audit.index.execute(query, (bucket, number)).fetchone() is None
            for bucket in due
        )


def _draw_all(audit: Audit, numbers: list[int]) -> str:
    for number in numbers:
        _draw(audit, number)
    return "drawn again"


def _list_again(audit: Audit, rows: list[tuple[str, ...]]) -> str:
    with audit.transaction():
        audit.index.executemany(
            "INSERT INTO listings VALUES (?, ?, ?, ?, ?, NULL, NULL)"
            " ON CONFLICT DO NOTHING",
            rows,
        )
    return "noted as these tell"


def _sweep(audit: Audit, table: str, lacking: str) -> str:
    with audit.transaction():
        query = f"DELETE FROM {table} WHERE {lacking}"  # noqa: S608
        audit.index.execute(query)
    return "swept"
