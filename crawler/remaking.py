"""Take the steps of a store's archive again, to get at the index that was lost."""

from __future__ import annotations

from pathlib import Path

from crawler.core.archive import Place
from crawler.core.errors import StoreError
from crawler.replay import Replay, Tasks
from crawler.replay_selection import Selection
from crawler.storage.archive_files import FOLDER, list_files
from crawler.storage.archive_reading import ArchiveReader, Told
from crawler.storage.catalogue import read_catalogue


def remake(catalogue: Path, store: Path, into: Path) -> None:
    """Make a store once more from its archive.

    Args:
        catalogue: the folder of today's catalogue.
        store: the output folder.
        into: an empty folder.

    Raises:
        CatalogueError: the catalogue cannot be used.
        StoreError: the archive does not begin with the store, cannot be read, or the
            disk refused.
    """
    sites = read_catalogue(catalogue)
    archive = store / FOLDER
    paths = {name: archive / name for name in list_files(archive)}
    tasks = Tasks(ArchiveReader(paths), sites, Selection())
    try:
        Replay(into, tasks, Selection()).run()
    except (KeyError, TypeError, ValueError) as error:
        problem = f"holds steps that are not of this program: {error!r}"
        raise StoreError(archive, problem) from error
    if not _is_from_the_start(ArchiveReader(paths)):
        raise StoreError(archive, "begins later than the store")


def _is_from_the_start(archive: ArchiveReader) -> bool:
    steps = (each.step for each in archive.events() if isinstance(each, Told))
    first = next(steps, None)
    return bool(first and first.do == "begin" and first.after == Place("", 0))
