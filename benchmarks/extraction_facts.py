"""What a saved page is known to say, and whether an extractor said it.

A page ``X.html`` has its facts in ``X.json``: texts are short probes without white
space, so white space is removed from both sides before they are compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

Facts = dict[str, Any]

_WHITE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\ue000-\uf8ff]+")
_SLACK = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an extractor read from a page; what it cannot read stays empty."""

    title: str = ""
    published: datetime | None = None
    source: str = ""
    author: str = ""
    editor: str = ""
    keywords: list[str] = field(default_factory=list)
    symbols: list[str] = field(default_factory=list)
    text: str = ""
    images: list[str] = field(default_factory=list)


def read_facts(paths: Iterable[Path]) -> list[tuple[Path, Facts]]:
    """Find the pages among files and folders, each with its facts.

    Raises:
        FileNotFoundError: a page without facts.
    """
    pages: list[Path] = []
    for path in paths:
        pages += sorted(path.glob("*.html")) if path.is_dir() else [path]
    return [
        (page, json.loads(page.with_suffix(".json").read_text(encoding="utf-8")))
        for page in pages
    ]


def judge(result: Result, facts: Facts) -> dict[str, bool | None]:
    """Say of each field whether it is right; ``None`` where the page has none.

    A field the page does not have is right when it is left empty, and is counted only
    when it is not.
    """
    return {name: check(result, facts) for name, check in FIELDS.items()}


def squeeze(text: str | None) -> str:
    """Remove all white space."""
    return _WHITE.sub("", text or "")


def _title(result: Result, facts: Facts) -> bool:
    return squeeze(result.title) == squeeze(facts["title"])


def _published(result: Result, facts: Facts) -> bool:
    right = datetime.fromisoformat(facts["published"])
    found = result.published
    if found is None:
        return False
    found = found if found.tzinfo else found.replace(tzinfo=right.tzinfo)
    return found.replace(second=0, microsecond=0) == right


def _source(result: Result, facts: Facts) -> bool:
    right = [facts["source"], *facts.get("source_ok", [])]
    return squeeze(result.source) in map(squeeze, right)


def _author(result: Result, facts: Facts) -> bool | None:
    right = [facts["author"], *facts.get("author_ok", [])]
    if not result.author and not facts["author"]:
        return None
    return squeeze(result.author) in map(squeeze, filter(None, right))


def _editor(result: Result, facts: Facts) -> bool | None:
    if not result.editor and not facts["editor"]:
        return None
    return squeeze(result.editor) == squeeze(facts["editor"])


def _keywords(result: Result, facts: Facts) -> bool | None:
    if not result.keywords and not facts["keywords"]:
        return None
    return result.keywords == list(facts["keywords"])


def _symbols(result: Result, facts: Facts) -> bool | None:
    if not result.symbols and not facts["symbols"]:
        return None
    return sorted(result.symbols) == sorted(facts["symbols"])


def _first(result: Result, facts: Facts) -> bool | None:
    return _has(result, facts, "first")


def _last(result: Result, facts: Facts) -> bool | None:
    return _has(result, facts, "last")


def _has(result: Result, facts: Facts, name: str) -> bool | None:
    if not facts[name]:
        return None
    text = squeeze(result.text)
    probes = [facts[name], facts.get(f"{name}_alt")]
    return any(squeeze(probe) in text for probe in probes if probe)


def _contains(result: Result, facts: Facts) -> bool | None:
    text = squeeze(result.text)
    return all(squeeze(probe) in text for probe in facts["contains"])


def _excludes(result: Result, facts: Facts) -> bool:
    text = squeeze(result.text)
    probes = [*facts["excludes"], *facts.get("excludes_inside", [])]
    return bool(text) and not any(squeeze(probe) in text for probe in probes)


def _chars(result: Result, facts: Facts) -> bool:
    captions = sum(len(squeeze(caption)) for caption in facts.get("captions", []))
    low = float(facts["chars_min"]) * (1 - _SLACK)
    high = float(facts["chars_max"] + captions) * (1 + _SLACK)
    return low <= len(squeeze(result.text)) <= high


def _images(result: Result, facts: Facts) -> bool:
    optional = facts.get("images_optional", [])
    return [url for url in result.images if url not in optional] == list(
        facts["images"]
    )


FIELDS: dict[str, Callable[[Result, Facts], bool | None]] = {
    "title": _title,
    "published": _published,
    "source": _source,
    "author": _author,
    "editor": _editor,
    "keywords": _keywords,
    "symbols": _symbols,
    "first": _first,
    "last": _last,
    "contains": _contains,
    "excludes": _excludes,
    "chars": _chars,
    "images": _images,
}
"""What is judged, in the order of the tables."""
