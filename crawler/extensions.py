"""What a run needs besides fetching: its store and verdict, and a bar to watch it."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.capture import EXCHANGE
from crawler.core.catalogue import Catalogue
from crawler.core.entries import Entry
from crawler.core.errors import CrawlerError, OptionError
from crawler.core.hosts import HostWatch
from crawler.core.options import disclose
from crawler.core.prepared import Prepared
from crawler.core.report import Circumstances, Outcome, RunReport, Tally
from crawler.core.traffic import Traffic
from crawler.core.urls import host_of
from crawler.provenance import default_values, versions
from crawler.readers.pool import ReaderPool
from crawler.reading import FetchedPage, Reading
from crawler.storage.archive_store import ArchivedStore
from crawler.storage.catalogue import read_catalogue
from crawler.storage.posts import Kept, PostStore
from crawler.storage.writer import StoreWriter
from crawler.stores import check_settings, open_store
from crawler.telling import check_channels
from crawler.terminal import Bar, is_terminal, report_lines

logger = logging.getLogger(__name__)


class Run:
    """One run: the open store, the count of what happens, the report at the end.

    Nothing is opened before the spider starts, so that ``scrapy shell`` and its kin
    touch no store.

    Args:
        crawler: the crawler whose run it is.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._writer: StoreWriter | None = None
        self._readers: ReaderPool | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._entries: dict[str, Entry | None] = {}
        self._started = datetime.now(UTC)
        self.name = ""
        self.catalogue = Catalogue(())
        self.tally = Tally()
        self.traffic = Traffic()
        self.closing: Callable[[str, Outcome], None] | None = None
        """Called with the address and outcome of each article, where a spider asks."""
        self.ending: Callable[[], None] | None = None
        """Called once, while the store is still open, where a spider asks."""
        self.hosts = HostWatch()
        """Which hosts refuse us."""
        self.clock: Callable[[], datetime] = partial(datetime.now, UTC)
        """Tells the present instant by which schedules are kept."""
        self.report: RunReport | None = None
        """The finished run's report; ``None`` while it goes on."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it, follow the requests, and listen for the spider's end."""
        run = cls(crawler)
        connect, traffic = crawler.signals.connect, run.traffic
        connect(traffic.schedule, signal=signals.request_scheduled)
        connect(traffic.drop, signal=signals.request_dropped)
        connect(traffic.send, signal=signals.request_reached_downloader)
        connect(run.note_response, signal=signals.response_downloaded)
        connect(run.note_end, signal=signals.request_left_downloader)
        connect(run.close, signal=signals.spider_closed)
        return run

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Return the run of a crawler.

        Raises:
            RuntimeError: the extension is switched off, without which no post can be
                kept.
        """
        run = crawler.get_extension(cls)
        if run is None:
            raise RuntimeError("crawler.extensions.Run is not in EXTENSIONS")
        return run

    @property
    def body(self) -> str:
        """Which body the documents get (``POST_BODY``)."""
        return str(self._crawler.settings["POST_BODY"])

    @property
    def extra_fields(self) -> tuple[str, ...]:
        """The front-matter keys beyond the seven (``POST_EXTRA_FIELDS``)."""
        return tuple(self._crawler.settings.getlist("POST_EXTRA_FIELDS"))

    def prepare(self) -> None:
        """Read the catalogue and check the settings; nothing is opened.

        Raises:
            CrawlerError: the catalogue or a setting cannot be used.
        """
        settings = self._crawler.settings
        self.catalogue = read_catalogue(Path(settings["CATALOGUE_DIR"]))
        check_settings(settings)
        _ = self._reader_count
        check_channels(settings)

    async def open(self, spider: Spider) -> None:
        """Open the store and start the readers, before the first request.

        Raises:
            StoreError: it cannot be used, or another run holds it.
            ReaderFailed: a reading process cannot be started.
        """
        settings = self._crawler.settings
        name = f"{self._started:%Y%m%dT%H%M%S.%fZ}-{spider.name}"
        self._writer = StoreWriter(partial(open_store, settings, name, spider.name))
        for line in self._mended:
            logger.warning("%s: a run was killed before", line)
        self._loop = asyncio.get_running_loop()
        self.name = name
        self._note_signals()
        self._readers = ReaderPool(self._reader_count, self.extra_fields)
        await self._readers.open()

    def open_article(self, url: str, feed: str, entry: Entry | None) -> bool:
        """Note an article about to be read; ``False`` when the run already has it."""
        if url in self._entries:
            return False
        self._entries[url] = entry
        return self.tally.open_article(url, url, feed)

    def close_article(self, url: str, outcome: Outcome, reason: str = "") -> None:
        """Note what became of an article."""
        self.tally.close_article(url, outcome, reason)
        if self.closing:
            self.closing(url, outcome)
        if self._is_archived and self._archive.is_holding(url):
            self.tell("leave", url)

    def reject(
        self,
        url: str,
        identifier: str,
        outcome: Outcome,
        reason: str,
        page: bytes = b"",
    ) -> None:
        """Note that a page was no article, here and in the store.

        ``page`` is given where somebody should look at it; the store keeps it.
        """
        if self._writer and identifier:
            self.tell("reject", identifier, url, reason, self._entries.get(url), page)
        self.close_article(url, outcome, reason)

    def hold(self, response: Response, url: str = "", **facts: Any) -> None:
        """Hand what came to the archive, if there is one.

        Args:
            response: what came.
            url: the article that it is a page of; the archive waits for what becomes
                of it. ``""`` for an answer of which nothing can become.
            facts: what else reading the article takes, as plain data.
        """
        exchange = response.meta.get(EXCHANGE)
        if exchange is None or not self._writer:
            return
        if url:
            self._archive.hold(url, exchange, facts)
        else:
            self.tell("leave", exchange)

    async def read(self, page: FetchedPage) -> Reading:
        """Read a page of an article, in this process or in one beside it.

        Raises:
            ReaderFailed: the process that read it came to an end.
        """
        assert self._readers is not None
        return await self._readers.read(page)

    def keep(self, prepared: Prepared) -> Future[Kept]:
        """Hand a post to the store's thread."""
        assert self._writer is not None
        return self._writer.keep(prepared, self._entries.get(prepared.post.url))

    def call(self, method: str, *args: Any, **named: Any) -> Future[Any]:
        """Call a method of the store, or of a part of it, in the store's thread."""
        assert self._writer is not None
        return self._writer.call(attrgetter(method)(self._store), *args, **named)

    def tell(self, method: str, *args: Any) -> None:
        """Call a method of the store and do not wait; an error ends the run."""
        self.call(method, *args).add_done_callback(self._check)

    def abort(self, error: CrawlerError) -> None:
        """Note an error that ends the run, and end it; the first one counts."""
        if self.tally.stop_code:
            return
        self.tally.stop = str(error)
        self.tally.stop_code = error.exit_code
        engine = self._crawler.engine
        if engine.spider is not None and engine.running:
            self._closing = asyncio.ensure_future(
                engine.close_spider_async(reason="cannot go on")
            )

    def note_response(self, request: Request, response: Response) -> None:
        """Count a response, with the time it took."""
        seconds = request.meta.get("download_latency")
        size, host = len(response.body), host_of(request.url)
        self.traffic.answer(request, host, response.status, size, seconds)

    def note_end(self, request: Request) -> None:
        """Count a request that came back without a response."""
        self.traffic.leave(request, host_of(request.url))

    def close(self, spider: Spider, reason: str) -> None:
        """End the readers, finish the report, write it, and let the store go."""
        if self._readers:
            self._readers.close()
        if self._writer and self.ending:
            self.ending()
        if reason not in {"finished", "shutdown"} and not self.tally.stop:
            self.tally.stop, self.tally.stop_code = reason, 1
        self.report = self._finish(spider)
        if self._writer is None:
            return
        try:
            self._writer.close(partial(self._store.close, self.report))
        except CrawlerError as error:
            logger.error("%s", error)  # noqa: TRY400 - the line says it all
            self.tally.stop, self.tally.stop_code = str(error), error.exit_code
            self.report = self._finish(spider)

    def _check(self, done: Future[Any]) -> None:
        # Called in the store's thread, for what nobody waits for.
        error = done.exception()
        if isinstance(error, CrawlerError) and self._loop:
            self._loop.call_soon_threadsafe(self.abort, error)

    @property
    def _store(self) -> PostStore:
        assert self._writer is not None
        return self._writer.store

    @property
    def _reader_count(self) -> int:
        text = str(self._crawler.settings["READERS"])
        if not text.isdecimal():
            raise OptionError("READERS", text, "is no number of processes, 0 or more")
        return int(text)

    @property
    def _is_archived(self) -> bool:
        return bool(self._writer) and isinstance(self._store, ArchivedStore)

    @property
    def _archive(self) -> ArchivedStore:
        assert isinstance(self._store, ArchivedStore)
        return self._store

    @property
    def _mended(self) -> tuple[str, ...]:
        return self._archive.mended if self._is_archived else ()

    def _finish(self, spider: Spider) -> RunReport:
        now, settings = datetime.now(UTC), self._crawler.settings
        circumstances = Circumstances(
            traffic=self.traffic.totals(),
            hosts=self.traffic.busiest(),
            versions=versions(),
            settings=disclose(settings.copy_to_dict(), default_values()),
            mended=self._mended,
        )
        return self.tally.finish(
            self.name, spider.name, self._started, now, circumstances
        )

    def _note_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            if callable(handler):
                signal.signal(number, partial(self._stopped_by, handler))

    def _stopped_by(self, handler: Any, number: int, frame: Any) -> None:
        if not self.tally.stop_code:
            self.tally.stop = f"signal {number}"
            self.tally.stop_code = 128 + number
        handler(number, frame)


class Progress:
    """Show a live bar in a terminal, and a summary of the run everywhere."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._bar: Bar | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it and listen for the run's start and end."""
        progress = cls(crawler)
        crawler.signals.connect(progress.start, signal=signals.spider_opened)
        crawler.signals.connect(progress.stop, signal=signals.engine_stopped)
        return progress

    def start(self) -> None:
        """Show the bar where there is a terminal to show it in."""
        if is_terminal(self._crawler.settings["PROGRESS"]):
            self._bar = Bar(Run.of(self._crawler).tally)
            self._bar.start()

    def stop(self) -> None:
        """Take the bar away and tell what the run did."""
        report = Run.of(self._crawler).report
        if self._bar:
            self._bar.stop()
        if report is None or not (report.run or report.stop):
            return  # A command that crawls, but keeps nothing.
        for level, line in report_lines(report):
            if self._bar:
                self._bar.tell(line)
            else:
                logger.log(level, "%s", line)
