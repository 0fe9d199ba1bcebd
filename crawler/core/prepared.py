"""A post with all that can be made of it before the store is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.core.dedup import Fingerprint, fingerprint
from crawler.core.frontmatter import dump
from crawler.core.posts import Post
from crawler.core.similarity import Shape, Sketch, draw, shape_of


@dataclass(frozen=True, slots=True)
class Prepared:
    """A post, what it is compared by, and its document."""

    post: Post
    """The post."""

    mark: Fingerprint
    """What tells its versions, and copies of it, apart."""

    sketch: Sketch
    """What the posts it may be a reprint of are found by."""

    document: str
    """The text of its document."""


def prepare(post: Post, extra_fields: Sequence[str] = ()) -> Prepared:
    """Make all that the store needs of a post and that needs no look-up.

    Args:
        post: the post.
        extra_fields: front-matter keys beyond the seven (``POST_EXTRA_FIELDS``).

    Raises:
        KeyError: an extra field that does not exist.
    """
    return Prepared(
        post=post,
        mark=fingerprint(post),
        sketch=draw(shape_of_post(post)),
        document=dump(post, extra_fields),
    )


def shape_of_post(post: Post) -> Shape:
    """Make the shape by which a post is compared with others."""
    codes = frozenset(symbol.market + symbol.code for symbol in post.symbols)
    return shape_of(post.title, post.text, post.published, codes)
