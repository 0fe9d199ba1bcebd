"""Take posts into the index that it does not know: from exports and from documents.

An exported record is whole, so a version adopted from it is as good as before. A
document alone says less than a record. The post made of it is a stand-in: published,
exported with the store, and replaced by the first fetch of its article, under the
same path and as revision 1, as if the run that wrote the document had not been cut
short. One that says something else than its document is a version like any other.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from crawler.core.dates import format_iso
from crawler.core.dedup import Fingerprint, fingerprint
from crawler.core.errors import DocumentError
from crawler.core.frontmatter import Document, load, mark
from crawler.core.images import original_of
from crawler.core.markup import normalise_body
from crawler.core.posts import ADOPTED, Post
from crawler.core.records import post_of, record_line, record_of
from crawler.core.templates import TEMPLATES
from crawler.core.text import holds_lines
from crawler.core.urls import DOCUMENT_ID
from crawler.storage.checksums import note_document
from crawler.storage.links import memberships
from crawler.storage.removals import MARK
from crawler.storage.versions import add_version, pack, unpack

_TOLD = "told by an export"
_SHOWN = "shown by its document"
_HASH = "content_hash"
_NEEDED = ("path", "revision", _HASH, "first_seen", "feeds")


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
    for table in ("documents", "sketches", "buckets", "sources"):
        index.execute(
            f"DELETE FROM {table} WHERE number IN"  # noqa: S608 - one of these names
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


def is_known(index: sqlite3.Connection, record: dict[str, Any], run: str) -> bool:
    """Tell whether the index has what a record says that a run exported."""
    if _is_notice(record):
        query = "SELECT 1 FROM notices WHERE run = ? AND record = ?"
        return index.execute(query, (run, pack(record))).fetchone() is not None
    query = (
        "SELECT 1 FROM versions JOIN posts USING (id) WHERE id = ?"
        " AND versions.revision = ? AND text_mark != ''"
    )
    values = (record["id"], record["revision"])
    return index.execute(query, values).fetchone() is not None


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
    if is_known(index, record, run):
        return False
    if _is_notice(record):
        _adopt_notice(index, record, run)
        return True
    take_stand_in(index, post.id)
    add_version(index, record, record_line(record), run, record["fetched"])
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
        file: the file; in ``withdrawn/``, or with the mark of a removed post, it says
            that the page is gone.
        earlier: the documents of its earlier versions in their order. A post that has
            any is no stand-in, but one whose records hold what documents say.

    Raises:
        DocumentError: one of them is no whole document.
    """
    identifier = identifier_in(path)
    first = ""
    for revision, version in enumerate([*earlier, file], 1):
        found = _read_document(index, identifier, version)
        first = first or format_iso(found.post.fetched)
        record = _add_document(index, found, path, revision, first)
        _add_post(index, found.post, record, is_stand_in=not earlier)
    _note_removal(index, identifier, found, is_away="withdrawn" in file.parts)


def adopt_version(
    index: sqlite3.Connection, identifier: str, revision: int, file: Path
) -> None:
    """Take a document in, within a transaction, as the version a post lacks.

    Args:
        index: the open index.
        identifier: the post.
        revision: which of its versions.
        file: the document of that version.

    Raises:
        DocumentError: it is no whole document.
        FileNotFoundError: it is not there.
    """
    path, last, first, versions = index.execute(
        "SELECT path, posts.revision, first_seen, count(number) FROM posts"
        " LEFT JOIN versions USING (id) WHERE id = ?",
        (identifier,),
    ).fetchone()
    _add_document(index, _read_document(index, identifier, file), path, revision, first)
    if last == 1 and not versions:
        query = "UPDATE posts SET title_mark = '', text_mark = '', story = ''"
        index.execute(f"{query} WHERE id = ?", (identifier,))  # A stand-in.


def adopt_post(index: sqlite3.Connection, identifier: str) -> None:
    """Make the post, within a transaction, that versions in the index are of.

    Raises:
        StoreError: its last record is damaged.
        sqlite3.IntegrityError: another post has its path.
    """
    [blob] = index.execute(
        "SELECT record FROM versions WHERE id = ? ORDER BY revision DESC LIMIT 1",
        (identifier,),
    ).fetchone()
    record = unpack(blob)
    is_stand_in = record["template"] == ADOPTED and record["revision"] == 1
    _add_post(index, post_of(record), record, is_stand_in=is_stand_in)


def reread(post: Post, document: str) -> Fingerprint:
    """Make the fingerprint of a post as its document alone shows it."""
    known = (post.id, post.url, post.feed, post.fetched)
    return fingerprint(_post_of_document(load(document), *known))


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


def says_what_its_record_says(text: str, record: dict[str, Any]) -> bool:
    """Tell whether a document has the text of its record.

    The title is not compared here: a document shows it as one clean line.

    Raises:
        DocumentError: the text is no document.
    """
    now = datetime.fromisoformat(record["fetched"])
    url, feed = record["url"], next(iter(record["feeds"]), "")
    post = _post_of_document(load(text), record["id"], url, feed, now)
    if fingerprint(replace(post, title=record["title"])).content == record[_HASH]:
        return True
    # Of some layouts the document shows what the record's text leaves out.
    leaves_out = any(each.junk for each in TEMPLATES if each.name == record["template"])
    return leaves_out and holds_lines(post.text, record["text"])


def _parse_record(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        record: dict[str, Any] = json.loads(line)
        post_of(record)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    # Those that an earlier version of this program wrote lack what came later.
    if not all(name in record for name in _NEEDED):
        return None
    leads_out = {"", ".", ".."}.intersection(str(record["path"]).split("/"))
    return record if type(record["revision"]) is int and not leads_out else None


def _is_notice(record: dict[str, Any]) -> bool:
    return record["status"] in ("removed", "restored")


def _adopt_notice(index: sqlite3.Connection, record: dict[str, Any], run: str) -> None:
    """Take in what an export tells of a removal; the document is as it was left."""
    index.execute(
        "INSERT INTO notices (after, id, run, record)"
        " SELECT coalesce(max(number), 0), ?, ?, ? FROM versions",
        (record["id"], run, pack(record)),
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


def _add_post(
    index: sqlite3.Connection, post: Post, record: dict[str, Any], *, is_stand_in: bool
) -> None:
    marks = ("", "", "") if is_stand_in else astuple(fingerprint(post))
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


@dataclass(frozen=True, slots=True)
class _Found:
    """A document that was found in the store."""

    post: Post
    """What it says."""

    text: str
    """The document, without the mark of a removed post."""

    removed: str
    """When its page was found gone, ISO 8601 UTC, as its mark says; or ``""``."""


def _read_document(index: sqlite3.Connection, identifier: str, file: Path) -> _Found:
    text = read_text(file)
    document = load(text)
    marked = str(dict(document.extra).get(MARK, ""))
    url, feed = index.execute(
        "SELECT url, feed FROM listings WHERE id = ? UNION ALL SELECT '', ''",
        (identifier,),
    ).fetchone()
    fetched = datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
    post = _post_of_document(document, identifier, url, feed, fetched)
    removed = format_iso(_instant(marked)) if marked else ""
    return _Found(post, mark(text, MARK, ""), removed)


def _add_document(
    index: sqlite3.Connection, found: _Found, path: str, revision: int, first: str
) -> dict[str, Any]:
    """Add a document as a version; returns the record made of it."""
    facts: dict[str, Any] = {"path": path, "revision": revision, "first_seen": first}
    facts["status"] = "new" if revision == 1 else "revision"
    facts[_HASH] = fingerprint(found.post).content
    facts |= memberships(index, found.post.id)
    record = record_of(found.post, facts)
    line = record_line(record)
    number = add_version(index, record, line, "", record["fetched"])
    note_document(index, number, line, found.text)
    return record


def _note_removal(
    index: sqlite3.Connection, identifier: str, found: _Found, *, is_away: bool
) -> None:
    """Note the removal that a document's mark or place tells of."""
    if found.removed or is_away:
        at = found.removed or format_iso(found.post.fetched)
        index.execute(
            "INSERT INTO removals (id, reason, noticed, confirmed, done)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (identifier, _SHOWN, at, at, "withdraw" if is_away else "mark"),
        )


def _instant(text: str) -> datetime:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError as error:
        raise DocumentError(f"date is no time: {text!r}") from error


def _post_of_document(
    document: Document, identifier: str, url: str, feed: str, fetched: datetime
) -> Post:
    extra = dict(document.extra)
    url = url or str(extra.get("link", ""))
    body = normalise_body(document.body, url or "https://finance.sina.com.cn/")
    return Post(
        id=identifier,
        url=url,
        title=document.title,
        source=str(extra.get("source", "")),
        author="",
        editor=str(extra.get("editor", "")),
        published=_instant(document.date),
        updated=None,
        feed=feed or str(extra.get("feed", "")),
        site=document.author,
        categories=document.categories,
        keywords=tuple(extra.get("keywords", ())),
        symbols=(),
        images=body.images,
        headimg=original_of(document.headimg, document.body),
        document=document.body,
        html=body.clean,
        text=body.text,
        template=ADOPTED,
        fetched=fetched,
    )
