"""Where a post's document lies in the posts folder.

The path must not depend on anything that can change later, and must be safe in every
file system and URL: the site generator ignores names that start with ``_`` or ``.``,
and stumbles over ``%``, ``?``, ``#``, ``&`` and backslashes.
"""

from __future__ import annotations

import re
import string

from crawler.core.dates import beijing_day
from crawler.core.errors import OptionError
from crawler.core.posts import Post
from crawler.core.text import one_line

DEFAULT_PATH = "{categories}/{year}/{month}/{day}/{id}.html"
PLACEHOLDERS = ("categories", "feed", "year", "month", "day", "id")
"""What ``POST_PATH`` may contain in braces."""

_UNSAFE = re.compile(r"[^\w \-－·．（）()+,，、.]+")


def check_path(template: str) -> str:
    """Return a ``POST_PATH`` that can be used.

    Raises:
        OptionError: it is absolute, leaves the folder, has an unknown placeholder, no
            ``{id}``, or another ending than ``.html``.
    """
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError as error:
        raise OptionError("POST_PATH", template, str(error)) from error
    names = {name for _, name, _, _ in pieces if name is not None}
    if names - set(PLACEHOLDERS) or any(piece[2] or piece[3] for piece in pieces):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise OptionError("POST_PATH", template, f"knows {known} only")
    parts = template.split("/")
    stray = any(not part or part[0] in "._~ " or part[-1] in ". " for part in parts)
    if stray or "id" not in names or not template.endswith(".html"):
        advice = "must be a relative path with {id} that ends in .html"
        raise OptionError("POST_PATH", template, advice)
    if _UNSAFE.search("".join(piece[0] for piece in pieces).replace("/", "")):
        advice = "has a character that is not safe in every file system and URL"
        raise OptionError("POST_PATH", template, advice)
    return template


def post_path(template: str, post: Post) -> str:
    """Give a post's path below the posts folder, with ``/`` between the parts.

    Args:
        template: a checked ``POST_PATH``.
        post: the post; its Beijing publication day names the folders.
    """
    year, month, day = beijing_day(post.published).split("/")
    values = {
        "categories": "/".join(safe_name(name) for name in post.categories),
        "feed": post.feed or "by-hand",
        "year": year,
        "month": month,
        "day": day,
        "id": post.id,
    }
    return template.format(**values)


def safe_name(name: str) -> str:
    """Make one folder name of a category; never empty, hidden or special.

    >>> safe_name("新浪财经－国內"), safe_name("../_a%b?"), safe_name("")
    ('新浪财经－国內', 'a-b', 'other')
    """
    clean = _UNSAFE.sub("-", one_line(name)).strip(" ._-~")
    while len(clean.encode()) > 100:
        clean = clean[:-1]
    return clean.rstrip(" .") or "other"
