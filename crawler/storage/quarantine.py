"""Versions that would spoil a post, held back until somebody decides.

Each waits until it is accepted, dropped, or passes by itself because the page was good
again. Of several that wait for one post the newest, which the site was last seen to
show, is the one that can be accepted; the others have passed then. What was dropped
stays dropped: the same title and text are not held again, whatever came in between.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from crawler.core.errors import StoreError
from crawler.core.markup import Image
from crawler.core.posts import Post
from crawler.core.symbols import Symbol

State = Literal["waiting", "dropped", "passed"]

_TIMES = ("published", "updated", "fetched")
_TUPLES = ("categories", "keywords")


@dataclass(frozen=True, slots=True)
class Held:
    """A version in quarantine."""

    id: str
    """The post's document id."""

    reason: str
    """What it lacks."""

    state: State
    """``waiting``, ``dropped`` by somebody, or ``passed``: the page was good again."""

    first_seen: str
    """When the site was first seen to show it, ISO 8601 UTC."""

    last_seen: str
    """When it was last."""


def hold(
    index: sqlite3.Connection, post: Post, content: str, reason: str, now: str
) -> bool:
    """Hold a version back; ``False`` when somebody has dropped this very one.

    Args:
        index: the index, in a transaction.
        post: the version.
        content: the mark of its title and text (`Fingerprint.content`).
        reason: what it lacks.
        now: the present instant, ISO 8601 UTC.
    """
    row = index.execute(
        "SELECT state, first_seen FROM quarantine WHERE id = ? AND content = ?",
        (post.id, content),
    ).fetchone()
    before, first = row or ("", now)
    state = "dropped" if before == "dropped" else "waiting"
    index.execute(
        "INSERT OR REPLACE INTO quarantine"
        " (id, content, reason, state, first_seen, last_seen, post)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (post.id, content, reason, state, first, now, _pack(post)),
    )
    return state == "waiting"


def let_pass(index: sqlite3.Connection, identifier: str) -> None:
    """Note that a post's page is good again: what waited is of no concern."""
    _settle(index, identifier, "passed")


def drop(index: sqlite3.Connection, identifier: str) -> None:
    """Note that somebody does not want what waits for a post, all of it."""
    _settle(index, identifier, "dropped")


def take(index: sqlite3.Connection, identifier: str) -> Post | None:
    """Take the newest version that waits for a post out, to become the post.

    Those that waited beside it have passed: the post goes on from the newest.

    Raises:
        StoreError: it is damaged.
    """
    waiting = find_waiting(index, identifier)
    if not waiting:
        return None
    index.execute(
        "DELETE FROM quarantine WHERE number = (SELECT max(number) FROM quarantine"
        " WHERE id = ? AND state = 'waiting')",
        (identifier,),
    )
    let_pass(index, identifier)
    return waiting[-1][1]


def find_waiting(index: sqlite3.Connection, identifier: str) -> list[tuple[Held, Post]]:
    """Look up what waits for a post, and the versions themselves, the newest last.

    Raises:
        StoreError: one is damaged.
    """
    return [one for one in find_held(index, identifier) if one[0].state == "waiting"]


def find_held(index: sqlite3.Connection, identifier: str) -> list[tuple[Held, Post]]:
    """Look up what is held back of a post, in any state, the newest last.

    Raises:
        StoreError: one is damaged.
    """
    rows = index.execute(
        "SELECT id, reason, state, first_seen, last_seen, post FROM quarantine"
        " WHERE id = ? ORDER BY number",
        (identifier,),
    )
    return [(Held(*row[:-1]), _unpack(row[-1])) for row in rows.fetchall()]


def read_quarantine(index: sqlite3.Connection) -> list[Held]:
    """Read what is held back in a store, in any state, oldest first."""
    rows = index.execute(
        "SELECT id, reason, state, first_seen, last_seen FROM quarantine"
        " ORDER BY first_seen, id, number"
    )
    return [Held(*row) for row in rows.fetchall()]


def _settle(index: sqlite3.Connection, identifier: str, state: State) -> None:
    index.execute(
        "UPDATE quarantine SET state = ? WHERE id = ? AND state = 'waiting'",
        (state, identifier),
    )


def _pack(post: Post) -> bytes:
    # ASCII: a lone surrogate has no UTF-8 form.
    text = json.dumps(asdict(post), default=datetime.isoformat)
    return zlib.compress(text.encode("ascii"))


def _unpack(blob: bytes) -> Post:
    try:
        values = json.loads(zlib.decompress(blob))
    except (zlib.error, ValueError) as error:
        problem = f"a version in quarantine is damaged: {error}"
        raise StoreError("index.sqlite", problem) from error
    values |= {
        name: datetime.fromisoformat(values[name]) for name in _TIMES if values[name]
    }
    values |= {name: tuple(values[name]) for name in _TUPLES}
    values["symbols"] = tuple(Symbol(**symbol) for symbol in values["symbols"])
    values["images"] = tuple(Image(**image) for image in values["images"])
    return Post(**values)
