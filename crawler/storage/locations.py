"""Files that are only read, on this machine or anywhere fsspec can reach."""

from __future__ import annotations

import errno
import importlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import Any, BinaryIO, Protocol, Self

from crawler.core.errors import OptionError, StoreError
from crawler.core.text import one_line

_ADVICE = "needs more packages: pip install -r requirements-remote.txt"
_ENDINGS = (".warc", ".warc.gz")


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

    def open(self, mode: str = "rb", /) -> RemoteReader:
        """Open it for reading, with a buffer.

        Raises:
            OSError: it cannot be reached.
        """
        with _as_os_errors():
            return RemoteReader(self.system.open(self.path, mode))

    def __str__(self) -> str:
        """Give its address as far as it tells anything."""
        return str(self.system.unstrip_protocol(self.path))


class RemoteReader:
    """An open file somewhere else, whose every failure is an `OSError`.

    Args:
        file: the file.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Read bytes."""
        with _as_os_errors():
            return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a position."""
        with _as_os_errors():
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


@contextmanager
def _as_os_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # Every protocol has its own.
        raise OSError(errno.EIO, _first_line(error)) from error


def _first_line(error: BaseException) -> str:
    return one_line(str(error).partition("\n")[0])


def locate(name: str) -> Iterator[Location]:
    """Find the file or files that an argument names.

    Args:
        name: a path, a folder of WARC files, a pattern such as ``old/*.warc.gz``, or
            an address such as ``s3://bucket/crawl-*.warc.gz``.

    Raises:
        OptionError: a package that the address needs is missing, or it names nothing.
        StoreError: it cannot be reached.
    """
    if "://" not in name:
        yield from _locate_here(name)
        return
    system, path = _open_system(name)
    if "*" not in path:
        found = [path]
    else:
        try:
            found = sorted(system.glob(path))
        except Exception as error:  # Every protocol has its own.
            raise _unreachable(name, error) from error
    if not found:
        raise OptionError("WARC", name, "names no file")
    for each in found:
        yield RemoteFile(system, each)


def _locate_here(name: str) -> Iterator[Path]:
    path = Path(name)
    if path.is_dir():
        found = list_warcs(path)
        if not found:
            raise OptionError("WARC", name, "holds no *.warc or *.warc.gz")
        yield from found
    elif has_magic(name) and not path.exists():
        found = [Path(each) for each in sorted(glob(name))]  # noqa: PTH207 - any path
        if not found:
            raise OptionError("WARC", name, "names no file")
        for each in found:
            yield from list_warcs(each) if each.is_dir() else [each]
    else:
        yield path


def list_warcs(folder: Path) -> list[Path]:
    """List the WARC files in a folder, by their names."""
    found = (path for path in folder.iterdir() if path.name.endswith(_ENDINGS))
    return sorted(path for path in found if path.is_file())


def require(location: Location) -> None:
    """Make sure that a file is there.

    Raises:
        OptionError: it is not.
        StoreError: it cannot be reached.
    """
    if isinstance(location, RemoteFile):
        _require_remote(location)
    elif not location.is_file():
        raise OptionError("WARC", location, "is no file")


def _require_remote(location: RemoteFile) -> None:
    try:
        kind = location.system.info(location.path)["type"]
    except FileNotFoundError as error:
        cause = error.__cause__  # HTTP has no other error, whatever is the matter.
        if cause and not isinstance(cause, FileNotFoundError):
            raise _unreachable(location, cause) from error
        kind = ""
    except Exception as error:  # Every protocol has its own.
        raise _unreachable(location, error) from error
    if kind != "file":
        raise OptionError("WARC", location, "is no file")


def _unreachable(location: object, error: BaseException) -> StoreError:
    return StoreError(location, f"cannot be reached: {_first_line(error)}")


def tell_apart(locations: Sequence[Location]) -> dict[str, Location]:
    """Give each file a name of its own: its own name, with folders where two agree.

    Raises:
        OptionError: a file is named twice.
    """
    parts = [_parts(each) for each in locations]
    tails: dict[int, Counter[tuple[str, ...]]] = {}
    named: dict[str, Location] = {}
    for own, location in zip(parts, locations, strict=True):
        for depth in range(1, len(own) + 1):
            if depth not in tails:
                tails[depth] = Counter(each[-depth:] for each in parts)
            if tails[depth][own[-depth:]] == 1:
                break
        name = "/".join(own[-depth:])
        if name in named:
            raise OptionError("WARC", location, "is named twice")
        named[name] = location
    return named


def _parts(location: Location) -> tuple[str, ...]:
    path = location.resolve() if isinstance(location, Path) else location
    return tuple(str(path).split("/"))


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
