"""Drop what a pasted social-media article drags behind it.

Desks paste articles of WeChat accounts whole: after the last sentence come headlines
of the account's other articles, its id, a line that asks to scan a code, and the code.
None of that has markup of its own, so it is known by its words, and only where several
of them come together at the end.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

_SIGN = re.compile(
    r"(?:长按|扫描|扫码|识别)[^。]{0,12}(?:二维码|关注)|本文来自微信公众号|微信公众号[：:“]"
)
_WORDS = ("二维码", "关注", "微信公众号")
"""No sign is without one of them."""

_REVIEW = re.compile(
    r"\s*(?:本期|往期)?(?:精彩|热文|好文)?(?:回顾|推荐|阅读)\s*[：:]?\s*"
)
_ACCOUNT = re.compile(r"\s*(?:微信)?(?:ID|微信号|公众号)\s*[：:]", re.IGNORECASE)
_MAX_TAIL = 400
_MAX_SHARE = 0.4


def drop_pasted_tail(tree: LexborHTMLParser) -> None:
    """Cut a pasted tail off a body, from its first line to the end.

    Only where a line asks to scan or names the account it is from, what is cut is
    short, and the article before it is longer: an article about WeChat stays whole.

    Args:
        tree: the body's tree; changed in place.
    """
    root = tree.root
    if root is None or not _may_sign(root.text()):  # The text of all of it.
        return
    blocks = _blocks(tree)
    texts = [node.text() for node in blocks]
    whole = "".join(texts)
    if not _SIGN.search(whole[-_MAX_TAIL:]):
        return
    start = _tail_start(texts)
    if start is None:
        return
    tail = sum(len(text.strip()) for text in texts[start:])
    if tail > _MAX_TAIL or tail > _MAX_SHARE * len(whole):
        return
    start = _with_pictures_before(texts, start)
    for node in blocks[start:]:
        node.decompose()


def _may_sign(text: str) -> bool:
    # Most texts have none of the words, and looking for them is cheap.
    return any(word in text for word in _WORDS) and bool(_SIGN.search(text))


def _blocks(tree: LexborHTMLParser) -> list[LexborNode]:
    # The root of a fragment is its first node, the others are its siblings; but the
    # text of the root object is that of all of them, so it is asked for anew.
    root = tree.root
    if root is None:
        return []
    first = tree.css_first("*") if root.is_element_node else None
    nodes: list[LexborNode] = [] if first is None else [first]
    node = root.next
    while node is not None:
        nodes.append(node)
        node = node.next
    return nodes


def _tail_start(texts: list[str]) -> int | None:
    signs = [number for number, text in enumerate(texts) if _SIGN.search(text)]
    signs += [number for number, text in enumerate(texts) if _ACCOUNT.match(text)]
    if not signs:
        return None
    start = min(signs)
    reviews = [n for n in range(start) if _REVIEW.fullmatch(texts[n])]
    if reviews and sum(len(text) for text in texts[reviews[-1] : start]) <= _MAX_TAIL:
        start = reviews[-1]
    return start


def _with_pictures_before(texts: list[str], start: int) -> int:
    # Code and logo stand right before the line that asks to scan them; behind a
    # heading of other articles there is no such picture.
    if _REVIEW.fullmatch(texts[start]):
        return start
    before = start
    while before and not texts[before - 1].strip():
        before -= 1
    return before
