"""A document that was placed and not committed is taken back by the next run."""

import sqlite3

import pytest

TABLES = ("posts", "versions", "sightings", "visits", "fetches", "listings")


@pytest.fixture
def uncommitted(open_store, make_post, make_entry, output, crash):
    """Kill a run after it placed its second batch, before the commit; its document."""
    store = open_store("killed")
    store.keep(make_post(1), make_entry(1))
    record = store.keep(make_post(2), make_entry(2)).record
    crash(store)
    with sqlite3.connect(output / "index.sqlite") as index:
        for table in TABLES:
            index.execute(f"DELETE FROM {table} WHERE id = ?", (record["id"],))
        for table in ("documents", "sketches", "buckets"):
            index.execute(f"DELETE FROM {table} WHERE number = 2")
    index.close()
    return output / "posts" / record["path"]


def test_an_article_found_in_another_feed_afterwards_is_published_once(
    uncommitted, open_store, make_post, make_entry, files_below
):
    assert uncommitted.exists()

    store = open_store("next")
    elsewhere = make_post(2, categories=("金融", "新浪财经", "股市"), feed="stock")
    store.keep(elsewhere, make_entry(2, feed="stock"))

    names = [path.rpartition("/")[2] for path in files_below("posts")]
    assert names == ["abcdefg0000001.html", "abcdefg0000002.html"]


def test_what_was_committed_stays(
    uncommitted, open_store, crash, files_below, make_post
):
    store = open_store("next")
    store.keep(make_post(3))
    crash(store)

    open_store("after")

    names = [path.rpartition("/")[2] for path in files_below("posts")]
    assert names == ["abcdefg0000001.html", "abcdefg0000003.html"]


@pytest.mark.parametrize("note", ["", '{"run": "killed", "pa'], ids=["none", "torn"])
def test_a_torn_note_takes_nothing_back(uncommitted, open_store, output, note):
    (output / ".placing").write_text(note)

    open_store("next")

    assert uncommitted.exists()


def test_an_index_of_before_that_run_takes_nothing_back(
    uncommitted, open_store, output
):
    with sqlite3.connect(output / "index.sqlite") as index:
        index.execute("DELETE FROM runs")
    index.close()

    open_store("next")

    assert uncommitted.exists()
