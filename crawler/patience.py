"""Downloader middleware: a host that asks for patience, or bans us, is left alone."""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.core.urls import host_of
from crawler.extensions import Run
from crawler.refusals import Refusal


class HostLeftAlone(Refusal):
    """A host is not asked now; the text says until when, and why."""


class PatienceMiddleware:
    """Ask nothing of a stopped host, and do not repeat what a host asks us to put off.

    Scrapy's own retries follow within seconds, whatever ``Retry-After`` says.

    Args:
        crawler: its run knows which hosts are stopped.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it for a crawler."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Drop a request to a host that is to be left alone.

        Raises:
            HostLeftAlone: until when, and why.
        """
        run = Run.of(self._crawler)
        host = host_of(request.url)
        stop = run.hosts.stopped(host, run.clock())
        if stop:
            raise HostLeftAlone(stop.words(host))

    def process_response(self, request: Request, response: Response) -> Response:
        """Let an answer that asks for patience through without another try."""
        if response.status == 429 or "Retry-After" in response.headers:
            request.meta["dont_retry"] = True
        return response
