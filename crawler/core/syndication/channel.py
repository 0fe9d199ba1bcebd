"""What the three forms of a feed have in common: the channel, its items, their ids."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler.core.text import drop_unsafe, one_line
from crawler.core.urls import absolute

_SUMMARY = 200
_TAGGED = frozenset({"removed", "reprocessed"})
_WITHDRAWN = "原网站已撤下这篇文章。"
_OURS = uuid.uuid5(uuid.NAMESPACE_URL, "https://finance.sina.com.cn/")
"""What all ids are made from: it must never change, or readers take all for new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A feed without its items; every text is one clean line."""

    id: str
    """Its id for good, a URN."""

    title: str
    """What it is called."""

    description: str
    """What it holds."""

    home: str
    """The page it is the feed of."""

    address: str
    """Where it will be published, or ``""``."""

    updated: datetime
    """When its last item changed, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One post in a feed; nothing in it is unfit for XML."""

    id: str
    """Its id for good, a URN: neither headline nor address changes it."""

    url: str
    """The article's address, http or https; ``""`` when unknown."""

    title: str
    """The headline as published, one line of plain text."""

    author: str
    """Who wrote it, else the medium, else the site."""

    published: datetime
    """When the site published it, UTC."""

    updated: datetime
    """When the store learnt of the publisher's last change, UTC."""

    tags: tuple[str, ...]
    """The feed's title and the keywords; first ``removed`` where the page is gone,
    ``reprocessed`` where later code read the same page otherwise."""

    image: str
    """The first picture's address, or ``""``."""

    summary: str
    """The beginning of the text, one line of plain text; may be empty."""

    html: str = field(repr=False)
    """The reading version of the body."""

    post: dict[str, Any]
    """For programs: the document id, the revision and the status."""


def channel_id(*parts: str) -> str:
    """Make the id of a channel from what selects its posts."""
    return uuid.uuid5(_OURS, "\n".join(("channel", *parts))).urn


def item_of(record: dict[str, Any], edited: str, *, withdrawn: bool) -> Item:
    """Make an item of a record.

    Args:
        record: the post's record.
        edited: when the store learnt of the publisher's last change, ISO 8601.
        withdrawn: the post is not shown any more; a notice stands for its text.
    """
    tags = [record["status"]] if record["status"] in _TAGGED else []
    tags += [*record["categories"][-1:], *record["keywords"]]
    pictures = [image["url"] for image in record["images"]]
    text = _WITHDRAWN if withdrawn else record["text"]
    return Item(
        id=uuid.uuid5(_OURS, record["id"]).urn,
        url=absolute(record["url"]),
        title=one_line(record["title"]) or record["id"],
        author=_first(record["author"], record["source"], *record["categories"][1:]),
        published=datetime.fromisoformat(record["published"]),
        updated=datetime.fromisoformat(edited),
        tags=tuple(filter(None, dict.fromkeys(map(one_line, tags)))),
        image=absolute("" if withdrawn else next(iter(pictures), "")),
        summary=_shortened(one_line(text)),
        html=f"<p>{_WITHDRAWN}</p>" if withdrawn else drop_unsafe(record["html"]),
        post={name: record[name] for name in ("id", "revision", "status")},
    )


def _first(*names: str) -> str:
    return next((name for name in map(one_line, names) if name), "unknown")


def _shortened(line: str) -> str:
    return line if len(line) <= _SUMMARY else line[: _SUMMARY - 1] + "…"
