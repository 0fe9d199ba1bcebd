"""Read an article page: which layout it is, what it says, or why it is no article."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.core.charset import decode_page
from crawler.core.dates import parse_time
from crawler.core.extraction.article import Article, Finding, NoArticle
from crawler.core.extraction.fields import Reader
from crawler.core.markup import normalise_body, too_deep
from crawler.core.symbols import (
    Symbol,
    symbol_of_link,
    symbol_of_span,
    symbols_of_comment,
    unique_symbols,
)
from crawler.core.templates import TEMPLATES, Template
from crawler.core.text import one_line
from crawler.core.urls import canonical, document_id

__all__ = ["Article", "Finding", "NoArticle", "extract_article", "find_url"]

_GONE = re.compile("页面没有找到|页面不存在|该文章已被删除")
_BANNED = re.compile("已被新浪安全部门封禁|访问过于频繁|异常访问")
_EDITOR = re.compile(
    r"^\s*(?:责任编辑|责编|编辑)\s*[：:]?\s*|\s*[（(]?\s*[A-Z]{2}\d+[）)]?\s*$"
)
_SITE_WORDS = {"新浪", "新浪网", "新浪财经", "新浪新闻"}
_CREATED = 'meta[name="weibo: article:create_at"]@content'
_CHANGED = 'meta[name="weibo: article:update_at"]@content'
_META_TIME = 'meta[property="article:published_time"]@content'
_OWN_URL = (
    'meta[property="og:url"]@content',
    'link[rel="canonical"]@href',
)
_META_ID = ('meta[name="publishid"]@content', 'meta[name="comment"]@content')


def extract_article(body: bytes, url: str) -> Article | NoArticle:
    """Read one article page.

    Args:
        body: the page's bytes, decompressed.
        url: where it was found; relative links start there.

    Returns:
        What the page says, every field with the rule that gave it; or the named
        reason why it is no article. Never raises, whatever the bytes are.
    """
    text, charset = decode_page(body)
    if not text.strip():
        return NoArticle("empty page")
    if too_deep(text):
        return NoArticle("nested too deeply")
    tree = LexborHTMLParser(text)
    refusal = _refuse(tree, text)
    if refusal:
        return refusal
    tried = []
    for template in TEMPLATES:
        if all(tree.css_first(need) is not None for need in template.needs):
            article = _read(tree, template, url, charset)
            if article:
                return article
            tried.append(f"{template.name}: container without text or image")
        else:
            tried.append(f"{template.name}: needs {' and '.join(template.needs)}")
    return NoArticle("no body: layout changed?", tuple(tried))


def find_url(body: bytes) -> str:
    """Find the address a saved page gives itself, or ``""``."""
    reader = Reader(LexborHTMLParser(decode_page(body[:200_000])[0]))
    return reader.text("url", _OWN_URL)


def _refuse(tree: LexborHTMLParser, text: str) -> NoArticle | None:
    title_node = tree.css_first("title")
    title = title_node.text() if title_node else ""
    page = tree.body
    words = page.text()[:600] if page else ""
    if _GONE.search(title) or (_GONE.search(words) and len(text) < 20_000):
        return NoArticle("removed")
    if _BANNED.search(words) and len(text) < 20_000:
        return NoArticle("banned")
    if not one_line(words):
        refresh = tree.css_first('meta[http-equiv="refresh" i]')
        return NoArticle("moved: only a meta refresh" if refresh else "empty page")
    return None


def _read(
    tree: LexborHTMLParser, template: Template, url: str, charset: str
) -> Article | None:
    reader = Reader(tree)
    container = reader.node("body", template.body)
    if container is None:
        return None
    symbols = _symbols(container)
    body = normalise_body(container.inner_html or "", url)
    if not body.text and not body.images:
        return None
    title = reader.text("title", template.title)
    address = canonical(url)
    return Article(
        id=document_id(address, reader.text("id", _META_ID)),
        url=address,
        template=template.name,
        charset=charset,
        title=title,
        created=parse_time(reader.text("created", (_CREATED,))),
        changed=parse_time(reader.text("updated", (_CHANGED,))),
        meta_time=parse_time(reader.text("meta time", (_META_TIME,))),
        shown_time=parse_time(reader.text("shown time", template.time)),
        source=one_line(reader.text("source", template.source)),
        author=one_line(reader.text("author", template.author)),
        editor=_EDITOR.sub("", one_line(reader.text("editor", template.editor))),
        keywords=_keywords(reader, template, title),
        symbols=symbols,
        body=body,
        findings=reader.findings,
    )


def _keywords(reader: Reader, template: Template, title: str) -> tuple[str, ...]:
    for rule in template.keywords:
        words = [
            word
            for text in reader.texts("keywords", rule)
            for part in re.split(r"[,，;；|]", text)
            if (word := one_line(part)) and word not in _SITE_WORDS
        ]
        # Where the desk gave no keyword the publisher writes the title instead.
        if words and words != [one_line(title)]:
            return tuple(dict.fromkeys(words))
    return ()


def _symbols(container: LexborNode) -> tuple[Symbol, ...]:
    found: list[Symbol | None] = []
    for node in container.traverse():
        if node.is_comment_node:
            found += symbols_of_comment(node.comment_content or "")
    for link in container.css("a[href]"):
        found.append(symbol_of_link(link.attributes.get("href") or ""))
    for span in container.css("span[id]"):
        found.append(symbol_of_span(span.attributes.get("id") or ""))
    return unique_symbols([symbol for symbol in found if symbol])
