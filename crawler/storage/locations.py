"""Files that are only read, on this machine or anywhere fsspec can reach."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from crawler.core.errors import OptionError

_ADVICE = "needs more packages: pip install -r requirements-remote.txt"


class Location(Protocol):
    """What a file to be read is asked for; a `Path` is one."""

    @property
    def name(self) -> str:
        """The file's name."""

    def is_file(self) -> bool:
        """Tell whether it is there."""

    def open(self, mode: Any = ..., /) -> Any:
        """Open it; ``"rb"`` gives its bytes."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of an fsspec file system."""

    system: Any
    """The file system."""

    path: str
    """The file's path there."""

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.rpartition("/")[2]

    def is_file(self) -> bool:
        """Tell whether it is there."""
        return bool(self.system.isfile(self.path))

    def open(self, mode: str = "rb", /) -> BinaryIO:
        """Open it for reading, with a buffer."""
        file: BinaryIO = self.system.open(self.path, mode)
        return file

    def __str__(self) -> str:
        """Give its address as far as it tells anything."""
        return str(self.system.unstrip_protocol(self.path))


def locate(name: str) -> Iterator[Location]:
    """Find the file or files that an argument names.

    Args:
        name: a path, or an address such as ``s3://bucket/crawl-*.warc.gz``.

    Raises:
        OptionError: a package that the address needs is missing, or it names nothing.
    """
    if "://" not in name:
        yield Path(name)
        return
    system, path = _open_system(name)
    found = sorted(system.glob(path)) if "*" in path else [path]
    if not found:
        raise OptionError("WARC", name, "names no file")
    for each in found:
        yield RemoteFile(system, each)


def size_of(location: Location) -> int:
    """Tell how many bytes a file has; 0 where nobody knows."""
    if isinstance(location, RemoteFile):
        return int(location.system.size(location.path) or 0)
    return location.stat().st_size if isinstance(location, Path) else 0


def _open_system(name: str) -> tuple[Any, str]:
    protocol = name.partition("://")[0]
    try:
        fsspec = importlib.import_module("fsspec")
        if protocol in {"s3", "s3a", "gs", "az"}:
            # botocore, which others need, does not go with our python-dateutil.
            importlib.import_module("obstore.fsspec").register(protocol)
        system, path = fsspec.core.url_to_fs(name)
    except ImportError as error:
        raise OptionError("WARC", name, _ADVICE) from error
    except ValueError as error:
        raise OptionError("WARC", name, str(error)) from error
    return system, path
