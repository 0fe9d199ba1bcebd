"""Pages of no known layout: a generic extractor, where one is installed.

trafilatura is an optional dependency. It guesses where the text is, so a page it reads
carries ``template: generic``, and too little text is no article.
"""

from __future__ import annotations

import re
from typing import Any

from crawler.core.extraction.page import Page

TEMPLATE = "generic"
"""What records carry as ``template`` for a page that was read by guessing."""

NOT_INSTALLED = f"{TEMPLATE}: trafilatura is not installed"
TOO_LITTLE = f"{TEMPLATE}: trafilatura found too little text"

_MIN_TEXT = 80
_CONTAINER = re.compile(r"<body[^<>]*>(.*)</body>", re.DOTALL)
_HEADLINE = re.compile(r"^\s*<h1>[^<>]*</h1>")
_GRAPHIC = re.compile(r"<graphic\b([^<>]*?)/?>(?:</graphic>)?")


def find_body(page: Page) -> tuple[str, str]:
    """Guess a page's body.

    Returns:
        Its HTML and ``""``, or ``""`` and why there is none.
    """
    trafilatura = _installed()
    if trafilatura is None:
        return "", NOT_INSTALLED
    html = trafilatura.extract(
        page.text,
        url=page.url,
        output_format="html",
        include_comments=False,
        include_tables=True,
        include_images=True,
        favor_precision=True,
        with_metadata=False,
    )
    match = _CONTAINER.search(html or "")
    inner = _GRAPHIC.sub(r"<img\1>", match[1]) if match else html or ""
    inner = _HEADLINE.sub("", inner)  # It is the title already.
    if len(re.sub(r"<[^<>]*>|\s", "", inner)) < _MIN_TEXT:
        return "", TOO_LITTLE
    return inner, ""


def _installed() -> Any:
    try:
        import trafilatura
    except ImportError:
        return None
    return trafilatura
