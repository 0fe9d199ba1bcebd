"""What one declaration of an article template says."""

from __future__ import annotations

from dataclasses import dataclass

Rules = tuple[str, ...]
"""Where a field stands, most trusted first: CSS selectors for a node's text, or
``selector@attribute`` for an attribute's value."""

META_TITLE: Rules = ('meta[property="og:title"]@content',)
META_SOURCE: Rules = (
    'meta[name="mediaid"]@content',
    'meta[property="article:author"]@content',
)
META_KEYWORDS: Rules = ('meta[name="tags"]@content', 'meta[name="keywords"]@content')


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One layout of Sina's article pages: what recognises it and where fields are."""

    name: str
    """The name that records carry as ``template``."""

    years: str
    """When pages of this layout were made."""

    needs: Rules
    """Selectors that must all match for a page to be of this layout."""

    title: Rules
    """The headline."""

    time: Rules
    """The visible time, Beijing, mostly to the minute."""

    source: Rules
    """The medium's name."""

    author: Rules = ()
    """The person who wrote it."""

    editor: Rules = ()
    """The editor's line."""

    keywords: Rules = META_KEYWORDS
    """Keywords: one node each, or one text parted by commas."""

    body: Rules
    """The body container; its inner HTML is the body."""
