"""Read the 7x24 live feed: flashes, whole in the answer.

Texts have no markup (0 tags in 748,865), but angle brackets occur as text. The
creator's and editor's staff e-mail addresses are not read at all.
"""

from __future__ import annotations

import html as html_entities
import re
from typing import Any

from crawler.core.catalogue import Feed
from crawler.core.dates import parse_time
from crawler.core.entries.entry import (
    Entry,
    FeedAnswer,
    Problem,
    excerpt,
    plain,
    read_items,
)
from crawler.core.entries.wire import json_object, result_of
from crawler.core.symbols import symbols_of_stocks
from crawler.core.text import drop_surrogates, one_line
from crawler.core.urls import canonical, document_id

_HEADLINE = re.compile(r"^\s*【(.+?)】\s*", re.DOTALL)
_FIRST_SENTENCE = re.compile(r"^(.{4,60}?)(?:[。！？!?\n；;]|$)", re.DOTALL)


def read_live(body: bytes, feed: Feed) -> FeedAnswer:
    """Read a 7x24 answer; the title is the ``【…】`` headline or the first sentence."""
    result, problem = result_of(body)
    if problem:
        return FeedAnswer(problems=(problem,))
    items: Any = result
    for key in ("data", "feed", "list"):
        items = items.get(key) if isinstance(items, dict) else None
    if not isinstance(items, list):
        broken = Problem("no list", "result.data.feed.list", excerpt(items))
        return FeedAnswer(problems=(broken,))
    return read_items(items, feed, _live_entry)


def _live_entry(item: dict[str, Any], feed: Feed) -> Entry | str:
    text = drop_surrogates(plain(item.get("rich_text")))
    if not one_line(text):
        return "rich_text is empty"
    extra = json_object(item.get("ext"))
    url = canonical(plain(extra.get("docurl")) or plain(item.get("docurl")))
    if not url:
        number = plain(item.get("id"))
        if not (number.isascii() and number.isdigit()):
            return "has neither docurl nor id"
        url = f"https://finance.sina.com.cn/7x24/?id={number}"
    title, rest = _split_flash(text)
    if not one_line(title):
        return "rich_text has brackets only"
    return Entry(
        id=document_id(url, plain(extra.get("docid"))),
        url=url,
        title=title,
        feed=feed.id,
        published=parse_time(plain(item.get("create_time"))),
        updated=parse_time(plain(item.get("update_time"))),
        keywords=_tags(item.get("tag")),
        symbols=symbols_of_stocks(extra.get("stocks")),
        html="".join(
            f"<p>{html_entities.escape(line.strip(), quote=False)}</p>\n"
            for line in rest.split("\n")
            if line.strip()
        ),
    )


def _split_flash(text: str) -> tuple[str, str]:
    match = _HEADLINE.match(text)
    if match and one_line(match[1]):
        rest = text[match.end() :]
        return match[1].strip(), rest if rest.strip() else match[1]
    # A headline without its closing bracket is still the first sentence.
    bare = text.strip().lstrip("【")
    match = _FIRST_SENTENCE.match(bare)
    return (match[1] if match else bare[:60]).strip(), bare


def _tags(tags: object) -> tuple[str, ...]:
    names = [
        one_line(plain(tag.get("name")))
        for tag in (tags if isinstance(tags, list) else ())
        if isinstance(tag, dict)
    ]
    return tuple(name for name in names if name)
