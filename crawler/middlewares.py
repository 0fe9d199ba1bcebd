"""Downloader middleware: bodies are whole and decompressed, or they are failures."""

from __future__ import annotations

import zlib
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

_ENCODINGS = {b"gzip": 31, b"x-gzip": 31, b"deflate": zlib.MAX_WBITS}


class DecompressionMiddleware:
    """Decompress bodies, refusing those that are cut, damaged or far too large.

    Scrapy's own takes half a gzip stream, or one with a wrong checksum, for a
    complete answer: 200, with part of the text. Such a body, and one whose connection
    closed early, is fetched again and then failed. Only gzip and deflate are asked
    for: their streams can be checked, and bounded while they are unpacked.

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
            IgnoreRequest: the body is broken, and was so on every try.
        """
        encoding = (response.headers.get("Content-Encoding") or b"").strip().lower()
        body = response.body
        problem = "closed before its end" if "partial" in response.flags else ""
        if encoding in _ENCODINGS and body and not problem:
            body, problem = unpack(body, _ENCODINGS[encoding], self._limit)
        elif encoding not in {b"", b"identity"} and body and not problem:
            problem = f"in an encoding nobody asked for ({encoding.decode('latin-1')})"
        if problem:
            return self._again(request, f"the body is {problem}")
        headers = response.headers.copy()
        headers.pop("Content-Encoding", None)
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        return response.replace(cls=kind, headers=headers, body=body)

    def _again(self, request: Request, problem: str) -> Request:
        spider = self._crawler.spider
        assert spider is not None
        retry = get_retry_request(request, spider=spider, reason=problem)
        if retry is None:
            raise IgnoreRequest(problem)
        return retry


def unpack(body: bytes, wbits: int, limit: int) -> tuple[bytes, str]:
    """Unpack a zlib or gzip stream to its verified end.

    Args:
        body: the compressed bytes; a gzip stream may have several members.
        wbits: zlib's window bits, which name the format.
        limit: the most bytes that may come out.

    Returns:
        The bytes and ``""``, or what is wrong with them.
    """
    parts: list[bytes] = []
    size = 0
    while body:
        stream = zlib.decompressobj(wbits)
        try:
            part = stream.decompress(body, limit - size + 1)
        except zlib.error:
            if wbits == zlib.MAX_WBITS and not parts:
                return unpack(body, -zlib.MAX_WBITS, limit)  # Deflate without header.
            return b"", "damaged"
        parts.append(part)
        size += len(part)
        if size > limit:
            return b"", f"larger than {limit} bytes when unpacked"
        if not stream.eof:
            return b"", "cut off"
        body = stream.unused_data
    return b"".join(parts), ""
