"""Write a run's steps into the archive before the store carries them out.

What the store does is then a function of the archive. A step that the store did not
carry out, for an error or a crash, is declared void by the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from crawler.core.archive import Action, Exchange, Place, Step, digest_of
from crawler.core.errors import StoreError
from crawler.storage.archive_files import FOLDER, ArchiveFiles
from crawler.storage.archive_index import Ledger
from crawler.storage.archive_records import (
    Origin,
    Written,
    write_request,
    write_response,
    write_revisit,
    write_step,
)
from crawler.storage.index import IndexConnection


class Journal:
    """The archive of an open store; closes off what a killed run left.

    Args:
        folder: the output folder.
        index: the store's open index.
        now: the present instant, ISO 8601 UTC.

    Raises:
        StoreError: the disk refused.
    """

    def __init__(self, folder: Path, index: IndexConnection, now: str) -> None:
        self.ledger = Ledger(index)
        settled = self.ledger.settled
        self._files = ArchiveFiles(folder / FOLDER, settled)
        self.ledger.sync = self._files.sync
        index.attendant = self.ledger
        self._placed: list[Exchange] = []
        self._close_off(settled, now)

    @property
    def mended(self) -> tuple[str, ...]:
        """What had been left by a crash and was mended, in sentences."""
        return tuple(filter(None, [self._files.cut_off]))

    @property
    def end(self) -> Place:
        """Where the next record will begin."""
        return self._files.end

    def note(
        self,
        do: Action,
        now: str,
        facts: dict[str, Any],
        exchanges: Sequence[Exchange] = (),
        pages: tuple[Place, ...] = (),
    ) -> tuple[Place, ...]:
        """Append a step, after those of its exchanges that are not archived yet.

        ``pages`` are archived already, and stand before those of the exchanges.

        Returns:
            Where its pages lie.

        Raises:
            StoreError: the disk refused.
        """
        self._files.rotate(now)
        answer = ""
        for exchange in exchanges:
            answer = self.keep(exchange) or answer
        pages += tuple(each.place for each in exchanges if each.place)
        after = self.ledger.settled
        step = Step(do=do, now=now, after=after, pages=pages, facts=facts)
        self._files.append(write_step(step, now, answer).data)
        return pages

    def keep(self, exchange: Exchange) -> str:
        """Append an exchange that is not archived yet; returns its answer's id."""
        if exchange.place:
            return ""
        self._placed.append(exchange)
        taken = f"{exchange.received:%Y-%m-%dT%H:%M:%S.%fZ}"
        self._files.rotate(taken)
        digest = digest_of(exchange.body)
        known = self.ledger.find(exchange.url)
        same = known and digest == known.digest and exchange.body
        if known and (same or exchange.status == 304):
            origin = Origin(known.url, known.taken, known.digest)
            answer = write_revisit(exchange, taken, origin)
            self._files.append(answer.data)
            exchange.place = known.place
        else:
            answer = write_response(exchange, taken, digest)
            place = self._files.append(answer.data)
            exchange.place = place
            self.ledger.add(exchange.url, place, digest, taken)
        self._append_request(exchange, taken, answer)
        return answer.id

    def write(self) -> None:
        """Write what was appended; it is synced before the store commits.

        Raises:
            StoreError: the disk refused.
        """
        placed, self._placed = self._placed, []
        try:
            self._files.write()
        except StoreError:
            self.ledger.forget()
            for exchange in placed:
                exchange.place = None
            raise
        self.ledger.advance(self._files.end)

    def void(self, start: Place, now: str) -> None:
        """Declare void every step from a place on; a disk that refuses is let be."""
        with suppress(StoreError):
            self.note("void", now, {"start": start})
            self.write()

    def sync(self) -> None:
        """Make everything durable, whether the store has anything to commit or not."""
        self._files.sync()

    def _close_off(self, settled: Place, now: str) -> None:
        found = list(self._files.close_off())
        if not found or not settled.file:
            return  # Of an index that was rebuilt, nothing tells what was carried out.
        for record in found:
            if record.kind == "response":
                digest = record.headers.get("warc-payload-digest", "")
                taken = record.headers.get("warc-date", "")
                self.ledger.add(record.url, record.place, digest, taken)
        self.void(settled, now)

    def _append_request(self, exchange: Exchange, taken: str, answer: Written) -> None:
        self._files.append(write_request(exchange, taken, answer.id).data)
