"""A spider that hears what hosts say of themselves, and leaves alone who refuses it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import cached_property
from typing import Any

from scrapy import Spider
from scrapy.exceptions import CloseSpider
from twisted.python.failure import Failure

from crawler.core.errors import StoreError
from crawler.core.extraction.article import BANNED
from crawler.core.hosts import HostWatch, parse_retry_after
from crawler.core.polling import Trouble
from crawler.core.urls import host_of
from crawler.extensions import Run
from crawler.patience import HostLeftAlone
from crawler.spiders.failures import describe_failure, name_trouble

NO_WISH = timedelta(0)


class PatientSpider(Spider):
    """What the spiders of this project have in common: their run, and good manners."""

    @cached_property
    def run_(self) -> Run:
        """The run this crawl is."""
        return Run.of(self.crawler)

    async def ask_store(self, method: str, *args: Any, **named: Any) -> Any:
        """Call a method of the store in its thread and wait for the answer.

        Raises:
            CloseSpider: the store refused; the run says why.
        """
        try:
            return await asyncio.wrap_future(self.run_.call(method, *args, **named))
        except StoreError as error:
            self.run_.abort(error)
            raise CloseSpider("cannot go on") from error

    async def heed_stops(self) -> None:
        """Leave those hosts alone that an earlier run was refused by."""
        self.run_.hosts = HostWatch(await self.ask_store("schedules.stops"))

    def note_page(self, url: str, why: str = "") -> None:
        """Note what a page says of its host.

        Args:
            url: its address.
            why: why it is no article, where it is none.
        """
        host = host_of(url)
        if why == BANNED:
            self.note_refusal(host, "ban", f"{host} answers with a ban page")
        elif self.run_.hosts.note_good(host):
            self.run_.tell("schedules.resume", host)

    def note_failure(self, failure: Failure) -> timedelta:
        """Note what a failed request says of its host.

        Returns:
            For how long the host asks to be left alone.
        """
        if isinstance(failure.value, HostLeftAlone):
            return NO_WISH
        response = getattr(failure.value, "response", None)
        headers = response.headers if response is not None else {}
        text = (headers.get("Retry-After") or b"").decode("latin-1")
        wish = parse_retry_after(text, self.run_.clock())
        host = host_of(failure.request.url)  # type: ignore[attr-defined]
        self.note_refusal(host, name_trouble(failure), describe_failure(failure), wish)
        return wish

    def note_refusal(
        self, host: str, trouble: Trouble, why: str, wish: timedelta = NO_WISH
    ) -> None:
        """Note that a host refused us, and whether it is to be left alone."""
        now = self.run_.clock()
        stop = self.run_.hosts.note_refusal(host, trouble, why, now, wish)
        if stop:
            self.logger.warning("%s", stop.words(host))
            self.run_.tell("schedules.stop", host, stop)
