"""The single fields: what a rule finds is seldom the value itself."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from crawler.core.extraction.page import Page, Reader
from crawler.core.markup.reading import JUNK, WIDGETS
from crawler.core.symbols import (
    Symbol,
    symbol_of_link,
    symbol_of_span,
    symbols_of_comment,
    unique_symbols,
)
from crawler.core.templates import Template
from crawler.core.text import one_line
from crawler.core.urls import absolute, host_of

_EDITOR = re.compile(
    r"^\W*(?:责任编辑|责编|编辑)\s*[：:]?\s*|\s*[（(]?\s*[A-Z]{2}\d+\s*[）)]?\W*$|[）)】\]]+$"
)
_EDITOR_LINE = re.compile(r"责任编辑\s*[：:]\s*([\u4e00-\u9fa5·]{2,6})")
_LAST_LINES = 400
_LONGEST_NAME = 300
"""No place of a name is longer; the patterns need quadratic time for what they get."""

_SITE_WORDS = {
    "新浪", "新浪网", "新浪财经", "新浪新闻", "手机新浪网", "sina.cn", "sina.com.cn",
    "财经头条", "新闻中心", "我要反馈", "保存网页",
}  # fmt: skip
_SUFFIX = re.compile(
    r"(?:[_|-][^_|-]{1,12})?[_-](?:手机)?新浪(?:网|[^_|-]{0,6})(?:[_-].{0,12})?$"
)
_DATED = re.compile(
    r"\d{4}\s*[-年./]\s*\d{1,2}\s*[-月./]\s*\d{1,2}\s*日?"
    r"(?:\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
)
_NO_MEDIUM = re.compile(
    r"(?:https?://)?[\w.-]+\.(?:com|cn|net)\S*|^\s*(?:来源|稿源|文章来源)\s*[：:]|微博$"
    r"|我有话说.*|\(?\d+人参与\)?|收藏本文"
)
_LINK_TEXT = re.compile(r"\s*(?:下一页|下页|后一页)\s*[>›»]*\s*")
_STAMP = re.compile(r"<!--[^<>]{0,60}published at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_HEADLINE = re.compile(r"^\s*【([^】\n]{2,120})】\s*")
_OUTSIDE = ",".join(
    selector for selector in (*JUNK, *WIDGETS) if not selector.startswith("span[id")
)
_DEFAULT_PICTURES = re.compile(r"/default/|logo|avatar|weixin|qrcode", re.IGNORECASE)


def read_title(reader: Reader, page: Page, template: Template) -> str:
    """Read the headline; from ``<title>`` without the site's names and keywords."""
    title = ""
    for rule in template.title:
        title = reader.text("title", (rule,))
        if title and rule == "title":
            title = _without_suffix(title, page.metas.get("keywords", ""))
            reader.note("title", rule, title)
        if one_line(title):
            return title
    return ""


def read_source(reader: Reader, template: Template) -> str:
    """Read the medium's name: what its place holds beside a date or an address."""
    for rule in template.source:
        for text in reader.values(rule):
            place = _DATED.sub(" ", one_line(text)[:_LONGEST_NAME])
            name = one_line(_NO_MEDIUM.sub("", place))
            if name:
                reader.note("source", rule, name)
                return name
    return ""


def read_editor(
    reader: Reader, template: Template, container: LexborNode | None
) -> str:
    """Read the editor's name, without the desk's code for it.

    Where it has no place of its own, the last lines of the body may name it.
    """
    editor = one_line(reader.text("editor", template.editor))[:_LONGEST_NAME]
    if not editor and container is not None:
        match = _EDITOR_LINE.search(container.text()[-_LAST_LINES:])
        if match:
            editor = match[1]
            reader.note("editor", "last lines of the body", match[0])
    return _EDITOR.sub("", _EDITOR.sub("", editor)).strip()


def read_keywords(reader: Reader, template: Template, title: str) -> tuple[str, ...]:
    """Read the keywords, without the headline that stands in where the desk gave none.

    The site's own names are none either.
    """
    headline = _squeezed(title)
    for rule in template.keywords:
        texts = reader.values(rule)
        words = [
            word
            for text in texts
            if _squeezed(text) != headline
            for part in re.split(r"[,，;；|]", text)
            if (word := one_line(part)) and word not in _SITE_WORDS
        ]
        words = [word for word in words if _squeezed(word) != headline]
        if words:
            reader.note("keywords", rule, ", ".join(words))
            if rule.endswith("@data-wbkey"):
                words = words[:-1] or words  # the channel's word comes last
            return tuple(dict.fromkeys(words))
    return ()


def read_symbols(container: LexborNode) -> tuple[Symbol, ...]:
    """Read the stock symbols of a body, each with why.

    What stands in the template's own widgets or in promotion is not the article's.
    """
    found: list[Symbol] = []
    for node in container.traverse():
        if node.is_comment_node:
            found += symbols_of_comment(node.comment_content or "")
    named = [
        (link, symbol_of_link(link.attributes.get("href") or ""))
        for link in container.css("a[href]")
    ] + [
        (span, symbol_of_span(span.attributes.get("id") or ""))
        for span in container.css("span[id]")
    ]
    named = [(node, symbol) for node, symbol in named if symbol]
    if named:
        outside = {node.mem_id for node in container.css(_OUTSIDE)}
        found += [s for node, s in named if s and not _is_in(outside, node, container)]
    return unique_symbols(found)


def read_next_page(page: Page, template: Template) -> str:
    """Read the link to the article's next page: same host, same folder, other file."""
    for link in _next_links(page, template):
        if not _LINK_TEXT.fullmatch(link.text()):
            continue
        url = absolute(link.attributes.get("href") or "", page.url)
        here, there = _host_folder_file(page.url), _host_folder_file(url)
        if there[:2] == here[:2] and there != here:
            return url.partition("#")[0]
    return ""


def _next_links(page: Page, template: Template) -> list[LexborNode]:
    # Most pages have none, some of one kind; of several kinds the page's order counts.
    found = [links for rule in template.next_page if (links := page.find(rule))]
    if len(found) > 1:
        return page.tree.css(", ".join(template.next_page))
    return found[0] if found else []


def read_lead_image(reader: Reader, page: Page, template: Template) -> str:
    """Read the picture that stands for the article, unless it is a stock one."""
    for rule in template.lead_image:
        for value in reader.values(rule):
            url = absolute(value, page.url)
            if url and not _DEFAULT_PICTURES.search(url):
                reader.note("lead image", rule, url)
                return url
    return ""


def read_stamp(text: str) -> str:
    """Read the publisher's note of when it wrote the file, or ``""``."""
    end = max(len(text) - 3000, 0)
    match = _STAMP.search(text, 0, 3000) or _STAMP.search(text, end)
    return match[1] if match else ""


def split_headline(text: str) -> str:
    """Return the ``【…】`` headline at the start of a flash, or ``""``."""
    match = _HEADLINE.match(text)
    return one_line(match[1]) if match else ""


def _host_folder_file(url: str) -> tuple[str, str, str]:
    path = url.partition("://")[2].partition("#")[0].partition("?")[0]
    folder, _, file = path.partition("/")[2].rpartition("/")
    return host_of(url), folder, file


def _without_suffix(title: str, keywords: str) -> str:
    title = _SUFFIX.sub("", one_line(title))
    pieces = title.split("|")
    known = {one_line(word) for word in re.split(r"[,，]", keywords)}
    while len(pieces) > 1 and one_line(pieces[-1]) in known:
        pieces.pop()
    return "|".join(pieces).strip(" _|-")


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", one_line(text))


def _is_in(outside: set[int], node: LexborNode, container: LexborNode) -> bool:
    parent: LexborNode | None = node
    while parent is not None and parent.mem_id != container.mem_id:
        if parent.mem_id in outside:
            return True
        parent = parent.parent
    return False
