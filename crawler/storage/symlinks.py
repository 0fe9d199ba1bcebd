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
    for path in paths:
        if leads_away(store, path):
            raise PathRefused(path, "leads through a symbolic link; remove that")


def leads_away(store: Path, path: Path) -> bool:
    """Tell whether a symbolic link below a part of a store leads a path elsewhere."""
    part, *rest = path.relative_to(store).parts or ("",)
    there = os.path.join(os.path.realpath(store / part), *rest)  # noqa: PTH118
    return os.path.realpath(path) != there
