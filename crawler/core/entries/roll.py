"""Read the roll API: JSON or JSONP with 50 items a page."""

from __future__ import annotations

import re
from typing import Any

from crawler.core.catalogue import Feed
from crawler.core.dates import parse_epoch
from crawler.core.entries.entry import (
    Entry,
    FeedAnswer,
    Problem,
    excerpt,
    plain,
    read_items,
)
from crawler.core.entries.wire import result_of
from crawler.core.text import drop_surrogates, one_line
from crawler.core.urls import NO_ADDRESS, absolute, canonical, document_id


def read_roll(body: bytes, feed: Feed) -> FeedAnswer:
    """Read a roll answer; ``data: null`` is an empty list, as past the last page."""
    result, problem = result_of(body)
    if problem:
        return FeedAnswer(problems=(problem,))
    data = result.get("data")
    if not isinstance(data, list):
        # The last page has null where others have a list.
        broken = Problem("no list", "result.data", excerpt(data))
        return FeedAnswer(problems=() if data is None else (broken,))
    return read_items(data, feed, _roll_entry)


def _roll_entry(item: dict[str, Any], feed: Feed) -> Entry | str:
    url = canonical(plain(item.get("url")))
    title = drop_surrogates(plain(item.get("title")))
    if not url:
        return f"url {excerpt(item.get('url'))!r} {NO_ADDRESS}"
    if not one_line(title):
        return "title is empty"
    author = plain(item.get("author"))
    return Entry(
        id=document_id(url, plain(item.get("docid"))),
        url=url,
        title=title,
        feed=feed.id,
        published=parse_epoch(item.get("ctime")),
        updated=parse_epoch(item.get("mtime")),
        source=one_line(plain(item.get("media_name"))),
        # The API writes "0" for "no author".
        author="" if author == "0" else one_line(author),
        keywords=_split(plain(item.get("keywords"))),
        image=_first_image(item),
    )


def _first_image(item: dict[str, Any]) -> str:
    images = item.get("images")
    candidates = [item.get("img"), *(images if isinstance(images, list) else ())]
    for image in candidates:
        if isinstance(image, dict) and (url := absolute(plain(image.get("u")))):
            return url
    return ""


def _split(text: str) -> tuple[str, ...]:
    parts = (one_line(part) for part in re.split(r"[,，;；|]", text))
    return tuple(dict.fromkeys(part for part in parts if part))
