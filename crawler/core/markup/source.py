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
    r"[<>{}\[\]`~]|^\s*more\b|swig|hexo|jekyll|hugo|^[-!]|--|-$", re.IGNORECASE
)


def mend_source(tree: LexborHTMLParser, base: str) -> None:
    """Make every link absolute, every image loadable and every leftover harmless.

    Args:
        tree: the body's tree; changed in place.
        base: the page's URL.
    """
    root = tree.root
    if root is None:
        return
    _drop_comments(root)
    for sheet in tree.css("style"):
        if not is_safe_sheet(sheet.text() or ""):
            sheet.decompose()
    for node in tree.css("[style]"):
        _mend_style(node)
    for node in tree.css("[data-link]"):
        _mend_data_link(node, base)
    for link in tree.css("[href]"):
        _mend_link(link, base)
    for image in tree.css("img"):
        _mend_image(image, base)


def _drop_comments(root: LexborNode) -> None:
    for node in [node for node in root.traverse() if node.is_comment_node]:
        if _ACTIVE_COMMENT.search(node.comment_content or ""):
            node.remove()


def _mend_style(node: LexborNode) -> None:
    style = node.attributes.get("style") or ""
    safe = safe_style(style)
    if not safe:
        del node.attrs["style"]
    elif safe != style:
        node.attrs["style"] = safe


def _mend_data_link(node: LexborNode, base: str) -> None:
    value = node.attributes.get("data-link")
    if value and not absolute(value, base):
        del node.attrs["data-link"]


def _mend_link(link: LexborNode, base: str) -> None:
    url = absolute(link.attributes.get("href") or "", base)
    if url:
        link.attrs["href"] = url
    else:
        del link.attrs["href"]


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
