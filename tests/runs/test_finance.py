"""Whole runs of the spider ``finance`` against a local server."""

import gzip
import json
import re
import time

import pytest

from crawler.core.urls import NO_ADDRESS
from tests.runs.conftest import Reply

ONE = "https://finance.sina.com.cn/china/2023-11-15/doc-inaaaaaa1000001.shtml"
TWO = "https://finance.sina.com.cn/china/2023-11-15/doc-inaaaaaa1000002.shtml"
CHINA = ("finance", "-a", "feeds=china")


@pytest.fixture
def two_articles(server, page, item):
    """A feed of two articles with their pages."""
    server.serve_page(ONE, page("naaaaaa1000001", "第一篇"))
    server.serve_page(TWO, page("naaaaaa1000002", "第二篇"))
    server.serve_roll([item(ONE, "第一篇"), item(TWO, "第二篇")])
    return server


def test_the_example_page_becomes_the_example_document_byte_for_byte(
    shared, server, crawl
):
    roll = json.loads((shared / "examples" / "roll.json").read_text("utf-8"))
    listed = roll["result"]["data"][:1]
    server.serve_page(listed[0]["url"], (shared / "examples/page.html").read_bytes())
    server.serve_roll(listed)

    run = crawl(*CHINA)

    assert run.returncode == 0, run.stderr
    (document,) = crawl.documents
    assert document.read_bytes() == (shared / "examples" / "post.md").read_bytes()


def test_a_second_run_fetches_nothing_again(two_articles, crawl):
    crawl(*CHINA)
    asked = len(two_articles.asked_pages())

    run = crawl(*CHINA)

    assert run.returncode == 0, run.stderr
    assert len(two_articles.asked_pages()) == asked == 2


def test_force_fetches_what_is_known(two_articles, crawl):
    crawl(*CHINA)
    crawl(*CHINA, "-a", "force=1")

    assert len(two_articles.asked_pages()) == 4
    assert crawl.reports()[-1]["counts"]["unchanged"] == 2


def test_limit_leaves_the_rest_for_the_next_run(two_articles, crawl):
    crawl(*CHINA, "-a", "limit=1")
    assert len(crawl.documents) == 1

    crawl(*CHINA)
    assert len(crawl.documents) == 2


def test_since_leaves_out_what_is_older(server, page, item, crawl):
    server.serve_page(ONE, page("naaaaaa1000001", "新的"))
    server.serve_roll([item(ONE, "新的"), item(TWO, "旧的", ctime="1600000000")])

    run = crawl(*CHINA, "-a", "since=2023-11-01")

    assert run.returncode == 0, run.stderr
    assert server.asked_pages() == [ONE.removeprefix("https://")]


def test_at_least_two_pages_of_a_changed_list_are_read_even_when_all_is_known(
    two_articles, item, crawl
):
    crawl(*CHINA)
    two_articles.serve_roll([item(TWO, "第二篇"), item(ONE, "第一篇")])
    crawl(*CHINA)

    lists = [path for path in two_articles.asked if "roll/get" in path]
    assert [path[-1] for path in lists] == ["1", "2", "1", "2"]


def test_pages_reads_exactly_so_many(two_articles, crawl):
    crawl(*CHINA, "-a", "pages=1")

    lists = [path for path in two_articles.asked if "roll/get" in path]
    assert len(lists) == 1


def test_an_edited_page_is_a_revision_and_the_old_text_is_kept(
    two_articles, page, item, crawl
):
    crawl(*CHINA)
    before = crawl.documents[0].read_bytes()
    two_articles.serve_page(ONE, page("naaaaaa1000001", "第一篇", "改过的正文。" * 30))
    two_articles.serve_roll([item(ONE, "第一篇", mtime="1700009999")])

    crawl(*CHINA)

    (old,) = (crawl.output / "revisions").rglob("*.html.gz")
    assert gzip.decompress(old.read_bytes()) == before
    assert crawl.documents[0].read_bytes() != before
    assert crawl.records()[-1]["revision"] == 2


@pytest.fixture
def recycle(two_articles, page, item, crawl):
    """Give the first article's id to another story: its document, and the run."""

    def crawl_again(text):
        crawl(*CHINA)
        before = crawl.documents[0].read_bytes()
        other = ONE.replace("china/2023-11-15", "stock/2025-01-06")
        two_articles.serve_page(other, page("naaaaaa1000001", "外贸见暖", text))
        two_articles.serve_roll([item(other, "外贸见暖", mtime="1736100000")])
        return before, crawl(*CHINA)

    return crawl_again


def test_another_story_under_a_known_id_is_a_revision_and_the_first_is_kept(
    recycle, crawl
):
    before, run = recycle("港口吞吐量上升，外贸航线加密。" * 30)

    assert run.returncode == 0, run.stderr
    (old,) = (crawl.output / "revisions").rglob("*.html.gz")
    assert gzip.decompress(old.read_bytes()) == before
    assert "港口吞吐量" in crawl.documents[0].read_text("utf-8")
    last = crawl.records()[-1]
    assert (last["title"], last["revision"]) == ("外贸见暖", 2)
    assert len(crawl.documents) == 2


def test_a_much_shorter_story_under_a_known_id_waits_for_a_decision(recycle, crawl):
    before, run = recycle("港口吞吐量上升，外贸航线加密。")

    assert run.returncode == 1
    assert crawl.documents[0].read_bytes() == before
    assert "外贸见暖" in crawl.run("quarantine", "naaaaaa1000001").stdout


def test_one_story_under_two_ids_is_one_post(server, page, item, crawl):
    story = "同一篇报道的同一段文字，登在两个频道里。" * 12
    server.serve_page(ONE, page("naaaaaa1000001", "报道", story))
    server.serve_page(TWO, page("naaaaaa1000002", "报道", story))
    server.serve_roll([item(ONE, "报道"), item(TWO, "报道")])

    crawl(*CHINA)

    assert len(crawl.documents) == 1
    exported = [json.loads(line) for line in crawl.run("export").stdout.splitlines()]
    assert len(exported[0]["duplicates"]) == 1


def test_every_feed_that_lists_a_post_is_recorded(two_articles, item, crawl):
    two_articles.serve_roll([item(ONE, "第一篇")], lid=2671, pageid=384)

    crawl("finance", "-a", "feeds=china,stock")

    lines = crawl.run("export", "--feed", "stock").stdout.splitlines()
    assert [json.loads(line)["feeds"] for line in lines] == [["china", "stock"]]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(b"<html>busy</html>", "HTML instead of a feed", id="html"),
        pytest.param(b'{"result": {"status"', "not JSON", id="cut"),
        pytest.param(b'{"result":{"status":{"code":11}}}', "status", id="status"),
        pytest.param(
            b'{"result":{"status":{"code":0},"data":[]}}', "empty list", id="empty"
        ),
    ],
)
def test_a_broken_feed_is_named_and_does_not_stop_the_others(
    two_articles, crawl, answer, words
):
    query = "pageid=384&lid=2671&k=&num=50&page=1"
    two_articles.serve_page(
        f"https://feed.mix.sina.com.cn/api/roll/get?{query}", answer
    )

    run = crawl("finance", "-a", "feeds=stock,china")

    assert run.returncode == 1
    assert len(crawl.documents) == 2
    assert words in crawl.reports()[0]["feeds"]["stock"]["problems"][0]


def test_a_page_that_is_no_article_does_not_stop_the_others(two_articles, crawl):
    two_articles.serve_page(ONE, "<html><body><h1>改版</h1>没有正文容器</body></html>")

    run = crawl(*CHINA)

    assert run.returncode == 1
    assert len(crawl.documents) == 1
    assert "layout changed?" in crawl.reports()[0]["failures"][0]["reason"]


def test_a_removed_page_is_no_failure(two_articles, crawl):
    del two_articles.replies[ONE.removeprefix("https://")]

    run = crawl(*CHINA)

    assert run.returncode == 0, run.stderr
    assert crawl.reports()[0]["counts"]["removed"] == 1


def test_a_page_on_a_foreign_host_is_not_asked_for(server, page, item, crawl):
    foreign = "https://example.org/doc-inaaaaaa1000003.shtml"
    server.serve_page(foreign, page("naaaaaa1000003", "别处"))
    server.serve_page(ONE, page("naaaaaa1000001", "第一篇"))
    server.serve_roll([item(foreign, "别处"), item(ONE, "第一篇")])

    run = crawl(*CHINA)

    assert run.returncode == 1
    assert server.asked_pages() == [ONE.removeprefix("https://")]


def test_without_a_network_every_feed_says_so_and_the_code_is_4(crawl):
    started = time.monotonic()

    run = crawl("finance", SITE_MIRROR="", TWISTED_DNS_RESOLVER=NO_NETWORK)

    lines = re.findall(r"feed ([\w-]+) failed: .*dns: ", run.stderr)
    assert run.returncode == 4, run.stderr
    assert len(lines) == len(set(lines)) == 21
    assert "Traceback" not in run.stderr
    assert not (crawl.output / "posts").exists()
    assert time.monotonic() - started < 60


def test_a_feed_server_that_takes_no_connection_gives_code_4(crawl):
    run = crawl(*CHINA, SITE_MIRROR="http://127.0.0.1:9")

    assert run.returncode == 4
    assert "takes no connection" in run.stderr


NO_NETWORK = "tests.runs.nowhere.NoResolver"


def test_a_page_that_moved_within_the_site_is_asked_for_as_all_its_pages_are(
    server, page, item, crawl
):
    away = {"Location": TWO}
    server.replies[ONE.partition("://")[2]] = Reply(status=302, headers=away)
    server.serve_page(TWO, page("naaaaaa1000002", "搬走的"))
    server.serve_roll([item(ONE, "搬走的")])

    run = crawl(*CHINA)

    assert run.returncode == 0, run.stderr
    assert "RefererMiddleware" not in run.stderr
    asked = [server.referers[url.partition("://")[2]] for url in (ONE, TWO)]
    assert asked == ["https://finance.sina.com.cn/"] * 2


def test_an_article_of_an_endless_address_is_told_of_and_left_out(
    server, page, item, crawl
):
    endless = ONE.replace("china", "a" * 3000)
    server.serve_page(TWO, page("naaaaaa1000002", "第二篇"))
    server.serve_roll([item(endless, "太长的"), item(TWO, "第二篇")])

    run = crawl(*CHINA)

    assert run.returncode == 1, run.stderr
    assert crawl.reports()[0]["counts"]["new"] == 1
    assert NO_ADDRESS in run.stderr
