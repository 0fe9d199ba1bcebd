"""Which feeds list a post and which ids are copies of it, now and at any time before.

The table ``duplicates`` says what holds now and why; ``links`` keeps from when to when
each id was linked to a post, and the evidence. A listing is never taken back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from crawler.core.dates import format_iso
from crawler.core.dedup import Duplicate, Likeness
from crawler.core.entries import Entry
from crawler.core.posts import Post

EVER = "9999"
"""Later than every time of the index."""

_KEYS = ("id", "url", "kept", "similarity", "differs", "first_seen")


@dataclass(frozen=True, slots=True)
class Link:
    """An id that is a copy of a post."""

    id: str
    """The copy's document id."""

    of: str
    """The post's."""

    url: str
    """The copy's address."""

    first_seen: str
    """When the copy was first fetched, ISO 8601 UTC."""

    similarity: float = 1.0
    """How much of the shorter text stands in the longer one, from 0 to 1."""

    differs: str = ""
    """Where they differ; ``""`` when they do not."""

    kept: bool = False
    """The copy has a post of its own."""


def link_duplicate(
    index: sqlite3.Connection, post: Post, decision: Duplicate, now: str
) -> None:
    """Note that a fetched post is a copy that gets no post of its own."""
    copy = _copy(post, decision.of, decision.like)
    index.execute(
        "INSERT INTO duplicates VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET of = excluded.of, why = excluded.why",
        (copy.id, copy.of, copy.url, decision.why, copy.first_seen),
    )
    _link(index, copy, now)


def link_reprint(
    index: sqlite3.Connection, post: Post, like: Likeness, now: str
) -> None:
    """Note that a post, kept all the same, is a reprint of another."""
    _link(index, replace(_copy(post, like.of, like), kept=True), now)


def link_alias(
    index: sqlite3.Connection, entry: Entry, post: Post, of: str, now: str
) -> None:
    """Note the id that a feed made of an address, where the page has one of its own."""
    if entry.id in {post.id, of}:
        return
    if index.execute("SELECT 1 FROM posts WHERE id = ?", (entry.id,)).fetchone():
        return
    alias = Link(entry.id, of, entry.url, format_iso(post.fetched))
    noted = index.execute(
        "INSERT INTO duplicates VALUES (?, ?, ?, 'same page', ?)"
        " ON CONFLICT DO NOTHING",
        (alias.id, alias.of, alias.url, alias.first_seen),
    )
    if noted.rowcount:
        _link(index, alias, now)


def unlink_post(index: sqlite3.Connection, identifier: str, now: str) -> None:
    """Note that an id is no copy any more: its text is a post of its own now."""
    index.execute("DELETE FROM duplicates WHERE id = ?", (identifier,))
    _unlink(index, identifier, now)


def memberships(
    index: sqlite3.Connection,
    identifier: str,
    feeds: Sequence[str] = (),
    before: str = EVER,
) -> dict[str, Any]:
    """Look up who lists a post or a copy of it, since when, and the copies.

    Args:
        index: the open index.
        identifier: the post's document id.
        feeds: the feeds that are known already; the others come after them.
        before: only what was known before this instant, ISO 8601 UTC.

    Returns:
        The record's ``feeds``, ``duplicates``, ``listed`` and ``copies``.
    """
    named = {"id": identifier, "before": before}
    listed = index.execute(
        "SELECT feed, min(first_listed) AS first FROM listings"
        " WHERE (id = :id OR id IN"
        " (SELECT id FROM links WHERE of = :id AND NOT kept AND known < :before"
        " AND (ended IS NULL OR ended >= :before)))"
        " AND first_listed < :before GROUP BY feed ORDER BY first, feed",
        named,
    ).fetchall()
    copies = _copies(index, named)
    return {
        "feeds": list(dict.fromkeys([*feeds, *(feed for feed, _ in listed)])),
        "duplicates": [copy["id"] for copy in copies],
        "listed": [{"feed": feed, "since": since} for feed, since in listed],
        "copies": copies,
    }


def _copies(index: sqlite3.Connection, named: dict[str, str]) -> list[dict[str, Any]]:
    # Those without a post of their own, and the reprints that have one: of this post,
    # or what this post is itself a reprint of.
    rows = index.execute(
        "SELECT id, url, kept, similarity, differs, first_seen AS seen FROM links"
        " WHERE of = :id AND known < :before"
        " AND (ended IS NULL OR ended >= :before)"
        " UNION ALL SELECT of, posts.url, kept, similarity, differs, links.first_seen"
        " FROM links JOIN posts ON posts.id = of"
        " WHERE links.id = :id AND kept AND known < :before"
        " AND (ended IS NULL OR ended >= :before)"
        " ORDER BY seen, id",
        named,
    ).fetchall()
    return [
        {**dict(zip(_KEYS, row, strict=True)), "kept": bool(row[2])} for row in rows
    ]


def _copy(post: Post, of: str, like: Likeness | None) -> Link:
    copy = Link(post.id, of, post.url, format_iso(post.fetched))
    if like is None:
        return copy
    return replace(copy, similarity=like.similarity, differs=like.differs)


def _link(index: sqlite3.Connection, new: Link, now: str) -> None:
    row = index.execute(
        "SELECT of, kept FROM links WHERE id = ? AND ended IS NULL", (new.id,)
    ).fetchone()
    if row == (new.of, new.kept):
        return  # Known since then, with the evidence of then.
    _unlink(index, new.id, now)
    index.execute(
        "INSERT INTO links (id, of, url, first_seen, similarity, differs, kept, known)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*astuple(new), now),
    )


def _unlink(index: sqlite3.Connection, copy: str, now: str) -> None:
    index.execute(
        "UPDATE links SET ended = ? WHERE id = ? AND ended IS NULL", (now, copy)
    )
