"""Symbolic links in a store: none below one of its parts is followed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from crawler.core.errors import PathRefused


def refuse_links(store: Path, paths: Iterable[Path]) -> None:
    """Refuse paths that a symbolic link below a part of a store leads elsewhere.

    Raises:
        PathRefused: a folder on the way, or the file itself, is a symbolic link.
    """
    checked: set[Path] = set()
    for path in paths:
        if _is_linked(store, path, checked):
            raise PathRefused(path, "leads through a symbolic link; remove that")


def leads_away(store: Path, path: Path) -> bool:
    """Tell whether a symbolic link below a part of a store leads a path elsewhere."""
    return _is_linked(store, path, set())


def _is_linked(store: Path, path: Path, checked: set[Path]) -> bool:
    """Look at a path and the folders above it that were not looked at, up to a part.

    Raises:
        ValueError: the path is not in the store.
    """
    above = path.parent
    while above != store and path not in checked:
        if above == path:
            raise ValueError(f"not in {store}")
        if path.is_symlink():
            return True
        checked.add(path)
        path, above = above, above.parent
    return False
