"""``scrapy verify``: prove that the store is right, or say what is not."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import TextIO

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.core.errors import CrawlerError
from crawler.provenance import check_given
from crawler.remaking import remake
from crawler.storage.checks import CHECKS
from crawler.storage.verification import verify

_WRONG = 3


class Command(ScrapyCommand):
    """Compare index, documents, revisions and exports; one line for each fault.

    Exit codes: 0 all is well, or was mended; 3 something is wrong; 75 a run holds the
    store.
    """

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "Prove that index, documents, revisions and exports agree; --repair"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "Examine the store while no run holds it and print one line for everything"
            " that is missing, extra, cut, damaged or edited by hand. Examples: scrapy"
            " verify; scrapy verify --full; scrapy verify --repair. Without --full"
            " names and sizes are compared, with it every byte. --repair reads every"
            " byte as well; it restores documents from the index, takes in what the"
            " index does not know, and rebuilds an index that is lost or damaged: from"
            " the archive, where that is whole, else from exports and documents. It"
            " deletes nothing: what has to make room, an edit by hand or a file of"
            " somebody else as well, is moved to set-aside/ and named. A store that"
            " cannot be written is read all the same. Ends with 0 when all is well or"
            " was mended, 3 when something is wrong."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add how far to go."""
        super().add_options(parser)
        parser.add_argument(
            "--full", action="store_true", help="read every file and record to the byte"
        )
        parser.add_argument(
            "--repair", action="store_true", help="mend it; reads all, as --full does"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print what is wrong, and the verdict."""
        if args:
            raise UsageError(f"verify takes options only, not {args[0]}")
        assert self.settings is not None
        folder = Path(self.settings["OUTPUT_DIR"])
        again = partial(remake, Path(self.settings["CATALOGUE_DIR"]))
        wrong = mended = 0
        try:
            check_given(opts.set)
            for each in verify(
                folder, CHECKS, full=opts.full, repair=opts.repair, remake=again
            ):
                if each.is_note:
                    _tell(sys.stderr, f"scrapy verify: {each.line}")
                    continue
                _tell(sys.stdout, each.line)
                wrong += not each.mended
                mended += each.mended
        except CrawlerError as error:
            _tell(sys.stderr, f"scrapy verify: {error}")
            self.exitcode = error.exit_code
            return
        verdict = f"{wrong} wrong" if wrong else "all is well"
        repairs = f", {mended} mended" if mended else ""
        _tell(sys.stderr, f"scrapy verify: {verdict}{repairs}")
        self.exitcode = _WRONG if wrong else 0


def _tell(stream: TextIO, line: str) -> None:
    try:
        print(line, file=stream, flush=True)
    except BrokenPipeError:
        # Nobody reads on, as with `| head`: what was begun is finished all the same.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
