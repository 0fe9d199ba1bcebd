"""Read the catalogue's files."""

from __future__ import annotations

from pathlib import Path

from crawler.core.catalogue import Catalogue, parse_site
from crawler.core.errors import CatalogueError


def read_catalogue(folder: Path) -> Catalogue:
    """Read every ``*.yaml`` of a folder, in the order of their names.

    Raises:
        CatalogueError: the folder has no such file, or one cannot be used.
    """
    try:
        paths = sorted(folder.glob("*.yaml"))
        texts = [(path, path.read_text(encoding="utf-8")) for path in paths]
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(str(folder), "", f"cannot be read: {error}") from error
    if not texts:
        advice = "has no *.yaml file; check CATALOGUE_DIR"
        raise CatalogueError(str(folder), "", advice)
    return Catalogue(
        tuple(parse_site(text, f"{folder.name}/{path.name}") for path, text in texts)
    )
