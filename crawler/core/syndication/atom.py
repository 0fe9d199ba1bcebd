"""Write an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from crawler.core.dates import format_iso
from crawler.core.syndication.channel import Channel, Item
from crawler.core.syndication.elements import ATOM, Parent

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def write_atom(channel: Channel, items: Sequence[Item]) -> bytes:
    """Write a channel as an Atom file: plain-text titles, bodies as escaped HTML."""
    root = etree.Element(f"{{{ATOM}}}feed", {_LANGUAGE: "zh-CN"}, nsmap={None: ATOM})
    feed = Parent(root, ATOM)
    feed.add("id", channel.id)
    feed.add("title", channel.title)
    feed.add("subtitle", channel.description)
    feed.add("updated", format_iso(channel.updated))
    feed.add("link", rel="alternate", href=channel.home)
    if channel.address:
        feed.add("link", rel="self", href=channel.address, type="application/atom+xml")
    for item in items:
        _add_entry(feed, item)
    return feed.as_file()


def _add_entry(feed: Parent, item: Item) -> None:
    entry = feed.add("entry")
    entry.add("id", item.id)
    entry.add("title", item.title)
    if item.url:
        entry.add("link", rel="alternate", href=item.url)
    entry.add("published", format_iso(item.published))
    entry.add("updated", format_iso(item.updated))
    entry.add("author").add("name", item.author)
    for tag in item.tags:
        entry.add("category", term=tag)
    if item.summary:
        entry.add("summary", item.summary)
    entry.add("content", item.html, type="html")
