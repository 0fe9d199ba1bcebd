"""The extractors that are measured: ours and those that others would use.

Each rival is optional: what is not installed is left out. All get the decoded text,
so none loses to a charset; what a tool does not read (an editor, a symbol) is empty.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime
from importlib.util import find_spec
from typing import Any

from benchmarks.extraction_facts import Result
from crawler.core.charset import decode_page
from crawler.core.dates import parse_time
from crawler.core.extraction import Article, extract_article
from crawler.core.urls import absolute

Extractor = Callable[[bytes, str], Result]

_TAG = re.compile(r"<[^<>]*>")


def ours(body: bytes, url: str) -> Result:
    """Read a page with this project."""
    article = extract_article(body, url)
    if not isinstance(article, Article):
        return Result()
    return Result(
        title=article.title,
        published=article.created or article.shown_time or article.meta_time,
        source=article.source,
        author=article.author,
        editor=article.editor,
        keywords=list(article.keywords),
        symbols=[symbol.code for symbol in article.symbols],
        text=article.body.text,
        images=[image.url for image in article.body.images],
    )


def four_fields(body: bytes, url: str) -> Result:
    """Take four bare fields with parsel selectors and lxml: the mark for speed."""
    from parsel import Selector

    page = Selector(text=decode_page(body)[0], base_url=url)
    title = page.css("h1.main-title::text, #artibodyTitle::text, h1::text").get()
    time = page.css(".date-source .date::text, #pub_date::text, .time-source::text")
    source = page.css(".date-source .source::text, #media_name a::text").get()
    html = page.css("#artibody, #article, .art_content, .article").get()
    return Result(
        title=title or "",
        published=parse_time(time.get() or ""),
        source=source or "",
        text=_TAG.sub("", html or ""),
    )


def trafilatura(body: bytes, url: str) -> Result:
    """Read a page with trafilatura."""
    import trafilatura as tool

    found: Any = tool.bare_extraction(
        decode_page(body)[0],
        url=url,
        include_comments=False,
        include_images=True,
        with_metadata=True,
    )
    if found is None:
        return Result()
    said = found.as_dict()
    text = said.get("text") or ""
    pictures = re.findall(r"!\[[^\]]*\]\(([^)\s]+)", text)
    return Result(
        title=said.get("title") or "",
        published=parse_time(said.get("date") or ""),
        source=said.get("sitename") or "",
        author=said.get("author") or "",
        keywords=list(said.get("tags") or []),
        text=re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text),
        images=[absolute(src, url) for src in pictures],
    )


def newspaper4k(body: bytes, url: str) -> Result:
    """Read a page with newspaper4k."""
    import newspaper

    page = newspaper.Article(url, language="zh", fetch_images=False)
    page.download(input_html=decode_page(body)[0])
    page.parse()
    published = page.publish_date
    return Result(
        title=page.title or "",
        published=published if isinstance(published, datetime) else None,
        author=" ".join(page.authors),
        keywords=[word for word in page.meta_keywords if word],
        text=page.text,
        images=[],
    )


def readability(body: bytes, url: str) -> Result:
    """Read a page with readability-lxml."""
    from readability import Document

    page = Document(decode_page(body)[0], url=url)
    html = page.summary(html_partial=True)
    sources = re.findall(r"<img[^<>]*?\ssrc=\"([^\"]+)\"", html)
    return Result(
        title=page.short_title() or "",
        text=_TAG.sub("", html),
        images=[absolute(src, url) for src in sources],
    )


def gne(body: bytes, url: str) -> Result:
    """Read a page with GeneralNewsExtractor."""
    from gne import GeneralNewsExtractor

    said = GeneralNewsExtractor().extract(decode_page(body)[0], host=url)
    return Result(
        title=said["title"],
        published=parse_time(said["publish_time"] or ""),
        author=said["author"] or "",
        text=said["content"],
        images=[absolute(src, url) for src in said["images"]],
    )


def installed() -> tuple[dict[str, Extractor], list[str]]:
    """Return the extractors that can run here, and the names of those that cannot."""
    logging.disable(logging.ERROR)
    wanted: dict[str, tuple[str, Extractor]] = {
        "this project": ("selectolax", ours),
        "parsel, 4 fields": ("parsel", four_fields),
        "trafilatura": ("trafilatura", trafilatura),
        "newspaper4k": ("newspaper", newspaper4k),
        "readability-lxml": ("readability", readability),
        "gne": ("gne", gne),
    }
    found = {name: tool for name, (module, tool) in wanted.items() if find_spec(module)}
    return found, [name for name in wanted if name not in found]
