"""When each feed is to be polled next, and which hosts are left alone, in the index."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.core.dates import format_iso
from crawler.core.hosts import Stop
from crawler.core.polling import Schedule
from crawler.storage.bodies import BodyCounts
from crawler.storage.holes import Holes
from crawler.storage.index import reading, transaction
from crawler.storage.windows import ReadWindows

_COLUMNS = tuple(field.name for field in fields(Schedule))
_INSTANTS = frozenset({"next_poll", "polled", "since", "anchored", "newest", "shrunk"})
_SPANS = frozenset({"rhythm", "silence"})
_SAVE = (
    f"INSERT OR REPLACE INTO schedules (feed, {', '.join(_COLUMNS)})"  # noqa: S608
    f" VALUES ({', '.join('?' * (len(_COLUMNS) + 1))})"
)


class Schedules:
    """The schedules of a store's feeds; a part of an open `PostStore`.

    Args:
        index: the open index.
        path: its file, for messages.
    """

    def __init__(self, index: sqlite3.Connection, path: Path) -> None:
        self._index = index
        self._path = path
        self.holes = Holes(index, path)
        """The gaps that polls left."""
        self.bodies = BodyCounts(index, path)
        """How many pages had a body."""
        self.windows = ReadWindows(index, path)
        """How far a backfill has come."""

    def read(self) -> dict[str, Schedule]:
        """Give the schedule of every feed that has been polled."""
        with reading(self._path):
            return schedules_in(self._index)

    def save(self, schedules: Mapping[str, Schedule]) -> None:
        """Note what polls have made of the schedules of their feeds.

        Raises:
            StoreError: the index refused.
        """
        rows = [(feed, *_row(schedule)) for feed, schedule in schedules.items()]
        if rows:
            with transaction(self._index, self._path):
                self._index.executemany(_SAVE, rows)

    def stops(self) -> dict[str, Stop]:
        """Give the hosts that have been stopped and not answered well since."""
        with reading(self._path):
            return stops_in(self._index)

    def stop(self, host: str, stop: Stop) -> None:
        """Note, at once, that a host is to be left alone.

        Raises:
            StoreError: the index refused.
        """
        row = (host, format_iso(stop.until), format_iso(stop.since), stop.why)
        with transaction(self._index, self._path):
            self._index.execute(
                "INSERT OR REPLACE INTO stops VALUES (?, ?, ?, ?, ?)",
                (*row, stop.times),
            )

    def resume(self, host: str) -> None:
        """Note that a host answers well again.

        Raises:
            StoreError: the index refused.
        """
        with transaction(self._index, self._path):
            self._index.execute("DELETE FROM stops WHERE host = ?", (host,))


def schema_of(path: Path) -> int | None:
    """Tell how many of `MIGRATIONS` an index has seen, without touching it.

    Returns:
        0 for one that a run was killed before it had made; ``None`` where the file
        cannot be read or is another's: whoever opens it says what is wrong with it.
    """
    try:
        index = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        with closing(index):
            [version] = index.execute("PRAGMA user_version").fetchone()
            tables = index.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error:
        return None
    return None if tables and not version else int(version)


def schedules_in(index: sqlite3.Connection) -> dict[str, Schedule]:
    """Give the schedule of every feed that has been polled."""
    columns = ", ".join(_COLUMNS)
    rows = index.execute(f"SELECT feed, {columns} FROM schedules").fetchall()  # noqa: S608
    return {feed: _schedule(values) for feed, *values in rows}


def _schedule(values: list[Any]) -> Schedule:
    named = zip(_COLUMNS, values, strict=True)
    return Schedule(**{name: _read(name, value) for name, value in named})


def _read(name: str, value: Any) -> Any:
    if name in _INSTANTS:
        return datetime.fromisoformat(value) if value else None
    if name in _SPANS:
        return None if value is None else timedelta(seconds=value)
    if name == "anchor":
        return tuple(json.loads(value))
    if name == "times":
        return tuple(datetime.fromisoformat(time) for time in json.loads(value))
    return value


def _row(schedule: Schedule) -> list[Any]:
    return [_write(name, getattr(schedule, name)) for name in _COLUMNS]


def _write(name: str, value: Any) -> Any:
    if name in _INSTANTS:
        return format_iso(value) if value else None
    if name in _SPANS:
        return None if value is None else int(value.total_seconds())
    if name == "anchor":
        return json.dumps(value)
    if name == "times":
        return json.dumps([format_iso(time) for time in value])
    return value


def stops_in(index: sqlite3.Connection) -> dict[str, Stop]:
    """Give the hosts that have been stopped and not answered well since."""
    rows = index.execute("SELECT host, until, since, why, times FROM stops")
    return {
        host: Stop(
            datetime.fromisoformat(until), datetime.fromisoformat(since), why, times
        )
        for host, until, since, why, times in rows.fetchall()
    }
