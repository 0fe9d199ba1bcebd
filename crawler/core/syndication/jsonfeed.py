"""Write a JSON Feed, version 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from crawler.core.dates import format_iso
from crawler.core.syndication.channel import Channel, Item


def write_json_feed(channel: Channel, items: Sequence[Item]) -> bytes:
    """Write a channel as a JSON Feed; each item's ``_post`` is for programs."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.home,
        "feed_url": channel.address,
        "description": channel.description,
        "language": "zh-CN",
        "items": [_item(item) for item in items],
    }
    return (json.dumps(_filled(feed), ensure_ascii=False, indent=1) + "\n").encode()


def _item(item: Item) -> dict[str, Any]:
    own = {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "summary": item.summary,
        "image": item.image,
        "date_published": format_iso(item.published),
        "date_modified": format_iso(item.updated),
        "authors": [{"name": item.author}],
        "tags": list(item.tags),
        "_post": item.post,
    }
    return _filled(own) | {"content_html": item.html}


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value or name == "items"}
