"""Make a folder hold the documents of a selection, for a site generator to read.

The folder is only ever changed where an earlier export has put something: a hidden
list, ``.exported.json``, names those documents. It is written before the first change
with what is there and what will be, and after the last with what is, so an export
that was killed is completed by the next. No lock is held on the store meanwhile.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from crawler.core.errors import OptionError, StoreError
from crawler.core.images import image_path, is_image_name, names_in
from crawler.storage.exports import Selection, stream_records
from crawler.storage.images import FOLDER

LIST = ".exported.json"
"""The file that names what exports have put into a folder; generators skip it."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did to a folder."""

    posts: int
    """Documents of the selection that are there now."""

    placed: int
    """Those of them that were not there before, or in an older version."""

    removed: int
    """Documents of earlier exports that are no longer selected."""

    images: int = 0
    """The pictures they show from here, which are there now."""


def export_posts(
    folder: Path, selection: Selection, target: Path, images: Path | None = None
) -> Exported:
    """Make a folder hold exactly the selected documents, under their paths.

    Withdrawn ones are never selected.

    Documents are hard links where the file system allows it, else copies; each
    appears whole. Files that no export has put there stay as they are.

    Args:
        folder: the store.
        selection: which posts.
        target: the folder; made when missing.
        images: the folder for the pictures that the documents show from here, made
            to hold them alone in the same way; ``None`` leaves them out.

    Raises:
        OptionError: the folder cannot be used: it overlaps with the store, or a
            document would leave it, replace a file of someone else or go through a
            symbolic link. Nothing was changed.
        StoreError: there is no store, a document of it is missing, or the disk
            refused.
    """
    published = replace(selection, withdrawn=False)
    chosen = [record["path"] for record in stream_records(folder, published)]
    posts = folder / "posts"
    if images is None:
        return _fill(posts, chosen, target)
    if _check_root(folder, images) == _check_root(folder, target):
        raise _refusal(images, "must be another folder than that of the posts")
    done = _fill(posts, chosen, target)
    shown = list(_shown(folder, chosen))
    if shown or (images / LIST).exists():
        _fill(folder / FOLDER, shown, images)
    return replace(done, images=len(shown))


def _fill(posts: Path, chosen: Sequence[str], target: Path) -> Exported:
    root = _check_root(posts.parent, target)
    earlier = _read_list(root)
    gone = earlier.difference(chosen)
    with _refusals(root):
        _check_paths(root, [*chosen, *gone])
        _check_documents(posts, chosen)
        stale = [path for path in chosen if not _is_current(posts / path, root / path)]
        _check_places(root, [path for path in stale if path not in earlier])
        _write_list(root, earlier.union(chosen))
        for path in stale:
            _place(posts / path, root / path)
        for path in gone:
            _remove(root, path)
        _write_list(root, chosen)
    return Exported(len(chosen), len(stale), len(gone))


def _shown(folder: Path, chosen: Iterable[str]) -> Iterator[str]:
    """Find the pictures that documents show from here and that are here."""
    if not (folder / FOLDER).is_dir():
        return
    names: set[str] = set()
    for path in chosen:
        document = (folder / "posts" / path).read_bytes().decode("utf-8", "replace")
        names |= names_in(document)
    for name in sorted(names):
        if (folder / FOLDER / image_path(name)).is_file():
            yield image_path(name)


def _check_root(folder: Path, target: Path) -> Path:
    store, root = (Path(os.path.realpath(path)) for path in (folder, target))
    if root.is_relative_to(store) or store.is_relative_to(root):
        raise _refusal(target, "must lie outside the store")
    if root.exists() and not root.is_dir():
        raise _refusal(target, "is no folder")
    return root


def _check_paths(root: Path, paths: Iterable[str]) -> None:
    """Refuse paths that leave the folder, by their names or by a symbolic link."""
    checked: set[Path] = set()
    for path in paths:
        parts = path.split("/")
        ours = path.endswith(".html") or is_image_name(parts[-1])
        if not ours or {"", ".", ".."} & {*parts} or "\0" in path:
            raise _refusal(root, f"{path!r} is no path of a document")
        place = root
        for part in parts:
            place /= part
            if place not in checked and place.is_symlink():
                raise _refusal(root, f"{place} is a symbolic link; remove it")
            checked.add(place)


def _check_documents(posts: Path, paths: Iterable[str]) -> None:
    for path in paths:
        if not (posts / path).is_file():
            problem = "the document is missing; restore it from a backup"
            raise StoreError(posts / path, problem)


def _check_places(root: Path, paths: Iterable[str]) -> None:
    for path in paths:
        if (root / path).exists():
            raise _refusal(root, f"{path} was put there by something else; move it")


def _read_list(root: Path) -> set[str]:
    """Read which documents exports have put into a folder."""
    place = root / LIST
    if place.is_symlink():
        raise _refusal(root, f"{place} is a symbolic link; remove it")
    try:
        paths = json.loads(place.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return set()
    except OSError as error:
        raise StoreError(place, f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise _refusal(root, f"{LIST} is damaged; start with a new folder") from error
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise _refusal(root, f"{LIST} is not a list of paths; start with a new folder")
    return set(paths)


def _write_list(root: Path, paths: Iterable[str]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    temporary = root / f"{LIST}.tmp"
    text = json.dumps(sorted(paths), ensure_ascii=False, indent=0)
    with _discarded(temporary):
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(root / LIST)


def _is_current(document: Path, place: Path) -> bool:
    """Tell whether a place holds a document as it is now: its link or its copy."""
    try:
        there = place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    here = document.stat()
    if (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino):
        return True
    # A copy keeps the time; the store never changes a document in place.
    copied = (there.st_mode, there.st_size, there.st_mtime_ns)
    return copied == (here.st_mode, here.st_size, here.st_mtime_ns)


def _place(document: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f".{place.name}.tmp")
    with _discarded(temporary):
        temporary.unlink(missing_ok=True)
        try:
            os.link(document, temporary)
        except FileNotFoundError:
            raise
        except OSError:  # Another file system, or one without hard links.
            shutil.copy2(document, temporary)
        temporary.replace(place)


def _remove(root: Path, path: str) -> None:
    place = root / path
    with suppress(FileNotFoundError, NotADirectoryError):
        place.unlink()
    for parent in place.parents:
        if parent == root:
            return
        try:
            parent.rmdir()
        except OSError:  # Something else is in it, or it is gone.
            return


@contextmanager
def _discarded(temporary: Path) -> Iterator[None]:
    """Delete a temporary file that is still there at the end of a block."""
    try:
        yield
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def _refusals(root: Path) -> Iterator[None]:
    """Say of which file it was that the disk refused."""
    try:
        yield
    except OSError as error:
        path = error.filename2 or error.filename or root
        raise StoreError(path, f"cannot be used: {error.strerror}") from error


def _refusal(root: Path, problem: str) -> OptionError:
    return OptionError("--posts", root, problem)
