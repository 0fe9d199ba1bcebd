"""Which program this is: its version, its defaults, and what it stands on."""

from __future__ import annotations

import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from scrapy.settings import default_settings
from scrapy.utils.conf import arglist_to_dict

from crawler import __version__
from crawler import settings as own_settings
from crawler.core.options import check_values

_PACKAGES = ("Scrapy", "Twisted", "lxml", "selectolax", "nh3", "feedparser", "pydantic")


def versions() -> dict[str, str]:
    """Name the versions a run depends on.

    Returns:
        By name, the program first: ``crawler``, ``commit`` (in a Git checkout),
        ``python``, ``sqlite`` and the libraries. What cannot be told is left out.
    """
    found = {
        "crawler": __version__,
        "commit": _commit(own_settings.PROJECT_DIR / ".git"),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    found |= {name.lower(): _version_of(name) for name in _PACKAGES}
    return {name: value for name, value in found.items() if value}


def default_values() -> dict[str, Any]:
    """Give every setting of Scrapy's and ours with the value it has by default."""
    found: dict[str, Any] = {"SETTINGS_MODULE": own_settings.__name__}
    for module in (default_settings, own_settings):
        found |= {name: value for name, value in vars(module).items() if name.isupper()}
    return found


def check_given(given: list[str]) -> None:
    """Refuse what a command was given with ``-s NAME=VALUE`` and cannot be meant.

    Raises:
        OptionError: a name or value; see `check_values`.
    """
    check_values(arglist_to_dict(given), default_values())


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _commit(folder: Path) -> str:
    # Read instead of asking Git, which may be missing or not trust the folder's owner.
    head = _read(folder / "HEAD")
    if not head.startswith("ref: "):
        return head[:12]
    name = head.removeprefix("ref: ")
    commit = _read(folder / name)
    packed = [] if commit else _read(folder / "packed-refs").splitlines()
    commits = [commit, *(line[:12] for line in packed if line.endswith(f" {name}"))]
    return next(filter(None, commits), "")[:12]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
