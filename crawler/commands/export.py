"""``scrapy export``: print the stored records, or fill a folder with documents."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.core.dates import parse_day, parse_instant
from crawler.core.errors import CrawlerError, OptionError
from crawler.core.records import record_line, record_schema
from crawler.storage.catalogue import read_catalogue
from crawler.storage.exports import Selection, csv_lines, stream_records
from crawler.storage.posts_folder import export_posts

_MANY_FOR_HEXO = 4_000
"""Posts for which Hexo 8 needs 4 GB, Node's usual limit, with the theme volantis."""


class Command(ScrapyCommand):
    """Print the latest version of every selected post, oldest first.

    With ``--posts`` their documents are put into a folder instead.
    """

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "Print the stored posts as JSON Lines or CSV, or fill a folder with them"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "Print the latest version of every stored post, oldest first, in constant"
            " memory; a crawl may go on meanwhile. Example: scrapy export --since"
            " 2026-11-01 --feed stock > stock.jsonl. The schema of a record: scrapy"
            " export --schema. With --as-of TIME the records are those that an export"
            " at that time gave: scrapy export --as-of 2026-11-01T15:00. With --posts"
            " DIR the folder DIR is made to hold the documents of the selected posts"
            " and no others that an export has put there, for Hexo: scrapy export"
            " --posts site/source/_posts --since 2026-11-01. They are hard links where"
            " that is possible: to be read only."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what selects the posts and the form."""
        super().add_options(parser)
        day = "YYYY-MM-DD"
        parser.add_argument(
            "--since", metavar=day, help="published on this Beijing day or later"
        )
        parser.add_argument(
            "--until", metavar=day, help="published before this Beijing day"
        )
        parser.add_argument("--feed", metavar="ID", help="listed by this feed")
        parser.add_argument(
            "--symbol", metavar="CODE", help="naming this symbol: sh600519, us:JPM"
        )
        parser.add_argument(
            "--format",
            choices=("jsonl", "csv"),
            help="JSON Lines (default) or CSV with a header",
        )
        parser.add_argument(
            "--posts", metavar="DIR", help="put the documents into DIR, print nothing"
        )
        parser.add_argument(
            "--as-of",
            metavar="TIME",
            help="as the store knew it before this day or time (Beijing, or +00:00)",
        )
        parser.add_argument(
            "--schema", action="store_true", help="print the JSON Schema of a record"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the records."""
        assert self.settings is not None
        try:
            if args:
                raise OptionError("argument", args[0], "export takes options only")
            if opts.schema:
                print(json.dumps(record_schema(), ensure_ascii=False, indent=2))
                return
            folder = Path(self.settings["OUTPUT_DIR"])
            if opts.feed:
                _check_feed(opts.feed, Path(self.settings["CATALOGUE_DIR"]))
            if opts.posts is None:
                self._print(folder, opts)
                sys.stdout.flush()
            else:
                _fill(folder, opts)
        except CrawlerError as error:
            sys.stderr.write(f"scrapy export: {error}\n")
            self.exitcode = error.exit_code
        except BrokenPipeError:
            # The reader has had enough; Python must not try to flush once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _print(self, folder: Path, opts: argparse.Namespace) -> None:
        records = stream_records(folder, _selection(opts))
        lines = (
            csv_lines(records) if opts.format == "csv" else map(record_line, records)
        )
        header = opts.format == "csv"
        written = 0
        for written, line in enumerate(lines, 1):  # noqa: B007 - counted for after it
            sys.stdout.write(line)
        if written <= header:
            sys.stderr.write("scrapy export: no post matches\n")


def _check_feed(name: str, folder: Path) -> None:
    catalogue = read_catalogue(folder)
    if catalogue.feed(name) is None:
        known = ", ".join(feed.id for feed in catalogue.feeds)
        raise OptionError("--feed", name, f"is not one of {known}")


def _fill(folder: Path, opts: argparse.Namespace) -> None:
    if not opts.posts:
        raise OptionError("--posts", opts.posts, "must name a folder")
    if opts.format:
        raise OptionError("--format", opts.format, "does not go with --posts")
    if opts.as_of:
        raise OptionError("--as-of", opts.as_of, "does not go with --posts")
    done = export_posts(folder, _selection(opts), Path(opts.posts))
    many = done.posts >= _MANY_FOR_HEXO
    advice = "; Hexo may run out of memory, use --since" if many else ""
    sys.stderr.write(
        f"scrapy export: {done.posts} posts in {opts.posts}"
        f" ({done.placed} new or changed, {done.removed} removed){advice}\n"
    )


def _selection(opts: argparse.Namespace) -> Selection:
    return Selection(
        since=_day("--since", opts.since),
        until=_day("--until", opts.until),
        feed=opts.feed or "",
        symbol=opts.symbol or "",
        as_of=_past(opts.as_of),
    )


def _day(option: str, text: str | None) -> datetime | None:
    if not text:
        return None
    day = parse_day(text)
    if day is None:
        raise OptionError(option, text, "is no day such as 2026-11-01")
    return day


def _past(text: str | None) -> datetime | None:
    if not text:
        return None
    instant = parse_instant(text)
    if instant is None:
        advice = "is no day or time such as 2026-11-01T15:00"
        raise OptionError("--as-of", text, advice)
    if instant > datetime.now(UTC):
        raise OptionError("--as-of", text, "is still to come")
    return instant
