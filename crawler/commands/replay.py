"""``scrapy replay``: make posts once more from what the archive holds."""

from __future__ import annotations

import argparse
import signal
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from scrapy.commands import ScrapyCommand
from scrapy.settings import SETTINGS_PRIORITIES

from crawler import resuming
from crawler.core.catalogue import Catalogue
from crawler.core.dates import parse_instant
from crawler.core.errors import CrawlerError, NothingFound, OptionError
from crawler.core.options import refuse_options
from crawler.core.reprocessing import Survey
from crawler.core.survey_page import survey_lines, survey_page
from crawler.differences import finish_telling, tell
from crawler.memory import keep_memory
from crawler.parallel import in_processes, on_dask
from crawler.provenance import check_given
from crawler.replay import Reader, Replay, Tally, Tasks, read_here
from crawler.replay_bar import watched
from crawler.replay_selection import Selection
from crawler.replay_sources import Source, open_source
from crawler.reprocess import apply, survey, tell_counts
from crawler.storage.archive_files import FOLDER as ARCHIVE
from crawler.storage.archive_store import ArchivedStore
from crawler.storage.catalogue import read_catalogue
from crawler.storage.history import identify
from crawler.stores import (
    OF_IMAGES,
    OF_POSTS,
    check_settings,
    open_store,
    options_of,
)
from crawler.terminal import is_terminal

_STOPS = (signal.SIGINT, signal.SIGTERM)


class Command(ScrapyCommand):
    """Run the archive through today's code, with the recorded times as the present."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Give the arguments."""
        return "[options] [WARC ... | DIR]"

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "Make posts once more from the archive, with today's code"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "Read the archive (or the WARC files named) with today's readers, templates"
            " and rules, each step at the time it was first done. --into DIR makes a"
            " whole store in an empty folder: with the code that crawled, the same"
            " documents, records and contents of the index; others' WARC files and"
            " folders of saved pages become posts as well, as far as they are pages of"
            " the catalogue's sites; stopped with Ctrl-C, the same command goes on."
            " --diff tells which stored posts today's code would change, by template"
            " and field, and writes nothing but the page that --html names; --apply"
            " makes these changes, as revisions whose status is reprocessed; a version"
            " that would spoil its post goes to quarantine instead. Examples: scrapy"
            " replay --into again; scrapy replay wget.warc.gz --into old --workers 4."
            " Ends with 0; with 1 when something in the archive could not be read or"
            " was held back, when nothing was found, or a Dask cluster was lost; with 2"
            " for a wrong option; with 3 when a file or the folder cannot be used."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what is replayed and where to."""
        super().add_options(parser)
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--into", metavar="DIR", help="fill an empty folder")
        what.add_argument(
            "--diff", action="store_true", help="tell what would change in the store"
        )
        what.add_argument(
            "--apply", action="store_true", help="change it, and tell what became of it"
        )
        parser.add_argument(
            "--html", metavar="FILE", help="write what would change as a page as well"
        )
        parser.add_argument(
            "--since",
            metavar="WHEN",
            help="what was done from then on (Beijing, or +00:00)",
        )
        parser.add_argument("--feed", default="", help="what concerns this feed alone")
        parser.add_argument(
            "--id", default="", help="what concerns this post alone: an id or a URL"
        )
        parser.add_argument(
            "--base", default="", metavar="URL", help="the address of a folder of pages"
        )
        parser.add_argument(
            "--workers", type=int, default=1, metavar="N", help="read in N processes"
        )
        parser.add_argument(
            "--dask", default="", metavar="tcp://...", help="read on a Dask cluster"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Replay, and tell what was done."""
        assert self.settings is not None
        before = [(each, signal.signal(each, _stop)) for each in _STOPS]
        try:
            refuse_options(args, "replay")
            check_given(opts.set)
            check_settings(self.settings)
            _check(opts)
            keep_memory()
            act = self._fill if opts.into else self._renew
            self.exitcode = act(args, opts)
        except CrawlerError as error:
            sys.stderr.write(f"scrapy replay: {error}\n")
            self.exitcode = error.exit_code
        except KeyboardInterrupt as stop:
            sys.stderr.write("scrapy replay: stopped; the same command goes on\n")
            self.exitcode = 128 + stop.args[0]
        finally:
            finish_telling()
            for number, handler in before:
                signal.signal(number, handler)

    def _fill(self, args: list[str], opts: argparse.Namespace) -> int:
        assert self.settings is not None
        folder = Path(opts.into)
        self._check_folder(folder)
        source, catalogue = self._source(args, opts)
        selection = _selection(opts, catalogue)
        given = self._today() if source.foreign else self._refuse_settings()
        about = resuming.describe(source.files, selection, catalogue, given)
        resuming.check(folder, about)
        reader = _reader(opts)
        settled = resuming.begin(folder, about)
        archive = resuming.Resumed(source.archive, settled)
        reader = self._watched(source.reading(reader), source)
        tasks = Tasks(archive, catalogue, selection)
        tally = Replay(folder, tasks, selection, reader).run()
        resuming.end(folder)
        _tell(tally, source, resumed=bool(settled.file))
        is_part = source.foreign or selection != Selection() or not tally.runs
        if is_part and tally.is_empty and not settled.file:
            raise NothingFound("nothing was found there")
        return 1 if source.archive.damages or tally.missed else 0

    def _check_folder(self, folder: Path) -> None:
        assert self.settings is not None
        store = Path(self.settings["OUTPUT_DIR"]).resolve()
        is_store = (store / "index.sqlite").exists() or (store / ARCHIVE).exists()
        if is_store and folder.resolve().is_relative_to(store):
            raise OptionError("--into", folder, f"lies in the store {store}")
        resuming.check(folder)

    def _refuse_settings(self) -> dict[str, Any]:
        """Refuse settings that count for nothing, since the archive tells its own."""
        assert self.settings is not None
        for name in (*OF_POSTS, *OF_IMAGES):
            if self.settings.getpriority(name) == SETTINGS_PRIORITIES["cmdline"]:
                advice = "goes with --diff or --apply; --into takes what each run had"
                raise OptionError(f"-s {name}", self.settings[name], advice)
        return {}

    def _renew(self, args: list[str], opts: argparse.Namespace) -> int:
        assert self.settings is not None
        found, output = Survey(), Path(self.settings["OUTPUT_DIR"])
        source, catalogue = self._source(args, opts)
        if source.foreign:
            problem = "is not the store's own; --into makes posts of it"
            raise OptionError("WARC", source.files[0], problem)
        today = self._today()
        tasks = Tasks(source.archive, catalogue, _selection(opts, catalogue), today)
        done: Counter[str] = Counter()
        reader = self._watched(_reader(opts), source)
        changes = survey(output, tasks, found, reader, today["images_url"])
        if opts.apply:
            with closing(self._open()) as store:
                done.update(apply(store, change) for change in changes)
        else:
            for _ in changes:
                pass
        for line in survey_lines(found):
            tell(line)
        if opts.html:
            _write(Path(opts.html), survey_page(found))
        if opts.apply:
            tell(f"done: {tell_counts(done)}")
        _tell_damages(source)
        if found.is_empty:
            raise NothingFound("nothing was found there")
        return 1 if source.archive.damages or done["held"] else 0

    def _watched(self, reader: Reader, source: Source) -> Reader:
        assert self.settings is not None
        if is_terminal(self.settings["PROGRESS"]):
            return watched(reader, source.gauge)
        return reader

    def _source(
        self, args: list[str], opts: argparse.Namespace
    ) -> tuple[Source, Catalogue]:
        assert self.settings is not None
        catalogue = read_catalogue(Path(self.settings["CATALOGUE_DIR"]))
        output = Path(self.settings["OUTPUT_DIR"])
        source = open_source(args, opts.base, output, catalogue, self._today())
        return source, catalogue

    def _today(self) -> dict[str, Any]:
        assert self.settings is not None
        return {**options_of(self.settings), "body": self.settings["POST_BODY"]}

    def _open(self) -> ArchivedStore:
        assert self.settings is not None
        self.settings.set("ARCHIVE_ENABLED", True, priority="cmdline")
        run = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-replay"
        store = open_store(self.settings, run, "replay")
        assert isinstance(store, ArchivedStore)
        return store


def _stop(number: int, frame: object) -> NoReturn:  # noqa: ARG001
    raise KeyboardInterrupt(number)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise OptionError("--html", path, f"cannot be written: {error}") from error


def _check(opts: argparse.Namespace) -> None:
    if opts.since and parse_instant(opts.since) is None:
        raise OptionError("--since", opts.since, "is no time such as 2026-11-01")
    if opts.workers < 1:
        raise OptionError("--workers", opts.workers, "is no number of processes")
    if opts.html and opts.into:
        raise OptionError("--html", opts.html, "goes with --diff or --apply")


def _selection(opts: argparse.Namespace, catalogue: Catalogue) -> Selection:
    if opts.feed and catalogue.feed(opts.feed) is None:
        known = ", ".join(feed.id for feed in catalogue.feeds)
        raise OptionError("--feed", opts.feed, f"is not one of {known}")
    since = parse_instant(opts.since) if opts.since else None
    return Selection(since=since, feed=opts.feed, id=identify(opts.id))


def _reader(opts: argparse.Namespace) -> Reader:
    if opts.dask:
        return on_dask(opts.dask)
    return in_processes(opts.workers) if opts.workers > 1 else read_here


def _tell(tally: Tally, source: Source, *, resumed: bool) -> None:
    counts = ", ".join(f"{n} {what}" for what, n in sorted(tally.counts.items()))
    what = "the rest of a stopped replay, " if resumed else ""
    tell(f"{what}{tally.runs} runs: {counts or 'nothing'}")
    for why, count in source.left_out.most_common():
        tell(f"{count} no posts: {why}")
    for why, count in sorted(tally.missed.items()):
        tell(f"{count} steps left out: {why}")
    _tell_damages(source)


def _tell_damages(source: Source) -> None:
    for damage in source.archive.damages:
        place = damage.place
        size = damage.end - place.offset
        tell(f"{place.file}: {size} bytes at {place.offset}: {damage.problem}")
