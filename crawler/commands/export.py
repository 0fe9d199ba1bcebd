"""``scrapy export``: print the stored records, or fill a folder with documents."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.core.catalogue import Catalogue
from crawler.core.dates import parse_day, parse_instant
from crawler.core.errors import CrawlerError, OptionError
from crawler.core.options import refuse_arguments
from crawler.core.records import record_line, record_schema
from crawler.core.syndication import WRITERS
from crawler.core.urls import absolute
from crawler.provenance import check_given
from crawler.storage.catalogue import read_catalogue
from crawler.storage.exports import Selection, csv_lines, stream_records
from crawler.storage.parquet import write_parquet
from crawler.storage.posts_folder import export_posts
from crawler.storage.syndication import NEWEST, write_feed
from crawler.terminal import for_a_reader

_HEXO_POSTS = "_posts"
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
        return "Print the stored posts as records or as a feed, or fill a folder"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "Print the latest version of every stored post, oldest first, in constant"
            " memory; a crawl may go on meanwhile. Example: scrapy export --since"
            " 2026-11-01 --feed stock > stock.jsonl. The schema of a record: scrapy"
            " export --schema. With --as-of TIME the records are those that an export"
            " at that time gave: scrapy export --as-of 2026-11-01T15:00. With"
            " --changed-since TIME they are of the posts that have a new version, were"
            " removed or restored since, in that order. --format atom, rss or jsonfeed"
            f" makes a feed of the newest {NEWEST} posts; --format parquet needs"
            " requirements-parquet.txt: scrapy export --format parquet >"
            " posts.parquet. With --posts"
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
            choices=("jsonl", "csv", "parquet", *WRITERS),
            help="JSON Lines (default), CSV with a header, Parquet, or a feed",
        )
        parser.add_argument(
            "--newest", metavar="N", help="no more than the N newest, the last first"
        )
        parser.add_argument(
            "--changed-since",
            metavar="TIME",
            help="with a new version, removed or restored since this day or time",
        )
        parser.add_argument(
            "--self", metavar="URL", help="where the feed will be published"
        )
        parser.add_argument(
            "--posts", metavar="DIR", help="put the documents into DIR, print nothing"
        )
        parser.add_argument(
            "--images",
            metavar="DIR",
            help="with --posts: put the pictures into DIR (_posts/../images)",
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
            refuse_arguments(args, "export")
            check_given(opts.set)
            if opts.schema:
                print(json.dumps(record_schema(), ensure_ascii=False, indent=2))
                return
            folder = Path(self.settings["OUTPUT_DIR"])
            catalogue = Catalogue(())
            if opts.feed or opts.format in WRITERS:
                catalogue = read_catalogue(Path(self.settings["CATALOGUE_DIR"]))
            _check(opts, catalogue)
            selection = _selection(opts)
            if opts.posts is not None:
                _fill(folder, selection, opts)
                return
            with for_a_reader():
                if not _print(folder, selection, opts, catalogue):
                    sys.stderr.write("scrapy export: no post matches\n")
        except CrawlerError as error:
            sys.stderr.write(f"scrapy export: {error}\n")
            self.exitcode = error.exit_code


def _check(opts: argparse.Namespace, catalogue: Catalogue) -> None:
    if opts.feed and catalogue.feed(opts.feed) is None:
        known = ", ".join(feed.id for feed in catalogue.feeds)
        raise OptionError("--feed", opts.feed, f"is not one of {known}")
    if opts.self and (opts.format not in WRITERS or not absolute(opts.self)):
        advice = f"is the http(s) address of a feed: --format {', '.join(WRITERS)}"
        raise OptionError("--self", opts.self, advice)
    if opts.format == "parquet" and sys.stdout.isatty():
        advice = "is no text; write it to a file: > posts.parquet"
        raise OptionError("--format", "parquet", advice)
    _check_folders(opts)


def _check_folders(opts: argparse.Namespace) -> None:
    if opts.posts is None:
        if opts.images is not None:
            raise OptionError("--images", opts.images, "goes with --posts only")
        return
    if not opts.posts:
        raise OptionError("--posts", opts.posts, "must name a folder")
    for name in ("format", "as_of", "changed_since"):
        if value := getattr(opts, name):
            option = "--" + name.replace("_", "-")
            raise OptionError(option, value, "does not go with --posts")


def _print(
    folder: Path, selection: Selection, opts: argparse.Namespace, catalogue: Catalogue
) -> int:
    """Print what is selected, in the form asked for; returns how many posts it was."""
    if opts.format in WRITERS:
        address = absolute(opts.self or "")
        feed, count = write_feed(folder, selection, opts.format, catalogue, address)
        sys.stdout.buffer.write(feed)
        return count
    records = stream_records(folder, selection)
    if opts.format == "parquet":
        return write_parquet(records, sys.stdout.buffer)
    is_csv = opts.format == "csv"
    count = 0
    for line in csv_lines(records) if is_csv else map(record_line, records):
        sys.stdout.write(line)
        count += 1
    return count - int(is_csv)  # Without the header.


def _fill(folder: Path, selection: Selection, opts: argparse.Namespace) -> None:
    target = Path(opts.posts)
    images = Path(opts.images) if opts.images else None
    if images is None and target.name == _HEXO_POSTS:
        images = target.with_name("images")
    done = export_posts(folder, selection, target, images)
    pictures = f", {done.images} pictures in {images}" if done.images else ""
    many = done.posts >= _MANY_FOR_HEXO
    advice = "; Hexo may run out of memory, use --newest" if many else ""
    sys.stderr.write(
        f"scrapy export: {done.posts} posts in {target}"
        f" ({done.placed} new or changed, {done.removed} removed){pictures}{advice}\n"
    )


def _selection(opts: argparse.Namespace) -> Selection:
    return Selection(
        since=_day("--since", opts.since),
        until=_day("--until", opts.until),
        feed=opts.feed or "",
        symbol=opts.symbol or "",
        as_of=_past("--as-of", opts.as_of),
        changed_since=_past("--changed-since", opts.changed_since),
        newest=_number(opts.newest),
    )


def _day(option: str, text: str | None) -> datetime | None:
    if not text:
        return None
    day = parse_day(text)
    if day is None:
        raise OptionError(option, text, "is no day such as 2026-11-01")
    return day


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise OptionError("--newest", text, "must be a whole number from 1")
    return int(text)


def _past(option: str, text: str | None) -> datetime | None:
    if not text:
        return None
    instant = parse_instant(text)
    if instant is None:
        advice = "is no day or time such as 2026-11-01T15:00"
        raise OptionError(option, text, advice)
    if instant > datetime.now(UTC):
        raise OptionError(option, text, "is still to come")
    return instant
