"""The browsing database: always what the store holds, and every word is found."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.catalogue import Catalogue
from crawler.core.errors import StoreError
from crawler.core.polling import Schedule
from crawler.storage.browsing import NAME, update_browsing
from crawler.storage.catalogue import read_catalogue
from crawler.storage.search import search_clauses
from tests.core.feeds import make_feed
from tests.storage.conftest import NOON, PROJECT

CATALOGUE = Catalogue(())
SHIPPED = read_catalogue(PROJECT / "feeds")
LETTERS = "茅台酒价ST股a%_\"'\\*"


@pytest.fixture
def update(output):
    """Bring the database up to date; how many posts were written."""
    return lambda: update_browsing(output, CATALOGUE)


@pytest.fixture
def ask(output):
    """Ask the database; rows of one column come as their values."""

    def asked(query, values=()):
        with closing(sqlite3.connect(output / NAME)) as base:
            found = base.execute(query, values).fetchall()
        return [row[0] if len(row) == 1 else row for row in found]

    return asked


@pytest.fixture
def find(ask):
    """Search; the posts' numbers."""

    def found(query):
        clauses, values = search_clauses(query)
        where = " AND ".join(clauses) or "1"
        ids = ask(f"SELECT id FROM posts WHERE {where} ORDER BY id", values)
        return [int(identifier[7:]) for identifier in ids]

    return found


@pytest.fixture
def store_texts(store, make_post, update):
    """Keep posts of these texts, numbered from 1, and update."""

    def stored(*texts):
        for number, text in enumerate(texts, 1):
            store.keep(make_post(number, text=text, title=f"第{number}号"))
        update()

    return stored


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("茅台", [1, 2]),
        ("贵州茅台", [1]),
        ("茅台 跌停", [2]),
        ("茅台　涨停", [1]),
        ('"跌停 茅台"', [2]),
        ("台", [1, 2, 3]),
        ("st", [3]),
        ("*ST台", [3]),
        ("1%", [1]),
        ("%", [1]),
        ("_", []),
        ("第3号", [3]),
        ("茅台酒", []),
        ("", [1, 2, 3]),
        ('""', [1, 2, 3]),
        ('"', []),
        ("OR", []),
        ("a OR b", []),
    ],
)
def test_words_of_any_length_are_found(store_texts, find, query, expected):
    store_texts("贵州茅台涨停1%", "今天跌停 茅台", "*ST台股价")

    assert find(query) == expected


@pytest.fixture(scope="module")
def indexed():
    """A database with the search tables alone."""
    from crawler.storage.browsing import _SCHEMA
    from crawler.storage.search import END

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as base:
        base.executescript(_SCHEMA)

        def found(text, query):
            base.execute("BEGIN")
            base.execute(
                "INSERT INTO posts (id, title, text) VALUES ('a', '', ?)", (text,)
            )
            values = (END, text + END)
            base.execute(
                "INSERT INTO posts_fts (rowid, title, text) VALUES (1, ?, ?)", values
            )
            clauses, named = search_clauses(query)
            where = " AND ".join(clauses) or "1"
            rows = base.execute(f"SELECT 1 FROM posts WHERE {where}", named).fetchall()
            base.execute("ROLLBACK")
            return bool(rows)

        yield found


@given(
    text=st.text(LETTERS, max_size=12),
    word=st.text(LETTERS.replace('"', ""), min_size=1, max_size=4),
)
def test_a_word_is_found_where_it_stands_and_nowhere_else(indexed, text, word):
    assert indexed(text, word) == (word.lower() in text.lower())


def test_an_edit_takes_the_place_of_the_old_text(store, make_post, update, find, ask):
    store.keep(make_post(text="旧的说法是白酒。" * 20))
    update()
    store.keep(make_post(text="新的说法是茅台。" * 20))

    assert update() == 1
    assert (find("白酒"), find("旧的说法"), find("茅台")) == ([], [], [1])
    assert ask("SELECT revision, what FROM revisions") == [(1, "new"), (2, "text")]


def test_only_what_has_changed_is_written_again(store, make_post, make_entry, update):
    store.keep_all([(make_post(number), None) for number in (1, 2, 3)])

    assert update() == 3
    assert update() == 0
    store.sift([make_entry(2, "stock")])
    assert update() == 1


def test_a_removal_and_a_return_are_shown(store, make_post, update, ask):
    post = make_post(1, published=NOON, fetched=NOON)
    store.keep(post)
    for hours in (2, 5):
        at = NOON + timedelta(hours=hours)
        store.visits.note_gone(post.id, at, "http 404", "withdraw")
    update()

    query = "SELECT status, removed IS NULL, document FROM posts"
    [(status, shown, document)] = ask(query)
    assert (status, shown, document.partition("/")[0]) == ("removed", 0, "withdrawn")

    store.keep(make_post(1, published=NOON, fetched=NOON + timedelta(hours=9)))
    update()

    assert ask("SELECT status, removed IS NULL FROM posts") == [("restored", 1)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"no database at all" * 99),
        lambda path: sqlite3.connect(path).executescript("PRAGMA user_version = 99"),
        lambda path: sqlite3.connect(path).executescript(
            "INSERT INTO posts (id) VALUES ('gone')"
        ),
    ],
    ids=["garbage", "another form", "a post the store no longer has"],
)
def test_a_database_that_is_of_no_use_is_made_anew(
    store_texts, update, find, output, spoil
):
    store_texts("风筝厂开工。")
    spoil(output / NAME)

    update()

    assert find("风筝") == [1]


def test_a_run_is_told_with_its_counts(open_store, make_post, update, ask):
    with closing(open_store("a")) as store:
        store.keep(make_post())
    update()

    assert ask("SELECT run, new, finished IS NULL FROM runs") == [("a", None, 0)]


@pytest.fixture
def feeds_with(output, store, make_post, ask):
    """Give the feeds of a catalogue of one, with such a schedule."""

    def written(schedule=None, **changes):
        store.keep(make_post(feed="gone"))
        store.schedules.save({"china": schedule} if schedule else {})
        feed = make_feed(**changes)
        site = SHIPPED.sites[0].model_copy(update={"feeds": (feed,)})
        update_browsing(output, Catalogue((site,)))
        rows = ask("SELECT id, state, problem, url FROM feeds")
        return {name: rest for name, *rest in rows}

    return written


def test_a_feed_is_as_scrapy_feeds_has_it(feeds_with):
    now = datetime.now(UTC)
    old = now.replace(microsecond=0) - timedelta(days=9)
    schedule = Schedule(polled=now, next_poll=now, newest=old)

    [state, problem, url] = feeds_with(schedule)["china"]

    assert state == "stale"
    assert problem.startswith("since 2")
    assert problem.endswith(f" UTC: nothing new after {old:%Y-%m-%d %H:%M} UTC")
    assert url == "https://a.example/?page=1"


@pytest.mark.parametrize(
    ("changes", "state", "problem"),
    [
        ({}, "never polled", ""),
        ({"enabled": False, "reason": "frozen"}, "disabled", "frozen"),
    ],
)
def test_a_feed_nobody_polls_says_so(feeds_with, changes, state, problem):
    assert feeds_with(**changes)["china"][:2] == [state, problem]


def test_a_feed_that_left_the_catalogue_is_told(feeds_with):
    assert feeds_with()["gone"] == ["not in the catalogue", "", ""]


def test_a_folder_without_a_store_is_refused(output, update):
    output.mkdir()

    with pytest.raises(StoreError, match="holds no posts yet"):
        update()
    assert not (output / NAME).exists()
