"""Which listed articles are wanted, and what is remembered of the others."""

from datetime import UTC, datetime

import pytest

from crawler.storage.listings import MAX_TRIES

MORNING = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)


@pytest.fixture
def poll(store, make_post):
    """Sift one entry and keep its post when it is wanted; says whether it was."""

    def polled(entry):
        wanted = store.sift([entry])
        for each in wanted:
            store.keep(make_post(int(each.id[7:]), title=each.title), each)
        return bool(wanted)

    return polled


@pytest.fixture
def polls(poll, make_entry):
    """Poll one entry in several states; says which of them were wanted."""

    def polled(*states):
        return [poll(make_entry(**state)) for state in states]

    return polled


A, B = {"title": "甲"}, {"title": "乙"}
THERE = {"feed": "stock"}


@pytest.mark.parametrize(
    ("states", "wanted"),
    [
        pytest.param([A], [True], id="unknown"),
        pytest.param([A, A], [True, False], id="known"),
        pytest.param([A, B], [True, True], id="changed title"),
        pytest.param([A, B, B], [True, True, False], id="changed title, known"),
        pytest.param([A, B, A], [True, True, True], id="taken back"),
        pytest.param(
            [{"updated": MORNING}, {"updated": EVENING}], [True, True], id="new mtime"
        ),
        pytest.param([{}, {"updated": MORNING}], [True, True], id="first mtime"),
        pytest.param([{}, {"source": "别报"}], [True, False], id="another source"),
        pytest.param([A, {**A, **THERE}], [True, False], id="known, another feed"),
        pytest.param(
            [A, {**A, **THERE}, B, {**B, **THERE}],
            [True, False, True, False],
            id="an edit another feed showed first",
        ),
        pytest.param(
            [A, {**A, **THERE}, B, {**A, **THERE}, B],
            [True, False, True, False, False],
            id="another feed lags behind",
        ),
        pytest.param([A, B, A, B, A], [True, True, True, True, True], id="to and fro"),
    ],
)
def test_an_entry_is_wanted_when_it_may_be_another_version(polls, states, wanted):
    assert polls(*states) == wanted


def test_force_wants_every_entry(store, poll, make_entry):
    entries = [make_entry(number) for number in (1, 2, 3)]
    poll(entries[1])

    assert store.sift(entries, force=True) == entries


def test_wanted_entries_keep_the_pages_order(store, poll, make_entry):
    entries = [make_entry(number) for number in (9, 2, 7, 4)]
    poll(entries[2])

    assert store.sift(entries) == [entries[0], entries[1], entries[3]]


def test_an_entry_is_wanted_until_it_is_kept(store, make_entry):
    assert store.sift([make_entry()])
    assert store.sift([make_entry()])


def test_what_was_kept_without_its_entry_is_wanted(store, make_post, make_entry):
    store.keep(make_post())

    assert store.sift([make_entry()])


def test_what_is_known_is_known_to_the_next_run(poll, store, make_entry, open_store):
    poll(make_entry())
    store.close()

    assert open_store("second").sift([make_entry()]) == []


@pytest.mark.parametrize("count", [1, 50, 200])
def test_a_page_without_news_is_one_query_and_writes_nothing(
    store, make_post, make_entry, count
):
    entries = [make_entry(number) for number in range(count)]
    store.sift(entries)
    store.keep_all([(make_post(number), entry) for number, entry in enumerate(entries)])
    asked = []
    store._index.set_trace_callback(asked.append)

    assert store.sift(entries) == []

    assert [statement.split()[0] for statement in asked] == ["SELECT"]


def test_two_versions_of_an_article_on_one_page_are_told_apart(poll, store, make_entry):
    poll(make_entry(**A))

    assert store.sift([make_entry(**A), make_entry(**B)]) == [make_entry(**B)]


@pytest.mark.parametrize("year", [2020, 2999])
def test_when_an_entry_was_last_listed_is_renewed(poll, store, make_entry, rows, year):
    last = f"{year}-01-01T00:00:00+00:00"
    poll(make_entry())
    rows(store, "UPDATE listings SET last_listed = ?", last)

    store.sift([make_entry()])

    assert rows(store, "SELECT last_listed FROM listings") != [last]


# Feeds


def test_a_listing_in_a_second_feed_is_recorded(polls, store, make_post, rows):
    polls(A, {**A, **THERE})

    feeds = rows(store, "SELECT feed FROM listings ORDER BY feed")
    record = store.keep(make_post(title="丙")).record

    assert feeds == record["feeds"] == ["china", "stock"]


def test_an_article_belongs_to_the_feed_that_listed_it_first(store, make_entry, rows):
    store.sift([make_entry(feed="stock")])
    rows(store, "UPDATE listings SET first_listed = '2020-01-01T00:00:00+00:00'")

    store.sift([make_entry(feed="china")])

    assert store.feed_of(make_entry().id) == "stock"
    assert store.feed_of("unknown") == ""


# Rejections


@pytest.fixture
def rejections(store, make_entry):
    """Poll entries whose page is never an article; says which were wanted."""

    def polled(*states):
        wanted = []
        for state in states:
            entry = make_entry(**state)
            wanted.append(bool(store.sift([entry])))
            if wanted[-1]:
                store.reject(entry.id, entry.url, "no body", entry)
        return wanted

    return polled


def test_a_rejected_page_is_wanted_a_few_times_only(rejections):
    wanted = rejections(*[A] * (MAX_TRIES + 2))

    assert wanted == [True] * MAX_TRIES + [False, False]


def test_a_rejected_page_is_wanted_again_when_it_is_edited(rejections):
    rejections(*[A] * (MAX_TRIES + 1))

    assert rejections(*[B] * (MAX_TRIES + 1)) == [True] * MAX_TRIES + [False]


def test_a_page_rejected_in_one_feed_is_not_wanted_in_another(rejections):
    rejections(*[A] * MAX_TRIES)

    assert rejections({**A, **THERE}) == [False]


def test_a_page_that_became_an_article_is_no_longer_rejected(
    rejections, store, make_post, make_entry, rows
):
    rejections(*[A] * MAX_TRIES)

    store.keep(make_post(title="乙"), make_entry(title="乙"))

    assert rows(store, "SELECT * FROM rejections") == []
    assert store.sift([make_entry(title="乙")]) == []


def test_a_page_given_by_hand_is_counted_without_an_entry(store, make_post, rows):
    for reason in ("no body", "no title"):
        store.reject(make_post().id, make_post().url, reason, None)

    assert rows(store, "SELECT reason, tries FROM rejections") == [("no title", 2)]


def test_force_wants_what_was_rejected(rejections, store, make_entry):
    rejections(*[A] * MAX_TRIES)

    assert store.sift([make_entry(**A)], force=True)
