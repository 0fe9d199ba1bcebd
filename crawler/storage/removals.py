"""What the store does when a page is gone: note, confirm, tell, and take it back.

A removal is a row of the index with its times; the last good version of the post
stays. What became of the document is in the row as well, so that it can be undone
whatever the setting says by then: a marked one has a line more in its front matter, a
withdrawn one lies in ``withdrawn/`` under the path it had in ``posts/``.

A document is changed before the index is committed. A crash between the two leaves
a row that says less than was done; every function here may be repeated, so the next
visit brings both together, and so does `settle`.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.core.dates import format_rfc1123
from crawler.core.errors import DocumentError
from crawler.core.frontmatter import load, mark
from crawler.core.records import FIELDS
from crawler.core.removals import Policy
from crawler.storage.files import move_durably, place_durably, read_present
from crawler.storage.links import EVER
from crawler.storage.versions import pack, unpack

MARK = "removed"
"""The front-matter key of a marked document: when its page was first found gone."""

_PLACES = ("posts", "withdrawn")


def note_gone(index: sqlite3.Connection, identifier: str, now: str, why: str) -> str:
    """Note that a page is gone, unless that is known; returns when it was noticed."""
    index.execute(
        "INSERT INTO removals (id, reason, noticed, done) VALUES (?, ?, ?, 'keep')"
        " ON CONFLICT DO NOTHING",
        (identifier, why, now),
    )
    row = index.execute(
        "SELECT noticed FROM removals WHERE id = ? AND back IS NULL", (identifier,)
    ).fetchone()
    return str(row[0])


def confirm(
    index: sqlite3.Connection, folder: Path, identifier: str, now: str, policy: Policy
) -> None:
    """Make a noticed removal a confirmed one and treat the document accordingly.

    Raises:
        StoreError: the disk refused.
    """
    index.execute(
        "UPDATE removals SET confirmed = ? WHERE id = ? AND back IS NULL",
        (now, identifier),
    )
    _treat(index, folder, identifier, policy)


def take_back(
    index: sqlite3.Connection, folder: Path, identifier: str, now: str
) -> bool:
    """Note that a page is there, and put its document back as it was.

    Returns:
        Whether it had been confirmed as removed; what was only noticed is forgotten.

    Raises:
        StoreError: the disk refused.
    """
    row = index.execute(
        "SELECT number, confirmed FROM removals WHERE id = ? AND back IS NULL",
        (identifier,),
    ).fetchone()
    if row is None:
        return False
    number, confirmed = row
    _treat(index, folder, identifier, "keep")
    if confirmed:
        index.execute("UPDATE removals SET back = ? WHERE number = ?", (now, number))
    else:
        index.execute("DELETE FROM removals WHERE number = ?", (number,))
    return confirmed is not None


def settle(index: sqlite3.Connection, folder: Path, policy: Policy) -> None:
    """Treat the documents of all removed posts as the setting says now.

    Mends what a crash left between a document and its row as well.

    Raises:
        StoreError: the disk refused.
    """
    rows = index.execute(
        "SELECT removals.id, path, confirmed, done FROM removals JOIN posts USING (id)"
        " WHERE back IS NULL"
    ).fetchall()
    for identifier, path, confirmed, done in rows:
        wanted: Policy = policy if confirmed else "keep"
        away = (folder / "withdrawn" / path).exists()
        if done != wanted or away != (wanted == "withdraw"):
            _treat(index, folder, identifier, wanted)


def announce(
    index: sqlite3.Connection, run: str, identifier: str, status: str
) -> dict[str, Any]:
    """Write the line that tells a post was removed or restored into the index.

    Args:
        index: the index, in a transaction.
        run: the run whose exported feed it belongs to.
        identifier: the post.
        status: ``removed`` or ``restored``.

    Returns:
        The record of the last version, with the status and times of the removal.
    """
    [blob] = index.execute(
        "SELECT record FROM posts JOIN versions ON versions.id = posts.id AND"
        " versions.revision = posts.revision WHERE posts.id = ?",
        (identifier,),
    ).fetchone()
    record = with_removal(index, unpack(blob)) | {"status": status}
    index.execute(
        "INSERT INTO notices (after, id, run, record)"
        " SELECT coalesce(max(number), 0), ?, ?, ? FROM versions",
        (identifier, run, pack(record)),
    )
    return record


def times_of(
    index: sqlite3.Connection, identifier: str, before: str = EVER
) -> dict[str, str | None]:
    """Give the times of a post's last confirmed removal, as its record names them.

    Args:
        index: the index.
        identifier: the post's document id.
        before: only what was known before this instant, ISO 8601 UTC.
    """
    row = index.execute(
        "SELECT noticed, confirmed, CASE WHEN back < ? THEN back END FROM removals"
        " WHERE id = ? AND confirmed < ? ORDER BY number DESC LIMIT 1",
        (before, identifier, before),
    ).fetchone()
    names = ("removed", "removal_confirmed", "restored")
    return dict(zip(names, row or (None, None, None), strict=True))


def with_removal(
    index: sqlite3.Connection, record: dict[str, Any], before: str = EVER
) -> dict[str, Any]:
    """Bring a record up to what is known of its post's removal, or was ``before``."""
    times = times_of(index, record["id"], before)
    status = record["status"]
    if times["removed"] and not times["restored"]:
        status = "removed"
    elif (times["restored"] or "") > record["fetched"]:
        status = "restored"
    whole = {**record, **times, "status": status}
    return {name: whole[name] for name in FIELDS}


def is_withdrawn(index: sqlite3.Connection, identifier: str) -> bool:
    """Tell whether a post's document lies in ``withdrawn/`` instead of ``posts/``."""
    row = index.execute(
        "SELECT 1 FROM removals WHERE id = ? AND back IS NULL AND done = 'withdraw'",
        (identifier,),
    ).fetchone()
    return row is not None


def place_of(
    index: sqlite3.Connection, folder: Path, identifier: str, path: str
) -> tuple[Path, str]:
    """Say where a post's document is to lie, and what its mark is to say, or ``""``.

    Args:
        index: the index.
        folder: the output folder.
        identifier: the post.
        path: its path below ``posts/``.
    """
    row = index.execute(
        "SELECT noticed, done FROM removals WHERE id = ? AND back IS NULL",
        (identifier,),
    ).fetchone()
    noticed, done = row or ("", "keep")
    shown, away = (folder / place / path for place in _PLACES)
    place = away if done == "withdraw" else shown
    return place, _value(noticed) if done == "mark" else ""


def unmarked(data: bytes) -> bytes:
    """Give a document's bytes without the mark of a removed post."""
    try:
        return mark(data.decode(), MARK, "").encode()
    except (UnicodeDecodeError, DocumentError):
        return data  # Rewritten by hand.


def treatment(folder: Path, path: str) -> Policy:
    """Tell what was done to a document, from where it lies and what it says.

    Args:
        folder: the output folder.
        path: the document's path below ``posts/``.
    """
    shown, away = (folder / place / path for place in _PLACES)
    if away.exists() and not shown.exists():
        return "withdraw"
    try:
        marked = MARK in dict(load((read_present(shown) or b"").decode()).extra)
    except (UnicodeDecodeError, DocumentError):
        return "keep"
    return "mark" if marked else "keep"


def _treat(
    index: sqlite3.Connection, folder: Path, identifier: str, policy: Policy
) -> None:
    path, noticed = index.execute(
        "SELECT path, noticed FROM posts JOIN removals USING (id)"
        " WHERE id = ? AND back IS NULL",
        (identifier,),
    ).fetchone()
    shown, away = (folder / place / path for place in _PLACES)
    if policy != "withdraw" and not shown.exists():
        move_durably(away, shown, store=folder)
    _mark(folder, shown, noticed if policy == "mark" else "")
    if policy == "withdraw":
        move_durably(shown, away, store=folder)
    index.execute(
        "UPDATE removals SET done = ? WHERE id = ? AND back IS NULL",
        (policy, identifier),
    )


def _mark(folder: Path, document: Path, noticed: str) -> None:
    try:
        text = (read_present(document) or b"").decode()
        marked = mark(text, MARK, _value(noticed) if noticed else "")
    except (UnicodeDecodeError, DocumentError):
        return  # Deleted or rewritten by hand: it is not ours to change.
    if marked != text:
        place_durably([(document, marked)], store=folder)


def _value(noticed: str) -> str:
    return format_rfc1123(datetime.fromisoformat(noticed))
