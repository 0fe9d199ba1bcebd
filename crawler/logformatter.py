"""Log what a person acts upon: one line a failure, nothing for the expected."""

from __future__ import annotations

import logging
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.logformatter import LogFormatter
from twisted.python.failure import Failure

_QUIET = {
    "scrapy.downloadermiddlewares.robotstxt": logging.CRITICAL,
    "scrapy.addons": logging.WARNING,
    "scrapy.core.downloader.handlers.http11": logging.ERROR,
    "scrapy.downloadermiddlewares.retry": logging.CRITICAL,
    "scrapy.core.engine": logging.WARNING,
    "scrapy.crawler": logging.WARNING,
    "scrapy.extensions.memusage": logging.WARNING,
    "scrapy.middleware": logging.WARNING,
}


class QuietLogFormatter(LogFormatter):
    """Keeps routine lines at debug level; a run's own report tells the rest."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it and quieten what Scrapy tells of itself at every start.

        A robots.txt that cannot be fetched is told by what follows it. With
        ``LOG_LEVEL=DEBUG`` all is told.
        """
        if crawler.settings["LOG_LEVEL"] != "DEBUG":
            for name, level in _QUIET.items():
                logging.getLogger(name).setLevel(level)
        return cls()

    # Scrapy hands over more than these lines need.
    # ruff: noqa: ARG002

    def scraped(
        self, item: Any, response: Response | Failure | None, spider: Spider
    ) -> Any:
        """Name a kept item instead of printing all of it."""
        name = item.get("id") if isinstance(item, dict) else type(item).__name__
        return {"level": logging.DEBUG, "msg": "Kept %(name)s", "args": {"name": name}}

    def dropped(
        self,
        item: Any,
        exception: BaseException,
        response: Response | Failure | None,
        spider: Spider,
    ) -> Any:
        """Say why an item was dropped, without the item."""
        args = {"why": exception, "url": getattr(item, "url", "")}
        return {"level": logging.DEBUG, "msg": "Dropped %(url)s: %(why)s", "args": args}

    def download_error(
        self,
        failure: Failure,
        request: Request,
        spider: Spider,
        errmsg: str | None = None,
    ) -> Any:
        """Leave the telling to the run's report, which has it feed by feed."""
        args = {"request": request, "why": errmsg or failure.getErrorMessage()}
        msg = "Not fetched %(request)s: %(why)s"
        return {"level": logging.DEBUG, "msg": msg, "args": args}
