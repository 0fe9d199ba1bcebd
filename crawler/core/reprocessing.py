"""What today's code would change in posts that were made by earlier code."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from crawler.core.changes import Piece, word_diff
from crawler.core.posts import Post
from crawler.core.records import record_of

COMPARED = (
    *("title", "text", "html", "source", "author", "editor", "published", "updated"),
    *("url", "categories", "keywords", "symbols", "images", "headimg", "template"),
)
"""The fields of a record that come from its page, in the order they are told."""

DOCUMENT = "document"
"""The name for a document that differs where no field does."""

EXAMPLES = 3
"""How many examples are told of each field of each template."""

_FACTS = (
    *("path", "revision", "status", "content_hash", "first_seen", "feeds"),
    *("duplicates", "listed", "copies"),
)
_AROUND = 24
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Example:
    """One field of one post that would change."""

    id: str
    """The post's document id."""

    url: str
    """Its address."""

    title: str
    """Its headline, as it is stored."""

    pieces: tuple[Piece, ...]
    """What would stay, go and come, with long stretches cut short."""

    lines: tuple[Piece, ...] = ()
    """The same of its document, where nothing but that would change; line by line."""


@dataclass(slots=True)
class Survey:
    """What a survey of an archive found."""

    examined: int = 0
    """Posts whose pages were read anew."""

    changed: int = 0
    """Those that would change."""

    removed: int = 0
    """Posts that the site has removed; they stay as they are."""

    absent: int = 0
    """Stored posts whose pages are not in the files that were read."""

    fresh: int = 0
    """Articles without a post that today's code can read."""

    lost: Counter[str] = field(default_factory=Counter)
    """Posts that today's code makes nothing of, by reason; they are left alone."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Posts that would change, by template and field."""

    examples: dict[tuple[str, str], list[Example]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """The first examples, by template and field."""

    @property
    def is_empty(self) -> bool:
        """Whether there was no post to be read anew, and none to be made."""
        return not (self.examined or self.removed or self.fresh)

    def wants(self, old: dict[str, Any], name: str) -> bool:
        """Tell whether a post would be an example of a field."""
        known = self.examples.get((old["template"], name), ())
        return len(known) < EXAMPLES

    def note(
        self,
        old: dict[str, Any],
        post: Post,
        names: tuple[str, ...],
        lines: tuple[Piece, ...] = (),
    ) -> None:
        """Count a post of which fields would change.

        Args:
            old: its record.
            post: what today's code makes of it.
            names: the fields.
            lines: the lines of its document that would change, of an example.
        """
        self.changed += 1
        new = renewed(old, post)
        for name in names:
            key = (old["template"], name)
            self.counts[key] += 1
            if self.wants(old, name):
                pieces = _pieces(name, old, new) if name != DOCUMENT else ()
                about = (old["id"], old["url"], old["title"])
                self.examples[key].append(Example(*about, pieces, lines))


def renewed(old: dict[str, Any], post: Post) -> dict[str, Any]:
    """Give the record that a post would have in the place of its last one."""
    return record_of(post, {name: old[name] for name in _FACTS})


def changed_fields(old: dict[str, Any], post: Post) -> tuple[str, ...]:
    """Name the fields of a record that today's code gives another value."""
    new = renewed(old, post)
    return tuple(name for name in COMPARED if old[name] != new[name])


def _pieces(name: str, old: dict[str, Any], new: dict[str, Any]) -> tuple[Piece, ...]:
    if name in {"title", "text", "html", "source"}:
        return tuple(map(_short, word_diff(old[name], new[name])))
    was, now = (json.dumps(each[name], ensure_ascii=False) for each in (old, new))
    return _short(Piece("-", was)), _short(Piece("+", now))


def _short(piece: Piece) -> Piece:
    text = piece.text
    most = _LONGEST if piece.mark != "=" else 2 * _AROUND
    if len(text) <= most:
        return piece
    head, tail = (most - _AROUND, _AROUND)
    return Piece(piece.mark, f"{text[:head]} … {text[-tail:]}")
