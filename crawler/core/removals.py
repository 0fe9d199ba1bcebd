"""Tell a page that the site has removed from a ban, an outage or a move.

A removal is only what the site itself says of one article: "not found", its
page-not-found page, or a redirect to a front page. A ban, a captcha, a server error
or silence says nothing about the article. Nor does "not found" while the whole host
is in disorder, so what a run finds gone is believed host by host, at its end.
"""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urljoin, urlsplit

from crawler.core.urls import absolute, canonical, document_id, host_of, is_within

GONE_STATUSES = (404, 410)
"""What a server answers when it has no such page."""

REDIRECTS = (301, 302, 303, 307, 308)
"""What a server answers when the page is elsewhere."""

Policy = Literal["keep", "mark", "withdraw"]
POLICIES: tuple[Policy, ...] = ("keep", "mark", "withdraw")
"""What may become of the document of a removed post (``REMOVED_POSTS``)."""

Destination = Literal["same", "front page", "elsewhere"]

_MANY = 5
_FRONT = re.compile(r"/(?:[\w.-]+/){0,3}(?:(?:index|default)\.[sd]?html?)?")
_NOT_FOUND = re.compile(r"/(?:[\w-]+/)*(?:404|error|notfound|not_found)\.[sd]?html?")
_GATES = re.compile(r"(?:^|[./-])(?:passport|login|verify|captcha|security|safe)\b")
_VALIDATOR = re.compile(r"[!-~](?:[ -~]{0,198}[!-~])?")


def read_redirect(url: str, location: str, hosts: tuple[str, ...]) -> Destination:
    """Say what a redirect of an article's page means.

    Args:
        url: the article's canonical address.
        location: the redirect's target as the server wrote it.
        hosts: the domains whose pages are the site's own.

    Returns:
        ``same``: the article under another spelling of its address; ``front page``: a
        channel's or site's page, or a page named 404, which is how a removed article
        is sent away; ``elsewhere``: anything else, such as another article or a gate
        with a captcha, and any foreign host.

    >>> page = "https://finance.sina.com.cn/a/doc-imcwiwss8570247.shtml"
    >>> read_redirect(page, "/", ("sina.com.cn",))
    'front page'
    """
    target = canonical(_join(url, location))
    if not is_within(host_of(target), hosts):
        return "elsewhere"
    identifier = document_id(url)
    if target == url or (
        not identifier.startswith("u") and document_id(target) == identifier
    ):
        return "same"
    parts = urlsplit(target)
    if _is_gate(target):
        return "elsewhere"
    front = _FRONT.fullmatch(parts.path) and not parts.query
    return "front page" if front or _NOT_FOUND.fullmatch(parts.path) else "elsewhere"


def leads_to_gate(url: str, location: str) -> bool:
    """Tell whether a redirect leads to a login or a captcha.

    >>> leads_to_gate("https://n.sinaimg.cn/a.jpg", "https://passport.sina.cn/visitor")
    True
    """
    return _is_gate(canonical(_join(url, location)))


def is_outage(gone: int, there: int, *, proof: bool) -> bool:
    """Tell whether pages of one host that are gone are to be taken for an outage.

    Args:
        gone: how many a run found gone.
        there: how many it found in their place.
        proof: whether a page that was there was to be had at all: the store has
            others of this host.

    Returns:
        True when nothing of the host was there although something should be, or when
        five or more are gone and they are the majority.
    """
    return (proof and not there) or (gone >= _MANY and gone > there)


def usable_validator(value: bytes | None) -> str:
    """Return an ``ETag`` or ``Last-Modified`` that may be sent back, or ``""``.

    It comes from the network and goes into a header: visible ASCII, up to 200.

    >>> usable_validator(b'"5f-1a"'), usable_validator(b"a\\r\\nCookie: b")
    ('"5f-1a"', '')
    """
    text = (value or b"").decode("latin-1").strip()
    return text if _VALIDATOR.fullmatch(text) else ""


def _is_gate(target: str) -> bool:
    parts = urlsplit(target)
    return _GATES.search(parts.netloc + parts.path) is not None


def _join(url: str, location: str) -> str:
    try:
        return absolute(urljoin(url, location.strip())) if location.strip() else ""
    except ValueError:
        return ""
