"""Downloader middleware: take down each exchange as it went over the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.http.headers import Headers

from crawler.core.archive import (
    Exchange,
    Fetched,
    Place,
    without_user,
)
from crawler.core.archive import Headers as Pairs

EXCHANGE = "exchange"
"""The key of a request's ``meta`` under which its exchange is found."""

LISTED = "listed"
"""The key under which a request says where the listing lies that led to it."""


class CaptureMiddleware:
    """Leave the raw exchange with every request, for whoever archives the answer.

    It stands nearest to the downloader, before bodies are decompressed. What belongs
    into the archive the spider decides; what it does not take is forgotten.

    Raises:
        NotConfigured: ``ARCHIVE_ENABLED`` is off.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it for a crawler that archives."""
        if not crawler.settings.getbool("ARCHIVE_ENABLED"):
            raise NotConfigured
        return cls()

    def process_response(self, request: Request, response: Response) -> Response:
        """Take the exchange down."""
        request.meta[EXCHANGE] = Exchange(
            url=without_user(request.url),
            method=request.method,
            request_headers=_pairs(request.headers),
            status=response.status,
            protocol=response.protocol or "HTTP/1.1",
            headers=_pairs(response.headers),
            body=response.body,
            received=datetime.now(UTC),
            address=str(response.ip_address or ""),
        )
        return response


def place_of(response: Response) -> Place | None:
    """Tell where the archive has a response, where it has it already."""
    exchange: Exchange | None = response.meta.get(EXCHANGE)
    return exchange.place if exchange else None


def fetched_of(response: Response, **facts: Any) -> Fetched | None:
    """Give what the archive takes of an answer; ``None`` where nobody took it down."""
    exchange: Exchange | None = response.meta.get(EXCHANGE)
    return Fetched(exchanges=(exchange,), facts=facts) if exchange else None


def _pairs(headers: Headers) -> Pairs:
    items = headers.items()
    return tuple((name, value) for name, values in items for value in values)
