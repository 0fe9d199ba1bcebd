"""What one declaration of an article template says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Rules = tuple[str, ...]
"""Where a field stands, most trusted first. A rule is a CSS selector for a node's
text, ``selector@attribute`` for an attribute's value, or ``selector::own`` for a
node's text without that of the elements inside it."""

META_TITLE: Rules = ('meta[property="og:title"]@content', "title")
META_SOURCE: Rules = (
    'meta[name="mediaid"]@content',
    'meta[property="article:author"]@content',
)
META_KEYWORDS: Rules = ('meta[name="tags"]@content', 'meta[name="keywords"]@content')
META_TIME: Rules = ('meta[property="article:published_time"]@content',)
VIDEO_POSTER: Rules = (".video-2017 img@src", ".art_video img@src")
"""The picture of a video inside an article: its lead image when it has no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One layout of Sina's article pages: what recognises it and where fields are."""

    name: str
    """The name that records carry as ``template``."""

    order: int
    """Its place among the templates: the lowest that fits a page reads it. No two
    have the same."""

    since: int
    """The year of its first pages."""

    until: int | None = None
    """The year of its last ones; ``None`` while pages are still made. Nothing is
    decided by it: an old page stays as it was, whenever it is fetched."""

    url: str = ""
    """A regular expression that the page's address must match somewhere."""

    mentions: tuple[str, ...] = ()
    """Strings that must stand in the page's source."""

    needs: Rules = ()
    """Selectors that must all match."""

    kind: Literal["text", "slides", "video", "flash"] = "text"
    """How the body is made: taken from the container, or for ``slides`` and ``video``
    built from the data in the page's script; a ``flash`` has its title in its text."""

    title: Rules = META_TITLE
    """The headline."""

    time: Rules = ()
    """The visible time, Beijing, mostly to the minute."""

    source: Rules = META_SOURCE
    """The medium's name."""

    author: Rules = ()
    """The person who wrote it."""

    editor: Rules = (".article-editor", ".show_author")
    """The editor's line."""

    keywords: Rules = META_KEYWORDS
    """Keywords: one node each, or one text parted by commas."""

    body: Rules = ()
    """The body container; its inner HTML is the body."""

    cut: tuple[tuple[str, str], ...] = ()
    """Pairs of marks in the container's source; what stands between goes, with them."""

    junk: Rules = ()
    """What the reading version leaves out beyond `crawler.core.markup.reading.JUNK`."""

    lead_image: Rules = VIDEO_POSTER
    """The picture that stands for an article without one in its body."""

    next_page: Rules = ("p.page a", ".pagebox_next a", "#artibody .page a")
    """Where a link to the article's next page may stand."""

    @property
    def years(self) -> str:
        """When pages of this layout were made: ``2013-2017``, ``2017-``."""
        return f"{self.since}-{self.until or ''}"
