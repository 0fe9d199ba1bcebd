"""The newest posts, Parquet files and feeds, made of a store."""

import io
import json
import os
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest

from crawler.core.catalogue import Catalogue, parse_site
from crawler.core.errors import MissingPackage
from crawler.core.markup import Image
from crawler.core.records import FIELDS
from crawler.core.symbols import Symbol
from crawler.storage.exports import Selection, stream_records
from crawler.storage.parquet import write_parquet
from crawler.storage.syndication import NEWEST, write_feed
from tests.storage.conftest import NOON

CATALOGUE = Catalogue(
    (
        parse_site(
            "{name: 镜湖财经, categories: [金融], hosts: [sina.com.cn],"
            " placeholder: 'https://a.cn/b', feeds: [{id: stock, title: 股市,"
            " url: 'https://a.cn/', format: rss}]}",
            "sample.yaml",
        ),
    )
)


@pytest.fixture
def keep(store, make_post):
    """Keep posts that differ from the usual by these changes, numbered from 1."""

    def kept(*changes):
        posts = [make_post(number, **each) for number, each in enumerate(changes, 1)]
        store.keep_all([(post, None) for post in posts])

    return kept


@pytest.fixture
def feed(output):
    """Write a feed of a selection, and read it."""

    def written(form="atom", **selection):
        data, count = write_feed(
            output, Selection(**selection), form, CATALOGUE, "https://a.cn/feed"
        )
        read = json.loads(data) if form == "jsonfeed" else feedparser.parse(data)
        return read, count

    return written


@pytest.mark.parametrize("newest", [1, 200, 201, 999])
def test_the_newest_come_first_and_no_more_of_them(keep, output, newest):
    keep(*[{}] * 401)

    records = stream_records(output, Selection(newest=newest))

    numbers = [int(record["id"][7:]) for record in records]
    assert numbers == list(range(401, 0, -1))[:newest]


def test_the_newest_are_taken_of_what_is_selected(keep, output):
    keep({"feed": "stock"}, {"feed": "stock"}, {"feed": "china"})
    until = NOON + timedelta(minutes=3)

    def titles(**selection):
        records = stream_records(output, Selection(newest=1, **selection))
        return [record["id"][-1] for record in records]

    assert (titles(), titles(feed="stock"), titles(until=until)) == (
        ["3"],
        ["2"],
        ["2"],
    )


def test_a_feed_holds_the_newest_hundred_unless_told_otherwise(keep, feed):
    keep(*[{}] * (NEWEST + 5))

    (usual, count), (more, _) = feed(), feed(newest=NEWEST + 3)

    assert (count, len(usual.entries), len(more.entries)) == (100, 100, 103)
    assert usual.entries[0].title == f"镜湖简报第{NEWEST + 5}号"


def test_a_feed_of_changes_leaves_none_out(keep, feed):
    keep(*[{}] * (NEWEST + 5))

    assert feed(changed_since=NOON)[1] == NEWEST + 5


def test_a_feed_is_named_after_what_it_selects(keep, feed):
    keep({})

    whole, _ = feed()
    part, _ = feed("jsonfeed", feed="stock", symbol="sh600519")

    assert whole.feed.title == "镜湖财经"
    assert part["title"] == "股市 · sh600519"
    assert part["home_page_url"] == "https://sina.com.cn/"
    assert part["feed_url"] == "https://a.cn/feed"


@pytest.mark.parametrize("form", ["atom", "rss", "jsonfeed"])
def test_a_withdrawn_post_leaves_the_feed_and_is_told_among_the_changes(
    store, make_post, feed, form
):
    at = [NOON + timedelta(hours=hours) for hours in (1, 2, 5)]
    post = make_post(published=NOON, fetched=at[0])
    store.keep(post)
    for instant in at[1:]:
        store.visits.note_gone(post.id, instant, "http 404", "withdraw")

    assert feed(form)[1] == 0
    changes, count = feed(form, changed_since=at[2])
    assert count == 1
    assert "镜湖商会" not in json.dumps(changes, default=str, ensure_ascii=False)


# Parquet


@pytest.fixture
def table(output):
    """Write the whole store as Parquet, and read it."""
    parquet = pytest.importorskip("pyarrow.parquet")

    def read():
        file = io.BytesIO()
        count = write_parquet(stream_records(output, Selection()), file)
        found = parquet.read_table(file)
        assert found.num_rows == count
        return found

    return read


def test_parquet_holds_the_records_with_times_as_times(keep, table, output):
    keep(
        {},
        {
            "symbols": (Symbol("sh", "600519", "link"),),
            "images": (Image("https://a/1.jpg", "图"),),
            "keywords": ("纸", "风筝"),
            "updated": NOON,
        },
    )

    found = table()

    assert found.column_names == list(FIELDS)
    records = list(stream_records(output, Selection()))
    rows = found.to_pylist()
    for row in rows:
        assert row["published"].tzinfo is not None
        row |= {k: v.isoformat() for k, v in row.items() if isinstance(v, datetime)}
        for each in row["listed"]:
            each["since"] = each["since"].isoformat()
    assert rows == records


def test_a_surrogate_does_not_stop_a_parquet_file(keep, table):
    keep({"source": "镜\ud800湖"})

    assert table().column("source").to_pylist() == ["镜湖"]


def test_a_parquet_file_of_nothing_has_its_columns(store, table):
    assert table().column_names == list(FIELDS)


def test_parquet_is_written_group_by_group(keep, output, monkeypatch):
    parquet = pytest.importorskip("pyarrow.parquet")
    keep(*[{}] * 10)
    monkeypatch.setattr("crawler.storage.parquet._ROWS", 4)
    file = io.BytesIO()

    write_parquet(stream_records(output, Selection()), file)

    assert parquet.ParquetFile(file).metadata.num_row_groups == 3


def test_the_memory_of_parquet_does_not_grow_with_the_store(monkeypatch):
    pytest.importorskip("pyarrow")
    monkeypatch.setattr("crawler.storage.parquet._ROWS", 50)

    def peak(count):
        tracemalloc.start()
        with Path(os.devnull).open("wb") as file:
            write_parquet((record(number) for number in range(count)), file)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(1000) < 2 * peak(100), "it holds more than a row group: is it a list?"


def test_without_pyarrow_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(
        MissingPackage, match=r"pip install -r requirements-parquet\.txt"
    ):
        write_parquet([], io.BytesIO())


def record(number):
    at = datetime(2026, 11, 2, tzinfo=UTC).isoformat()
    empty = dict.fromkeys(FIELDS, "") | {"updated": None, "revision": number}
    empty |= dict.fromkeys(("published", "first_seen", "fetched"), at)
    empty |= dict.fromkeys(("removed", "removal_confirmed", "restored"))
    lists = "feeds categories keywords symbols images duplicates listed copies".split()
    return empty | {name: [] for name in lists} | {"html": "甲" * 1000, "text": "乙"}
