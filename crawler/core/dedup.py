"""Decide what a fetched post is to the store: new, changed, the same, or a copy.

Three facts about the source shape the rules (638,456 items of three years):

1. One document id practically never has two addresses, so the id is the identity.
   Headlines are edited in place, so the title never is.
2. The same story is often filed under a second id in another channel, with the same
   text. Equal titles alone prove nothing: some recur daily over different texts.
3. Short notices and one-picture posts repeat their few words legitimately. Below
   `DISTINCTIVE` characters a text alone is no proof either: then title, pictures and
   day must agree too.

What a changed version is worth, `crawler.core.guard` says afterwards.

Texts are compared in the form of `fingerprint_form`: widths and white space do not
count, every letter and figure does.

A reprint with another lead line, notice or ending is not equal but nearly so: it is
found and judged by `crawler.core.similarity` and `crawler.core.comparison`, and what
they have found comes here as a `Likeness`.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from crawler.core.dates import beijing_day
from crawler.core.posts import Post
from crawler.core.text import fingerprint_form

DISTINCTIVE = 120
"""From this many characters on, equal texts are one story whatever else differs."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What two versions of a post, or two posts, are compared by."""

    title: str
    """Of the headline."""

    text: str
    """Of the text."""

    story: str
    """Of what makes it this story: equal for the same story under another id."""

    @property
    def content(self) -> str:
        """Of title and text together: the record's ``content_hash``."""
        return _digest([self.title, self.text])


@dataclass(frozen=True, slots=True)
class Known:
    """What the index knows of a document id."""

    mark: Fingerprint
    """The fingerprint of its latest version."""

    revision: int
    """The number of its latest version, from 1."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A stored post that a post is a reprint of, and the evidence."""

    of: str
    """Its id."""

    similarity: float
    """How much of the shorter text stands in the longer one, from 0 to 1."""

    differs: str
    """Where they differ: ``beginning, ending, 2 passages``, or ``notices`` alone."""

    says_more: bool = False
    """A good part of the post's text is not in the stored one."""


@dataclass(frozen=True, slots=True)
class New:
    """A document id the store has no post of."""

    why: str = "first seen"
    """Why it is kept as a post of its own."""

    like: Likeness | None = None
    """The stored post that it is a reprint of, where it is kept all the same."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A stored post whose title or text has changed."""

    number: int
    """The new version's number, from 2."""

    why: str
    """What changed: ``title``, ``text`` or both."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A story that is stored under another document id."""

    of: str
    """That id."""

    why: str
    """What is the same."""

    like: Likeness | None = None
    """The evidence, when the texts are nearly the same and not equal."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A stored post that reads as it did."""

    why: str = "same title and text"
    """What was compared."""


@dataclass(frozen=True, slots=True)
class Poorer:
    """A version that would spoil the stored post, and is held back for somebody."""

    why: str
    """What it lacks."""


Decision = New | Revision | Duplicate | Unchanged | Poorer


def fingerprint(post: Post) -> Fingerprint:
    """Make the fingerprint of a post."""
    title, text = fingerprint_form(post.title), fingerprint_form(post.text)
    story = [text]
    if len(text) < DISTINCTIVE:
        pictures = [image.url.partition("?")[0] for image in post.images]
        story = [text, title, beijing_day(post.published), *pictures]
    return Fingerprint(_digest([title]), _digest([text]), _digest(story))


def decide(
    mark: Fingerprint,
    known: Known | None,
    twin: str | None,
    like: Likeness | None = None,
    *,
    link: bool = True,
) -> Decision:
    """Decide what to do with a fetched post.

    Args:
        mark: the post's fingerprint.
        known: what the index knows of its id, or ``None``.
        twin: another id whose post has the same story, if there is one.
        like: another id whose post this one is a reprint of, if there is one.
        link: make no second post of a reprint, unless it says more than the stored
            one, so that no text is lost; else every reprint is a post of its own.

    Returns:
        A stored id is only ever revised or unchanged, even when its new text equals
        another post's: it has been published under this id.
    """
    if known is not None:
        changes = [("title", mark.title != known.mark.title)]
        changes.append(("text", mark.text != known.mark.text))
        why = " and ".join(part for part, changed in changes if changed)
        return Revision(known.revision + 1, why) if why else Unchanged()
    if twin is not None:
        return Duplicate(twin, "same text")
    if like is None:
        return New()
    if link and not like.says_more:
        return Duplicate(like.of, "nearly the same text", like)
    return New("a reprint that says more" if link else "a reprint", like)


def _digest(parts: list[str]) -> str:
    data = "\x1f".join(parts).encode("utf-8", "replace")
    return sha256(data).hexdigest()[:32]
