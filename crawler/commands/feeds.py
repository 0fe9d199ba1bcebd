"""``scrapy feeds``: the catalogue, with what is known of each feed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from scrapy.commands import ScrapyCommand

from crawler.core.catalogue import Feed
from crawler.core.errors import CrawlerError
from crawler.storage.catalogue import read_catalogue
from crawler.storage.polls import Poll, read_polls

_PIPE_WIDTH = 250


class Command(ScrapyCommand):
    """List every feed: when it was last polled, how that went, its newest post."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "List the catalogue's feeds and what is known of each"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "List every feed of the catalogue with its last poll, how that went and"
            " its newest post (times in UTC). Example: scrapy feeds. Ends with 2 when"
            " the catalogue cannot be used: the message names file, feed and key."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002
        """Print the table."""
        assert self.settings is not None
        try:
            catalogue = read_catalogue(Path(self.settings["CATALOGUE_DIR"]))
            polls = read_polls(Path(self.settings["OUTPUT_DIR"]))
        except CrawlerError as error:
            sys.stderr.write(f"scrapy feeds: {error}\n")
            self.exitcode = error.exit_code
            return
        table = Table("id", "title", "format", "last poll", "state", "newest post")
        for feed in catalogue.feeds:
            table.add_row(*_row(feed, polls.get(feed.id)))
        # A pipe has no width of its own: nothing is to be cut for it.
        width = None if sys.stdout.isatty() else _PIPE_WIDTH
        Console(highlight=False, width=width).print(table)


def _row(feed: Feed, poll: Poll | None) -> tuple[str, ...]:
    named = (feed.id, feed.title, feed.format)
    if not feed.enabled and poll is None:
        return (*named, "", f"disabled: {feed.reason}", "")
    if poll is None:
        return (*named, "never", "", "")
    state = poll.status if not poll.problem else f"{poll.status}: {poll.problem}"
    return (*named, _to_minute(poll.last), state, _to_minute(poll.newest))


def _to_minute(instant: str) -> str:
    return instant[:16].replace("T", " ")
