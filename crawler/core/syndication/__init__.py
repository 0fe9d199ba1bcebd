"""Stored posts as a feed that others subscribe to: Atom, RSS or JSON Feed."""

from crawler.core.syndication.atom import write_atom
from crawler.core.syndication.channel import Channel, Item, channel_id, item_of
from crawler.core.syndication.jsonfeed import write_json_feed
from crawler.core.syndication.rss import write_rss

__all__ = ["WRITERS", "Channel", "Item", "channel_id", "item_of"]

WRITERS = {"atom": write_atom, "rss": write_rss, "jsonfeed": write_json_feed}
"""The forms of a feed, each with what makes the file of a channel and its items."""
