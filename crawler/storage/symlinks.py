"""Symbolic links in a store: none below one of its parts is followed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from crawler.core.errors import PathRefused


def refuse_links(store: Path, paths: Iterable[Path]) -> None:
    """Refuse paths that a symbolic link below a part of a store leads elsewhere.

    Raises:
        PathRefused: a folder on the way, or the file itself, is a symbolic link.
    """
    checked: set[str] = set()
    for path in paths:
        if _is_linked(store, path, checked):
            raise PathRefused(path, "leads through a symbolic link; remove that")


def leads_away(store: Path, path: Path) -> bool:
    """Tell whether a symbolic link below a part of a store leads a path elsewhere."""
    return _is_linked(store, path, set())


def _is_linked(store: Path, path: Path, checked: set[str]) -> bool:
    """Look at a path and the folders above it that were not looked at, up to a part.

    Raises:
        ValueError: the path is not in the store.
    """
    # As strings: this is done for every document, and paths take five times as long.
    root = "" if store == Path() else str(store)
    place, above = str(path), os.path.dirname(path)  # noqa: PTH120
    while root not in {place, above} and place not in checked:
        if above == place:
            raise ValueError(f"{path} is not in {store}")
        if os.path.islink(place):  # noqa: PTH114
            return True
        checked.add(place)
        place, above = above, os.path.dirname(above)  # noqa: PTH120
    return False
