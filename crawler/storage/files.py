"""Write files so that they are whole after a crash, a full disk or a power cut."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from crawler.core.errors import StoreError


def place_durably(files: Iterable[tuple[Path, str]]) -> None:
    """Write a batch of files, each of which is either whole or as it was before.

    The order is: write ``.name.tmp`` beside the target, fsync it, rename it over the
    target, and at the end fsync every folder concerned.

    Args:
        files: target and text; folders are made as needed.

    Raises:
        StoreError: the disk refused; targets not yet renamed are untouched.
    """
    folders: set[Path] = set()
    for path, text in files:
        try:
            _make_folders(path.parent, folders)
            temporary = path.with_name(f".{path.name}.tmp")
            _write(temporary, text.encode())
            temporary.replace(path)
        except OSError as error:
            raise StoreError(path, f"cannot be written: {error.strerror}") from error
        folders.add(path.parent)
    for folder in folders:
        _sync_folder(folder)


def keep_old(path: Path, copy: Path) -> None:
    """Keep a file's present text under another name before it is replaced.

    A copy that is there already stays: it is older and nearer the truth.

    Raises:
        StoreError: the disk refused.
    """
    try:
        _make_folders(copy.parent, set())
        os.link(path, copy)
    except FileExistsError:
        return
    except FileNotFoundError:
        return  # The document was deleted by hand: there is nothing left to keep.
    except OSError:
        place_durably([(copy, path.read_text(encoding="utf-8"))])
    _sync_folder(copy.parent)


def append_line_batch(path: Path, lines: Iterable[str]) -> None:
    """Append whole lines in one write.

    Raises:
        StoreError: the disk refused.
    """
    data = "".join(lines).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab", buffering=0) as file:
            file.write(data)
    except OSError as error:
        raise StoreError(path, f"cannot be written: {error.strerror}") from error


def place_lines(path: Path, lines: Iterable[str]) -> None:
    """Write a file of lines durably, in constant memory; no lines, no file.

    Raises:
        StoreError: the disk refused; the file is as it was.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(lines)
        if temporary.stat().st_size:
            sync_file(temporary)
            temporary.replace(path)
        else:
            temporary.unlink()
            path.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise StoreError(path, f"cannot be written: {error.strerror}") from error


def sync_file(path: Path) -> None:
    """Make what was written to a file durable; a file that is not there is fine."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise StoreError(path, f"cannot be made durable: {error.strerror}") from error
    finally:
        os.close(descriptor)


def sweep_temporaries(folder: Path) -> int:
    """Delete the ``.name.tmp`` files a killed run left; returns how many."""
    count = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.startswith(".") and name.endswith(".tmp"):
                Path(parent, name).unlink(missing_ok=True)
                count += 1
    return count


def _make_folders(folder: Path, changed: set[Path]) -> None:
    if folder.is_dir():
        return
    missing = [folder, *(p for p in folder.parents if not p.exists())]
    folder.mkdir(parents=True, exist_ok=True)
    # A new folder's own entry lives in its parent.
    changed.update(path.parent for path in missing)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
