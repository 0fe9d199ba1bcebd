"""Bodies that stand in a page's script: slide shows, video pages, players."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from selectolax.lexbor import LexborNode

from crawler.core.extraction.page import Page
from crawler.core.symbols import Symbol, symbols_of_stocks

_SLIDES = re.compile(r"\bslide_data\s*=\s*(?=\{)")
_STOCKS = re.compile(r'"stocks"\s*:\s*(?=\[)')
_PICTURES = ("download_img", "image_url", "img", "thumb_160")
_FIELD = r"""\b{}["']?\s*:\s*["']([^"'\n]*)["']"""
_PLAYER_MARK = "videoDatas"


def slides_of(page: Page) -> tuple[str, str, str]:
    """Read a slide show: its title, its time as written, and a body made of it.

    Returns:
        Three empty strings when the page's script holds no pictures.
    """
    data = _json_after(_SLIDES, page.text)
    images = data.get("images") if isinstance(data, dict) else None
    if not isinstance(images, list):
        return "", "", ""
    parts, told = [], ""
    for image in images:
        if not isinstance(image, dict):
            continue
        url = next((text for name in _PICTURES if (text := _text(image, name))), "")
        intro, title = _text(image, "intro"), _text(image, "title")
        if url:
            parts.append(
                f'<div class="img_wrapper"><img src="{html.escape(url)}"'
                f' alt="{html.escape(title)}"></div>'
            )
        if intro and intro != told:
            parts += [f"<p>{line}</p>" for line in intro.split("\n") if line.strip()]
            told = intro
    slide = data.get("slide")
    about: dict[str, Any] = slide if isinstance(slide, dict) else {}
    return _text(about, "title"), _text(about, "createtime"), "\n".join(parts)


def video_body(page: Page, container: LexborNode | None, poster: str) -> str:
    """Make the body of a video page: its poster as a link to it, and its text."""
    text = container.inner_html if container is not None else ""
    if not text:
        text = f"<p>{html.escape(page.metas.get('description', ''))}</p>"
    if not poster:
        return text
    return (
        f'<p><a href="{html.escape(page.url)}"><img src="{html.escape(poster)}"'
        f' alt=""></a></p>\n{text}'
    )


def fill_players(container: LexborNode) -> None:
    """Put poster and link into the players that a script would have filled.

    Args:
        container: the body container; changed in place.
    """
    scripts = [
        text
        for node in container.css("script")
        if _PLAYER_MARK in (text := node.text() or "")
    ]
    boxes = [box for box in container.css(".video-2017") if not box.css_first("img")]
    for box, script in zip(boxes, scripts, strict=False):
        poster, link = _field(script, "pic"), _field(script, "url")
        if not poster or not link:
            continue
        anchor = _new(box, "a", href=link)
        anchor.insert_child(_new(box, "img", src=poster, alt=_field(script, "title")))
        box.insert_child(anchor)


def flash_symbols(page: Page) -> tuple[Symbol, ...]:
    """Read the stocks that a flash's ``ext`` names.

    Nothing else of it is read: the names beside them are those of the staff.
    """
    return symbols_of_stocks(_json_after(_STOCKS, page.text.replace('\\"', '"')))


def _new(near: LexborNode, tag: str, **attributes: str) -> LexborNode:
    node = near.parser.create_node(tag)
    for name, value in attributes.items():
        node.attrs[name] = value
    return node


def _json_after(pattern: re.Pattern[str], text: str) -> Any:
    match = pattern.search(text)
    if not match:
        return None
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, match.end())[0]
    except (ValueError, RecursionError):
        return None


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return value.strip() if isinstance(value, str) else ""


def _field(script: str, name: str) -> str:
    match = re.search(_FIELD.format(name), script)
    return match[1].strip() if match else ""
