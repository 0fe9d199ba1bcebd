"""What a replay reads: our own archive, WARC files of others, or a folder of pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from crawler.core.catalogue import Catalogue
from crawler.core.errors import OptionError
from crawler.replay import Event, Reader
from crawler.rereading import Refused, Result, Task, Unread
from crawler.resuming import Archive
from crawler.storage.archive_files import FOLDER, file_order, list_files, own_name
from crawler.storage.archive_reading import ArchiveReader
from crawler.storage.foreign_archive import ForeignArchive, Found
from crawler.storage.foreign_warc import read_pages
from crawler.storage.gauge import Gauge, Gauged
from crawler.storage.locations import (
    Location,
    list_warcs,
    locate,
    require,
    size_of,
    tell_apart,
)
from crawler.storage.saved_pages import list_pages, read_saved


@dataclass(frozen=True, slots=True)
class Source:
    """What is replayed."""

    archive: Archive
    """Its steps and answers."""

    files: list[str]
    """What it is called."""

    gauge: Gauge
    """How much of it has been read: bytes, or pages of a folder."""

    foreign: ForeignArchive | None = None
    """The archive, where others made it."""

    left_out: Counter[str] = field(default_factory=Counter)
    """Pages of others that became no posts, by reason."""

    def reading(self, reader: Reader) -> Reader:
        """Read with a reader; of others' pages only those that are posts count."""
        return partial(self._posts, reader) if self.foreign else reader

    def _posts(
        self, reader: Reader, jobs: Iterable[tuple[Event, Task | None]]
    ) -> Iterator[tuple[Event, Result | None]]:
        for event, result in reader(jobs):
            if isinstance(result, Refused | Unread):
                self.left_out[result.reason] += 1
            else:
                yield event, result


def open_source(
    args: Sequence[str],
    base: str,
    output: Path,
    catalogue: Catalogue,
    settings: dict[str, Any],
) -> Source:
    """Open what the arguments name; nothing is read of it yet but its kind.

    Args:
        args: WARC files, or one folder; none for the store's own archive.
        base: the address that a folder stands for, or ``""``.
        output: the store's folder.
        catalogue: whose sites' pages are wanted.
        settings: the settings of a run made of others' pages.

    Raises:
        OptionError: what is named is not there, or does not go together.
        StoreError: a file cannot be read.
    """
    if _is_of_pages(args, base):
        return _of_folder(Path(args[0]), base, catalogue, settings)
    if base:
        raise OptionError("--base", base, "goes with a folder of pages")
    found = _locate(args, output)
    names = [str(each) for each in found]
    gauge = Gauge(sum(map(size_of, found)))
    if ours := _find_ours(found):
        reader = ArchiveReader({n: Gauged(each, gauge) for n, each in ours.items()})
        return Source(reader, names, gauge)
    named = {n: Gauged(each, gauge) for n, each in tell_apart(found).items()}
    return _of_others(read_pages(named, _server(catalogue)), names, gauge, settings)


def _is_of_pages(args: Sequence[str], base: str) -> bool:
    """Tell whether a folder is named whose files are pages: not WARC files."""
    if len(args) != 1 or not Path(args[0]).is_dir():
        return False
    return bool(base) or not list_warcs(Path(args[0]))


def _of_folder(
    folder: Path, base: str, catalogue: Catalogue, settings: dict[str, Any]
) -> Source:
    gauge = Gauge(len(list_pages(folder)))
    pages = _counted(read_saved(folder, base, _server(catalogue)), gauge)
    return _of_others(pages, [str(folder), base], gauge, settings)


def _counted(found: Iterator[Found], gauge: Gauge) -> Iterator[Found]:
    for each in found:
        gauge.done += 1
        yield each


def _of_others(
    found: Iterator[Found], files: list[str], gauge: Gauge, settings: dict[str, Any]
) -> Source:
    archive = ForeignArchive(found, settings)
    return Source(archive, files, gauge, archive, archive.left_out)


def _locate(args: Sequence[str], output: Path) -> list[Location]:
    if not args:
        folder = output / FOLDER
        args = [str(folder / name) for name in list_files(folder)]
        if not args:
            raise OptionError("WARC", folder, "holds no archive; name its files")
    found = [each for arg in args for each in locate(arg)]
    for each in found:
        require(each)
    return found


def _find_ours(found: Sequence[Location]) -> dict[str, Location]:
    """Put files of ours in their order, by the names they were written under."""
    names = [own_name(each) for each in found]
    if not any(names):
        return {}
    if not all(names):
        other = found[names.index("")]
        problem = "is of another program; replay its files by themselves"
        raise OptionError("WARC", other, problem)
    ours = dict(zip(names, found, strict=True))
    if len(ours) < len(found):
        [name, _] = Counter(names).most_common(1)[0]
        raise OptionError("WARC", name, "is the name of two of the files")
    return {name: ours[name] for name in sorted(ours, key=file_order)}


def _server(catalogue: Catalogue) -> Any:
    return lambda host: catalogue.site_for(host) is not None
