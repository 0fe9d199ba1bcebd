"""``scrapy replay``: make posts once more from what the archive holds."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.core.dates import parse_instant
from crawler.core.errors import CrawlerError, OptionError
from crawler.replay import Replay, Selection, Tally, Tasks
from crawler.storage.archive_files import FOLDER, list_files
from crawler.storage.archive_reading import ArchiveReader
from crawler.storage.catalogue import read_catalogue


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
            " the byte. Example: scrapy replay --into again. Ends with 0; with 1 when"
            " something in the archive could not be read; with 2 for a wrong option;"
            " with 3 when a file or the folder cannot be used."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what is replayed and where to."""
        super().add_options(parser)
        parser.add_argument("--into", metavar="DIR", help="an empty folder to fill")
        parser.add_argument(
            "--since", metavar="WHEN", help="what was done from then on"
        )
        parser.add_argument("--feed", default="", help="what concerns this feed alone")
        parser.add_argument("--id", default="", help="what concerns this post alone")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Replay, and tell what was done."""
        assert self.settings is not None
        if not opts.into:
            raise UsageError("say where to: --into DIR")
        try:
            self.exitcode = self._fill(args, opts)
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
    for damage in archive.damages:
        place = damage.place
        size = damage.end - place.offset
        print(f"{place.file}: {size} bytes at {place.offset}: {damage.problem}")
