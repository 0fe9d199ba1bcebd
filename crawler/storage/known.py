"""Look up what the index knows of a document id, and who else has a story."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from crawler.core.dedup import Fingerprint, Known, fingerprint
from crawler.core.prepared import Prepared
from crawler.core.records import post_of
from crawler.storage.adoption import has_stand_in, reread
from crawler.storage.versions import latest_records


def find_fresh(index: sqlite3.Connection, identifiers: Sequence[str]) -> set[str]:
    """Find the ids of which there is nothing yet: no post, copy, removal or refusal.

    One look-up for a batch saves eight for each post that is new, as most are.
    """
    rows = index.execute(
        "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM posts)"
        " AND value NOT IN (SELECT id FROM rejections)"
        " AND value NOT IN (SELECT id FROM duplicates)"
        " AND value NOT IN (SELECT id FROM links)"
        " AND value NOT IN (SELECT id FROM removals)",
        (json.dumps(identifiers),),
    )
    return {identifier for (identifier,) in rows}


def find_known(index: sqlite3.Connection, identifier: str) -> Known | None:
    """Find what is known of an id; of a stand-in, what its document says.

    Raises:
        StoreError: its record is damaged.
    """
    row = index.execute(
        "SELECT title_mark, text_mark, story, revision FROM posts WHERE id = ?",
        (identifier,),
    ).fetchone()
    if row is None:
        return None
    mark = Fingerprint(*row[:3])
    if not mark.text:
        records = latest_records(index, identifier, 1)
        if not records:
            return None  # Lost, as scrapy verify tells.
        mark = fingerprint(post_of(records[0]))
    return Known(mark, row[3])


def is_completed(index: sqlite3.Connection, prepared: Prepared, known: Known) -> bool:
    """Tell whether a fetched post is what the stand-in of its id stands in for.

    It is where title and text are the same, at least once the post has gone through
    a document as well.
    """
    if not has_stand_in(index, prepared.post.id):
        return False
    marks = (prepared.mark, reread(prepared.post, prepared.document))
    return known.mark.content in {mark.content for mark in marks}


def find_twin(index: sqlite3.Connection, identifier: str, story: str) -> str | None:
    """Find the first post of the same story under another id."""
    row = index.execute(
        "SELECT id FROM posts WHERE story = ? AND id != ? ORDER BY first_seen, id",
        (story, identifier),
    ).fetchone()
    return row[0] if row else None
