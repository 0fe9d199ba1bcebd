"""Make a feed that others subscribe to of a part of a store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from crawler.core.catalogue import Catalogue
from crawler.core.syndication import WRITERS, Channel, channel_id, item_of
from crawler.storage.exports import Selection, stream_outlets

NEWEST = 100
"""How many posts a feed holds unless it is asked for another number, or changes."""


def write_feed(
    folder: Path, selection: Selection, form: str, catalogue: Catalogue, address: str
) -> tuple[bytes, int]:
    """Write the newest selected posts, or all selected changes, as one feed.

    Posts whose document was withdrawn are left out; among changes they are told,
    without their text.

    Args:
        folder: the store.
        selection: which posts; its feed is one of the catalogue.
        form: ``atom``, ``rss`` or ``jsonfeed``.
        catalogue: names the feed and the sites.
        address: where it will be published, or ``""``.

    Returns:
        The file, and how many items it has.

    Raises:
        StoreError: there is no store in the folder, or it is damaged.
    """
    is_change_feed = selection.changed_since is not None
    newest = selection.newest or (None if is_change_feed else NEWEST)
    chosen = replace(selection, newest=newest, withdrawn=is_change_feed)
    outlets = stream_outlets(folder, chosen)
    items = [item_of(o.record, o.edited, withdrawn=o.withdrawn) for o in outlets]
    updated = max((item.updated for item in items), default=datetime.now(UTC))
    channel = _channel(catalogue, selection, address, updated)
    return WRITERS[form](channel, items), len(items)


def _channel(
    catalogue: Catalogue, selection: Selection, address: str, updated: datetime
) -> Channel:
    feed = catalogue.feed(selection.feed)
    sites = [catalogue.site_of(feed.id)] if feed else list(catalogue.sites)
    names = [feed.title] if feed else [site.name for site in sites]
    names += [selection.symbol] if selection.symbol else []
    title = " · ".join(names)
    return Channel(
        id=channel_id(selection.feed, selection.symbol),
        title=title,
        description=f"{title}（全文）",
        home=sites[0].referer or f"https://{sites[0].hosts[0]}/",
        address=address,
        updated=updated,
    )
