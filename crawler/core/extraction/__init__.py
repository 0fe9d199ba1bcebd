"""Read an article page: which layout it is, what it says, or why it is no article."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from crawler.core.charset import damage, decode
from crawler.core.extraction import article as outcomes
from crawler.core.extraction import generic
from crawler.core.extraction.article import Article, Finding, NoArticle
from crawler.core.extraction.assembly import Draft, assemble
from crawler.core.extraction.page import Page, Reader
from crawler.core.extraction.pages import MAX_PAGES, incomplete, join_pages
from crawler.core.extraction.scripts import fill_players, slides_of, video_body
from crawler.core.markup import TOO_DEEP, count_byte, too_crowded, too_deep
from crawler.core.templates import TEMPLATES, Template
from crawler.core.text import one_line

__all__ = [
    "MAX_PAGES",
    "Article",
    "Finding",
    "NoArticle",
    "extract_article",
    "find_notice",
    "find_url",
    "incomplete",
    "join_pages",
]

_GONE = re.compile(r"\s*(?:页面没有找到|页面不存在|该文章已被删除|404\b)")
_GONE_TEXT = re.compile("页面没有找到|您(?:要)?访问的页面不存在|该文章已被删除")
_BANNED = re.compile(
    "已被新浪安全部门封禁|访问过于频繁|IP\\s*存在异常访问|输入验证码|完成安全验证"
)
_SHORT = 600
"""A page that only says why there is no article says it in so many characters."""

_JSON = re.compile(r"\s*(?:[\[{]|try\s*\{|[\w.$]{1,60}\s*\(\s*[\[{])")
_TAGS_PARSED_AT_ONCE = 5000
"""Even if all were nested, parsing so many tags takes no longer than a slow page."""

_ENCODED_URL = re.compile("https?%3A", re.IGNORECASE)
_OWN_URL = ('meta[property="og:url"]@content', 'link[rel="canonical"]@href')
_GENERIC = Template(
    name=generic.TEMPLATE,
    order=10**6,
    since=1998,
    title=('meta[property="og:title"]@content', "title", "h1"),
    time=("time@datetime", "time", '[class*="time"]', '[class*="date"]', "body"),
)


def extract_article(body: bytes, url: str, header: str = "") -> Article | NoArticle:
    """Read one article page.

    Args:
        body: the page's bytes, decompressed.
        url: where it was found; relative links start there.
        header: the charset its ``Content-Type`` names, if it names one.

    Returns:
        What the page says, every field with the rule that gave it; or the named
        reason why it is no article. Never raises, whatever the bytes are.
    """
    text, charset, raw = decode(body, header)
    if not text or text.isspace():
        return NoArticle(outcomes.EMPTY_PAGE)
    if "<" not in text[:2000] and _JSON.match(text):
        return NoArticle(outcomes.NOT_A_PAGE)
    if count_byte(raw, "<") > _TAGS_PARSED_AT_ONCE and too_deep(text):
        return NoArticle(TOO_DEEP)
    if excess := too_crowded(raw):
        return NoArticle(excess)
    page = Page(text, url, charset, raw)
    if _GONE.match(page.text_of("title")):
        return NoArticle(outcomes.REMOVED)
    return _read_by_template(page)


def find_url(body: bytes) -> str:
    """Find the address a saved page gives itself, or ``""``."""
    text, charset, raw = decode(body[:200_000])
    url = Reader(Page(text, "", charset, raw)).text("url", _OWN_URL)
    # Columns write theirs percent-encoded as a whole.
    return unquote(url) if _ENCODED_URL.match(url) else url


def find_notice(words: str) -> str:
    """Tell which notice a short text is: ``removed``, ``banned``, or ``""``."""
    if len(words) >= _SHORT:
        return ""
    if _GONE_TEXT.search(words):
        return outcomes.REMOVED
    return outcomes.BANNED if _BANNED.search(words) else ""


def _read_by_template(page: Page) -> Article | NoArticle:
    tried: list[str] = []
    empty = ""
    for template in TEMPLATES:
        missing = page.misses(template)
        if missing:
            tried.append(f"{template.name}: {missing}")
            continue
        for draft in _MAKERS[template.kind](page, template):
            done = assemble(page, template, draft)
            if done is not None:
                return _checked(done)
        empty = empty or template.name
        tried.append(f"{template.name}: container without text or image")
    if empty:
        return _refuse(page) or NoArticle(outcomes.EMPTY_BODY, tuple(tried), empty)
    return _refuse(page) or _read_by_guessing(page, tried)


def _read_by_guessing(page: Page, tried: list[str]) -> Article | NoArticle:
    html, why = generic.find_body(page)
    if html:
        done = assemble(page, _GENERIC, Draft(html, generic.TEMPLATE))
        if done is not None:
            return _checked(done)
    return NoArticle(outcomes.NO_BODY, (*tried, why))


def _checked(done: Article | NoArticle) -> Article | NoArticle:
    if isinstance(done, NoArticle):
        return done
    problem = damage(done.title) or damage(done.body.text)
    return NoArticle(outcomes.UNREADABLE.format(problem)) if problem else done


def _refuse(page: Page) -> NoArticle | None:
    root = page.tree.body
    words = one_line(root.text()[: _SHORT * 10]) if root else ""
    refresh = page.tree.css_first('meta[http-equiv="refresh" i]') is not None
    if notice := find_notice(words):
        return NoArticle(notice)
    if refresh and len(words) < _SHORT:
        return NoArticle(outcomes.MOVED)
    return None if words else NoArticle(outcomes.EMPTY_PAGE)


def _from_container(page: Page, template: Template) -> Iterator[Draft]:
    for rule, node in Reader(page).nodes(template.body):
        yield Draft(_source_of(node, template), rule, container=node)


def _from_slides(page: Page, _template: Template) -> Iterator[Draft]:
    title, time, html = slides_of(page)
    if html:
        yield Draft(html, "script slide_data", title=title, time=time)


def _from_video(page: Page, template: Template) -> Iterator[Draft]:
    _, container = next(Reader(page).nodes(template.body), ("", None))
    poster = Reader(page).text("lead image", template.lead_image)
    html = video_body(page, container, poster)
    yield Draft(html, "poster and text", container=container)


def _source_of(node: LexborNode, template: Template) -> str:
    html = node.inner_html or ""
    if "video-2017" in html:
        fill_players(node)
        html = node.inner_html or ""
    for start, end in template.cut:
        if start in html:
            pattern = f"{re.escape(start)}.*?{re.escape(end)}"
            html = re.sub(pattern, "", html, flags=re.DOTALL)
    return html


_MAKERS: dict[str, Callable[[Page, Template], Iterator[Draft]]] = {
    "text": _from_container,
    "flash": _from_container,
    "slides": _from_slides,
    "video": _from_video,
}
