"""``scrapy report``: one page that shows how the runs go."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table
from scrapy.commands import ScrapyCommand

from crawler.core.errors import CrawlerError, MissingPackage, OptionError
from crawler.core.health import examine
from crawler.core.options import refuse_arguments
from crawler.core.overview import list_troubles
from crawler.provenance import check_given
from crawler.report.text import make_tables
from crawler.storage.catalogue import read_catalogue
from crawler.storage.exports import Selection, stream_records
from crawler.storage.files import place_durably
from crawler.storage.polls import read_polls
from crawler.storage.reports import read_overview

_DAYS = 30
_MOST_DAYS = 3660
_NEWEST = 30
_PIPE_WIDTH = 200
_OPTIONAL = {"jinja2", "markupsafe", "vl_convert"}


class Command(ScrapyCommand):
    """Write a report on the runs and posts of the last days.

    Exit codes: 0 written, 2 a wrong option, or a package is missing, 3 the store
    cannot be read or the page not be written.
    """

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "Show how the runs go, as one page for a browser or as text"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "Write one self-contained page, output/report.html, over the runs and posts"
            " of the last 30 days: posts an hour, outcomes, delays, revisions, the"
            " health of the feeds, slow hosts, failures, the newest posts. It needs"
            " pip install -r requirements-report.txt; --text does not. Examples: scrapy"
            " report; scrapy report --days 7 --output week.html; scrapy report --text."
            " Ends with 3 when the store cannot be read."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the span of time and the form."""
        super().add_options(parser)
        parser.add_argument(
            "--days", metavar="N", default=str(_DAYS), help="so many days (default: 30)"
        )
        parser.add_argument("--output", metavar="FILE", help="where to write the page")
        parser.add_argument(
            "--text", action="store_true", help="print tables for a terminal instead"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read, then write or print."""
        try:
            refuse_arguments(args, "report")
            check_given(opts.set)
            self._report(opts)
        except CrawlerError as error:
            sys.stderr.write(f"scrapy report: {error}\n")
            self.exitcode = error.exit_code

    def _report(self, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        days = _read_days(opts.days)
        folder = Path(self.settings["OUTPUT_DIR"])
        catalogue = read_catalogue(Path(self.settings["CATALOGUE_DIR"]))
        titles = catalogue.short_titles()
        now = datetime.now(UTC)
        overview = read_overview(folder, now - timedelta(days=days), now)
        polls = read_polls(folder)
        signs = {f.id: examine(f, polls.known(f), now) for f in catalogue.feeds}
        for feed, found in signs.items():
            overview.add_signs(feed, found)
        troubles = list_troubles(overview, signs, polls.stops)
        newest = list(stream_records(folder, Selection(newest=_NEWEST)))
        if opts.text:
            _print(make_tables(overview, titles, newest, troubles))
            return
        make_page = _page_maker()
        path = Path(opts.output) if opts.output else folder / "report.html"
        page = make_page(overview, titles, newest, troubles)
        place_durably([(path.absolute(), page)], store=None)
        print(path)


def _page_maker() -> Callable[..., str]:
    try:
        from crawler.report.page import make_page
    except ModuleNotFoundError as error:
        if error.name not in _OPTIONAL:
            raise
        raise MissingPackage(error.name or "", "requirements-report.txt") from error
    return make_page


def _read_days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_DAYS:
        raise OptionError("--days", text, f"must be a whole number, 1 to {_MOST_DAYS}")
    return int(text)


def _print(tables: Iterable[Table]) -> None:
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    console = Console(highlight=False, markup=False, width=width)
    for table in tables:
        console.print(table)
