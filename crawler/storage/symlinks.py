"""Ways out of a store: below its parts no symbolic link and no ``..`` is followed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from crawler.core.errors import PathRefused


def refuse_links(store: Path, paths: Iterable[Path]) -> None:
    """Refuse paths that lead out of a store, or through a link below a part of it.

    Raises:
        PathRefused: a folder on the way, or the file itself, is a symbolic link; or
            the path holds ``..``.
    """
    checked: set[str] = set()
    for path in paths:
        if _is_linked(store, path, checked):
            if ".." in path.parts:
                raise PathRefused(path, "leads out of the store, by ..")
            raise PathRefused(path, "leads through a symbolic link; remove that")


def leads_away(store: Path, path: Path) -> bool:
    """Tell whether ``..`` or a link below a part of a store leads a path elsewhere."""
    return _is_linked(store, path, set())


def _is_linked(store: Path, path: Path, checked: set[str]) -> bool:
    """Look at a path and the folders above it that were not looked at, up to a part.

    Raises:
        ValueError: the path is not in the store.
    """
    # As strings: this is done for every document, and paths take five times as long.
    root = "" if store == Path() else str(store)
    place, above = str(path), os.path.dirname(path)  # noqa: PTH120
    if "/../" in f"/{place[len(root) :]}/":
        return True
    while root not in {place, above} and place not in checked:
        if above == place:
            raise ValueError(f"{path} is not in {store}")
        if os.path.islink(place):  # noqa: PTH114
            return True
        checked.add(place)
        place, above = above, os.path.dirname(above)  # noqa: PTH120
    return False
