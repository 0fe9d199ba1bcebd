"""Fetch over HTTP, from the site itself or from a mirror of it."""

from __future__ import annotations

from functools import lru_cache

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response
from twisted.internet import endpoints
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS
from twisted.web._newclient import Request as TwistedRequest
from twisted.web.iweb import IResponse
from w3lib.url import safe_url_string

from crawler.core.urls import host_of, mirrored
from crawler.refusals import Refusal
from crawler.resolver import PublicResolver

MAX_HEAD = 2**16
"""Bytes of status line and headers; browsers take 256 KiB, the site sends 2."""


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
        _remember_names()
        mirror = crawler.settings["SITE_MIRROR"]
        self._mirror = safe_url_string(mirror) if mirror else ""
        self._pool._factory = BoundedFactory  # noqa: SLF001 - as Scrapy sets its own

    async def download_request(self, request: Request) -> Response:
        """Fetch one request.

        Raises:
            Refusal: its host is a private address.
        """
        target = self._mirrored(request) if self._mirror else request
        try:
            response = await super().download_request(target)
        except CannotResolveHostError as error:
            host = host_of(target.meta.get("proxy") or target.url)
            if host not in PublicResolver.refused:
                raise
            raise Refusal(
                f"private: {host} is at {PublicResolver.refused[host]}, not a public"
                " address; if that is meant, name it in ALLOWED_PRIVATE_HOSTS"
            ) from error
        request.meta["download_latency"] = target.meta.get("download_latency")
        plain = Response(
            request.url,
            status=response.status,
            body=response.body,
            flags=response.flags,
            certificate=response.certificate,
            ip_address=response.ip_address,
            protocol=response.protocol,
        )
        plain.headers = response.headers  # Given above, they would be copied.
        return plain

    def _mirrored(self, request: Request) -> Request:
        target = Request(
            mirrored(request.url, self._mirror),
            method=request.method,
            body=request.body,
            meta={**request.meta, "verbatim_url": True},  # It is quoted already.
        )
        target.headers = request.headers
        return target


def _remember_names() -> None:
    # Twisted encodes the host's name for every request, by the rules for names in all
    # the scripts of the world, even where there is a connection already.
    encode = endpoints._idnaBytes  # type: ignore[attr-defined]  # noqa: SLF001
    if not hasattr(encode, "cache_info"):
        endpoints._idnaBytes = lru_cache(256)(encode)  # type: ignore[attr-defined]  # noqa: SLF001


class BoundedProtocol(_LenientHTTP11ClientProtocol):
    """HTTP that gives up on an answer whose head is larger than `MAX_HEAD`.

    Twisted bounds a line only, and takes 100,000 headers in four seconds of standstill.
    """

    def request(self, request: TwistedRequest) -> Deferred[IResponse]:
        """Send a request."""
        self._head = 0
        answer = super().request(request)
        # A line may be as long as a head: the head's bound has a name for it.
        self._parser.MAX_LENGTH = 2 * MAX_HEAD  # type: ignore[union-attr]
        return answer

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Take what arrived, at most 64 KiB."""
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self._parser is None or self._parser.state not in {STATUS, HEADER}:
            return
        self._head += len(data)
        if self._head > MAX_HEAD:
            text = f"too large: the answer's head has more than {MAX_HEAD} bytes"
            self._giveUp(Failure(Refusal(text)))  # type: ignore[no-untyped-call]
            self.transport.abortConnection()  # type: ignore[union-attr]


class BoundedFactory(_LenientHTTP11ClientFactory):
    """Makes a `BoundedProtocol` for each connection."""

    def buildProtocol(  # noqa: N802 - Twisted's name
        self,
        addr: IAddress | None,  # noqa: ARG002
    ) -> BoundedProtocol:
        """Make the protocol of one connection."""
        return BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
