"""How far the reading of files has come, told by the files themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Self

from crawler.storage.locations import Location


@dataclass(slots=True)
class Gauge:
    """How far reading has come."""

    total: int
    """What there is: bytes, or files."""

    done: int = 0
    """What has been read of it."""


@dataclass(slots=True)
class Gauged:
    """A file that tells a gauge how far it has been read, at most."""

    location: Location
    """The file."""

    gauge: Gauge
    """What is told."""

    furthest: int = 0
    """How many bytes were told."""

    @property
    def name(self) -> str:
        """The file's name."""
        return self.location.name

    def is_file(self) -> bool:
        """Tell whether it is there."""
        return self.location.is_file()

    def open(self, mode: str = "rb", /) -> GaugedReader:
        """Open it for reading."""
        return GaugedReader(self.location.open(mode), self)

    def reached(self, position: int) -> None:
        """Take note that it has been read up to a position."""
        if position > self.furthest:
            self.gauge.done += position - self.furthest
            self.furthest = position

    def __str__(self) -> str:
        """Give its path or address."""
        return str(self.location)


class GaugedReader:
    """An open file that tells how far it has been read.

    Args:
        file: the file.
        told: who is told.
    """

    def __init__(self, file: BinaryIO, told: Gauged) -> None:
        self._file = file
        self._told = told

    def read(self, size: int = -1) -> bytes:
        """Read bytes."""
        data = self._file.read(size)
        self._told.reached(self._file.tell())
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a position."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Give the position."""
        return self._file.tell()

    def close(self) -> None:
        """Close it."""
        self._file.close()

    def __enter__(self) -> Self:
        """Close it in the end."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self.close()
