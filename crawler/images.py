"""The way of a post's pictures: fetched politely, proved to be pictures, kept."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.pipelines.media import MediaPipeline
from twisted.python.failure import Failure

from crawler.capture import fetched_of
from crawler.core.errors import StoreError
from crawler.core.hosts import (
    HostWatch,
    is_ban_page,
    parse_retry_after,
    status_trouble,
)
from crawler.core.images import ImageTally, read_format, referer_for
from crawler.core.polling import Trouble
from crawler.core.prepared import Prepared
from crawler.core.removals import REDIRECTS, leads_to_gate
from crawler.core.urls import host_of, is_within
from crawler.extensions import Run
from crawler.spiders.failures import describe_failure

logger = logging.getLogger(__name__)


class MirrorPipeline(MediaPipeline):
    """Keep the pictures of each post that is about to be kept (``IMAGES_MIRROR``).

    Scrapy's media pipeline fetches each address once a run, through the same delays,
    limits and guards as pages. What fails is counted with its reason, and the post
    shows that picture from where it is. A host that refuses three in a row is asked for
    no more pictures in this run; its pages are asked for all the same, since they are
    judged by what they answer themselves.

    Args:
        crawler: the crawler.

    Raises:
        NotConfigured: ``IMAGES_MIRROR`` is off.
    """

    LOG_FAILED_RESULTS = False

    def __init__(self, *, crawler: Crawler) -> None:
        if not crawler.settings.getbool("IMAGES_MIRROR"):
            raise NotConfigured
        super().__init__(crawler=crawler)
        self._hosts = tuple(crawler.settings.getlist("IMAGES_HOSTS"))
        self._limit = crawler.settings.getint("IMAGES_MAXSIZE")
        self._tally = ImageTally()
        self._watch = HostWatch()
        # Whoever has a turn asks; all others can still be told that it is of no use.
        turns = crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._turns: dict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(turns)
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it for a crawler."""
        return cls(crawler=crawler)

    async def process_item(  # type: ignore[override]
        self, item: Prepared
    ) -> Prepared:
        """Fetch what a post shows and the store does not have; it is kept in any case.

        Returns:
            The post as it came: its document is written with what the store has then.
        """
        run = Run.of(self.crawler)
        run.tally.images = self._tally
        try:
            urls, known = await asyncio.wrap_future(run.call("images.missing", item))
        except StoreError:
            return item  # The post itself will meet it, and end the run.
        self._tally.known += known
        requests = [self._request(url, item, run) for url in urls]
        coroutines = [
            self._fetch(request, item, run) for request in requests if request
        ]
        await asyncio.gather(*coroutines, return_exceptions=True)
        return item

    def media_to_download(
        self, request: Request, info: Any, *, item: Any = None
    ) -> None:
        """Fetch every picture: what is known was not asked for."""

    async def media_downloaded(  # type: ignore[override]
        self,
        response: Response,
        request: Request,
        info: Any,  # noqa: ARG002 - Scrapy's
        *,
        item: Any = None,
    ) -> None:
        """Keep what is a picture."""
        run = Run.of(self.crawler)
        ending, problem = read_format(response.body)
        if response.status != 200:
            problem = f"http {response.status}: {host_of(request.url)}"
        elif len(response.body) > self._limit:
            problem = f"too large: more than {self._limit} bytes"
        self._weigh(response, host_of(request.url), problem, run)
        if problem:
            self._tally.fail(problem)
            return
        url, post = request.meta["image"], item.post
        answer = fetched_of(response, url=url, id=post.id, feed=post.feed)
        kept = run.call("images.keep", url, response.body, ending, answer)
        try:
            await asyncio.wrap_future(kept)
        except StoreError as error:
            run.abort(error)
        else:
            self._tally.stored += 1

    def media_failed(  # type: ignore[override]
        self,
        failure: Failure,
        request: Request,
        info: Any,  # noqa: ARG002
    ) -> None:
        """Count what could not be fetched."""
        failure.request = request  # type: ignore[attr-defined]
        self._tally.fail(describe_failure(failure))

    def get_media_requests(self, item: Any, info: Any) -> list[Request]:
        """Ask for nothing beside what `process_item` asks for."""
        raise NotImplementedError

    def file_path(
        self,
        request: Request,
        response: Response | None = None,
        info: Any = None,
        *,
        item: Any = None,
    ) -> str:
        """Leave the names to the store."""
        raise NotImplementedError

    async def _fetch(self, request: Request, item: Prepared, run: Run) -> None:
        host = host_of(request.url)
        async with self._turns[host]:
            if self._watch.stopped(host, run.clock()):
                self._tally.fail(f"left alone: {host}")
            else:
                await self._process_request(request, self.spiderinfo, item)

    def _weigh(self, response: Response, host: str, problem: str, run: Run) -> None:
        """Note what an answer says of its host."""
        trouble = _trouble(response) if problem else None
        if trouble is None:
            if not problem:
                self._watch.note_good(host)
            return
        now = run.clock()
        text = (response.headers.get("Retry-After") or b"").decode("latin-1")
        wish = parse_retry_after(text, now)
        if self._watch.note_refusal(host, trouble, problem, now, wish):
            logger.warning("No more pictures of %s in this run: %s", host, problem)

    def _request(self, url: str, item: Prepared, run: Run) -> Request | None:
        if not is_within(host_of(url), self._hosts):
            self._tally.fail("refused by our rules: not one of IMAGES_HOSTS")
            return None
        site = run.catalogue.site_for(host_of(item.post.url))
        referer = referer_for(url, (site.referer if site else "") or "")
        return Request(
            url,
            callback=NO_CALLBACK,
            headers={"Referer": referer} if referer else None,
            meta={"image": url, "download_maxsize": self._limit},
        )


def _trouble(response: Response) -> Trouble | None:
    """Name the trouble behind an answer that is no picture, if it is the host's."""
    if response.status == 200:
        return "ban" if is_ban_page(response.body) else None
    if response.status in REDIRECTS:
        location = (response.headers.get("Location") or b"").decode("latin-1")
        return "ban" if leads_to_gate(response.url, location) else None
    return status_trouble(response.status)
