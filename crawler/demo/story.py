"""What a demo article is made of, before any page or feed shows it.

Everything here is a value: fixed texts, fixed Beijing times, no clock and no
randomness, so that every run of the sample site serves the same bytes. Whoever wants
the news to be of today moves all times alike (``later``); the texts stay.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import TypeAlias

BEIJING = timezone(timedelta(hours=8))
"""The zone of every time on the sample site."""

ALL_FINANCE = 2519
"""The list (``lid``) that carries every article of finance.sina.com.cn."""

_TIME = "%Y-%m-%d %H:%M:%S"

FINANCE_HOST = "finance.sina.com.cn"
NEWS_HOST = "news.sina.com.cn"


class Template(StrEnum):
    """The page that an article's address answers with."""

    FINANCE = "finance"
    NEWS = "news"
    LEGACY = "legacy"
    REMOVED = "removed"
    BARE = "bare"


class Case(StrEnum):
    """What an article is in the sample for."""

    IN_TWO_FEEDS = "the same article in several feeds"
    TWO_IDS = "one story under two ids"
    EDITED_TEXT = "text edited at poll 2, with a new mtime"
    EDITED_HEADLINE = "headline edited at poll 2, with the old mtime"
    LATE_BELOW = "appears at poll 2 below articles listed before"
    LATE_ON_TOP = "appears at poll 2 on top"
    REMOVED = "removed page that answers with status 200"
    GB2312 = "older template in gb2312"
    NEWS = "template of news.sina.com.cn"
    PICTURES = "pictures in every spelling, a table, bold text"
    HOSTILE = "hostile HTML in the body"
    AWKWARD_TITLE = "title that breaks YAML, HTML or a file name"
    BANNED_FEED = "its feed answers with a ban page at poll 1"
    BARE = "nothing in the body container"
    NO_SYMBOLS = "empty symbol comment"
    AD_COMMENT = "ad comment that repeats a paragraph"
    FULL_BODY = "in the RSS feed alone, with its whole body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A stock that an article names, linked where its name first stands."""

    market: str
    """``sh``, ``sz``, ``hk`` or ``us``."""
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of the body, its address written as the page writes it."""

    url: str
    caption: str = ""
    lazy: str = ""
    """The attribute that holds the address of a lazy picture, else empty."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of figures; the first row is its head."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Strong:
    """A paragraph set in bold."""

    text: str


@dataclass(frozen=True, slots=True)
class Raw:
    """Markup that goes into the body as it is."""

    html: str


Block: TypeAlias = str | Strong | Picture | Table | Raw
"""A part of the body; a plain string is a paragraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What the editors change between the two polls."""

    title: str = ""
    old: str = ""
    new: str = ""
    """Every ``old`` in the paragraphs becomes ``new``."""
    updated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article of the sample: what its page and its feeds say about it."""

    id: str
    """Sina's 14 characters: 7 letters and 7 digits."""
    path: str
    """The channel part of its address, such as ``stock/s``."""
    title: str
    created: str
    """``YYYY-MM-DD HH:MM:SS``, Beijing time."""
    body: tuple[Block, ...]
    feeds: tuple[int, ...] = ()
    """The lists (``lid``) that carry it, besides the one of all finance."""
    source: str = "示例财经"
    editor: str = "闻小满"
    keywords: tuple[str, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    host: str = FINANCE_HOST
    template: Template = Template.FINANCE
    updated: str = ""
    """Time of the last change; empty: 36 seconds after ``created``."""
    since: int = 1
    """The first poll at which it is there."""
    edit: Edit | None = None
    feed_title: str = ""
    """The title in feeds, where it differs from the page's."""
    copy_of: str = ""
    """Id of the article whose text it repeats."""
    in_rss: bool = False
    note: Case | None = None

    @property
    def ctime(self) -> datetime:
        """When it was created."""
        return _moment(self.created)

    @property
    def mtime(self) -> datetime:
        """When it was changed last."""
        if self.updated:
            return _moment(self.updated)
        return self.ctime + timedelta(seconds=36)

    @property
    def day(self) -> str:
        """Its Beijing day, ``YYYY-MM-DD``."""
        return self.created[:10]

    @property
    def url(self) -> str:
        """Its address as feeds give it; that of the older template is http."""
        if self.template is Template.LEGACY:
            stamp = self.ctime.strftime("%Y%m%d/%H%M")
            return f"http://{self.host}/{self.path}/{stamp}2{self.id[7:]}.shtml"
        return f"https://{self.host}/{self.path}/{self.day}/doc-i{self.id}.shtml"

    @property
    def route(self) -> str:
        """Its address without the scheme, as the mirror asks for it."""
        return self.url.partition("://")[2]

    @property
    def lids(self) -> tuple[int, ...]:
        """Every list that carries it."""
        if self.feeds and self.host == FINANCE_HOST:
            return (*self.feeds, ALL_FINANCE)
        return self.feeds

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Its text, a string for each paragraph, bold ones among them."""
        return tuple(
            block.text if isinstance(block, Strong) else block
            for block in self.body
            if isinstance(block, str | Strong)
        )

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures of its body, in order."""
        return tuple(block for block in self.body if isinstance(block, Picture))

    def later(self, by: timedelta) -> "Story":
        """Return the story with its times moved, those of its edit as well."""
        edit = self.edit
        return replace(
            self,
            created=moved(self.created, by),
            updated=moved(self.updated, by),
            edit=edit and replace(edit, updated=moved(edit.updated, by)),
        )

    def at(self, poll: int) -> "Story":
        """Return the story as it stands at a poll: edits show from the second on."""
        if self.edit is None or poll == 1:
            return self
        edit = self.edit
        return replace(
            self,
            title=edit.title or self.title,
            updated=edit.updated or self.updated,
            body=tuple(
                block.replace(edit.old, edit.new)
                if edit.old and isinstance(block, str)
                else block
                for block in self.body
            ),
        )


def prose(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text that blank lines divide.

    The lines of a paragraph are joined without a space, as Chinese is set.

    >>> prose('''
    ...     上半年，
    ...     营收增长。
    ...
    ...     第二段。
    ... ''')
    ('上半年，营收增长。', '第二段。')
    """
    paragraphs: list[list[str]] = [[]]
    for line in text.splitlines():
        if stripped := line.strip():
            paragraphs[-1].append(stripped)
        elif paragraphs[-1]:
            paragraphs.append([])
    return tuple("".join(lines) for lines in paragraphs if lines)


def moved(text: str, by: timedelta) -> str:
    """Move a Beijing time; ``""`` stays.

    >>> moved("2026-11-20 23:30:05", timedelta(hours=1))
    '2026-11-21 00:30:05'
    """
    return f"{_moment(text) + by:{_TIME}}" if text else ""


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _TIME).replace(tzinfo=BEIJING)
