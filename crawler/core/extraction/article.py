"""What a page says, or why it says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler.core.markup import Body
from crawler.core.symbols import Symbol

REMOVED = "the site shows its page-not-found page"
BANNED = "banned"
EMPTY_PAGE = "empty page"
MOVED = "moved: only a meta refresh"
NOT_A_PAGE = "not a page: JSON where HTML was due"
EMPTY_BODY = "empty body: layout changed?"
NO_BODY = "no body: layout changed?"
UNREADABLE = "unreadable: {}: wrong charset or damaged page"
INCOMPLETE = "incomplete: page {} of {}: {}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One field and the rule that gave it, for whoever mends a selector."""

    field: str
    """The field's name."""

    rule: str
    """The selector, with ``@attribute`` where an attribute's value was taken."""

    value: str
    """What stood there, cut to 80 characters."""


@dataclass(frozen=True, slots=True)
class NoArticle:
    """A page that is no article, and why: an expected outcome, not an error."""

    reason: str
    """One of the constants of this module."""

    tried: tuple[str, ...] = ()
    """Each template that was tried and what it missed."""

    template: str = ""
    """The template that knew the page but found no body, if one did."""

    @property
    def is_gone(self) -> bool:
        """Whether the site itself says that the article is no longer there."""
        return self.reason == REMOVED

    @property
    def is_bare(self) -> bool:
        """Whether the page has no body that any template could find."""
        return self.reason in {NO_BODY, EMPTY_BODY}

    @property
    def is_worth_study(self) -> bool:
        """Whether the page should be kept: somebody may want a template for it."""
        return self.is_bare or self.reason.startswith(UNREADABLE.partition("{")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What an article page says; every text as it stands there."""

    id: str
    """The document id."""

    url: str
    """The canonical URL."""

    template: str
    """The template that read it."""

    charset: str
    """The codec that decoded it."""

    title: str
    """The headline."""

    created: datetime | None
    """``weibo: article:create_at``: to the second, and equal to the time shown."""

    changed: datetime | None
    """``weibo: article:update_at``."""

    meta_time: datetime | None
    """``article:published_time``: often minutes, sometimes hours, after the time
    shown."""

    shown_time: datetime | None
    """The time on the page, mostly to the minute."""

    stamped_time: datetime | None = None
    """When the publisher wrote the file (``<!-- published at … -->``); later than the
    article by minutes or days, so it is only recorded."""

    source: str
    """The medium."""

    author: str
    """The person who wrote it."""

    editor: str
    """The editor's name."""

    keywords: tuple[str, ...]
    """Keywords in the page's order."""

    symbols: tuple[Symbol, ...]
    """Stock symbols of the body."""

    body: Body
    """The normalised body."""

    lead_image: str = ""
    """The picture that stands for an article without one in its body, or ``""``."""

    next_page: str = ""
    """The address of the article's next page; ``""`` on the last or only one."""

    findings: tuple[Finding, ...]
    """Which rule gave each field."""
