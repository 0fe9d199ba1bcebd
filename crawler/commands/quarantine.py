"""``scrapy quarantine``: versions held back because they would spoil a post."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.core.changes import compare, version_in, version_of
from crawler.core.errors import CrawlerError
from crawler.core.options import refuse_options
from crawler.differences import print_difference, print_line
from crawler.provenance import check_given
from crawler.storage.history import identify, list_held, read_held, read_history
from crawler.storage.posts import PostStore
from crawler.storage.quarantine import Held
from crawler.stores import open_store


class Command(ScrapyCommand):
    """List what is held back, show some versions, accept or drop some."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Give the arguments."""
        return "[options] [ID|URL ...]"

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "List, show, accept or drop versions held back as poorer"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "A version that is empty, much shorter, a notice, or read by guessing"
            " never replaces a good one: it waits here. Without an ID, list what"
            " waits; with --all, also what was dropped or has passed, since the page"
            " was good again; with an ID, show how it differs from the post."
            " --accept makes it the post's next revision, the newest where several"
            " wait, and the others pass; --drop leaves the post as it is, and none of"
            " them is ever asked about again. Examples:"
            " scrapy quarantine; scrapy quarantine mcwiwss8570247; scrapy quarantine"
            " --accept mcwiwss8570247. Ends with 2 when nothing is held back of a"
            " post, 75 when a run holds the store."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what is done with the versions."""
        super().add_options(parser)
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--accept", action="store_true", help="make these the posts' next revisions"
        )
        what.add_argument(
            "--drop", action="store_true", help="leave these posts as they are"
        )
        what.add_argument(
            "--all", action="store_true", help="list what waits no longer as well"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do what was asked for."""
        if (opts.accept or opts.drop) and not args:
            raise UsageError("name the posts: their ids or URLs")
        assert self.settings is not None
        folder = Path(self.settings["OUTPUT_DIR"])
        try:
            refuse_options(args, "quarantine")
            check_given(opts.set)
            if opts.accept:
                self._decide(folder, args, _accept)
            elif opts.drop:
                self._decide(folder, args, _drop)
            elif args:
                for name in args:
                    _show(folder, name)
            else:
                _list(folder, everything=opts.all)
        except CrawlerError as error:
            sys.stderr.write(f"scrapy quarantine: {error}\n")
            self.exitcode = error.exit_code

    def _decide(
        self, folder: Path, names: list[str], decide: Callable[[PostStore, str], str]
    ) -> None:
        assert self.settings is not None
        for name in names:
            read_held(folder, name)  # Before a store is opened, or even made.
        run = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-quarantine"
        store = open_store(self.settings, run, "quarantine")
        with closing(store):
            for name in names:
                print_line(decide(store, identify(name)))


def _accept(store: PostStore, identifier: str) -> str:
    record = store.accept(identifier)
    return f"{identifier}: accepted as revision {record['revision']}"


def _drop(store: PostStore, identifier: str) -> str:
    store.drop(identifier)
    return f"{identifier}: dropped"


def _list(folder: Path, *, everything: bool) -> None:
    held = [one for one in list_held(folder) if everything or one.state == "waiting"]
    for one in held:
        print_line(_line(one))
    if not held:
        sys.stderr.write("scrapy quarantine: nothing waits\n")


def _show(folder: Path, name: str) -> None:
    found = read_held(folder, name)
    stored = version_in(read_history(folder, identify(name))[-1].record)
    for held, post in found:
        print_line(_line(held))
        print_line(f"{post.url}  {compare(stored, version_of(post))}")
        print_difference(stored, version_of(post))


def _line(held: Held) -> str:
    seen = " to ".join(
        time[:16].replace("T", " ") for time in (held.first_seen, held.last_seen)
    )
    return f"{held.id}  {held.state}  {seen}  {held.reason}"
