"""The record: a post as one JSON object, and the schema that describes it."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, with_config
from typing_extensions import TypedDict

from crawler.core.dates import format_iso
from crawler.core.markup import Image
from crawler.core.posts import Post
from crawler.core.symbols import Symbol

_STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$"
"""The form of every time of a record: ISO 8601 UTC, to the second."""

_ID = r"^([a-z]{7}\d{7}|u[0-9a-f]{15})$"
_Id = Annotated[str, Field(pattern=_ID)]
_Time = Annotated[str, Field(pattern=TIME)]


@with_config(_STRICT)
class SymbolRecord(TypedDict):
    """A traded thing an article names."""

    market: str
    """`sh`, `sz`, `bj`, `hk`, `us`, `futures` or `forex`."""
    code: str
    """The code in that market."""
    why: str
    """`keyword comment`, `link`, `quote span` or `feed`."""


@with_config(_STRICT)
class ImageRecord(TypedDict):
    """A picture of the body."""

    url: str
    """Its address."""
    caption: str
    """The words below it, or an empty string."""


@with_config(_STRICT)
class ListingRecord(TypedDict):
    """A feed that lists an article."""

    feed: str
    """The feed's id."""
    since: _Time
    """When it was first seen to list the article or a copy of it, UTC."""


@with_config(_STRICT)
class CopyRecord(TypedDict):
    """The same story under another id, and how that is known."""

    id: _Id
    """The other document id."""
    url: str
    """Its canonical address; empty where an older store did not note it."""
    kept: bool
    """Whether it is a post of its own as well."""
    similarity: Annotated[float, Field(ge=0, le=1)]
    """How much of the shorter text stands in the longer; 1 for equal texts."""
    differs: str
    """Where the texts differ: `notices`, `beginning, ending, 2 passages` or parts of
    that; empty when they are equal."""
    first_seen: _Time
    """When it was found, UTC."""


@with_config(_STRICT)
class Record(TypedDict):
    """One line of an exported feed: one version of a post."""

    id: _Id
    """The document id; one id is one post for good."""
    url: str
    """The canonical address."""
    title: str
    """The headline as published."""
    source: str
    """The medium's name, or an empty string."""
    author: str
    """The person who wrote it, or an empty string."""
    editor: str
    """The editor, or an empty string."""
    published: _Time
    """When it was published, UTC."""
    updated: Annotated[str | None, Field(pattern=TIME)]
    """When the site last changed it, UTC; null when unknown."""
    feed: str
    """The feed it was first found in; empty for a page given by hand."""
    feeds: list[str]
    """Every feed that has listed it or a copy of it."""
    categories: list[str]
    """Site group, site and feed title."""
    keywords: list[str]
    """Keywords in the page's order."""
    symbols: list[SymbolRecord]
    """Stock symbols with the reason for each."""
    images: list[ImageRecord]
    """The body's pictures in order."""
    headimg: str
    """The head image; never empty."""
    html: str
    """The clean body."""
    text: str
    """The plain text, one paragraph a line."""
    path: str
    """The document, from the posts folder."""
    revision: Annotated[int, Field(ge=1)]
    """1 for the first version, then 2, 3, ..."""
    status: Literal["new", "revision", "reprocessed", "removed", "restored"]
    """What this version was to the store when it came: of a page that is new or was
    edited, or of one that was read anew; or that its page is gone, or there again."""
    content_hash: str
    """Of title and text, in the form they are compared in."""
    first_seen: _Time
    """When the post's first version was fetched, UTC."""
    fetched: _Time
    """When this version was fetched, UTC."""
    template: str
    """Which extraction template read the page."""
    duplicates: list[str]
    """Other ids under which the same story was found."""
    listed: list[ListingRecord]
    """When each feed began to list it; without feeds that only a user named."""
    copies: list[CopyRecord]
    """The duplicates with their evidence, in the same order."""
    removed: Annotated[str | None, Field(pattern=TIME)]
    """When its page was first found gone, UTC; null when it never was for sure."""
    removal_confirmed: Annotated[str | None, Field(pattern=TIME)]
    """When a later visit found it gone as well, UTC."""
    restored: Annotated[str | None, Field(pattern=TIME)]
    """When it was found there again, UTC; null while it is gone."""


FIELDS = tuple(Record.__annotations__)
"""The record's keys in their fixed order."""


def record_of(post: Post, facts: dict[str, Any]) -> dict[str, Any]:
    """Make the record of a post.

    Args:
        post: the post.
        facts: what only the store knows: ``path``, ``revision``, ``status``,
            ``content_hash``, ``first_seen``, ``feeds``, ``duplicates``, ``listed``,
            ``copies``, and the times of a removal, if there was one.

    Returns:
        The record with its keys in the fixed order.
    """
    own: dict[str, Any] = {
        "id": post.id,
        "url": post.url,
        "title": post.title,
        "source": post.source,
        "author": post.author,
        "editor": post.editor,
        "published": format_iso(post.published),
        "updated": format_iso(post.updated) if post.updated else None,
        "feed": post.feed,
        "categories": list(post.categories),
        "keywords": list(post.keywords),
        "symbols": [
            {"market": symbol.market, "code": symbol.code, "why": symbol.why}
            for symbol in post.symbols
        ],
        "images": [
            {"url": image.url, "caption": image.caption} for image in post.images
        ],
        "headimg": post.headimg,
        "html": post.html,
        "text": post.text,
        "fetched": format_iso(post.fetched),
        "template": post.template,
        "removed": None,
        "removal_confirmed": None,
        "restored": None,
    }
    whole = own | facts
    return {name: whole[name] for name in FIELDS}


def post_of(record: dict[str, Any]) -> Post:
    """Make the post of a record once more.

    Its document has the reading version of the body: a record holds no other.
    """
    own = {name: record[name] for name in Post.__slots__ if name in FIELDS}
    updated, categories = record["updated"], record["categories"]
    return Post(
        **own
        | {
            "published": datetime.fromisoformat(record["published"]),
            "updated": datetime.fromisoformat(updated) if updated else None,
            "fetched": datetime.fromisoformat(record["fetched"]),
            "site": categories[min(1, len(categories) - 1)],
            "categories": tuple(categories),
            "keywords": tuple(record["keywords"]),
            "symbols": tuple(Symbol(**symbol) for symbol in record["symbols"]),
            "images": tuple(Image(**image) for image in record["images"]),
            "document": record["html"],
        }
    )


def record_line(record: dict[str, Any]) -> str:
    """Write a record as one JSON line: UTF-8, not ASCII-escaped, newline at the end.

    The few characters that some readers take for a line's end are escaped, and so are
    lone surrogates, which UTF-8 cannot hold.
    """
    line = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return _ESCAPED.sub(lambda mark: f"\\u{ord(mark[0]):04x}", line) + "\n"


def record_schema() -> dict[str, Any]:
    """Give the JSON Schema every record line validates against."""
    schema = TypeAdapter(Record).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
