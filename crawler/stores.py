"""Open the project's store as its settings say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scrapy.settings import BaseSettings

from crawler.core.errors import OptionError
from crawler.core.frontmatter import EXTRA_FIELDS
from crawler.core.images import check_prefix
from crawler.core.paths import check_path
from crawler.storage.archive_store import ArchivedStore
from crawler.storage.posts import PostStore


def open_store(settings: BaseSettings, run: str, spider: str) -> PostStore:
    """Open the store in ``OUTPUT_DIR``, with an archive unless that is switched off.

    Args:
        settings: the project's settings.
        run: the run's name.
        spider: what the run is of.

    Raises:
        StoreLocked: another run holds the folder.
        StoreError: the folder, archive or index cannot be used.
    """
    folder = Path(settings["OUTPUT_DIR"])
    options = options_of(settings)
    if not settings.getbool("ARCHIVE_ENABLED"):
        return PostStore(folder, run, spider=spider, **options)
    about = {**options, "body": settings["POST_BODY"]}
    return ArchivedStore(folder, run, spider=spider, about=about, **options)


_BODIES = ("document", "clean")
_REPRINTS = ("link", "keep")


def check_settings(settings: BaseSettings) -> None:
    """Refuse settings that say what posts become and cannot be used.

    Raises:
        OptionError: which one, and what would do.
    """
    body, reprints = settings["POST_BODY"], settings["NEAR_DUPLICATES"]
    if body not in _BODIES:
        raise OptionError("POST_BODY", body, f"is one of {', '.join(_BODIES)}")
    if reprints not in _REPRINTS:
        known = f"is one of {', '.join(_REPRINTS)}"
        raise OptionError("NEAR_DUPLICATES", reprints, known)
    for name in settings.getlist("POST_EXTRA_FIELDS"):
        if name not in EXTRA_FIELDS:
            known = " ".join(EXTRA_FIELDS)
            raise OptionError("POST_EXTRA_FIELDS", name, f"is not one of {known}")
    check_path(settings["POST_PATH"])
    images_url(settings)


OF_POSTS = ("POST_PATH", "POST_EXTRA_FIELDS", "NEAR_DUPLICATES", "POST_BODY")
"""The settings that say what posts become, beside those of their pictures."""

OF_IMAGES = ("IMAGES_MIRROR", "IMAGES_URL")
"""The settings that say where documents show their pictures."""


def options_of(settings: BaseSettings) -> dict[str, Any]:
    """Give the settings of a store as `PostStore` takes them."""
    return {
        "path_template": settings["POST_PATH"],
        "extra_fields": settings.getlist("POST_EXTRA_FIELDS"),
        "link_reprints": settings["NEAR_DUPLICATES"] == "link",
        "images_url": images_url(settings),
    }


def images_url(settings: BaseSettings) -> str:
    """Say where documents show the pictures that are kept; ``""`` when none are.

    Raises:
        OptionError: ``IMAGES_URL`` cannot be used.
    """
    mirror = settings.getbool("IMAGES_MIRROR")
    return check_prefix(settings["IMAGES_URL"]) if mirror else ""
