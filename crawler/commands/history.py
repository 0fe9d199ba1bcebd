"""``scrapy history``: every version of a post, and what changed between them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.core.changes import Change, compare, version_in
from crawler.core.errors import CrawlerError, OptionError
from crawler.core.options import refuse_options
from crawler.core.records import record_line
from crawler.differences import print_difference, print_line
from crawler.provenance import check_given
from crawler.storage.history import read_history
from crawler.storage.revisions import read_document
from crawler.storage.versions import Sighting
from crawler.terminal import for_a_reader


class Command(ScrapyCommand):
    """List a post's versions: when each was seen, what changed and how much."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Give the arguments."""
        return "[options] <ID|URL>"

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "Show a post's versions and what changed between them"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "List the versions of a stored post: from when to when the site was seen"
            " to show each (UTC), what changed (title, figures, typo, text, source),"
            " how many characters came and went. --diff shows the words. --revision N"
            " prints the document of version N as it was published, to the byte; with"
            " --diff, that version's changes; with --json, its record. Example: scrapy"
            " history mcwiwss8570247 --diff. Ends with 2 when there is no such post"
            " and with 3 when the store cannot be read."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what is shown and how."""
        super().add_options(parser)
        parser.add_argument("--revision", metavar="N", help="this version alone")
        forms = parser.add_mutually_exclusive_group()
        forms.add_argument(
            "--diff", action="store_true", help="show what changed, word by word"
        )
        forms.add_argument(
            "--json", action="store_true", help="print a JSON line for each version"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the versions."""
        assert self.settings is not None
        folder = Path(self.settings["OUTPUT_DIR"])
        try:
            refuse_options(args, "history")
            check_given(opts.set)
            if len(args) != 1:
                raise UsageError("name one post: its id or URL")
            versions = read_history(folder, args[0])
            number = _number(opts.revision, len(versions))
            with for_a_reader():
                if number and not opts.diff and not opts.json:
                    _print_document(folder, versions, number)
                    return
                if not opts.json:
                    _print_head(versions[-1].record)
                for place in [number - 1] if number else range(len(versions)):
                    _print_version(versions, place, opts)
        except CrawlerError as error:
            sys.stderr.write(f"scrapy history: {error}\n")
            self.exitcode = error.exit_code


def _number(text: str | None, count: int) -> int:
    if text is None:
        return 0
    if not text.isdecimal() or not 1 <= int(text) <= count:
        raise OptionError("--revision", text, f"is not one of 1 to {count}")
    return int(text)


def _print_document(folder: Path, versions: list[Sighting], number: int) -> None:
    path = versions[-1].record["path"]
    latest = number == len(versions)
    document = read_document(folder, path, number, latest=latest)
    sys.stdout.buffer.write(document)
    sys.stdout.buffer.flush()


def _print_head(record: dict[str, Any]) -> None:
    print_line(f"{record['id']}  {record['title']}")
    print_line(f"{record['url']}")
    print_line(f"published {_minute(record['published'])}, {record['path']}")


def _print_version(
    versions: list[Sighting], place: int, opts: argparse.Namespace
) -> None:
    one = versions[place]
    change = _change(versions, place)
    if opts.json:
        facts = {
            "revision": one.record["revision"],
            "known": one.known,
            "last_seen": one.last_seen,
            "kinds": list(change.kinds) if change else [],
            "added": change.added if change else 0,
            "removed": change.removed if change else 0,
            "record": one.record,
        }
        print(record_line(facts), end="")
        return
    seen = f"{_minute(one.known)} to {_minute(one.last_seen)}"
    how = " (read anew)" if one.record["status"] == "reprocessed" else ""
    print_line(f"{one.record['revision']:>3}  {seen}  {change or 'new'}{how}")
    if opts.diff and place:
        before = versions[place - 1].record
        print_difference(version_in(before), version_in(one.record))


def _change(versions: list[Sighting], place: int) -> Change | None:
    if place == 0:
        return None
    before, after = versions[place - 1].record, versions[place].record
    return compare(version_in(before), version_in(after))


def _minute(instant: str) -> str:
    return instant[:16].replace("T", " ")
