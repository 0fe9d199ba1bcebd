"""One crawl of a server that does everything wrong, and what is said of each wrong."""

import os
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler.storage.checks import CHECKS
from crawler.storage.verification import verify
from tests.runs.badserver import BadServer, answer, page, roll
from tests.runs.conftest import PROJECT, Crawl, clean_environment

MEMORY = 64 * 2**20
"""Bytes; how much more a crawl of the worst server may take than one of a good one."""

KEPT = ("revised", "")
ARTICLES = {
    "good": KEPT,
    "good-chunked": KEPT,
    "good-closed": KEPT,
    "good-closed-gzip": KEPT,
    "good-members": KEPT,
    "to-good": KEPT,
    "reset": ("failed", "reset: "),
    "empty": ("failed", "cut: "),
    "hang": ("failed", "timeout: "),
    "hang-after-head": ("failed", "timeout: "),
    "drip-body": ("failed", "timeout: "),
    "drip-head": ("failed", "timeout: "),
    "cl-long": ("failed", "cut: "),
    "chunk-cut": ("failed", "cut: "),
    "chunk-half": ("failed", "cut: "),
    "chunk-bad": ("failed", "cut: "),
    "closed-cut": ("failed", "cut: "),
    "closed-gzip-cut": ("failed", "cut: "),
    "gzip-half": ("failed", "cut: "),
    "not-here-half": ("failed", "cut: "),
    "gzip-crc": ("failed", "damaged: "),
    "gzip-garbage": ("failed", "damaged: "),
    "gzip-plain": ("failed", "damaged: "),
    "gzip-twice": ("failed", "damaged: "),
    "gzip-unsaid": ("failed", "damaged: "),
    "gzip-said-twice": ("failed", "damaged: "),
    "gzip-parts": ("failed", "damaged: "),
    "deflate-bad": ("failed", "damaged: "),
    "br-bomb": ("failed", "damaged: in an encoding nobody asked for (br)"),
    "zstd-bomb": ("failed", "damaged: in an encoding nobody asked for (zstd)"),
    "gzip-bomb": ("failed", "too large: "),
    "cl-huge": ("failed", "too large: "),
    "endless": ("failed", "too large: "),
    "endless-chunks": ("failed", "too large: "),
    "many-headers": ("failed", "too large: the answer's head"),
    "long-header": ("failed", "too large: the answer's head"),
    "endless-head": ("failed", "too large: the answer's head"),
    "continues": ("failed", "too large: the answer's head"),
    "cl-two": ("failed", "broken: "),
    "cl-negative": ("failed", "broken: "),
    "cl-word": ("failed", "broken: "),
    "bad-status": ("failed", "broken: "),
    "http-old": ("failed", "broken: "),
    "garbage": ("failed", "broken: "),
    "bad-encoding": ("failed", "broken: "),
    "loop": ("failed", "redirect: leads in a circle"),
    "far": ("failed", "redirect: more than 5"),
    "to-file": ("failed", "redirect: leads to file:"),
    "to-data": ("failed", "redirect: leads to data:"),
    "to-s3": ("failed", "redirect: leads to s3:"),
    "to-ftp": ("failed", "redirect: leads to ftp:"),
    "to-nowhere": ("failed", "redirect: leads to no address"),
    "to-foreign": ("failed", "redirect: leads to elsewhere.example"),
    "error-403": ("failed", "http 403"),
    "error-429": ("failed", "http 429"),
    "error-503": ("failed", "http 503"),
    "error-page": ("rejected", "no body: layout changed?"),
    "captcha": ("rejected", ""),
    "empty-200": ("rejected", "empty page"),
    "meta-file": ("rejected", "moved: only a meta refresh"),
}
"""What becomes of an article, and how the reason begins."""

FEEDS = {
    "hang": ("failed", "page 1: timeout: "),
    "reset": ("failed", "page 1: reset: "),
    "gzip-half": ("failed", "page 1: cut: "),
    "gzip-bomb": ("failed", "page 1: too large: "),
    "many-headers": ("failed", "page 1: too large: "),
    "garbage": ("failed", "page 1: broken: "),
    "loop": ("failed", "page 1: redirect: leads in a circle"),
    "far": ("failed", "page 1: redirect: more than 5"),
    "to-file": ("failed", "page 1: redirect: leads to file:"),
    "to-s3": ("failed", "page 1: redirect: leads to s3:"),
    "to-foreign": ("failed", "page 1: redirect: leads to elsewhere.example"),
    "error-403": ("failed", "page 1: http 403"),
    "error-429": ("failed", "page 1: http 429"),
    "error-503": ("failed", "page 1: http 503"),
    "error-page": ("failed", "page 1: HTML instead of a feed"),
    "captcha": ("failed", "page 1: banned: "),
    "empty-200": ("failed", "page 1: "),
    "json-cut": ("failed", "page 1: not JSON"),
    "json-nan": ("failed", "page 1: "),
    "json-deep": ("failed", "page 1: "),
    "json-keys": ("failed", "page 1: "),
    "json-digits": ("failed", "page 1: "),
    "endless-pages": ("partial", ""),
    "page-for-ever": ("ok", ""),
}
"""What becomes of a feed, and how its first problem begins."""

ONCE = {"cl-huge", "endless", "endless-chunks", "error-403", "error-429", "error-503"}
"""What is not tried again: it would be as large or as forbidden."""

SITE = """
name: 样本站
categories: [金融, 样本站]
hosts: [bad.example]
placeholder: https://bad.example/logo.png
feeds:
  - {id: listed, title: 列表, format: roll, url: 'https://listed.example/listed'}
"""
FEED = """\
  - {{id: {0}, title: {0}, format: roll,
      url: 'https://{0}.example/{0}?page={{page}}'}}
"""


def place_of(name: str) -> str:
    """Where an article is; one whose answer stops its host has one of its own."""
    stops = name.startswith("error-4") or name in {"error-503", "captcha"}
    return f"{name}.bad.example/{name}.shtml" if stops else f"bad.example/{name}.shtml"


def well(names: dict) -> dict[str, bytes]:
    """Answer every article with a page of its own."""
    return {name: answer(page(f"{name}的旧文")) for name in names}


@dataclass
class Met:
    """What a crawl of the bad server came to."""

    crawl: Crawl
    stored: dict[str, bytes]
    """Every document before it, by its path."""

    code: int
    stderr: str
    grown: int
    """Bytes of memory it took beyond those of a crawl of good pages."""

    asked: Counter[str]

    @property
    def report(self) -> dict:
        return self.crawl.reports()[-1]

    @property
    def failures(self) -> dict[str, tuple[str, str]]:
        found = self.report["failures"]
        names = [each["url"].rpartition("/")[2].partition(".")[0] for each in found]
        told = [(each["outcome"], each["reason"]) for each in found]
        return dict(zip(names, told, strict=True))


def run(crawl: Crawl, folder, *args: str) -> tuple[int, str, int]:
    """Crawl; return the exit code, what was said, and the most memory it took."""
    settings = {"CATALOGUE_DIR": str(folder), "NEAR_DUPLICATES": "keep"}
    command = crawl.command("crawl", "finance", **settings, DOWNLOAD_TIMEOUT="4")
    with (folder / "stderr").open("w+") as said:
        process = subprocess.Popen(
            [*command, *args], cwd=PROJECT, stderr=said, env=clean_environment()
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return process.returncode, said.read(), usage.ru_maxrss * 1024


@pytest.fixture(scope="module")
def met(tmp_path_factory, crawl_into) -> Met:
    """A store of good posts, after a crawl in which all of their pages were bad."""
    place = tmp_path_factory.mktemp("bad")
    crawl = crawl_into(place)
    feeds = "".join(FEED.format(name) for name in FEEDS)
    (place / "bad.yaml").write_text(SITE + feeds, encoding="utf-8")
    addresses = [f"https://{place_of(name)}" for name in ARTICLES]
    with BadServer(**well(ARTICLES), listed=answer(roll(addresses))) as server:
        crawl.mirror = server.url
        _, _, usual = run(crawl, place, "-a", "feeds=listed,endless-pages")
    stored = {str(path): path.read_bytes() for path in crawl.documents}
    with BadServer(listed=answer(roll(addresses, "篇，改"))) as server:
        crawl.mirror = server.url
        code, stderr, most = run(crawl, place, "-a", "feeds=all")
        return Met(crawl, stored, code, stderr, most - usual, server.asked)


@pytest.mark.parametrize("name", ARTICLES)
def test_a_bad_page_is_named_and_tried_again_where_that_may_help(met, name):
    outcome, reason = ARTICLES[name]
    told = met.failures.get(name, KEPT)

    assert told[0] == outcome, told
    assert told[1].startswith(reason), told
    tried = met.asked[place_of(name)]
    is_final = outcome != "failed" or reason.startswith("redirect") or name in ONCE
    assert tried == (6 if name == "far" else 1 if is_final else 2)


def test_a_bad_page_changes_nothing_that_is_stored(met):
    changed = {
        path for path, body in met.stored.items() if Path(path).read_bytes() != body
    }

    assert len(met.stored) == len(ARTICLES)
    assert len(changed) == sum(each == KEPT for each in ARTICLES.values())
    assert len(met.crawl.documents) == len(met.stored)
    found = verify(met.crawl.output, CHECKS, full=True, repair=False)
    assert [each.line for each in found] == []


@pytest.mark.parametrize("name", FEEDS)
def test_a_bad_feed_is_named_and_does_not_stop_the_others(met, name):
    status, problem = FEEDS[name]
    feed = met.report["feeds"][name]

    assert feed["status"] == status, feed
    assert "".join(feed["problems"][:1]).startswith(problem), feed
    assert met.report["feeds"]["listed"]["status"] == "ok"


def test_a_list_without_an_end_is_read_to_a_limit(met):
    assert 2 < met.asked["endless-pages.example/endless-pages"] <= 50
    assert met.asked["page-for-ever.example/page-for-ever"] == 2


def test_a_crawl_of_a_bad_server_lives_and_says_so_in_lines(met):
    assert met.code == 1, met.stderr
    assert "Traceback" not in met.stderr
    assert "[scrapy.spidermiddlewares" not in met.stderr
    lines = met.stderr.splitlines()
    assert [line for line in lines if not line.startswith("20")] == []
    assert met.report["counts"]["failed"] == sum(
        outcome == "failed" for outcome, _ in ARTICLES.values()
    )


def test_a_crawl_of_a_bad_server_takes_little_more_memory(met):
    assert met.grown < MEMORY, f"{met.grown >> 20} MiB more than good pages took"
