"""Put an article together from a page, its template and the body that was found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from selectolax.lexbor import LexborNode

from crawler.core.dates import parse_time
from crawler.core.extraction.article import Article, NoArticle
from crawler.core.extraction.bylines import find_byline
from crawler.core.extraction.fields import (
    read_editor,
    read_keywords,
    read_lead_image,
    read_next_page,
    read_source,
    read_stamp,
    read_symbols,
    read_title,
    split_headline,
)
from crawler.core.extraction.page import Page, Reader
from crawler.core.extraction.pages import unique_ids
from crawler.core.extraction.scripts import flash_symbols
from crawler.core.markup import Body, normalise_body, why_empty
from crawler.core.symbols import unique_symbols
from crawler.core.templates import Template
from crawler.core.text import one_line
from crawler.core.urls import canonical, document_id

_CREATED = 'meta[name="weibo: article:create_at"]@content'
_CHANGED = 'meta[name="weibo: article:update_at"]@content'
_META_TIME = 'meta[property="article:published_time"]@content'
_META_ID = ('meta[name="publishid"]@content', 'meta[name="comment"]@content')


@dataclass(frozen=True, slots=True)
class Draft:
    """A body that was found, before it is normalised."""

    html: str
    """Its source."""

    rule: str
    """What found it."""

    container: LexborNode | None = None
    """The element it is the inside of, if it is one."""

    title: str = ""
    """The headline that came with it, if one did."""

    time: str = ""
    """The time that came with it, if one did."""


def assemble(
    page: Page, template: Template, draft: Draft
) -> Article | NoArticle | None:
    """Make the article of a body and the fields around it.

    Returns:
        ``None`` when the body holds neither text nor picture.
    """
    body = normalise_body(draft.html, page.url, template.junk)
    if not body.text and not body.images:
        why = why_empty(draft.html)
        return NoArticle(why) if why else None
    reader = Reader(page)
    title = draft.title or read_title(reader, page, template)
    if template.kind == "flash":
        title = split_headline(body.text) or title
    symbols = read_symbols(draft.container) if draft.container else ()
    if template.kind == "flash":
        symbols = unique_symbols([*symbols, *flash_symbols(page)])
    address = canonical(page.url)
    reader.note("body", draft.rule, body.text)
    return Article(
        id=document_id(address, reader.text("id", _META_ID)),
        url=address,
        template=template.name,
        charset=page.charset,
        title=title,
        created=parse_time(reader.text("created", (_CREATED,))),
        changed=parse_time(reader.text("updated", (_CHANGED,))),
        meta_time=parse_time(reader.text("meta time", (_META_TIME,))),
        shown_time=_shown_time(reader, template, draft),
        stamped_time=parse_time(read_stamp(page.text)),
        source=read_source(reader, template),
        author=_author(reader, template, body.text),
        editor=read_editor(reader, template, draft.container),
        keywords=read_keywords(reader, template, title),
        symbols=symbols,
        body=_tidy(body, title),
        lead_image="" if body.images else read_lead_image(reader, page, template),
        next_page=read_next_page(page, template),
        findings=reader.findings,
    )


def _author(reader: Reader, template: Template, text: str) -> str:
    author = one_line(reader.text("author", template.author))
    if not author:
        author = find_byline(text)
        if author:
            reader.note("author", "byline in the text", author)
    return author


def _shown_time(reader: Reader, template: Template, draft: Draft) -> datetime | None:
    for rule in template.time:
        for text in reader.values(rule):
            time = parse_time(text)
            if time:
                reader.note("shown time", rule, text)
                return time
    return parse_time(draft.time)


def _tidy(body: Body, title: str) -> Body:
    # The publisher writes the headline into "alt" where a picture has no caption.
    headline = "".join(title.split())
    if any("".join(image.caption.split()) == headline for image in body.images):
        images = tuple(
            replace(image, caption="")
            if "".join(image.caption.split()) == headline
            else image
            for image in body.images
        )
        body = replace(body, images=images)
    if body.document.count(" id=") > 1:
        body = replace(body, document=unique_ids(body.document))
    return body
