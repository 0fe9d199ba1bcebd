"""The catalogue: which sites and feeds there are, read from YAML and checked.

One YAML file describes one site. Every key is declared here once; pydantic checks
them, and a wrong key or value is reported with file, feed and key. The descriptions
below are what ``feeds/README.md`` lists.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from crawler.core.errors import CatalogueError
from crawler.core.rhythm import Bounds, Quiet, parse_bounds, parse_quiet
from crawler.core.text import display_line, one_line
from crawler.core.urls import absolute, host_of, is_within

Format = Literal["roll", "rss", "live"]

# Names are categories too. Hexo looks them up in an object that has these already,
# cannot make folders of longer ones, and puts those without a letter over each other.
_TAKEN = frozenset(
    "__defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ __proto__"
    " constructor hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString"
    " toString valueOf index.html".split()
)
_LONGEST = 100


def _plain(text: str) -> str:
    if not text or display_line(text) != text:
        raise ValueError(
            "must be one line of clean text without white space around it"
            " and without < > ' or \""
        )
    nameless = text in _TAKEN or not any(char.isalnum() for char in text)
    if nameless or len(text.encode()) > _LONGEST:
        raise ValueError(
            f"must be a name of at most {_LONGEST} bytes that can be a category's page"
        )
    return text


def _web(url: str) -> str:
    if not absolute(url):
        raise ValueError("must be an http:// or https:// address")
    return url


def _bounds(text: str) -> str:
    parse_bounds(text)
    return text


def _quiet(text: str) -> str:
    parse_quiet(text)
    return text


Line = Annotated[str, AfterValidator(_plain)]
Address = Annotated[str, AfterValidator(_web)]
Every = Annotated[str, AfterValidator(_bounds)]
Hours = Annotated[str, AfterValidator(_quiet)]
ALL = "all"
"""Stands for every enabled feed in `-a feeds=`, and so is no feed's id."""

_STRICT = ConfigDict(extra="forbid", frozen=True)

_USUAL_PORTS = {None, 80, 443}

# PyYAML lets what its constructors raise through: a day that does not exist, a tag
# that does not fit its value, a nesting without end.
_UNREADABLE = (
    yaml.YAMLError,
    AttributeError,
    KeyError,
    RecursionError,
    TypeError,
    ValueError,
)


class Feed(BaseModel):
    """One channel of a site."""

    model_config = _STRICT

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")
    """Plain English name, unique in the catalogue: what `-a feeds=` takes."""

    title: Line
    """The channel's name; the last category of its posts."""

    url: Address
    """Where the list is fetched; `{page}` stands for the page number, from 1."""

    format: Format
    """How the answer is read: `roll` (JSON or JSONP), `rss` (RSS, Atom, JSON Feed) or
    `live` (7x24)."""

    content: Literal["page", "entry"] = "page"
    """Where the article is: on the `page` the entry links to, or whole in the feed's
    `entry`."""

    pages: int = Field(default=2, ge=1, le=50)
    """List pages read on each poll; at least 2 where the feed has pages, because four
    in ten new items appear below known ones."""

    every: Every = "10m-2h"
    """How often it is polled: the shortest and the longest time between two polls;
    in between, its own rhythm decides. One time alone is always kept."""

    quiet: Hours = "00:30-06:30"
    """Hours of the Beijing day in which little is published, or `none`: they are
    polled through at the longest interval, and a feed may be silent in them."""

    order: Literal["time", "rank"] = "time"
    """Whether the list is by `time`, newest first, in which a gap can be noticed, or
    a `rank` list."""

    referer: Address | None = None
    """The `Referer` header the server wants; the site's `referer` when absent."""

    enabled: bool = True
    """Whether a plain `scrapy crawl finance` polls it."""

    reason: str = ""
    """Why a feed is not enabled; required then."""

    @property
    def is_paged(self) -> bool:
        """Whether the feed has more than one page to ask for."""
        return "{page}" in self.url

    @property
    def has_days(self) -> bool:
        """Whether it can be asked for single days of its past."""
        return self.format == "roll"

    @property
    def bounds(self) -> Bounds:
        """The shortest and longest time between two polls."""
        return parse_bounds(self.every)

    @property
    def quiet_hours(self) -> Quiet:
        """The hours in which little is published."""
        return parse_quiet(self.quiet)

    def page_url(self, page: int) -> str:
        """Give the address of a list page, counted from 1."""
        return self.url.replace("{page}", str(page))

    @model_validator(mode="after")
    def _agree(self) -> Feed:
        if not self.enabled and not self.reason.strip():
            raise ValueError("enabled: false needs a reason")
        if self.id == ALL:
            raise ValueError(f"id: {ALL} stands for every feed in -a feeds=")
        if not self.is_paged and "pages" in self.model_fields_set and self.pages > 1:
            raise ValueError("pages needs {page} in url")
        if self.is_paged and self.pages < 2:
            raise ValueError("pages must be at least 2 where the url has {page}")
        return self


class Site(BaseModel):
    """One site: one YAML file."""

    model_config = _STRICT

    name: Line
    """The site's name: the documents' `author`."""

    categories: tuple[Line, ...] = Field(min_length=1)
    """The categories above the feed's title, widest first."""

    hosts: tuple[str, ...] = Field(min_length=1)
    """Domains whose article pages may be fetched, with all below them."""

    placeholder: Address
    """The head image of a post that has none of its own."""

    referer: Address | None = None
    """The `Referer` header sent with every request to the site."""

    feeds: tuple[Feed, ...] = Field(min_length=1)
    """The site's channels, in the order they are polled."""

    source: str = Field(default="", exclude=True)

    @field_validator("hosts")
    @classmethod
    def _domains(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not re.fullmatch(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", host):
                raise ValueError(f"{host!r} is not a domain such as sina.com.cn")
        return hosts

    def serves(self, host: str) -> bool:
        """Tell whether article pages of this host may be fetched."""
        return is_within(host, self.hosts)

    def owns(self, host: str) -> bool:
        """Tell whether article pages or a feed of the site are on this host."""
        return self.serves(host) or any(
            host_of(feed.url) == host for feed in self.feeds
        )


class Catalogue:
    """Every site's feeds, looked up by id.

    Args:
        sites: the sites, each with its ``source`` set to the file it came from.

    Raises:
        CatalogueError: two feeds have one id.
    """

    def __init__(self, sites: tuple[Site, ...]) -> None:
        self.sites = sites
        self._feeds: dict[str, tuple[Site, Feed]] = {}
        for site in sites:
            for feed in site.feeds:
                if feed.id in self._feeds:
                    raise CatalogueError(
                        site.source, f"feed {feed.id}: id", "is used twice"
                    )
                self._feeds[feed.id] = (site, feed)

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """Every feed, enabled or not, in catalogue order."""
        return tuple(feed for _, feed in self._feeds.values())

    def short_titles(self) -> dict[str, str]:
        """Name every feed by id, as briefly as tells it apart from all others.

        Of "新浪财经－股市" what follows the dash, unless another feed's title ends so
        too; of two with one title the id as well.
        """
        forms = {
            feed.id: (
                feed.title.rpartition("－")[2] or feed.title,
                feed.title,
                f"{feed.title} ({feed.id})",
            )
            for feed in self.feeds
        }
        uses = Counter(form for each in forms.values() for form in set(each))
        return {
            name: next((form for form in each if uses[form] == 1), each[-1])
            for name, each in forms.items()
        }

    def feed(self, feed_id: str) -> Feed | None:
        """Look a feed up by its id."""
        found = self._feeds.get(feed_id)
        return found[1] if found else None

    def site_of(self, feed_id: str) -> Site:
        """Return the site a feed belongs to.

        Raises:
            KeyError: no feed has this id.
        """
        return self._feeds[feed_id][0]

    def site_for(self, host: str) -> Site | None:
        """Return the site whose article pages this host serves, if any."""
        return next((site for site in self.sites if site.serves(host)), None)

    def leads(self, url: str, target: str) -> bool:
        """Tell whether a request for one address may be redirected to another.

        Pages and feeds of a site may lead to its hosts, and anything to where it is
        itself: the same host, with the same port unless both are the usual ones.

        >>> Catalogue(()).leads("http://hub.example/a", "https://hub.example/b")
        True
        >>> Catalogue(()).leads("http://hub.example/a", "http://hub.example:6379/")
        False
        """
        if _origin(url) == _origin(target):
            return True
        host, other = host_of(url), host_of(target)
        return any(
            site.serves(other)
            for site in self.sites
            if site.serves(host)
            or any(host_of(feed.url) == host for feed in site.feeds)
        )


def parse_site(text: str, source: str) -> Site:
    """Read one catalogue file.

    Args:
        text: the YAML.
        source: the file's name, for messages.

    Raises:
        CatalogueError: with file, feed and key of the first thing that is wrong.
    """
    try:
        # A SafeLoader that refuses what plain YAML hides: a key written twice.
        data = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506
    except _UNREADABLE as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else ""
        problem = one_line(getattr(error, "problem", None) or str(error))
        raise CatalogueError(source, line, f"is not YAML: {problem}") from error
    if not isinstance(data, dict):
        raise CatalogueError(source, "", "must be a mapping with name, hosts and feeds")
    if "source" in data:
        # A field of the model, but none of the file.
        raise CatalogueError(source, "source", "unknown key")
    try:
        return Site.model_validate(data).model_copy(update={"source": source})
    except ValidationError as error:
        # A misspelt key comes before the right one that is missing because of it.
        errors = error.errors(include_url=False)
        first = min(errors, key=lambda each: each["type"] != "extra_forbidden")
        problem = str(first["msg"]).removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            model = Feed if first["loc"][0] == "feeds" else Site
            names = (name for name in model.model_fields if name != "source")
            problem = f"unknown key; there are {', '.join(names)}"
        raise CatalogueError(source, _place(data, first["loc"]), problem) from error


def _origin(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    port = parts.port
    return parts.hostname or "", None if port in _USUAL_PORTS else port


def _place(data: dict[str, Any], location: tuple[int | str, ...]) -> str:
    if len(location) >= 2 and location[0] == "feeds" and isinstance(location[1], int):
        feed = data["feeds"][location[1]]
        name = feed.get("id") if isinstance(feed, dict) else None
        where = f"feed {name or 'number ' + str(location[1] + 1)}"
        keys = ".".join(str(part) for part in location[2:])
        return f"{where}: {keys}" if keys else where
    return ".".join(str(part) for part in location)


class _UniqueKeyLoader(yaml.SafeLoader):
    """Safe YAML in which a repeated key is an error, not the last one's victory."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Any, Any]:
        """Make a mapping; a repeated key is an error with its place."""
        seen = set()
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        for key in [key for key, _ in pairs if isinstance(key, yaml.ScalarNode)]:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key.value!r} is written twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)
