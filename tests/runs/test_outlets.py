"""``scrapy export`` as feed and as Parquet: what is printed, what is refused."""

import io
import json
import subprocess

import feedparser
import pytest

from crawler.demo import DemoSite


@pytest.fixture(scope="module")
def stored(tmp_path_factory, crawl_into):
    """A store with a feed of the sample site, not to be changed."""
    crawl = crawl_into(tmp_path_factory.mktemp("outlets"))
    with DemoSite() as site:
        crawl.mirror = site.url
        crawl("finance", "-a", "feeds=stock")
    return crawl


def printed(stored, *args):
    """What an export prints, as bytes."""
    command = stored.command("export", *args)
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_an_export_is_a_feed_that_readers_take(stored, form):
    address = "https://feeds.example/stock"
    feed = feedparser.parse(
        printed(stored, "--format", form, "--feed", "stock", "--self", address)
    )

    assert not feed.bozo
    assert feed.feed.title == "新浪财经－股市"
    assert address in {link.href for link in feed.feed.links if link.rel == "self"}
    assert len(feed.entries) == len(stored.documents)
    assert all(entry.content[0].value for entry in feed.entries)


def test_a_feed_holds_as_many_as_asked_for(stored):
    feed = json.loads(printed(stored, "--format", "jsonfeed", "--newest", "3"))

    times = [item["date_published"] for item in feed["items"]]
    assert len(times) == 3
    assert times == sorted(times, reverse=True)


def test_an_export_is_a_parquet_file(stored):
    parquet = pytest.importorskip("pyarrow.parquet")

    table = parquet.read_table(io.BytesIO(printed(stored, "--format", "parquet")))

    assert table.num_rows == len(stored.documents)


def test_everything_has_changed_since_before_the_store_was_there(stored):
    run = stored.run("export", "--changed-since", "2000-01-01")

    assert len(run.stdout.splitlines()) == len(stored.documents)


def test_where_nothing_has_changed_that_is_said_and_no_failure(stored):
    span = ["--changed-since", "2000-01-01", "--as-of", "2001-01-01"]
    run = stored.run("export", *span)

    assert (run.stdout, run.returncode) == ("", 0)
    assert run.stderr == "scrapy export: no post matches\n"


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (["--newest", "0"], "--newest=0: must be a whole number from 1"),
        (["--newest", "x"], "--newest=x: must be a whole number from 1"),
        (["--changed-since", "now"], "--changed-since=now: is no day or time"),
        (["--changed-since", "2999-01-01"], "=2999-01-01: is still to come"),
        (["--self", "https://a.cn/"], "is the http(s) address of a feed"),
        (["--format", "rss", "--self", "feed.xml"], "--self=feed.xml: is the http(s)"),
        (
            ["--posts", "x", "--changed-since", "2026-11-01"],
            "--changed-since=2026-11-01: does not go with --posts",
        ),
        (["--posts", "x", "--self", "https://a.cn/"], "is the http(s) address"),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value),
)
def test_what_makes_no_sense_is_refused_in_one_line(stored, args, problem):
    run = stored.run("export", *args)

    assert run.returncode == 2
    assert problem in run.stderr
    assert len(run.stderr.splitlines()) == 1
