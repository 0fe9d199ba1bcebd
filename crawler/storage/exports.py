"""Stream the store's records, whatever its size, beside a running crawl."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.core.dates import format_iso
from crawler.core.errors import StoreError
from crawler.core.records import FIELDS
from crawler.storage.index import open_index, reading, refuse_lost_index
from crawler.storage.links import EVER, memberships
from crawler.storage.removals import is_withdrawn, with_removal
from crawler.storage.versions import unpack

_BATCH = 200
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


def stream_records(folder: Path, selection: Selection) -> Iterator[dict[str, Any]]:
    """Yield the latest version of every selected post, oldest first.

    Feeds, copies and removals are as the store knows them now, or knew them then.
    For a past instant that gives what an export at that instant gave, whatever has
    been learnt since; times are kept to the second. Memory stays constant and no lock
    is held between batches.

    Raises:
        StoreError: there is no store in the folder, or it is damaged.
    """
    path = folder / "index.sqlite"
    if not path.is_file():
        refuse_lost_index(path)
        raise StoreError(folder, "holds no posts yet; run scrapy crawl finance first")
    index = open_index(path, writable=False)
    with closing(index), reading(path):
        last = (format_iso(selection.since) if selection.since else "", "")
        before = format_iso(selection.as_of) if selection.as_of else EVER
        while rows := _read_batch(index, selection, before, last):
            for _, identifier, blob in rows:
                record = unpack(blob)
                record |= memberships(index, identifier, record["feeds"], before)
                record = with_removal(index, record, before)
                hidden = not selection.withdrawn and is_withdrawn(index, identifier)
                if not hidden and _is_selected(record, selection):
                    yield record
            last = rows[-1][:2]


def csv_lines(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Write records as CSV with a header; lists are joined with ``|``.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    yield _csv_line(FIELDS)
    for record in records:
        yield _csv_line([_csv_cell(name, record[name]) for name in FIELDS])


def _read_batch(
    index: sqlite3.Connection, selection: Selection, before: str, last: tuple[str, str]
) -> list[tuple[str, str, bytes]]:
    until = format_iso(selection.until) if selection.until else EVER
    return index.execute(
        "SELECT published, id, record FROM sightings AS one"
        " JOIN versions USING (id, revision)"
        " WHERE (published, id) > (?, ?) AND published < ? AND known < ?"
        " AND NOT EXISTS (SELECT 1 FROM sightings AS later WHERE later.id = one.id"
        " AND later.revision > one.revision AND later.known < ?)"
        " ORDER BY published, id LIMIT ?",
        (*last, until, before, before, _BATCH),
    ).fetchall()


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
