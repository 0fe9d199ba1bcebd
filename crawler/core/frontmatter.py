"""The document: front matter and body in one text, written and read back.

The form is that of posts made since 2022, to the byte: a leading empty line, seven
keys in a fixed order, the body in a ``div``, twelve spaces and no newline at the end.
Hexo, Jekyll and Hugo all publish it. Facts that shape it (Hexo 8, measured): a line
that starts with ``---`` ends the front matter wherever it stands, so every value is
one line; a key from the page would be obeyed, so keys come from a fixed list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import yaml

from crawler.core.dates import format_rfc1123
from crawler.core.errors import DocumentError
from crawler.core.posts import Post
from crawler.core.text import display_line, drop_unsafe, one_line
from crawler.core.urls import absolute

Value = str | tuple[str, ...]

_BEFORE_BODY = "---\n\n<div>   \n"
_AFTER_BODY = "  \n</div>\n            "
_PLAIN = re.compile(r"[^\W\d_][\w \-－·．（）&+./]*[\w）)]|[^\W\d_]")
_YAML_WORD = re.compile(r"(?i)(?:y|n|yes|no|on|off|true|false|null|nan|inf)")
# A line of ours is a key or an item, with nothing or one scalar after it.
_HEAD_LINE = re.compile(r"(?:[a-z_]+:| -)(?: +['\"\w].*| *)")
_KEYS = (
    "title",
    "categories",
    "headimg",
    "author",
    "comments",
    "date",
    "thumbnail",
)

EXTRA_FIELDS: dict[str, Callable[[Post], Value]] = {
    "id": lambda post: one_line(post.id),
    "link": lambda post: one_line(post.url),
    "source": lambda post: display_line(post.source),
    "editor": lambda post: display_line(post.editor),
    "updated": lambda post: format_rfc1123(post.updated) if post.updated else "",
    "keywords": lambda post: tuple(display_line(word) for word in post.keywords),
    "symbols": lambda post: tuple(one_line(symbol.name) for symbol in post.symbols),
    "feed": lambda post: one_line(post.feed),
}
"""The keys ``POST_EXTRA_FIELDS`` may add after the seven, and what they hold."""


@dataclass(frozen=True, slots=True)
class Document:
    """The part of a post that its file holds, as it stands there.

    Every value is one clean line; `document_of` makes them so.
    """

    title: str
    """The headline, safe where themes print it raw."""

    categories: tuple[str, ...]
    """Site group, site and feed title."""

    headimg: str
    """The head image, also written as ``thumbnail``."""

    author: str
    """The site's name."""

    date: str
    """The publication instant, RFC 1123, GMT."""

    body: str
    """The HTML inside the outer ``div``."""

    extra: tuple[tuple[str, Value], ...] = ()
    """Further keys in order; those without a value are left out."""


def document_of(post: Post, extra_fields: Sequence[str] = ()) -> Document:
    """Make the document of a post.

    Args:
        post: the post.
        extra_fields: keys of `EXTRA_FIELDS`, in the order they shall stand; one that
            is named twice stands once.

    Raises:
        KeyError: an extra field that does not exist.
    """
    names = dict.fromkeys(extra_fields)
    extra = tuple((name, EXTRA_FIELDS[name](post)) for name in names)
    return Document(
        title=display_line(post.title),
        categories=tuple(display_line(name) for name in post.categories),
        headimg=absolute(post.headimg),
        author=display_line(post.site),
        date=format_rfc1123(post.published),
        body=drop_unsafe(post.document),
        extra=tuple((name, value) for name, value in extra if value),
    )


def dump(post: Post | Document, extra_fields: Sequence[str] = ()) -> str:
    """Write a post's document.

    Args:
        post: the post, or the document made of it.
        extra_fields: keys of `EXTRA_FIELDS` to add; for a post only.

    Returns:
        The file's text; `load` gives the same document back from it.
    """
    document = document_of(post, extra_fields) if isinstance(post, Post) else post
    lines = [
        f"title: {_quote(document.title)}",
        "categories: ",
        *(f" - {_scalar(name)}" for name in document.categories),
        f"headimg: {_quote(document.headimg)}",
        f"author: {_scalar(document.author)}",
        "comments: false",
        f"date: {document.date}",
        f"thumbnail: {_quote(document.headimg)}",
    ]
    for name, value in document.extra:
        if isinstance(value, tuple):
            lines += [f"{name}: ", *(f" - {_quote(item)}" for item in value)]
        else:
            lines.append(f"{name}: {_quote(value)}")
    head = "\n".join(lines)
    return f"\n---\n{head}\n{_BEFORE_BODY}{document.body}{_AFTER_BODY}"


def load(text: str) -> Document:
    """Read a document back.

    Args:
        text: the file's text.

    Raises:
        DocumentError: the text has not the form, a key is missing, or a value is not
            of its kind; a file that was cut anywhere is never taken for whole.
    """
    if not text.startswith("\n---\n"):
        raise DocumentError("it does not start with an empty line and ---")
    head, found, rest = text[5:].partition("\n" + _BEFORE_BODY)
    if not found:
        raise DocumentError("the front matter does not end in --- and <div>")
    if not rest.endswith(_AFTER_BODY):
        raise DocumentError("it does not end in </div> and twelve spaces: was it cut?")
    values = _load_head(head)
    missing = [key for key in _KEYS if key not in values]
    if missing:
        raise DocumentError(f"the front matter has no {' and no '.join(missing)}")
    return Document(
        title=_line(values, "title"),
        categories=_names(values, "categories"),
        headimg=_line(values, "headimg"),
        author=_line(values, "author"),
        date=_line(values, "date"),
        body=rest.removesuffix(_AFTER_BODY),
        extra=tuple(
            (
                key,
                _names(values, key) if isinstance(value, list) else _line(values, key),
            )
            for key, value in values.items()
            if key not in _KEYS
        ),
    )


def mark(text: str, name: str, value: str) -> str:
    """Set or take away one line of a document's front matter, its last one.

    Args:
        text: the file's text.
        name: the key; none of the seven.
        value: one clean line; ``""`` takes the key away.

    Returns:
        The text with every other byte as it was.

    Raises:
        DocumentError: as `load` does.
    """
    load(text)
    head, rest = text[5:].split("\n" + _BEFORE_BODY, 1)
    lines = [line for line in head.split("\n") if not line.startswith(f"{name}: ")]
    lines += [f"{name}: {_quote(value)}"] if value else []
    return text[:5] + "\n".join(lines) + "\n" + _BEFORE_BODY + rest


def _load_head(head: str) -> dict[str, str | list[str]]:
    # Before any parser: LibYAML ends the whole process on a deep enough nesting.
    for line in head.split("\n"):
        if not _HEAD_LINE.fullmatch(line):
            raise DocumentError(f"the front matter has a line not ours: {line[:60]!r}")
    try:
        # The base loader keeps every scalar the string it is: no dates, no numbers.
        values = yaml.load(head, Loader=yaml.CBaseLoader)  # noqa: S506
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        problem = getattr(error, "problem", None) or "unreadable"
        raise DocumentError(f"the front matter is not YAML: {problem}") from error
    if not isinstance(values, dict):
        raise DocumentError("the front matter is not a mapping")
    return values


def _line(values: dict[str, str | list[str]], key: str) -> str:
    value = values[key]
    if not isinstance(value, str):
        raise DocumentError(f"{key} is not one line of text")
    return value


def _names(values: dict[str, str | list[str]], key: str) -> tuple[str, ...]:
    value = values[key]
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise DocumentError(f"{key} is not a list of names")
    return tuple(value)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _scalar(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and not _YAML_WORD.fullmatch(text)
    return text if plain else _quote(text)
