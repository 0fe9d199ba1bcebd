"""Mend a source tree in place: links, images, comments and styles made fit to keep."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.core.markup.safety import is_safe_sheet, safe_style
from crawler.core.urls import absolute

LAZY_SOURCES = ("data-src", "data-original", "real_src")
"""Attributes that hold a lazy image's address; ``src`` is then only a stand-in."""

# A comment that holds markup, template syntax, an excerpt mark or a generator's own
# marker would be acted upon; plain words would not.
_ACTIVE_COMMENT = re.compile(
    r"[<>{}\[\]`~]|^\s*more\b|swig|hexo|jekyll|hugo|^[-!?]|--|-$", re.IGNORECASE
)


# What begins a comment whose end and words are not plain to see.
_ODD = re.compile(r"<(?:\?|/[^a-zA-Z]|!(?!--[^<>{}\[\]`~-]*-->))")
_PLAIN_COMMENT = re.compile(r"<!--([^<>-]*)-->")


def mend_source(tree: LexborHTMLParser, base: str, html: str) -> None:
    """Make every link absolute, every image loadable and every leftover harmless.

    Args:
        tree: the body's tree; changed in place.
        base: the page's URL.
        html: what the tree was parsed from.
    """
    root = tree.root
    if root is None:
        return
    if may_be_active(html):
        _drop_comments(root)
    _drop_sheets(tree)
    for node in tree.css("[style]"):
        _mend_style(node)
    # An empty data-link stands in most of Sina's pictures, and stays.
    for node in tree.css('[data-link]:not([data-link=""])'):
        _mend_address(node, "data-link", base)
    for link in tree.css("[href]"):
        _mend_address(link, "href", base)
    for image in tree.css("img"):
        _mend_image(image, base)


def may_be_active(html: str) -> bool:
    """Tell whether a source may have a comment that must go, without parsing it.

    Most have a few that name the places of a page; looking at every node takes longer.

    >>> may_be_active("<p>a</p><!-- one --><!-- two -->")
    False
    >>> may_be_active("<p>a</p><!-- more -->")
    True
    """
    return bool(_ODD.search(html)) or any(
        _ACTIVE_COMMENT.search(words.strip()) for words in _PLAIN_COMMENT.findall(html)
    )


def _drop_comments(root: LexborNode) -> None:
    # What is neither element, text nor comment is a processing instruction, which
    # the sanitiser would read as a comment that nobody has looked at.
    for node in [
        node for node in root.traverse(include_text=True) if not _is_kept(node)
    ]:
        node.remove()


def _drop_sheets(tree: LexborHTMLParser) -> None:
    for sheet in tree.css("style"):
        if not is_safe_sheet(sheet.text() or ""):
            sheet.decompose()


def _is_kept(node: LexborNode) -> bool:
    if node.is_text_node or node.is_element_node:
        return True
    return node.is_comment_node and not _ACTIVE_COMMENT.search(
        node.comment_content or ""
    )


def _mend_style(node: LexborNode) -> None:
    style = node.attributes.get("style") or ""
    safe = safe_style(style)
    if not safe:
        del node.attrs["style"]
    elif safe != style:
        node.attrs["style"] = safe


def _mend_address(node: LexborNode, name: str, base: str) -> None:
    url = absolute(node.attributes.get(name) or "", base)
    if url:
        node.attrs[name] = url
    else:
        del node.attrs[name]


def _mend_image(image: LexborNode, base: str) -> None:
    attributes = image.attributes
    found = [attributes.get(name) for name in (*LAZY_SOURCES, "src")]
    urls = (absolute(value, base) for value in found if value)
    url = next((url for url in urls if url), "")
    if not url:
        image.decompose()
        return
    image.attrs["src"] = url
    if "referrerpolicy" in attributes:
        del image.attrs["referrerpolicy"]
    image.attrs["referrerpolicy"] = "no-referrer"
