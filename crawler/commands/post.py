"""``scrapy post``: one page as its document, its record, or the reasons for both."""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.core.catalogue import Catalogue, Feed
from crawler.core.dates import format_iso
from crawler.core.dedup import fingerprint
from crawler.core.errors import CrawlerError, OptionError
from crawler.core.extraction import (
    Article,
    NoArticle,
    extract_article,
    find_url,
    incomplete,
)
from crawler.core.frontmatter import dump
from crawler.core.options import refuse_options
from crawler.core.paths import check_path, post_path
from crawler.core.posts import Post, accept
from crawler.core.records import record_line, record_of
from crawler.core.text import one_line
from crawler.core.urls import NO_ADDRESS, canonical, host_of
from crawler.loaders import Origin, load_page
from crawler.provenance import check_given
from crawler.spiders.article import referer_header
from crawler.spiders.failures import describe_failure
from crawler.storage.catalogue import read_catalogue
from crawler.stores import check_settings


class PageSpider(Spider):
    """Fetch one page, keep nothing."""

    name = "post"
    body = b""
    problem = "no answer and no failure came back"

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the page."""
        headers = referer_header(self.referer)  # type: ignore[attr-defined]
        url = self.url  # type: ignore[attr-defined]
        yield Request(url, self.parse, headers=headers, errback=self.fail)

    def parse(self, response: Response, **_: Any) -> None:
        """Take the body."""
        self.body, self.problem = response.body, ""

    def fail(self, failure: Failure) -> None:
        """Take the reason."""
        self.problem = describe_failure(failure)


class Command(ScrapyCommand):
    """Print what a page becomes; nothing is stored."""

    requires_project = True

    def syntax(self) -> str:
        """Give the arguments."""
        return "[options] <URL|FILE>"

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "Print the document one page becomes (or its record, or why)"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "Fetch a page, or read a saved one, and print its document on standard"
            " output and nothing else; nothing is stored. Ends with 1 and the reasons"
            " when it is no article. Example: scrapy post --why"
            " https://finance.sina.com.cn/.../doc-i....shtml, or for a saved page:"
            " scrapy post page.html --url https://finance.sina.com.cn/..."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what the page is taken for and what is printed."""
        super().add_options(parser)
        parser.add_argument(
            "--feed", metavar="ID", help="file it under this feed of the catalogue"
        )
        parser.add_argument(
            "--url", metavar="URL", help="the address of a saved page, if it has none"
        )
        forms = parser.add_mutually_exclusive_group()
        forms.add_argument("--json", action="store_true", help="print the record")
        forms.add_argument(
            "--why",
            action="store_true",
            help="print which template and selector gave each field",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Keep standard error for what matters."""
        super().process_options(args, opts)
        assert self.settings is not None
        self.settings.set("PROGRESS", "off", priority="cmdline")
        if not opts.loglevel:
            self.settings.set("LOG_LEVEL", "ERROR", priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the page and print what was asked for."""
        try:
            refuse_options(args, "post")
            check_given(opts.set)
            if len(args) != 1:
                raise UsageError("name one page: its URL or a saved file")
            sys.stdout.write(self._answer(args[0], opts))
        except CrawlerError as error:
            sys.stderr.write(f"scrapy post: {error}\n")
            self.exitcode = error.exit_code

    def _answer(self, target: str, opts: argparse.Namespace) -> str:
        assert self.settings is not None
        settings = self.settings
        check_settings(settings)
        catalogue = read_catalogue(Path(settings["CATALOGUE_DIR"]))
        feed = catalogue.feed(opts.feed) if opts.feed else None
        if opts.feed and feed is None:
            raise OptionError("--feed", opts.feed, "is not in the catalogue")
        body, url = self._read(target, opts.url, catalogue)
        article = extract_article(body, url)
        if opts.why:
            self.exitcode = 1 if isinstance(article, NoArticle) else 0
            return _explain(article)
        if isinstance(article, NoArticle):
            tried = "".join(f"\n  {line}" for line in article.tried)
            raise CrawlerError(f"{target}: no article: {article.reason}{tried}")
        if article.next_page:
            missing = incomplete(2, f"not read here; it is {article.next_page}")
            raise CrawlerError(f"{target}: no article: {missing.reason}")
        site = catalogue.site_of(feed.id) if feed else catalogue.site_for(host_of(url))
        origin = Origin.of(site or catalogue.sites[0], feed, settings["POST_BODY"])
        post = accept(load_page(article, None, origin, datetime.now(UTC)))
        if opts.json:
            return _record(post, feed, settings["POST_PATH"])
        return dump(post, settings.getlist("POST_EXTRA_FIELDS"))

    def _read(
        self, target: str, given: str | None, catalogue: Catalogue
    ) -> tuple[bytes, str]:
        if not target.startswith(("http://", "https://")):
            try:
                body = Path(target).read_bytes()
            except OSError as error:
                raise OptionError("page", target, f"cannot be read: {error}") from error
            url = canonical(given or find_url(body))
            if not url:
                raise OptionError("page", target, "does not name its URL; add --url")
            return body, url
        url = canonical(target)
        if not url:
            raise OptionError("page", target, NO_ADDRESS)
        site = catalogue.site_for(host_of(url))
        assert self.crawler_process is not None
        crawler = self.crawler_process.create_crawler(PageSpider)
        self.crawler_process.crawl(crawler, url=url, referer=site and site.referer)
        self.crawler_process.start()
        spider = crawler.spider
        assert isinstance(spider, PageSpider)
        if spider.problem:
            raise CrawlerError(f"{url}: {spider.problem}")
        return spider.body, canonical(given or "") or url


def _explain(article: Article | NoArticle) -> str:
    if isinstance(article, NoArticle):
        lines = [f"no article: {article.reason}", *article.tried]
        return "\n".join(lines) + "\n"
    width = max(len(finding.field) for finding in article.findings)
    rules = [
        f"{one.field:<{width}}  {one.rule}\n{'':<{width}}    {one_line(one.value)}"
        for one in article.findings
    ]
    head = f"template {article.template}, charset {article.charset}, id {article.id}"
    return "\n".join([head, *rules]) + "\n"


def _record(post: Post, feed: Feed | None, path_template: str) -> str:
    facts = {
        "path": post_path(check_path(path_template), post),
        "revision": 1,
        "status": "new",
        "content_hash": fingerprint(post).content,
        "first_seen": format_iso(post.fetched),
        "feeds": [feed.id] if feed else [],
        "duplicates": [],
        "listed": [],
        "copies": [],
    }
    return record_line(record_of(post, facts))
