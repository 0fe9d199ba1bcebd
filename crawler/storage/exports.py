"""Stream the store's records, whatever its size, beside a running crawl."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from crawler.core.dates import format_iso
from crawler.core.errors import StoreError
from crawler.core.records import FIELDS
from crawler.storage.changes import last_edit, read_changed
from crawler.storage.index import open_index, reading, refuse_lost_index
from crawler.storage.links import EVER, memberships
from crawler.storage.removals import is_withdrawn, with_removal
from crawler.storage.versions import unpack

_BATCH = 200
_LATEST = (
    "SELECT published, id, record FROM sightings AS one"
    " JOIN versions USING (id, revision)"
    " WHERE (published, id) > (?, ?) AND (published, id) < (?, ?) AND known < ?"
    " AND NOT EXISTS (SELECT 1 FROM sightings AS later WHERE later.id = one.id"
    " AND later.revision > one.revision AND later.known < ?)"
)
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which posts an export holds; every part is optional."""

    since: datetime | None = None
    """Published at or after this instant."""

    until: datetime | None = None
    """Published before this instant."""

    feed: str = ""
    """Listed by this feed."""

    symbol: str = ""
    """Naming this symbol: ``sh600519``, ``us:JPM``, or the bare code."""

    as_of: datetime | None = None
    """As the store knew it before this instant, which must be over."""

    withdrawn: bool = True
    """Those as well whose document was withdrawn, because the site removed them."""

    changed_since: datetime | None = None
    """With a new version, a removal or a return known at or after this instant."""

    newest: int | None = None
    """No more than so many, the last first."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """A selected post with what its record does not tell."""

    record: dict[str, Any]
    """The record of its latest version."""

    edited: str
    """When the store learnt of the publisher's last change of it, ISO 8601 UTC."""

    withdrawn: bool
    """Whether its document lies in ``withdrawn/``."""


def stream_records(folder: Path, selection: Selection) -> Iterator[dict[str, Any]]:
    """Yield the latest version of every selected post.

    Feeds, copies and removals are as the store knows them now, or knew them then.
    For a past instant that gives what an export at that instant gave, whatever has
    been learnt since; times are kept to the second. They come in the order in which
    they were published, or in which they changed where changes are asked for; the
    newest come first where only those are. Memory stays constant and no lock is held
    between batches.

    Raises:
        StoreError: there is no store in the folder, or it is damaged.
    """
    with closing(_open(folder)) as index, reading(folder / "index.sqlite"):
        yield from islice(_select(index, selection), selection.newest)


def stream_outlets(folder: Path, selection: Selection) -> Iterator[Outlet]:
    """Yield what `stream_records` does, with what a syndicated feed needs beside it.

    Raises:
        StoreError: there is no store in the folder, or it is damaged.
    """
    with closing(_open(folder)) as index, reading(folder / "index.sqlite"):
        before = _instant(selection.as_of, EVER)
        for record in islice(_select(index, selection), selection.newest):
            identifier = record["id"]
            edited = last_edit(index, identifier, before)
            yield Outlet(record, edited, is_withdrawn(index, identifier))


def csv_lines(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Write records as CSV with a header; lists are joined with ``|``.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    yield _csv_line(FIELDS)
    for record in records:
        yield _csv_line([_csv_cell(name, record[name]) for name in FIELDS])


def _open(folder: Path) -> sqlite3.Connection:
    path = folder / "index.sqlite"
    if not path.is_file():
        refuse_lost_index(path)
        raise StoreError(folder, "holds no posts yet; run scrapy crawl finance first")
    return open_index(path, writable=False)


def _select(
    index: sqlite3.Connection, selection: Selection
) -> Iterator[dict[str, Any]]:
    before = _instant(selection.as_of, EVER)
    blobs = _by_change if selection.changed_since else _by_time
    for identifier, blob in blobs(index, selection, before):
        record = unpack(blob)
        record |= memberships(index, identifier, record["feeds"], before)
        record = with_removal(index, record, before)
        hidden = not selection.withdrawn and is_withdrawn(index, identifier)
        if not hidden and _is_selected(record, selection):
            yield record


def _by_time(
    index: sqlite3.Connection, selection: Selection, before: str
) -> Iterator[tuple[str, bytes]]:
    """Give the latest versions in the order of their publication, in batches."""
    bounds = [
        (_instant(selection.since, ""), ""),
        (_instant(selection.until, EVER), ""),
    ]
    backwards = selection.newest is not None
    order = "DESC" if backwards else "ASC"
    query = f"{_LATEST} ORDER BY published {order}, id {order} LIMIT ?"
    while True:
        values = (*bounds[0], *bounds[1], before, before, _BATCH)
        rows = index.execute(query, values).fetchall()
        if not rows:
            return
        yield from (row[1:] for row in rows)
        bounds[backwards] = rows[-1][:2]


def _by_change(
    index: sqlite3.Connection, selection: Selection, before: str
) -> Iterator[tuple[str, bytes]]:
    """Give the latest versions of what has changed, in the order of the changes."""
    changed = read_changed(
        index,
        _instant(selection.changed_since, ""),
        before,
        backwards=selection.newest is not None,
    )
    since, until = _instant(selection.since, ""), _instant(selection.until, EVER)
    for identifier in changed:
        row = index.execute(
            "SELECT published, record FROM sightings JOIN versions USING (id, revision)"
            " WHERE id = ? AND known < ? ORDER BY revision DESC LIMIT 1",
            (identifier, before),
        ).fetchone()
        if row and since <= row[0] < until:
            yield identifier, row[1]


def _instant(instant: datetime | None, default: str) -> str:
    return format_iso(instant) if instant else default


def _is_selected(record: dict[str, Any], selection: Selection) -> bool:
    if selection.feed and selection.feed not in record["feeds"]:
        return False
    if not selection.symbol:
        return True
    wanted = selection.symbol.replace(":", "").lower()
    return any(
        wanted in {symbol["code"].lower(), (symbol["market"] + symbol["code"]).lower()}
        for symbol in record["symbols"]
    )


def _csv_cell(name: str, value: Any) -> str:
    if name == "symbols":
        value = [symbol["market"] + symbol["code"] for symbol in value]
    elif name == "images":
        value = [image["url"] for image in value]
    elif name in {"listed", "copies"}:
        value = [" ".join(map(str, each.values())) for each in value]
    text = "|".join(value) if isinstance(value, list) else str(value or "")
    return "'" + text if text[:1] in _FORMULA_STARTS else text


def _csv_line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    # With "\n" as its line's end, the writer would leave a lone "\r" unquoted.
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().removesuffix("\r\n") + "\n"
