"""What the archive holds: exchanges with the site, and the steps a run made of them.

An `Exchange` is one request with its answer, as they went over the wire. A `Step` is
one thing that a run did to its store. The steps in their order, with the exchanges
they were made of, are all that it takes to make the store once more.
"""

from __future__ import annotations

import json
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha1
from typing import Any, Literal
from urllib.parse import urlsplit

from crawler.core.plain import as_plain, from_plain

Headers = tuple[tuple[bytes, bytes], ...]
"""Names and values in their order."""

Action = Literal[
    "begin",
    "list",
    "read",
    "reject",
    "accept",
    "drop",
    "call",
    "picture",
    "reprocess",
    "void",
    "end",
]
"""What a step does: begin or end a run; take in what a feed lists; read an article
and keep or reject it; reject one unread; decide what was in quarantine; call another
method of the store; keep a picture; read an archived article once more; declare
earlier steps void, which the store did not carry out."""

_SECRET = frozenset(
    b"authorization cookie cookie2 proxy-authorization proxy-authenticate set-cookie"
    b" set-cookie2 www-authenticate x-api-key x-auth-token".split()
)
_LINE_ENDS = bytes.maketrans(b"\r\n\0", b"   ")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a record lies."""

    file: str
    """The file's name below the archive's folder."""

    offset: int
    """Its first byte there."""


@dataclass(slots=True, kw_only=True)
class Exchange:
    """A request and its answer, as received: compressed bodies stay compressed."""

    url: str
    """The address asked for, without user name or password."""

    method: str = "GET"
    """The request's method."""

    request_headers: Headers = ()
    """The request's headers; cookies and credentials are not archived."""

    status: int
    """The answer's status."""

    protocol: str = "HTTP/1.1"
    """The answer's protocol."""

    headers: Headers = ()
    """The answer's headers, likewise."""

    body: bytes = field(repr=False)
    """The answer's body; chunks are joined, nothing else is undone."""

    received: datetime
    """When it had come, UTC."""

    address: str = ""
    """The IP address that answered, or ``""``."""

    place: Place | None = None
    """Where the record with its body lies, once it is archived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of one article or list page, before the store is told of it."""

    exchanges: tuple[Exchange, ...]
    """The exchanges, one for each page of the article."""

    facts: dict[str, Any]
    """What else reading it takes, as plain data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing a run did to its store."""

    do: Action
    """What."""

    now: str
    """The instant that the store took for the present one, ISO 8601 UTC."""

    after: Place
    """How far the store had carried out earlier steps; steps of one commit agree."""

    pages: tuple[Place, ...] = ()
    """Where the pages lie that it was made of."""

    facts: dict[str, Any] = field(default_factory=dict)
    """What else it was made of, as plain data."""

    def as_json(self) -> bytes:
        """Write it as JSON, in ASCII: a lone surrogate has no UTF-8 form."""
        return json.dumps(as_plain(self), separators=(",", ":")).encode("ascii")

    @classmethod
    def from_json(cls, text: bytes) -> Step:
        """Read what `as_json` wrote.

        Raises:
            ValueError: it is something else.
        """
        try:
            step: Step = from_plain(json.loads(text), cls)
        except RecursionError as error:
            raise ValueError("is nested too deep") from error
        return step


def without_secrets(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Leave out cookies and credentials, and make every header one line.

    >>> without_secrets([(b"Cookie", b"a=b"), (b"Age", b"1\\r\\n2")])
    ((b'Age', b'1  2'),)
    """
    return tuple(
        (name.translate(_LINE_ENDS), value.translate(_LINE_ENDS))
        for name, value in headers
        if name.lower() not in _SECRET
    )


def without_user(url: str) -> str:
    """Leave user name and password out of an address.

    >>> without_user("https://me:secret@example.org/a?b=c@d")
    'https://example.org/a?b=c@d'
    """
    host = urlsplit(url).netloc
    return url.replace(host, host.rpartition("@")[2], 1) if "@" in host else url


def digest_of(data: bytes) -> str:
    """Give the digest of a body in the form WARC files use: ``sha1:`` and Base32.

    >>> digest_of(b"")
    'sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ'
    """
    return "sha1:" + b32encode(sha1(data, usedforsecurity=False).digest()).decode()
