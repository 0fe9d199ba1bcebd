"""A run's life in the store: its row, its exported feed, what it learnt of feeds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from crawler.core.dates import format_iso
from crawler.core.records import record_line
from crawler.core.report import RunReport
from crawler.storage.files import (
    append_line_batch,
    place_durably,
    place_lines,
    sweep_temporaries,
    sync_file,
)
from crawler.storage.index import reading, transaction
from crawler.storage.versions import unpack


class RunLog:
    """Opens a run, writes its exported feed and report, and mends killed runs.

    Args:
        folder: the output folder.
        index: the open index.
        index_path: its file, for messages.
        run: the run's name.
        clock: tells the present instant, ISO 8601 UTC.
    """

    def __init__(
        self,
        folder: Path,
        index: sqlite3.Connection,
        index_path: Path,
        run: str,
        clock: Callable[[], str] | None = None,
    ) -> None:
        self.run = run
        self._folder = folder
        self._index = index
        self._index_path = index_path
        self._whole = True
        self._clock = clock or now_iso

    def begin(self, spider: str) -> None:
        """Mend what killed runs left, then note that this one is on.

        Raises:
            StoreError: the disk or index refused.
        """
        self.recover()
        with self._transaction():
            self._index.execute(
                "INSERT INTO runs VALUES (?, ?, ?, NULL)"
                " ON CONFLICT DO UPDATE SET finished = NULL",
                (self.run, spider, self._clock()),
            )

    def end(self, report: RunReport | None) -> None:
        """Write the report, note what is known of the feeds, mark the run finished.

        Raises:
            StoreError: the disk or index refused; the run stays unfinished and the
                next one mends it.
        """
        if report:
            self._note_polls(report)
            text = json.dumps(report.as_dict(), ensure_ascii=False, indent=2)
            path = self._folder / "runs" / f"{self.run}.json"
            place_durably([(path, text + "\n")], store=self._folder)
        self.export([])
        self._end_run(self.run)

    def feed_path(self, run: str) -> Path:
        """Where a run's exported feed lies."""
        return self._folder / "feeds" / f"{run}.jsonl"

    def recover(self) -> None:
        """Mend what killed runs left: their exports, their temporary files.

        Raises:
            StoreError: the disk or index refused.
        """
        with reading(self._index_path):
            unfinished = self._index.execute(
                "SELECT run FROM runs WHERE finished IS NULL"
            ).fetchall()
        if unfinished:
            sweep_temporaries(self._folder)
        for (run,) in unfinished:
            self.mend_feed(run)
            self._end_run(run)

    def export(self, lines: Sequence[str]) -> None:
        """Append durable records to the run's feed; first mend one that has a hole.

        Args:
            lines: the records, as `record_line` writes them.

        Raises:
            StoreError: the disk refused; the next call, or the next run, mends it.
        """
        whole, self._whole = self._whole, False
        if not whole:  # An earlier line is missing; these are in the index as well.
            self.mend_feed(self.run)
        elif lines:
            append_line_batch(self.feed_path(self.run), lines)
        self._whole = True

    @contextmanager
    def whole_or_mended(self) -> Iterator[None]:
        """Let the feed be mended when a block fails that adds versions to the index.

        A commit whose very last sync fails is told as failed and yet is one.
        """
        try:
            yield
        except BaseException:
            self._whole = False
            raise

    def mend_feed(self, run: str) -> None:
        """Write a run's exported feed anew from the index.

        Raises:
            StoreError: the disk or index refused; the feed is as it was.
        """
        with reading(self._index_path):
            place_lines(self.feed_path(run), run_lines(self._index, run))

    def _end_run(self, run: str) -> None:
        sync_file(self.feed_path(run))
        with self._transaction():
            self._index.execute(
                "UPDATE runs SET finished = ? WHERE run = ?", (self._clock(), run)
            )

    def _note_polls(self, report: RunReport) -> None:
        with self._transaction():
            for feed, seen in report.feeds.items():
                ok = report.finished if seen["status"] == "ok" else None
                newest = self._newest(feed) if seen["listed"] else None
                problem = "; ".join(seen["problems"])
                self._index.execute(
                    "INSERT INTO polls VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO"
                    " UPDATE SET last = excluded.last, status = excluded.status,"
                    " problem = excluded.problem, listed = excluded.listed,"
                    " newest = coalesce(excluded.newest, newest),"
                    " last_ok = coalesce(excluded.last_ok, last_ok)",
                    (
                        *(feed, report.finished, seen["status"], problem, ok),
                        *(seen["listed"], newest),
                    ),
                )

    def _newest(self, feed: str) -> str | None:
        # Back from the newest post until one is of this feed: a few steps for a feed
        # that lists anything new, where its own listings would be hundreds of
        # thousands. CROSS JOIN keeps that order.
        row = self._index.execute(
            "SELECT posts.published FROM posts CROSS JOIN listings"
            " ON listings.feed = ? AND listings.id = posts.id"
            " ORDER BY posts.published DESC LIMIT 1",
            (feed,),
        ).fetchone()
        return row[0] if row else None

    def _transaction(self) -> AbstractContextManager[None]:
        return transaction(self._index, self._index_path)


def run_lines(index: sqlite3.Connection, run: str) -> Iterator[str]:
    """Give the lines of a run's exported feed, from what the index knows."""
    # What was told of a removal stands after the versions it came after.
    rows = index.execute(
        "SELECT number, 0 AS notice, record FROM versions WHERE run = ?"
        " UNION ALL SELECT after, number, record FROM notices WHERE run = ?"
        " ORDER BY 1, 2",
        (run, run),
    )
    return (record_line(unpack(row[2])) for row in rows)


def now_iso() -> str:
    """Give the present instant as the index writes it."""
    return format_iso(datetime.now(UTC))
