"""Read RSS, Atom and JSON Feed.

feedparser reads the XML kinds; it has no JSON Feed, which is turned into the same
items here.
"""

from __future__ import annotations

import html as html_entities
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import feedparser

from crawler.core.catalogue import Feed
from crawler.core.dates import EARLIEST, parse_time
from crawler.core.entries.entry import (
    Entry,
    FeedAnswer,
    Problem,
    excerpt,
    plain,
    read_items,
)
from crawler.core.entries.wire import html_problem, is_html, load_json
from crawler.core.markup import too_crowded
from crawler.core.text import drop_surrogates, one_line
from crawler.core.urls import NO_ADDRESS, absolute, canonical, document_id

_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_LAST_CHARACTER = 0x10FFFF
_WORD = re.compile(rb"(?:[\w.+-]|&#?\w{1,8};)++")
_MAX_TRIED = 5 * 10**8
"""How often feedparser may try whether a word begins a mail address: it does so at each
of its characters, in an author's element (two seconds)."""

_LONG_ENTITY = re.compile(rb"<!ENTITY\s[^<>]{64}")
_GROWTH = 400
"""How much more it may be where short entities stand for some of the characters."""

_FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What feedparser raises: it has no exception of its own, so that, of 35,000 feeds
garbled by chance, 700 came out of its parts as a KeyError, OverflowError, TypeError
or ValueError."""

_END = re.compile(rb"</\s*(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)


def read_rss(body: bytes, feed: Feed) -> FeedAnswer:
    """Read an RSS, Atom or JSON Feed answer; links are unwrapped, CDATA is trimmed.

    Naive times are Beijing's. Only bytes are accepted: given a string, feedparser
    would open it as a path or URL.
    """
    if body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _read_json_feed(body, feed)
    if is_html(body):
        return FeedAnswer(problems=(html_problem(body),))
    if excess := _too_much(body):
        return FeedAnswer(problems=(Problem("not a feed", "the whole answer", excess),))
    # feedparser's own sanitising is left out because ours runs over every body.
    whole = BytesIO(_REFERENCE.sub(_keep_possible, body))
    try:
        parsed = feedparser.parse(whole, sanitize_html=False)
    except _FAULTS as error:
        problem = Problem("not a feed", "the whole answer", excerpt(repr(error)))
        return FeedAnswer(problems=(problem,))
    entries = read_items(list(parsed.entries), feed, _rss_entry)
    if parsed.get("bozo") and not entries.entries:
        fault = parsed.get("bozo_exception")
        line = getattr(fault, "getLineNumber", lambda: None)()
        where = f"line {line}" if line else "the whole answer"
        return FeedAnswer(problems=(Problem("not a feed", where, excerpt(fault)),))
    # Only the parser's own complaint has a line; a charset named wrongly is none.
    complaint = parsed.get("bozo_exception")
    if hasattr(complaint, "getLineNumber") and not _END.search(body[-400:]):
        cut = Problem("cut short", "the end", excerpt(complaint))
        return FeedAnswer(entries.entries, (*entries.problems, cut))
    return replace(entries, ttl=_ttl_of(parsed.feed))


def _ttl_of(channel: Any) -> timedelta:
    """Read ``ttl``, which RSS 2.0 has in minutes; at most a day."""
    text = plain(channel.get("ttl"))
    minutes = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    return min(timedelta(minutes=minutes), timedelta(days=1))


def _too_much(body: bytes) -> str:
    body = body.replace(b"\0", b"")  # Of UTF-16 and its like, the letters are left.
    if _LONG_ENTITY.search(body):
        return "an entity of more than 64 characters"
    tried = sum((word.end() - word.start()) ** 2 for word in _WORD.finditer(body))
    if tried > (_MAX_TRIED // _GROWTH if b"<!ENTITY" in body else _MAX_TRIED):
        return "words without an end"
    return too_crowded(body)


def _keep_possible(reference: re.Match[bytes]) -> bytes:
    # One reference to a character that cannot be would cost all entries. More digits
    # than eight are no character, but could take long to be read as a number.
    digits = (reference[1] or reference[2]).lstrip(b"0") or b"0"
    code = int(digits[:8], 16 if reference[1] else 10)
    impossible = code > _LAST_CHARACTER or 0xD800 <= code <= 0xDFFF
    return b"" if impossible or len(digits) > 8 else reference[0]


def _read_json_feed(body: bytes, feed: Feed) -> FeedAnswer:
    data, problem = load_json(body)
    if problem:
        return FeedAnswer(problems=(problem,))
    items = data.get("items")
    if not isinstance(items, list):
        return FeedAnswer(problems=(Problem("no list", "items", excerpt(items)),))
    return read_items(items, feed, _json_feed_entry)


def _json_feed_entry(item: dict[str, Any], feed: Feed) -> Entry | str:
    authors = _list(item.get("authors")) or [item.get("author")]
    first = authors[0] if isinstance(authors[0], dict) else {}
    image = plain(item.get("image")) or plain(item.get("banner_image"))
    same = {
        "title": item.get("title"),
        "link": plain(item.get("url")) or plain(item.get("external_url")),
        "id": item.get("id"),
        "published": item.get("date_published"),
        "updated": item.get("date_modified"),
        "author": first.get("name"),
        "tags": [{"term": tag} for tag in _list(item.get("tags"))],
        "media_thumbnail": [{"url": image}] if image else [],
        "summary": plain(item.get("content_html"))
        or html_entities.escape(plain(item.get("content_text")), quote=False),
    }
    return _rss_entry(same, feed)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _rss_entry(item: dict[str, Any], feed: Feed) -> Entry | str:
    title = drop_surrogates(html_entities.unescape(plain(item.get("title"))))
    link = plain(item.get("link")) or plain(item.get("id"))
    url = canonical(link)
    if not url:
        return f"link {excerpt(link)!r} {NO_ADDRESS}"
    if not one_line(title):
        return "title is empty"
    return Entry(
        id=document_id(url),
        url=url,
        title=title,
        feed=feed.id,
        published=_rss_time(item, "published"),
        updated=_rss_time(item, "updated"),
        author=_rss_author(item),
        keywords=tuple(
            term
            for tag in item.get("tags") or ()
            if (term := one_line(plain(tag.get("term"))))
        ),
        image=_rss_image(item),
        html=_rss_body(item) if feed.content == "entry" else "",
    )


def _rss_time(item: dict[str, Any], key: str) -> datetime | None:
    # feedparser's own reading takes a naive time for UTC: the text is read instead.
    # Asked for a missing "updated" it would also give "published", with a warning.
    text = plain(item.get(key)) if key in item else ""
    instant = parse_time(text) if text else None
    return instant if instant and instant.astimezone(UTC) >= EARLIEST else None


def _rss_author(item: dict[str, Any]) -> str:
    author = one_line(plain(item.get("author")))
    return "" if "@" in author or author.upper() == "WWW.SINA.COM.CN" else author


def _rss_image(item: dict[str, Any]) -> str:
    for key in ("media_thumbnail", "media_content", "enclosures"):
        for media in item.get(key) or ():
            url = absolute(plain(media.get("url") or media.get("href")))
            kind = plain(media.get("type") or media.get("medium"))
            if url and (key == "media_thumbnail" or kind.startswith("image")):
                return url
    return ""


def _rss_body(item: dict[str, Any]) -> str:
    contents = [plain(part.get("value")) for part in item.get("content") or ()]
    bodies = [*contents, plain(item.get("summary"))]
    return max(bodies, key=len)
