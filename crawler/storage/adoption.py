"""Take posts into the index that it does not know: from exports and from documents.

An exported record is whole, so a version adopted from it is as good as before. A
document alone says less than a record. The post made of it is a stand-in: published,
exported with the store, and replaced by the first fetch of its article, under the
same path and as revision 1, as if the run that wrote the document had not been cut
short.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from crawler.core.dates import format_iso
from crawler.core.dedup import fingerprint
from crawler.core.errors import DocumentError
from crawler.core.frontmatter import Document, load
from crawler.core.markup import normalise_body
from crawler.core.posts import Post
from crawler.core.records import post_of, record_of
from crawler.core.urls import DOCUMENT_ID
from crawler.storage.checksums import note_document
from crawler.storage.links import memberships
from crawler.storage.versions import add_version, pack

ADOPTED = "adopted document"
"""The ``template`` of a stand-in's record."""

_TOLD = "told by an export"
_NEEDED = ("path", "revision", "content_hash", "first_seen", "feeds")


def has_stand_in(index: sqlite3.Connection, identifier: str) -> bool:
    """Tell whether a post is only a stand-in so far."""
    query = "SELECT 1 FROM posts WHERE id = ? AND text_mark = ''"
    return index.execute(query, (identifier,)).fetchone() is not None


def take_stand_in(index: sqlite3.Connection, identifier: str) -> str:
    """Make room for a post whose stand-in is known; returns its path, or ``""``."""
    row = index.execute(
        "DELETE FROM posts WHERE id = ? AND text_mark = '' RETURNING path",
        (identifier,),
    ).fetchone()
    if row is None:
        return ""
    for table in ("documents", "sketches", "buckets"):
        index.execute(
            f"DELETE FROM {table} WHERE number IN"  # noqa: S608 - one of three names
            " (SELECT number FROM versions WHERE id = ?)",
            (identifier,),
        )
    for table in ("versions", "sightings"):
        index.execute(f"DELETE FROM {table} WHERE id = ?", (identifier,))  # noqa: S608
    path: str = row[0]
    return path


def read_records(path: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Read an exported feed line by line; ``None`` for a line that is no record."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            yield number, _parse_record(line)


def adopt_record(index: sqlite3.Connection, record: dict[str, Any], run: str) -> bool:
    """Take an exported version in, within a transaction, unless it is known.

    Args:
        index: the open index.
        record: a record that `read_records` gave.
        run: the run that exported it.

    Returns:
        Whether it was unknown.

    Raises:
        sqlite3.IntegrityError: another post has its path.
    """
    post = post_of(record)
    take_stand_in(index, post.id)
    if record["status"] in ("removed", "restored"):
        return _adopt_notice(index, record, run)
    query = "SELECT 1 FROM versions WHERE id = ? AND revision = ?"
    if index.execute(query, (post.id, record["revision"])).fetchone():
        return False
    add_version(index, record, run, record["fetched"])
    _add_post(index, post, record, is_stand_in=False)
    since = dict.fromkeys(record["feeds"], record["first_seen"])
    since |= {each["feed"]: each["since"] for each in record.get("listed", ())}
    index.executemany(
        "INSERT INTO listings VALUES (?, ?, ?, ?, ?, NULL, NULL)"
        " ON CONFLICT DO NOTHING",
        [(feed, post.id, post.url, seen, seen) for feed, seen in since.items()],
    )
    return True


def adopt_document(
    index: sqlite3.Connection, path: str, file: Path, earlier: Sequence[Path] = ()
) -> None:
    """Take a document in, within a transaction, as a stand-in for its post.

    Args:
        index: the open index.
        path: its path below ``posts/``; it has a document id in its name.
        file: the file.
        earlier: the documents of its earlier versions in their order. A post that has
            any is no stand-in, but one whose records hold what documents say.

    Raises:
        DocumentError: one of them is no whole document.
    """
    identifier = identifier_in(path)
    url, feed = index.execute(
        "SELECT url, feed FROM listings WHERE id = ? UNION ALL SELECT '', ''",
        (identifier,),
    ).fetchone()
    facts: dict[str, Any] = {"path": path, "status": "new"}
    facts |= memberships(index, identifier)
    for revision, version in enumerate([*earlier, file], 1):
        text = read_text(version)
        fetched = datetime.fromtimestamp(int(version.stat().st_mtime), UTC)
        post = _post_of_document(load(text), identifier, url, feed, fetched)
        facts = {"first_seen": format_iso(fetched), **facts, "revision": revision}
        facts["content_hash"] = fingerprint(post).content
        record = record_of(post, facts)
        number = add_version(index, record, "", record["fetched"])
        note_document(index, number, record, text)
        _add_post(index, post, record, is_stand_in=not earlier)
        facts["status"] = "revision"


def identifier_in(path: str) -> str:
    """Find the document id in a document's file name, or ``""``."""
    found = DOCUMENT_ID.search(path.rpartition("/")[2])
    return found[0] if found else ""


def read_text(file: Path) -> str:
    """Read a document's text; one named ``.gz`` is unpacked.

    Raises:
        DocumentError: it is not UTF-8, or gzip where its name says so.
    """
    data = file.read_bytes()
    try:
        return (gzip.decompress(data) if file.name.endswith(".gz") else data).decode()
    except (OSError, EOFError, zlib.error) as error:
        raise DocumentError(f"it cannot be unpacked: {error}") from error
    except UnicodeDecodeError as error:
        raise DocumentError(f"it is not UTF-8 at byte {error.start}") from error


def _parse_record(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        record: dict[str, Any] = json.loads(line)
        post_of(record)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    # Those that an earlier version of this program wrote lack what came later.
    whole = all(name in record for name in _NEEDED)
    return record if whole and type(record["revision"]) is int else None


def _adopt_notice(index: sqlite3.Connection, record: dict[str, Any], run: str) -> bool:
    """Take in what an export tells of a removal; the document is as it was left."""
    line = pack(record)
    query = "SELECT 1 FROM notices WHERE run = ? AND record = ?"
    if index.execute(query, (run, line)).fetchone():
        return False
    index.execute(
        "INSERT INTO notices (after, id, run, record)"
        " SELECT coalesce(max(number), 0), ?, ?, ? FROM versions",
        (record["id"], run, line),
    )
    index.execute(
        "INSERT INTO removals (id, reason, noticed, confirmed, done)"
        " VALUES (?, ?, ?, ?, 'keep') ON CONFLICT DO NOTHING",
        (record["id"], _TOLD, record["removed"], record["removal_confirmed"]),
    )
    index.execute(
        "UPDATE removals SET back = ? WHERE id = ? AND back IS NULL",
        (record["restored"], record["id"]),
    )
    return True


def _add_post(
    index: sqlite3.Connection, post: Post, record: dict[str, Any], *, is_stand_in: bool
) -> None:
    mark = fingerprint(post)
    marks = ("", "", "") if is_stand_in else (mark.title, mark.text, mark.story)
    index.execute(
        "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id)"
        " DO UPDATE SET url = excluded.url, published = excluded.published,"
        " title_mark = excluded.title_mark, text_mark = excluded.text_mark,"
        " story = excluded.story, revision = excluded.revision"
        " WHERE excluded.revision > revision",
        (
            *(post.id, post.url, record["path"], post.feed, record["published"]),
            *(*marks, record["revision"], record["first_seen"]),
        ),
    )


def _post_of_document(
    document: Document, identifier: str, url: str, feed: str, fetched: datetime
) -> Post:
    extra = dict(document.extra)
    url = url or str(extra.get("link", ""))
    body = normalise_body(document.body, url or "https://finance.sina.com.cn/")
    try:
        published = parsedate_to_datetime(document.date).astimezone(UTC)
    except ValueError as error:
        raise DocumentError(f"date is no time: {document.date!r}") from error
    return Post(
        id=identifier,
        url=url,
        title=document.title,
        source=str(extra.get("source", "")),
        author="",
        editor=str(extra.get("editor", "")),
        published=published,
        updated=None,
        feed=feed or str(extra.get("feed", "")),
        site=document.author,
        categories=document.categories,
        keywords=tuple(extra.get("keywords", ())),
        symbols=(),
        images=body.images,
        headimg=document.headimg,
        document=document.body,
        html=body.clean,
        text=body.text,
        template=ADOPTED,
        fetched=fetched,
    )
