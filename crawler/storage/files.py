"""Write files so that they are whole after a crash, a full disk or a power cut.

And write them where they are said to be: a store and its parts (``posts/``,
``feeds/``, …) may lie elsewhere, since that is their owner's choice, but below a part
no symbolic link is followed. Every function that writes deeper is told the store,
unless its caller has just looked.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import IO

from crawler.core.errors import PathRefused, StoreError
from crawler.storage.symlinks import leads_away, refuse_links

_OF_THE_PATH = frozenset(
    getattr(errno, name)
    for name in "ENAMETOOLONG ENOTDIR EISDIR EEXIST ELOOP EINVAL".split()
)
"""Refusals that another file of the same disk need not meet."""

_MANY = 4
_SYNCS = 24
"""So many files of a batch are synced at once: the disk joins their work, and a batch
takes a tenth of the time. A few are not worth the threads."""

_ASIDE = "set-aside"
"""The folder of a store for what had to make room."""


def place_durably(
    files: Iterable[tuple[Path, str | bytes]], *, store: Path | None
) -> None:
    """Write a batch of some dozens of files, each either whole or as it was before.

    The order is: write every ``.name.tmp`` beside its target and fsync it, rename
    them over the targets, and at the end fsync every folder concerned. So a full disk
    is met before the first target changes.

    Args:
        files: target and text or bytes; folders are made as needed.
        store: the folder of the store that they belong to; ``None`` for files of none,
            or when the caller has just made sure that no link is on their way.

    Raises:
        PathRefused: one target cannot be written for its own sake: a name too long, a
            file or symbolic link where a folder is due. No target was changed.
        StoreError: the disk refused; targets not yet renamed are untouched.
    """
    batch = dict(files)
    if store:
        refuse_links(store, batch)
    _place(
        (path, data.encode() if isinstance(data, str) else data)
        for path, data in batch.items()
    )


def write_synced(path: Path, text: str) -> None:
    """Write a small file of a folder and sync it; one that is cut short may be torn.

    Raises:
        StoreError: the disk refused.
    """
    is_new = not path.exists()
    with _refusals(path), _open_new(path) as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        _sync_folders([path.parent])


def read_present(path: Path) -> bytes | None:
    """Read what lies where a file is to be placed, or ``None`` where no file can be.

    Raises:
        StoreError: the disk refused.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        if error.errno == errno.ENOENT or error.errno in _OF_THE_PATH:
            return None
        raise StoreError(path, f"cannot be read: {error.strerror}") from error


def remove_durably(paths: Iterable[Path], *, store: Path) -> None:
    """Remove files; those that are not there are fine, and so are those elsewhere.

    Raises:
        StoreError: the disk refused.
    """
    folders = set()
    for path in paths:
        if leads_away(store, path.parent):
            continue  # It is not ours.
        with _refusals(path):
            if os.path.lexists(path):
                path.unlink()
                folders.add(path.parent)
    _sync_folders(folders)


def move_durably(source: Path, target: Path, *, store: Path) -> None:
    """Move a file, replacing one; a source that is not there is fine.

    Raises:
        PathRefused: a symbolic link is on the way; the file is where it was.
        StoreError: the disk refused; the file is where it was.
    """
    refuse_links(store, (source, target))
    folders = {source.parent, target.parent}
    with _refusals(target):
        if not source.exists():
            return
        _make_folders(target.parent, folders)
        source.replace(target)
    _sync_folders(folders)


def move_aside(folder: Path, path: Path) -> Path:
    """Move a file of a store out of the way, never over another; returns where to.

    Raises:
        PathRefused: a symbolic link is on the way; the file is where it was.
        StoreError: the disk refused; the file is where it was.
    """
    place = _free_place(folder, path)
    refuse_links(folder, (path.parent, place.parent))
    changed = {path.parent, place.parent}
    with _refusals(path):
        _make_folders(place.parent, changed)
        path.rename(place)
    _sync_folders(changed)
    return place


def keep_aside(folder: Path, path: Path) -> Path:
    """Keep a file of a store that is about to be replaced; returns where.

    Until it is replaced it stays in its place as well: whoever is killed in between
    leaves what was there. What is no regular file is moved.

    Raises:
        PathRefused: a symbolic link is on the way; the file is where it was.
        StoreError: the disk refused; the file is where it was.
    """
    if path.is_symlink() or not path.is_file():
        return move_aside(folder, path)
    place = _free_place(folder, path)
    refuse_links(folder, (path.parent, place.parent))
    changed = {place.parent}
    with _refusals(place):
        _make_folders(place.parent, changed)
        try:
            os.link(path, place)
        except OSError:  # Not every file system has hard links.
            shutil.copyfile(path, place)
    sync_file(place)
    _sync_folders(changed)
    return place


def save_aside(folder: Path, path: Path, data: bytes) -> Path:
    """Keep bytes of a store's file that are about to go; returns where.

    Args:
        folder: the store.
        path: the file.
        data: the bytes.

    Raises:
        StoreError: the disk refused.
    """
    place = _free_place(folder, path)
    place_durably([(place, data)], store=folder)
    return place


def append_line_batch(path: Path, lines: Iterable[str]) -> None:
    """Append whole lines in one write.

    Raises:
        StoreError: the disk refused; the file is as it was, or will be once it is
            mended from the index.
    """
    data = "".join(lines).encode()
    with _refusals(path):
        _make_synced_folders(path.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(path, flags, 0o666), "ab", buffering=0) as file:  # noqa: PTH123
            size = file.tell()
            try:
                _write_whole(file, data)
            except OSError:
                with suppress(OSError):
                    file.truncate(size)
                raise


def place_lines(path: Path, lines: Iterable[str]) -> None:
    """Write a file of lines durably, in constant memory; no lines, no file.

    Raises:
        StoreError: the disk refused; the file is as it was.
    """
    temporary = _temporary(path)
    try:
        with _refusals(path):
            _make_synced_folders(path.parent)
            with _open_new(temporary) as file:
                file.writelines(line.encode() for line in lines)
                file.flush()
                os.fsync(file.fileno())
            if temporary.stat().st_size:
                temporary.replace(path)
            else:
                temporary.unlink()
                path.unlink(missing_ok=True)
        _sync_folders([path.parent])
    except BaseException:
        _discard([temporary])
        raise


def sync_file(path: Path) -> None:
    """Make a file and its name durable; a file that is not there is fine.

    Raises:
        StoreError: the disk refused.
    """
    if not path.exists():
        return
    with _refusals(path), path.open("rb") as file:
        os.fsync(file.fileno())
    _sync_folders([path.parent])


def sweep_temporaries(folder: Path) -> int:
    """Delete the ``.name.tmp`` files a killed run left; returns how many.

    Raises:
        StoreError: the disk refused.
    """
    count = 0
    for path in find_temporaries(folder):
        with _refusals(path):
            path.unlink(missing_ok=True)
        count += 1
    return count


def find_temporaries(folder: Path) -> Iterator[Path]:
    """Find the ``.name.tmp`` files in a store; what was set aside stays as it is."""
    for parent, folders, names in os.walk(folder):
        if Path(parent) == folder and _ASIDE in folders:
            folders.remove(_ASIDE)
        for name in names:
            if name.startswith(".") and name.endswith(".tmp"):
                yield Path(parent, name)


def _free_place(folder: Path, path: Path) -> Path:
    place = folder / _ASIDE / path.relative_to(folder)
    free = (place.with_name(f"{place.name}.{number}") for number in count(2))
    while os.path.lexists(place):
        place = next(free)
    return place


def _place(files: Iterable[tuple[Path, bytes]]) -> None:
    folders: set[Path] = set()
    known: set[Path] = set()
    written: dict[Path, Path] = {}
    try:
        with ExitStack() as stack:
            opened: dict[Path, IO[bytes]] = {}
            for path, data in files:
                with _refusals(path, one_of_many=True):
                    if path.parent not in known:
                        _make_folders(path.parent, folders)
                        known.add(path.parent)
                    written[path] = _temporary(path)
                    file = stack.enter_context(_open_new(written[path], 0))
                    opened[path] = file
                    _write_whole(file, data)
            _sync_files(opened)
        for path, temporary in written.items():
            with _refusals(path, one_of_many=True):
                temporary.replace(path)
            folders.add(path.parent)
        _sync_folders(folders)
    except BaseException:
        _discard(written.values())
        raise


@contextmanager
def _refusals(path: Path, *, one_of_many: bool = False) -> Iterator[None]:
    """Say of which file it was that the disk refused.

    One of many may be refused for its own sake, which the others need not suffer for.
    """
    try:
        yield
    except OSError as error:
        of_the_path = one_of_many and error.errno in _OF_THE_PATH
        kind = PathRefused if of_the_path else StoreError
        raise kind(path, f"cannot be written: {error.strerror}") from error


def _write_whole(file: IO[bytes], data: bytes) -> None:
    """Write to an unbuffered file; a disk that is nearly full takes only a part."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _open_new(path: Path, buffering: int = -1) -> IO[bytes]:
    """Open a file for writing from its start, unless it is a symbolic link."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    return open(os.open(path, flags, 0o666), "wb", buffering)  # noqa: PTH123


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")


def _discard(temporaries: Iterable[Path]) -> None:
    for temporary in temporaries:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _make_synced_folders(folder: Path) -> None:
    changed: set[Path] = set()
    _make_folders(folder, changed)
    _sync_folders(changed)


def _make_folders(folder: Path, changed: set[Path]) -> None:
    if folder.is_dir():
        return
    missing = [folder, *(p for p in folder.parents if not p.exists())]
    folder.mkdir(parents=True, exist_ok=True)
    # A new folder's own entry lives in its parent.
    changed.update(path.parent for path in missing)


def _sync_files(opened: dict[Path, IO[bytes]]) -> None:
    def sync(paths: Iterable[Path]) -> None:
        for path in paths:
            with _refusals(path, one_of_many=True):
                os.fsync(opened[path].fileno())

    paths = list(opened)
    if len(paths) < _MANY:
        sync(paths)
        return
    # Handing a file over costs as much as syncing it: each thread gets its share.
    width = min(_SYNCS, len(paths))
    begun = [_threads().submit(sync, paths[n::width]) for n in range(width)]
    try:
        for each in begun:
            each.result()
    finally:
        wait(begun)  # The files are closed after this.


@cache
def _threads() -> ThreadPoolExecutor:
    # Kept for the next batch: starting them takes longer than what they do.
    return ThreadPoolExecutor(_SYNCS, thread_name_prefix="sync")


os.register_at_fork(after_in_child=_threads.cache_clear)  # It has none of them.


def _sync_folders(folders: Iterable[Path]) -> None:
    for folder in folders:
        with _refusals(folder):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
