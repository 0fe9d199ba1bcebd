"""Fetch a list of pages with a bare Scrapy spider, and do nothing with them.

Run by ``benchmarks.crawl`` in a process of its own::

    python -m benchmarks.fetch default|quiet|tuned URLS STOPWATCH_FILE

``default`` is Scrapy as it comes, ``quiet`` the same with the settings all but it have
in common. ``tuned`` has the changes that make fetching cheap:
no guess at the charset of compressed bytes, one worker per answer instead of 100,
and none of the middlewares and extensions that such a crawl has no use for.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from benchmarks.shared_settings import SHARED, STOPWATCH

TUNED: dict[str, Any] = {
    "DOWNLOAD_HANDLERS": {
        "http": "crawler.handlers.MirrorHandler",
        "https": None,
        "file": None,
        "data": None,
        "ftp": None,
        "s3": None,
    },
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
        "crawler.middlewares.DecompressionMiddleware": 590,
    },
    "CONCURRENT_ITEMS": 1,
    "SITE_MIRROR": "",
    "COOKIES_ENABLED": False,
    "HTTPPROXY_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOGSTATS_INTERVAL": 0,
}
"""What the tuned run has besides."""


class FetchSpider(Spider):
    """Fetch the given pages.

    Args:
        urls: a file with one address a line.
    """

    name = "fetch"

    def __init__(self, urls: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.start_urls = Path(urls).read_text(encoding="utf-8").split()

    def parse(self, response: Response) -> None:
        """Do nothing."""


def main() -> None:
    """Run one of the three spiders."""
    kind, urls, stopwatch_file = sys.argv[1:]
    settings = {
        **({} if kind == "default" else SHARED),
        **(TUNED if kind == "tuned" else {}),
        "EXTENSIONS": {STOPWATCH: 900},
        "STOPWATCH_FILE": stopwatch_file,
    }
    process = AsyncCrawlerProcess(settings)
    process.crawl(FetchSpider, urls=urls)
    process.start()


if __name__ == "__main__":
    main()
