"""The change feed: what a follower has to act upon since a time, and nothing else."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crawler.core.dates import format_iso
from crawler.core.entries import Entry
from crawler.storage.exports import Selection, stream_outlets, stream_records
from crawler.storage.posts import PostStore
from tests.storage.conftest import NOON

STEPS = st.lists(
    st.tuples(
        st.integers(1, 3),  # which post
        st.sampled_from(["keep", "edit", "list", "gone", "gone"]),
        st.integers(0, 2),  # hours until the next step
    ),
    min_size=1,
    max_size=10,
)
CONTENT = ("id", "revision", "title", "status", "removed", "restored", "content_hash")


def take_step(store, make_post, number, action, now):
    post = make_post(number, published=NOON, fetched=now)
    if action == "keep":
        store.keep(post)
    elif action == "edit":
        store.keep(make_post(number, published=NOON, fetched=now, title=f"{now:%H%M}"))
    elif action == "list":
        store.sift([Entry(id=post.id, url=post.url, title=post.title, feed="stock")])
    elif any(store._index.execute("SELECT 1 FROM posts WHERE id = ?", (post.id,))):
        store.visits.note_gone(post.id, now, "http 404", "keep")


def contents(folder, **selection):
    """What a follower acts upon, by post."""
    records = stream_records(folder, Selection(**selection))
    return {record["id"]: [record[name] for name in CONTENT] for record in records}


@hypothesis_settings(max_examples=25)
@given(states=STEPS)
def test_a_follower_of_the_changes_has_what_a_whole_export_has(make_post, states):
    with TemporaryDirectory() as name:
        folder, now, followed, since = Path(name), NOON, {}, NOON
        store = PostStore(folder, "run")
        for number, action, hours in states:
            store.clock = lambda now=now: format_iso(now)
            take_step(store, make_post, number, action, now)
            now += timedelta(hours=hours, seconds=1)

            changed = contents(folder, changed_since=since, as_of=now)
            # What is told has changed, and nothing that has is missing.
            told = {key: followed.get(key) for key in changed}
            assert all(told[key] != changed[key] for key in changed)
            followed |= changed
            assert followed == contents(folder)
            since = now
        store.close()


@pytest.fixture
def at(store):
    """Set the store's clock to some hours after noon."""

    def turned(hours):
        store.clock = lambda: format_iso(NOON + timedelta(hours=hours))
        return store

    return turned


@pytest.fixture
def changed(output):
    """Export what has changed since some hours after noon; the posts' numbers."""

    def read(hours, **selection):
        since = NOON + timedelta(hours=hours)
        records = stream_records(output, Selection(changed_since=since, **selection))
        return [int(record["id"][7:]) for record in records]

    return read


@pytest.fixture
def history(at, make_post):
    """Three posts, the first edited last; none published when it was kept."""
    for hour, number, title in ((1, 1, "甲"), (2, 2, "乙"), (3, 3, "丙"), (4, 1, "丁")):
        at(hour).keep(make_post(number, title=title))


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    ("hours", "expected"),
    [(0, [2, 3, 1]), (2, [2, 3, 1]), (2.1, [3, 1]), (4, [1]), (4.1, [])],
)
def test_changes_come_in_the_order_they_happened_each_post_once(
    changed, hours, expected
):
    assert changed(hours) == expected


@pytest.mark.usefixtures("history")
def test_changes_go_with_every_other_selection(changed):
    then = NOON + timedelta(hours=3.5)

    assert changed(0, newest=2) == [1, 3]
    assert changed(0, as_of=then) == [1, 2, 3]
    assert changed(0, since=NOON + timedelta(minutes=2)) == [2, 3]
    assert changed(0, feed="china", symbol="sh600519") == []


def test_a_page_that_is_gone_is_a_change_when_that_is_sure(at, make_post, changed):
    store = at(1)
    post = make_post(1, published=NOON, fetched=NOON + timedelta(hours=1))
    store.keep(post)
    store.visits.note_gone(post.id, NOON + timedelta(hours=2), "http 404", "keep")

    assert changed(1.5) == []

    store.visits.note_gone(post.id, NOON + timedelta(hours=5), "http 404", "keep")

    assert changed(4.5) == [1]
    assert changed(5.5) == []


def test_a_listing_or_a_copy_is_no_change(at, make_post, make_entry, changed):
    at(1).keep(make_post(1))
    at(2).sift([make_entry(1, "stock")])
    at(3).keep(make_post(9, text=make_post(1).text, title=make_post(1).title))

    assert changed(1.5) == []


def test_an_outlet_knows_when_its_post_last_changed(at, make_post, output):
    at(1).keep(make_post())
    at(2).keep(make_post(title="甲"))

    (now,) = stream_outlets(output, Selection())
    (then,) = stream_outlets(output, Selection(as_of=NOON + timedelta(hours=2)))

    assert now.edited == format_iso(NOON + timedelta(hours=2))
    assert then.edited == format_iso(NOON + timedelta(hours=1))
