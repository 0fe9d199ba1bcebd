"""An export of the past is the export that was made then."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crawler.core.dates import format_iso
from crawler.core.entries import Entry
from crawler.core.records import record_line
from crawler.storage.exports import Selection, stream_records
from crawler.storage.history import read_history
from crawler.storage.index import MIGRATIONS
from crawler.storage.posts import PostStore

START = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
TEXTS = ("纸价略有回落。", "竹价平稳。", "风筝厂开工。", "")
FEEDS = ("china", "stock", "us-stock")

STEPS = st.lists(
    st.tuples(
        st.integers(1, 3),  # which post
        st.sampled_from(TEXTS),
        st.sampled_from("甲乙"),
        st.sampled_from(FEEDS),
        st.integers(0, 3),  # published how many hours later
        st.integers(0, 2),  # seconds until the next step
        st.sampled_from(["keep", "keep", "list", "accept"]),
    ),
    min_size=1,
    max_size=12,
)


def step(store, make_post, state):
    number, text, title, feed, hours, _, action = state
    published = make_post(number).published + timedelta(hours=hours)
    post = make_post(
        number, text=text * 40 or "短。", title=title, published=published, feed=feed
    )
    if action == "keep":
        store.keep(post)
    elif action == "list":
        store.sift([Entry(id=post.id, url=post.url, title=title, feed=feed)])
    elif post.id in waiting(store):
        store.accept(post.id)


def waiting(store):
    query = "SELECT id FROM quarantine WHERE state = 'waiting'"
    return {identifier for (identifier,) in store._index.execute(query)}


def lines(folder, **selection):
    return list(map(record_line, stream_records(folder, Selection(**selection))))


@hypothesis_settings(max_examples=60)
@given(states=STEPS)
def test_an_export_as_of_a_time_is_the_one_made_at_that_time(make_post, states):
    with TemporaryDirectory() as name:
        folder, now, then = Path(name), START, {}
        store = PostStore(folder, "run")
        for state in states:
            if now not in then:  # Everything so far was before this second.
                then[now] = lines(folder)
            store.clock = lambda now=now: format_iso(now)
            step(store, make_post, state)
            now += timedelta(seconds=state[5])
        store.close()

        for instant, export in then.items():
            assert lines(folder, as_of=instant) == export
        assert lines(folder, as_of=now + timedelta(seconds=1)) == lines(folder)


@pytest.fixture
def at(store):
    """Set the store's clock to some hours after the start."""

    def turned(hours):
        store.clock = lambda: format_iso(START + timedelta(hours=hours))
        return store

    return turned


@pytest.fixture
def as_of(output):
    """Export as of some hours after the start: titles, or what is asked for."""

    def read(hours, name="title", **selection):
        instant = START + timedelta(hours=hours)
        records = stream_records(output, Selection(as_of=instant, **selection))
        return [record[name] for record in records]

    return read


def test_a_post_is_known_from_when_it_was_kept_not_published(at, make_post, as_of):
    at(2).keep(make_post(published=START - timedelta(days=9)))

    assert [as_of(hour) for hour in (1, 2, 3)] == [[], [], [make_post().title]]


def test_an_earlier_version_is_exported_as_of_its_time(at, make_post, as_of):
    for hour, title in ((1, "甲"), (3, "乙"), (5, "丙")):
        at(hour).keep(make_post(title=title))

    assert [as_of(hour) for hour in (2, 4, 6)] == [["甲"], ["乙"], ["丙"]]
    assert as_of(4, "revision") == [2]


def test_a_version_is_selected_and_placed_by_the_date_it_had(at, make_post, as_of):
    at(1).keep_all([(make_post(1, published=START), None), (make_post(2), None)])
    moved = START + timedelta(days=3)
    at(3).keep(make_post(1, title="改题", published=moved))

    assert as_of(2, "revision", until=START + timedelta(days=1)) == [1, 1]
    assert as_of(4, "id") == [make_post(2).id, make_post(1).id]
    assert as_of(4, "id", since=moved) == [make_post(1).id]


def test_feeds_and_copies_are_those_of_the_time(at, make_post, make_entry, as_of):
    copy = make_post(2, text=make_post(1).text)
    at(1).keep(make_post(1))
    at(2).sift([make_entry(1, "stock")])
    at(3).keep(copy)
    at(5).keep(make_post(2))  # Its text has changed: a post of its own.

    feeds = [as_of(hour, "feeds")[0] for hour in (2, 3)]
    copies = [as_of(hour, "duplicates")[0] for hour in (3, 4, 6)]

    assert feeds == [["china"], ["china", "stock"]]
    assert copies == [[], [copy.id], []]


def test_what_waits_in_quarantine_is_no_revision_until_it_is_accepted(
    at, make_post, as_of
):
    at(1).keep(make_post(title="甲"))
    at(2).keep(make_post(title="乙", text="短。"))
    at(4).accept(make_post().id)

    assert [as_of(hour) for hour in (3, 5)] == [["甲"], ["乙"]]


def test_a_version_was_seen_until_the_last_visit_that_found_it(at, make_post, output):
    for hour, title in ((1, "甲"), (2, "甲"), (4, "乙")):
        at(hour).keep(make_post(title=title))

    seen = [
        (one.known[11:13], one.last_seen[11:13])
        for one in read_history(output, make_post().id)
    ]

    assert seen == [("05", "06"), ("08", "08")]


def test_an_older_store_takes_the_fetches_for_the_times(output, make_post, rows):
    """Its index has the first schema; nothing else tells when it knew what."""
    newer = re.findall(r"CREATE TABLE (\w+)", "".join(MIGRATIONS[1:]))
    store = PostStore(output, "old")
    for title in ("甲", "乙"):
        store.keep(make_post(title=title))
    store.keep(make_post(2, text=make_post(1).text))
    before = lines(output)
    rows(store, "DROP TRIGGER first_visits")
    for name in newer:
        rows(store, f"DROP TABLE IF EXISTS {name}")
    rows(store, "PRAGMA user_version = 1")
    store.close()

    PostStore(output, "new").close()

    assert len(MIGRATIONS) > 1
    assert lines(output) == before
    assert lines(output, as_of=make_post().fetched) == []
    assert lines(output, as_of=make_post().fetched + timedelta(seconds=1)) == before
