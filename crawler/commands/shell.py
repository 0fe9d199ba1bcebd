"""``scrapy shell``: Scrapy's own, with our reading of the response at hand."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.commands.shell import Command as ShellCommand
from scrapy.utils.url import guess_scheme
from twisted.python.failure import Failure

from crawler.core.catalogue import Catalogue, Feed
from crawler.core.entries import Entry, read_answer
from crawler.core.errors import OptionError, PostRejected
from crawler.core.extraction import (
    Article,
    NoArticle,
    extract_article,
    find_url,
    incomplete,
)
from crawler.core.options import refuse_options
from crawler.core.posts import Post, accept
from crawler.core.urls import canonical, host_of
from crawler.loaders import Origin, load_page
from crawler.spiders.failures import NAMED, describe_failure
from crawler.storage.catalogue import read_catalogue

_FILE_HANDLER = "scrapy.core.downloader.handlers.file.FileDownloadHandler"


class Command(ShellCommand):
    """Start with ``article``, ``post`` and ``entries`` made of ``response``."""

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "Interactive console with article, post and entries of the response"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "Interactive console for a URL or saved file. Besides Scrapy's own objects"
            " there are: article (what the page says, or why it is none), post (the"
            " accepted post, or why not), entries (what a feed answer lists). They"
            " follow fetch(). Example: scrapy shell"
            " https://finance.sina.com.cn/.../doc-i....shtml"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Allow the one local file that was named, which crawls never do."""
        super().process_options(args, opts)
        assert self.settings is not None
        if args and guess_scheme(args[0]).startswith("file:"):
            handlers = {**self.settings["DOWNLOAD_HANDLERS"], "file": _FILE_HANDLER}
            self.settings.set("DOWNLOAD_HANDLERS", handlers, priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Open the console, or say in one line why there is no page to open it on."""
        try:
            refuse_options(args, "shell")
            super().run(args, opts)
        except OptionError as error:
            sys.stderr.write(f"scrapy shell: {error}\n")
            self.exitcode = error.exit_code
        except NAMED as error:
            failure = Failure(error)  # type: ignore[no-untyped-call]
            failure.request = Request(guess_scheme(args[0]))  # type: ignore[attr-defined]
            sys.stderr.write(f"scrapy shell: {describe_failure(failure)}\n")
            self.exitcode = 1

    def update_vars(self, vars: dict[str, Any]) -> None:  # noqa: A002 - Scrapy's name
        """Add our reading of the response."""
        response = vars.get("response")
        vars.update(article=None, post=None, entries=())
        if response is None:
            return
        assert self.settings is not None
        catalogue = read_catalogue(Path(self.settings["CATALOGUE_DIR"]))
        body, url = response.body, response.url
        vars["entries"] = _entries(body, url, catalogue)
        if not vars["entries"]:
            address = canonical(url) or canonical(find_url(body)) or url
            vars["article"] = extract_article(body, address)
            vars["post"] = _post(vars["article"], catalogue)


def _entries(body: bytes, url: str, catalogue: Catalogue) -> tuple[Entry, ...]:
    feed = next((f for f in catalogue.feeds if _is_page_of(f, url)), None)
    if feed is not None:
        return read_answer(body, feed).entries
    start = body.lstrip()[:5]
    if start.startswith((b"{", b"try{", b"<?xml", b"<rss")):
        formats = ("rss",) if start.startswith(b"<") else ("roll", "live")
        for name in formats:
            stand_in = catalogue.feeds[0].model_copy(update={"format": name})
            if entries := read_answer(body, stand_in).entries:
                return entries
    return ()


def _is_page_of(feed: Feed, url: str) -> bool:
    pattern = re.escape(feed.url).replace(re.escape("{page}"), r"\d+")
    return re.fullmatch(pattern, url) is not None


def _post(
    article: Article | NoArticle, catalogue: Catalogue
) -> Post | PostRejected | NoArticle:
    if isinstance(article, NoArticle):
        return article
    if article.next_page:
        return incomplete(2, f"not read here; it is {article.next_page}")
    site = catalogue.site_for(host_of(article.url)) or catalogue.sites[0]
    try:
        origin = Origin.of(site, None)
        return accept(load_page(article, None, origin, datetime.now(UTC)))
    except PostRejected as error:
        return error
