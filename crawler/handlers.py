"""Fetch over HTTP, from the site itself or from a mirror of it."""

from __future__ import annotations

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.core.urls import mirrored


class MirrorHandler(HTTP11DownloadHandler):
    """Scrapy's handler, which asks ``SITE_MIRROR`` instead of the site when it is set.

    A request for ``https://HOST/PATH?QUERY`` is sent to
    ``SITE_MIRROR/HOST/PATH?QUERY``; the response keeps the original URL, so that
    delays, offsite rules and records are those of the real site.

    Responses are plain bytes until they are decompressed: as text ones, Scrapy 2.19
    guesses the charset of the compressed bytes, which costs more than all the rest.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._mirror: str = crawler.settings["SITE_MIRROR"]

    async def download_request(self, request: Request) -> Response:
        """Fetch one request."""
        target = request
        if self._mirror:
            target = request.replace(url=mirrored(request.url, self._mirror))
        response = await super().download_request(target)
        return Response(
            request.url,
            status=response.status,
            headers=response.headers,
            body=response.body,
            flags=response.flags,
            certificate=response.certificate,
            ip_address=response.ip_address,
            protocol=response.protocol,
        )
