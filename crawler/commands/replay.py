"""``scrapy replay``: make posts once more from what the archive holds."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.core.dates import parse_instant
from crawler.core.errors import CrawlerError, OptionError
from crawler.core.reprocessing import Survey
from crawler.core.survey_page import survey_lines, survey_page
from crawler.differences import print_line
from crawler.replay import Replay, Selection, Tally, Tasks
from crawler.reprocess import apply, survey, tell_counts
from crawler.storage.archive_files import FOLDER, list_files
from crawler.storage.archive_reading import ArchiveReader
from crawler.storage.archive_store import ArchivedStore
from crawler.storage.catalogue import read_catalogue
from crawler.stores import open_store, options_of


class Command(ScrapyCommand):
    """Run the archive through today's code, with the recorded times as the present."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Give the arguments."""
        return "[options] [WARC ...]"

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "Make posts once more from the archive, with today's code"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "Read the archive (or the WARC files named) with today's readers, templates"
            " and rules, each step at the time it was first done. --into DIR makes a"
            " whole store in an empty folder: with the code that crawled, the same to"
            " the byte. --diff tells which stored posts today's code would change, by"
            " template and field, and writes nothing but the page that --html names;"
            " --apply makes these changes, as revisions whose status is reprocessed; a"
            " version that would spoil its post goes to quarantine instead. Example:"
            " scrapy replay --into again. Ends with 0; with 1 when something in the"
            " archive could not be read or was held back; with 2 for a wrong option;"
            " with 3 when a file or the folder cannot be used."
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
            "--html", metavar="FILE", help="write what --diff tells as a page as well"
        )
        parser.add_argument(
            "--since", metavar="WHEN", help="what was done from then on"
        )
        parser.add_argument("--feed", default="", help="what concerns this feed alone")
        parser.add_argument("--id", default="", help="what concerns this post alone")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Replay, and tell what was done."""
        assert self.settings is not None
        try:
            act = self._fill if opts.into else self._renew
            self.exitcode = act(args, opts)
        except CrawlerError as error:
            sys.stderr.write(f"scrapy replay: {error}\n")
            self.exitcode = error.exit_code

    def _fill(self, args: list[str], opts: argparse.Namespace) -> int:
        assert self.settings is not None
        folder = Path(opts.into)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OptionError("--into", folder, "is no empty folder")
        selection = _selection(opts)
        catalogue = read_catalogue(Path(self.settings["CATALOGUE_DIR"]))
        archive = ArchiveReader(_files(args, Path(self.settings["OUTPUT_DIR"])))
        tasks = Tasks(archive, catalogue, selection)
        tally = Replay(folder, tasks, selection).run()
        _tell(tally, archive)
        return 1 if archive.damages or tally.missed else 0

    def _renew(self, args: list[str], opts: argparse.Namespace) -> int:
        assert self.settings is not None
        output, found = Path(self.settings["OUTPUT_DIR"]), Survey()
        catalogue = read_catalogue(Path(self.settings["CATALOGUE_DIR"]))
        archive = ArchiveReader(_files(args, output))
        today = {**options_of(self.settings), "body": self.settings["POST_BODY"]}
        tasks = Tasks(archive, catalogue, _selection(opts), today)
        done: Counter[str] = Counter()
        changes = survey(output, tasks, found)
        if opts.apply:
            with closing(self._open()) as store:
                done.update(apply(store, change) for change in changes)
        else:
            for _ in changes:
                pass
        for line in survey_lines(found):
            print_line(line)
        if opts.html:
            _write(Path(opts.html), survey_page(found))
        if opts.apply:
            print_line(f"done: {tell_counts(done)}")
        _tell_damages(archive)
        return 1 if archive.damages or done["held"] else 0

    def _open(self) -> ArchivedStore:
        assert self.settings is not None
        self.settings.set("ARCHIVE_ENABLED", True, priority="cmdline")
        run = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-replay"
        store = open_store(self.settings, run, "replay")
        assert isinstance(store, ArchivedStore)
        return store


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise OptionError("--html", path, f"cannot be written: {error}") from error


def _selection(opts: argparse.Namespace) -> Selection:
    since = parse_instant(opts.since) if opts.since else None
    if opts.since and since is None:
        raise OptionError("--since", opts.since, "is no time such as 2026-11-01")
    return Selection(since=since, feed=opts.feed, id=opts.id)


def _files(args: list[str], output: Path) -> list[Path]:
    if args:
        return [Path(arg) for arg in args]
    folder = output / FOLDER
    found = [folder / name for name in list_files(folder)]
    if not found:
        raise OptionError("WARC", folder, "holds no archive; name its files")
    return found


def _tell(tally: Tally, archive: ArchiveReader) -> None:
    counts = ", ".join(f"{n} {what}" for what, n in sorted(tally.counts.items()))
    print(f"{tally.runs} runs: {counts or 'nothing'}")
    for why, count in sorted(tally.missed.items()):
        print(f"{count} steps left out: {why}")
    _tell_damages(archive)


def _tell_damages(archive: ArchiveReader) -> None:
    for damage in archive.damages:
        place = damage.place
        size = damage.end - place.offset
        print(f"{place.file}: {size} bytes at {place.offset}: {damage.problem}")
