"""``scrapy crawl``: Scrapy's own, with an exit code that tells the truth."""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from typing import Any

from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from crawler.core.errors import CrawlerError, OptionError
from crawler.core.options import check_values, refuse_options
from crawler.extensions import Run
from crawler.provenance import default_values
from crawler.telling import tell_of
from crawler.terminal import is_terminal

_FEW_LOOKS = 20_000
"""After so many new objects the collector looks for circles: a crawl makes thousands a
page and few of them circular. Python's own 700 costs a tenth of all its time."""


class Command(CrawlCommand):
    """Run a spider and end with the run's verdict.

    Exit codes: 0 all well, 1 some feed or article failed or every feed that is due is
    on a host that is left alone, 2 usage or catalogue error, 3 the store cannot be
    used, 4 nothing could be fetched, 75 another run holds the store, 130/143 stopped by
    a signal.
    """

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "Crawl: the spiders are 'finance', 'article' and 'recheck'"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "Run a spider: finance follows the feeds, article reads given pages,"
            " recheck visits stored posts again for edits and removals. Examples:"
            " scrapy crawl finance; scrapy crawl finance -a feeds=china,stock -a"
            " pages=3 -a since=2026-11-01 -a limit=100 -a force=1; scrapy crawl article"
            " -a url=https://finance.sina.com.cn/...; scrapy crawl article -a"
            " urls=FILE; scrapy crawl recheck; scrapy crawl recheck -a limit=100 -a"
            " since=2026-11-01 -a force=1. Ends with 0 when every feed is well, 1 when"
            " some feed or article failed or every feed that is due is on a host that"
            " is left alone, 2 on a usage or catalogue error, 3 when the store cannot"
            " be used, 4 when nothing could be fetched, 75 when another run holds the"
            " store, 130 or 143 when stopped by a signal."
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check what was given; leave the terminal to the bar unless told otherwise.

        Raises:
            UsageError: an option is unknown, or a setting's value of the wrong kind.
        """
        super().process_options(args, opts)
        assert self.settings is not None
        level = {"LOG_LEVEL": opts.loglevel} if opts.loglevel else {}
        try:
            refuse_options(args, "crawl")
            check_values({**arglist_to_dict(opts.set), **level}, default_values())
        except OptionError as error:
            tell_of(self.settings, " ".join(args), error)
            raise UsageError(str(error), print_help=False) from error
        if is_terminal(self.settings["PROGRESS"]) and not (
            opts.loglevel or opts.logfile
        ):
            self.settings.set("LOG_LEVEL", "WARNING", priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, then take the verdict from the run."""
        if len(args) != 1:
            raise UsageError("name one spider: finance, article or recheck")
        process = self.crawler_process
        assert process is not None
        gc.set_threshold(_FEW_LOOKS, 20, 50)
        try:
            crawler = process.create_crawler(args[0])
        except KeyError:
            known = ", ".join(process.spider_loader.list())
            raise UsageError(f"no spider {args[0]!r}; there are: {known}") from None
        try:
            outcome = process.crawl(crawler, **opts.spargs)
            process.start()
            self.exitcode = _verdict(crawler, outcome)
        except CrawlerError as error:
            sys.stderr.write(f"scrapy crawl: {error}\n")
            tell_of(crawler.settings, args[0], error)
            self.exitcode = error.exit_code


def _verdict(crawler: Crawler, outcome: Any) -> int:
    if isinstance(outcome, asyncio.Task) and outcome.done() and not outcome.cancelled():
        error = outcome.exception()
        if error is not None:
            raise error
    run = Run.of(crawler)
    if run.report is None:
        return run.tally.stop_code or 1
    return run.report.exit_code
