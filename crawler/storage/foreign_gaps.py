"""Where a damaged WARC file of others breaks off, and where it can be read on.

Most files are packed record by record, so that one bad byte spoils one record. The
next one begins where a gzip member unpacks to the head of a record. Of a file that is
packed as a whole, nothing after the damage can be read.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

_READ = 64 * 1024
_STEP = 2**20
_GZIP = b"\x1f\x8b\x08"
_MEMBER = re.compile(re.escape(_GZIP))
_HEAD = re.compile(rb"WARC/[01]\.\d+\r?\n[A-Za-z]")
_LONGEST = 64
"""More bytes than the head of a record needs to be known by."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A part of a file without a whole record."""

    start: int
    """Where it begins."""

    end: int
    """Where the next record begins, or the file ends."""

    problem: str
    """What is wrong."""

    is_last: bool
    """Whether nothing follows."""


@dataclass(frozen=True, slots=True)
class Last:
    """The last record that was met."""

    position: int
    """Where it begins, as far as the file's form lets anybody know."""

    length: int
    """How many bytes its head says that it has."""


class Gaps:
    """Find the gaps of a file.

    Args:
        file: the file; whoever reads it must seek afterwards.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._is_plain = self._has_head(0)

    def after(self, begun: int, last: Last | None, problem: str) -> Gap:
        """Find the gap that a reading broke off at.

        Args:
            begun: where the reading began.
            last: the last record that it met.
            problem: what was said of the gap.
        """
        found = self._find(begun, last)
        if found is None:  # All is whole as gzip has it, but no record.
            start = last.position if last else begun
            found = self._unpack(start)[0] if last else start, ""
        return self.at(found[0], found[1] or problem)

    def unread(self, begun: int, last: Last | None) -> Gap | None:
        """Find the gap that a reading took for the file's end; see `after`."""
        found = self._find(begun, last)
        return self.at(found[0], found[1] or "no record") if found else None

    def at(self, start: int, problem: str) -> Gap:
        """Make the gap that begins at a place."""
        find = [self._next_member, self._next_head]
        found = find[self._is_plain](start + 1)
        if found is None:  # Its first byte may be the bad one.
            found = find[not self._is_plain](start + 1)
        end = self._file.seek(0, 2) if found is None else found
        return Gap(min(start, end), end, problem, is_last=found is None)

    def _find(self, begun: int, last: Last | None) -> tuple[int, str] | None:
        """Find the first place that is no record, and what is wrong there."""
        first = last.position if last else begun
        if self._has_head(first):
            end = self._end_of(last) if last else first
            return (end, "") if self._has_more(end) else None
        if last and not self._begins_record(first):
            broken = (each for each in self._members(begun) if each[2])
            return next(((end, trouble) for _, end, trouble in broken), None)
        for start, _, trouble in self._members(first):
            if trouble or not (self._begins_record(start) or self._is_blank(start)):
                return start, trouble
        return None

    def _has_more(self, start: int) -> bool:
        self._file.seek(start)
        return bool(self._file.read(_READ).strip())

    def _has_head(self, start: int) -> bool:
        self._file.seek(start)
        return _HEAD.match(self._file.read(_LONGEST)) is not None

    def _end_of(self, last: Last) -> int:
        self._file.seek(last.position)
        head = self._file.read(_READ).partition(b"\r\n\r\n")[0]
        return last.position + len(head) + 4 + last.length + 4

    def _next_head(self, start: int) -> int | None:
        return self._search(_HEAD, start)

    def _next_member(self, start: int) -> int | None:
        found = self._search(_MEMBER, start)
        while found is not None and not self._begins_record(found):
            found = self._search(_MEMBER, found + 1)
        return found

    def _search(self, pattern: re.Pattern[bytes], start: int) -> int | None:
        self._file.seek(start)
        position, data = start, b""
        while chunk := self._file.read(_READ):
            data += chunk
            if found := pattern.search(data):
                return position + found.start()
            position += max(0, len(data) - _LONGEST)
            data = data[-_LONGEST:]
        return None

    def _begins_record(self, start: int) -> bool:
        return _HEAD.match(self._head(start) or b"") is not None

    def _is_blank(self, start: int) -> bool:
        head = self._head(start)
        return head is not None and not head.strip()

    def _head(self, start: int) -> bytes | None:
        """Unpack the first bytes of a member; ``None`` where there is none."""
        self._file.seek(start)
        try:
            return zlib.decompressobj(31).decompress(self._file.read(_READ), _LONGEST)
        except zlib.error:
            return None

    def _members(self, start: int) -> Iterator[tuple[int, int, str]]:
        """Unpack members: where each begins and ends, and what is wrong with it.

        The last one is the first that something is wrong with; it ends where it can
        not be read on.
        """
        trouble = ""
        while not trouble:
            end, trouble = self._unpack(start)
            if end == start and not trouble:
                return
            yield start, end, trouble
            start = end

    def _unpack(self, start: int) -> tuple[int, str]:
        self._file.seek(start)
        unpacker = zlib.decompressobj(31)
        position = start
        while not unpacker.eof:
            chunk = self._file.read(_READ)
            if not chunk:
                return position, "cut off" if position > start else ""
            try:
                _consume(unpacker, chunk)
            except zlib.error as error:
                return position, f"damaged: {error}"
            position += len(chunk)
        return position - len(unpacker.unused_data), ""


def _consume(unpacker: Any, chunk: bytes) -> None:
    while chunk and not unpacker.eof:
        unpacker.decompress(chunk, _STEP)
        chunk = unpacker.unconsumed_tail
