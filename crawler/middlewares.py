"""Downloader middlewares: what an answer must be, and where it may lead."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.responsetypes import responsetypes
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from crawler.core.catalogue import Catalogue
from crawler.core.compression import Wrapping, unwrap
from crawler.core.urls import host_of
from crawler.refusals import Refusal
from crawler.storage.catalogue import read_catalogue

PACKED = "packed"
"""The key of a request's ``meta`` that asks for the body as it came."""


class DecompressionMiddleware:
    """Decompress bodies, refusing those that are cut, damaged or far too large.

    Scrapy's own takes half a gzip stream, or one with a wrong checksum, for a
    complete answer: 200, with part of the text. Such a body, and one that does not
    come to its end, is fetched again and then failed. Only gzip and deflate are asked
    for: their streams can be checked, and bounded while they are unpacked.

    Pages of articles stay as they came: they are unpacked where they are read, which
    may be another process.

    Args:
        crawler: its ``DOWNLOAD_MAXSIZE`` bounds the unpacked body.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it for a crawler."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Ask for the encodings we can check."""
        request.headers.setdefault("Accept-Encoding", "gzip, deflate")

    def process_response(
        self, request: Request, response: Response
    ) -> Request | Response:
        """Unpack a body and give the response its proper class.

        Raises:
            Refusal: the body is broken, and was so on every try.
        """
        if request.meta.get(PACKED) and response.status == 200:
            return response
        body, problem = unwrap(response.body, wrapping_of(response, self._limit))
        if problem:
            return self._again(request, problem)
        headers = response.headers.copy()
        headers.pop("Content-Encoding", None)
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        return response.replace(cls=kind, headers=headers, body=body)

    def _again(self, request: Request, problem: str) -> Request:
        spider = self._crawler.spider
        assert spider is not None
        retry = get_retry_request(request, spider=spider, reason=problem)
        if retry is None:
            raise Refusal(problem)
        return retry


def wrapping_of(response: Response, limit: int) -> Wrapping:
    """Tell what a response's body, as it came, is wrapped in."""
    encoding = (response.headers.get("Content-Encoding") or b"").strip().lower()
    return Wrapping(limit, encoding, is_partial="partial" in response.flags)


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's, whose rules hold for all requests that waited for robots.txt.

    In Scrapy 2.19 they hold for the first of them alone: the others wait for the same
    `Deferred`, and its result is used up by then.
    """

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules of a request's host, or ``None`` when it has none."""
        await super().robot_parser(request)
        rules = self._parsers[urlparse_cached(request).netloc]
        return rules if isinstance(rules, RobotParser) else None


class SiteRedirectMiddleware(RedirectMiddleware):
    """Follow redirects within the site that was asked, and name those it refuses.

    A site is what its file in the catalogue lists under ``hosts``, and its feeds'
    own addresses. Requests with ``allow_offsite`` in their ``meta`` may be led
    anywhere. Scrapy's own follows a redirect to any host, drops one that leads in a
    circle without a word to anybody, and hands one to ``file:`` on as a page.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it for a crawler.

        Scrapy's also looks for its referer middleware, and warns when there is none.
        """
        middleware = cls(crawler.settings)
        middleware.crawler = crawler
        return middleware

    def handle_referer(
        self,
        request: Request,
        response: Response,  # noqa: ARG002 - Scrapy's
    ) -> None:
        """Keep the ``Referer`` within the site, which wants it with every request."""
        if request.meta.get("allow_offsite"):
            request.headers.pop("Referer", None)

    @cached_property
    def _catalogue(self) -> Catalogue:
        return read_catalogue(Path(self.crawler.settings["CATALOGUE_DIR"]))

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """Follow a redirect, or hand the response on.

        Raises:
            Refusal: it leads in a circle, too far, elsewhere or nowhere.
        """
        try:
            found = super().process_response(request, response)
        except IgnoreRequest as error:
            reason = f"redirect: more than {self.max_redirect_times} of them"
            raise Refusal(reason) from error
        except ValueError as error:
            raise Refusal(f"redirect: leads to no address: {error}") from error
        if found is response or not isinstance(found, Request):
            return found
        urls = [*request.meta.get("redirect_urls", []), request.url]
        if found.url in urls:
            raise Refusal(f"redirect: leads in a circle to {found.url[:200]}")
        first = urls[0]
        if not (
            found.meta.get("allow_offsite") or self._catalogue.leads(first, found.url)
        ):
            host = host_of(found.url)
            raise Refusal(f"redirect: leads to {host}, not a host of the site")
        # It was not asked for by anybody else, even if its address was.
        found.dont_filter = True
        return found
