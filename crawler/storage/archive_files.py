"""The archive's files: appended to, rotated by day and size, whole after a crash."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from crawler.core.archive import Place
from crawler.core.errors import StoreError
from crawler.storage.archive_records import Damage, Stored, read_records, write_info
from crawler.storage.locations import Location

FOLDER = "archive"
"""The folder of a store that holds them."""

MAX_SIZE = 2**30
"""A file of so many bytes is followed by another."""

_NAME = re.compile(r"crawl-(\d{8})-(\d{3,})\.warc\.gz")
_TOLD_NAME = re.compile(rf"(?i)^WARC-Filename: *({_NAME.pattern})\r$", re.MULTILINE)
_HEAD = 2048
_SOFTWARE = "software: finance-crawler"
_INFO = (
    f"{_SOFTWARE}\r\nformat: WARC File Format 1.1\r\n"
    "conformsTo: https://iipc.github.io/warc-specifications/"
    "specifications/warc-format/warc-1.1/\r\n"
)


class ArchiveFiles:
    """The files of one archive, to which this process alone appends.

    Args:
        folder: the store's ``archive`` folder; made with the first record.
        settled: how far the index knows the archive.
        max_size: how large a file may grow before the next is begun.
    """

    def __init__(self, folder: Path, settled: Place, max_size: int = MAX_SIZE) -> None:
        self._folder = folder
        self._max_size = max_size
        self._settled = settled
        names = list_files(folder)
        self._name = max([*names, settled.file], key=file_order)
        self._size = self._path.stat().st_size if self._name in names else 0
        # One that was moved away, or has lost what the index knows, grows no more:
        # another record would get the place of one that is known.
        same = self._name == settled.file
        self._is_closed = same and self._size < settled.offset
        self._waiting = bytearray()
        self._unsynced: set[Path] = set()
        self.cut_off = ""
        """What `close_off` cut off, in a sentence; ``""`` for nothing."""

    @property
    def end(self) -> Place:
        """Where the next record will begin, but for a new file."""
        return Place(self._name, self._size + len(self._waiting))

    def close_off(self) -> Iterator[Stored]:
        """Cut off what a crash left of a half record at the end.

        Returns:
            The whole records there of which the index knows nothing.

        Raises:
            StoreError: the disk refused.
        """
        if not self._name or self._is_closed:
            return
        same = self._name == self._settled.file
        start = self._settled.offset if same else 0
        with _refusals(self._path):
            for found in read_records(self._path, self._name, start):
                if isinstance(found, Damage):
                    self._cut(found.place.offset)
                    return
                yield found

    def rotate(self, now: str) -> None:
        """Begin another file when the day is over or this one is full.

        Args:
            now: the present instant, ISO 8601 UTC.
        """
        day = now[:10].replace("-", "")
        match = _NAME.fullmatch(self._name)
        last, number = (match[1], int(match[2])) if match else ("", 0)
        is_full = self._is_closed or self.end.offset >= self._max_size
        if last >= day and not is_full:
            return
        self.write()
        self._is_closed = False
        number = number + 1 if last >= day else 1
        self._name, self._size = f"crawl-{max(last, day)}-{number:03}.warc.gz", 0
        self.append(write_info(_INFO.encode(), now, self._name).data)

    def append(self, data: bytes) -> Place:
        """Take a record that `write` will write; returns its place."""
        place = self.end
        self._waiting += data
        return place

    def write(self) -> None:
        """Write what was appended; whole after a crash of the program.

        Raises:
            StoreError: the disk refused; the file is as it was.
        """
        if not self._waiting:
            return
        data, self._waiting = bytes(self._waiting), bytearray()
        with _refusals(self._path):
            self._folder.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
            file = os.open(self._path, flags | os.O_CLOEXEC, 0o666)
            try:
                self._write(file, data)
            finally:
                os.close(file)
        self._unsynced.add(self._path)
        if not self._size:
            self._unsynced |= {self._folder, self._folder.parent}
        self._size += len(data)

    def sync(self) -> None:
        """Make what was written durable.

        Raises:
            StoreError: the disk refused.
        """
        self.write()
        while self._unsynced:
            path = next(iter(self._unsynced))
            with _refusals(path):
                file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    os.fsync(file)
                finally:
                    os.close(file)
            self._unsynced.remove(path)

    def _write(self, file: int, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(file, rest) :]
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, self._size)
            raise

    def _cut(self, size: int) -> None:
        lost = self._size - size
        os.truncate(self._path, size)
        self.cut_off = f"{FOLDER}/{self._name}: {lost} bytes of a cut record closed off"
        self._size = size
        self._unsynced.add(self._path)

    @property
    def _path(self) -> Path:
        return self._folder / self._name


def list_files(folder: Path) -> list[str]:
    """Name an archive's own files, oldest first."""
    if not folder.is_dir():
        return []
    names = (path.name for path in folder.iterdir())
    return sorted(filter(_NAME.fullmatch, names), key=file_order)


def file_order(name: str) -> tuple[str, int]:
    """Give the key by which files of ours come in their order."""
    match = _NAME.fullmatch(name)
    return (match[1], int(match[2])) if match else ("", 0)


def own_name(file: Location) -> str:
    """Tell under which name this program wrote a file; ``""`` for one of others'.

    A file may be called otherwise by now, but steps name the places of their pages by
    the name it had.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            head = _unpack_head(stream.read(_HEAD))
        if _SOFTWARE in head:
            told = _TOLD_NAME.search(head)
            return told[1] if told else file.name
        is_named = _NAME.fullmatch(file.name)
        found = islice(read_records(file, file.name), 4) if is_named else ()
        ours = any(isinstance(each, Stored) and each.is_step for each in found)
    except OSError as error:
        raise StoreError(file, f"cannot be read: {error.strerror}") from error
    return file.name if ours else ""


def _unpack_head(data: bytes) -> str:
    with suppress(zlib.error):
        return zlib.decompressobj(31).decompress(data, _HEAD).decode("latin-1")
    return ""


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Say of which file it was that the disk refused."""
    try:
        yield
    except OSError as error:
        problem = f"the archive cannot be written: {error.strerror}"
        raise StoreError(path, problem) from error
