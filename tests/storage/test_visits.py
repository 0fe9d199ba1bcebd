"""Later visits to stored posts: which are due, and what each of them leaves."""

import re
from datetime import timedelta

import pytest

from crawler.core.schedule import parse_ages
from crawler.storage.exports import Selection, stream_records
from crawler.storage.index import MIGRATIONS, open_index
from tests.storage.conftest import NOON

AGES = parse_ages(["1h", "1d", "7d", "30d"])


def at(hours):
    return NOON + timedelta(hours=hours)


@pytest.fixture
def kept(store, make_post):
    """Keep posts published at noon and fetched a few minutes later."""

    def keep(*numbers, hours=0.1, published=0, **changes):
        when = {"fetched": at(hours), "published": at(published)}
        posts = [make_post(number, **when, **changes) for number in numbers]
        return store.keep_all([(post, None) for post in posts])

    return keep


@pytest.fixture
def due(store):
    """Give the numbers of the posts that are due after some hours."""

    def numbers(hours, limit=99, since=None):
        pages = store.visits.due(at(hours), AGES, limit, since)
        return [int(page.id[7:]) for page in pages]

    return numbers


def test_a_post_is_due_after_each_age_until_it_is_visited(store, kept, due):
    kept(1)
    [page] = store.visits.due(at(2), AGES, 9)

    assert (due(0.5), due(1.1)) == ([], [1])
    store.visits.note_there(page.id, at(1.1))
    assert (due(23), due(24)) == ([], [1])
    store.visits.note_there(page.id, at(721))
    assert due(9999) == []


def test_the_longest_overdue_come_first_up_to_the_limit(kept, due):
    kept(1, 2, published=3, hours=3.1)
    kept(3, published=2, hours=2.1)

    assert (due(20), due(20, limit=2)) == ([3, 1, 2], [3, 1])
    assert due(20, since=at(2.5)) == [1, 2]


def test_a_post_of_an_archive_is_never_due(kept, due):
    kept(1, hours=9000)

    assert due(99_999) == []


def test_the_newest_posts_can_be_listed_due_or_not(store, kept):
    kept(1)
    kept(2, published=1)

    pages = (
        store.visits.latest(9),
        store.visits.latest(1),
        store.visits.latest(9, at(1)),
    )

    assert [[int(page.id[7:]) for page in each] for each in pages] == [[2, 1], [2], [2]]


def test_a_failed_visit_is_tried_again_later(store, kept, due):
    kept(1)
    [page] = store.visits.due(at(1), AGES, 9)

    store.visits.note_failure(page.id, at(1))
    store.visits.note_failure(page.id, at(2))
    assert (due(3.9), due(4)) == ([], [1])

    store.visits.note_there(page.id, at(4))
    assert due(24) == [1]


def test_validators_are_kept_for_the_version_they_came_with(store, kept):
    kept(1)
    [page] = store.visits.due(at(1), AGES, 9)
    store.visits.note_there(page.id, at(1), '"a"', "Mon")

    [page] = store.visits.due(at(24), AGES, 9)
    assert (page.etag, page.modified) == ('"a"', "Mon")

    kept(1, title="改过", hours=5)  # Another run has read the page meanwhile.
    [page] = store.visits.due(at(24), AGES, 9)
    assert (page.etag, page.modified) == ("", "")


def test_a_page_that_says_nothing_of_the_article_has_been_visited(store, kept, due):
    kept(1)

    store.visits.note_read("abcdefg0000001", at(1))

    assert (due(2), due(24)) == ([], [1])


def test_a_gone_page_is_removed_by_a_second_visit_an_hour_later(store, kept, due):
    kept(1, 2)
    gone = ("abcdefg0000001",)

    outcomes = [
        store.visits.note_gone(*gone, at(hour), "http 404", "keep")
        for hour in (2, 2.5, 3, 24)
    ]

    assert outcomes == ["gone", "gone", "removed", "unchanged"]
    assert due(24) == [2]


def test_what_is_only_noticed_is_due_for_its_confirmation(store, kept, due):
    kept(1, hours=8000)
    store.visits.note_gone("abcdefg0000001", at(8000), "http 404", "keep")

    assert (due(8000.9), due(8001)) == ([], [1])


def test_what_was_noticed_and_is_there_leaves_no_trace(store, kept, exported, rows):
    kept(1)
    store.visits.note_gone("abcdefg0000001", at(2), "http 404", "mark")

    assert not store.visits.note_there("abcdefg0000001", at(3))

    assert rows(store, "SELECT * FROM removals") == []
    assert [line["status"] for line in exported()] == ["new"]


def test_witnesses_are_the_newest_pages_of_the_host(store, make_post, kept):
    kept(1, 2, 3, 4, 5)
    store.keep(make_post(6, url="https://news.sina.com.cn/doc-iabcdefg0000006.shtml"))
    store.visits.note_gone("abcdefg0000004", at(2), "http 404", "keep")

    but = ["abcdefg0000003"]
    pages = store.visits.witnesses("finance.sina.com.cn", but)

    assert {page.id[-1] for page in pages} == {"1", "2", "5"}
    assert store.visits.witnesses("news.sina.com.cn", ["abcdefg0000006"]) == []


def test_a_stored_post_says_what_an_entry_would(store, kept, make_post):
    kept(1)
    entry, template = store.visits.read_entry("abcdefg0000001")

    post = make_post(1)
    assert (entry.id, entry.url, entry.title) == (post.id, post.url, post.title)
    assert (entry.published, entry.updated) == (NOON, None)
    assert template == post.template


def test_a_store_of_before_has_a_first_visit_for_every_post(output):
    output.mkdir()
    path = output / "index.sqlite"
    index = open_index(path, writable=True)
    number = next(n for n, script in enumerate(MIGRATIONS) if "visits" in script)
    tables = re.findall(r"CREATE TABLE (\w+)", "".join(MIGRATIONS[number:]))
    index.executescript("".join(f"DROP TABLE IF EXISTS {name};" for name in tables))
    index.execute("DROP TRIGGER IF EXISTS first_visits")
    index.execute(f"PRAGMA user_version = {number}")
    index.execute(
        "INSERT INTO posts VALUES ('a', 'u', 'p', '', '2026-11-02T04:00:00+00:00',"
        " '', '', '', 1, '2026-11-02T04:01:30+00:00')"
    )
    index.close()

    index = open_index(path, writable=True)

    visits = index.execute("SELECT id, visited, age FROM visits").fetchall()
    assert visits == [("a", "2026-11-02T04:01:30+00:00", 90)]
    index.close()


def test_the_times_of_a_removal_are_in_the_export(store, kept, exported, output):
    kept(1)
    identifier = "abcdefg0000001"
    for hour in (2, 4):
        store.visits.note_gone(identifier, at(hour), "http 404", "keep")
    store.visits.note_there(identifier, at(24))

    new, removed, restored = exported()
    names = ("status", "removed", "removal_confirmed", "restored")
    assert [new[name] for name in names] == ["new", None, None, None]
    gone = ["2026-11-02T06:00:00+00:00", "2026-11-02T08:00:00+00:00"]
    assert [removed[name] for name in names] == ["removed", *gone, None]
    back = "2026-11-03T04:00:00+00:00"
    assert [restored[name] for name in names] == ["restored", *gone, back]
    assert list(stream_records(output, Selection())) == [restored]
    told = {name: removed[name] for name in names}
    assert removed == new | told
