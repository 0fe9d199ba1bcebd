"""``scrapy browse``: look at the store in a browser."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.browsing.server import (
    is_loopback,
    listen,
    make_app,
    require_datasette,
    serve,
)
from crawler.core.errors import CrawlerError, OptionError
from crawler.core.options import refuse_arguments
from crawler.storage.browsing import NAME, update_browsing
from crawler.storage.catalogue import read_catalogue


class Command(ScrapyCommand):
    """Bring the browsing database up to date and serve it until Ctrl-C."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "Look at posts, versions, feeds and runs in a browser, with search"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            f"Bring {NAME} up to date with the store, which a crawl may go on writing,"
            " and serve it with Datasette on this machine until Ctrl-C. Example:"
            " scrapy browse --port 8002. With --update it is only brought up to date."
            " Needs: pip install -r requirements-browse.txt."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add where it is served."""
        super().add_options(parser)
        parser.add_argument(
            "--port", metavar="N", default="8001", help="port, 8001 by default"
        )
        parser.add_argument(
            "--host",
            metavar="ADDRESS",
            default="127.0.0.1",
            help="another address of this machine; whoever reaches it can read all",
        )
        parser.add_argument(
            "--update", action="store_true", help="serve nothing, only update"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Update, then serve."""
        assert self.settings is not None
        folder = Path(self.settings["OUTPUT_DIR"])
        try:
            refuse_arguments(args, "browse")
            port = _port(opts.port)
            if not opts.update:
                require_datasette()
            catalogue = read_catalogue(Path(self.settings["CATALOGUE_DIR"]))
            count = update_browsing(folder, catalogue, _tell)
            sys.stderr.write(f"scrapy browse: {count} posts new or changed\n")
            if opts.update:
                return
            with listen(opts.host, port) as listening:
                host, port = listening.getsockname()[:2]
                app = make_app(folder, local=is_loopback(host))
                print(f"http://{host}:{port}/  (Ctrl-C ends it)", flush=True)
                serve(app, listening)
        except CrawlerError as error:
            sys.stderr.write(f"scrapy browse: {error}\n")
            self.exitcode = error.exit_code
        except KeyboardInterrupt:
            pass  # That is how it is ended.


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise OptionError("--port", text, "must be a number up to 65535; 0 for any")
    return int(text)


def _tell(count: int) -> None:
    if sys.stderr.isatty() and count:
        sys.stderr.write(f"\r{count} posts ")
