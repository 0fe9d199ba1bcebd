"""Poorer versions wait; somebody decides, once."""

from datetime import timedelta

import pytest

from crawler.core.dedup import Poorer, Revision, Unchanged
from crawler.core.errors import OptionError
from crawler.core.markup import Image
from crawler.core.symbols import Symbol
from crawler.storage.exports import Selection, stream_records
from crawler.storage.history import list_held, read_held, read_history
from crawler.storage.index import MIGRATIONS

TEXT = "纸价略有回落，厂方说明情况。" * 40
ID = "abcdefg0000001"
COLUMNS = "id, content, reason, state, first_seen, last_seen, post"


@pytest.fixture
def post(make_post):
    def made(text=TEXT, **changes):
        return make_post(text=text, **changes)

    return made


@pytest.fixture
def cut(post):
    """The post's text cut to a tenth, with all a post can carry."""
    return post(
        TEXT[: len(TEXT) // 10],
        title="题\ud800目",
        updated=post().fetched,
        symbols=(Symbol("sh", "600519", "link"),),
        images=(Image("https://n.sinaimg.cn/a.png", "图"),),
        keywords=("纸",),
    )


@pytest.fixture
def held(store, output):
    """What waits, as ids with their states."""
    return lambda: [(one.id, one.state) for one in list_held(output)]


def test_a_poorer_version_never_replaces_a_good_one(store, post, cut, output, held):
    path = output / "posts" / store.keep(post()).record["path"]
    before = path.read_bytes()

    kept = store.keep(cut)

    assert isinstance(kept.decision, Poorer)
    assert kept.record is None
    assert path.read_bytes() == before
    assert held() == [(ID, "waiting")]


def test_what_is_held_comes_back_as_it_was(store, post, cut, output):
    store.keep(post())
    store.keep(cut)

    [(found, version)] = read_held(output, ID)

    assert version == cut
    assert "where" in found.reason


def test_an_accepted_version_is_the_next_revision(
    store, post, cut, output, old_documents
):
    path = output / "posts" / store.keep(post()).record["path"]
    before = path.read_bytes()
    store.keep(cut)

    record = store.accept(ID)

    assert (record["revision"], record["text"]) == (2, cut.text)
    assert list(old_documents().values()) == [before]
    assert cut.text.encode() in path.read_bytes()
    assert isinstance(store.keep(cut).decision, Unchanged)


def test_an_accepted_version_is_exported_and_waits_no_longer(
    store, post, cut, exported, held
):
    store.keep(post())
    store.keep(cut)

    record = store.accept(ID)

    assert exported()[1:] == [record]
    assert held() == []


def test_a_dropped_version_is_never_asked_about_again(store, post, cut, held):
    store.keep(post())
    store.keep(cut)

    store.drop(ID)

    assert store.keep(cut).decision.why.startswith("dropped from quarantine: ")
    assert held() == [(ID, "dropped")]


def test_another_poorer_version_waits_after_one_was_dropped(store, post, cut, held):
    store.keep(post())
    store.keep(cut)
    store.drop(ID)

    kept = store.keep(post(TEXT[:5]))

    assert isinstance(kept.decision, Poorer)
    assert held() == [(ID, "dropped"), (ID, "waiting")]


def test_what_was_dropped_stays_dropped_whatever_came_in_between(
    store, post, cut, held
):
    store.keep(post())
    for version in (cut, post(TEXT[:5])):
        store.keep(version)
        store.drop(ID)
    store.keep(post())

    for version in (cut, post(TEXT[:5])):
        assert isinstance(store.keep(version).decision, Unchanged)
    assert held() == [(ID, "dropped"), (ID, "dropped")]


@pytest.fixture
def two(store, post, cut):
    """Let two versions wait, of which the site has shown the first again."""
    store.keep(post())
    for version in (post(TEXT[:5]), cut, post(TEXT[:5])):
        store.keep(version)
    return [cut, post(TEXT[:5])]


def test_a_newer_poorer_version_waits_beside_an_older_one(two, output):
    assert [version for _, version in read_held(output, ID)] == two


def test_the_newest_of_several_versions_is_accepted_and_the_others_pass(
    store, two, held
):
    record = store.accept(ID)

    assert record["text"] == two[-1].text
    assert held() == [(ID, "passed")]
    with pytest.raises(OptionError, match="nothing waiting"):
        store.accept(ID)


@pytest.mark.usefixtures("two")
def test_all_that_waits_for_a_post_is_dropped_at_once(store, held, output):
    store.drop(ID)

    assert held() == [(ID, "dropped")] * 2
    assert len(read_held(output, ID)) == 1


def test_what_waited_before_several_could_waits_on(store, post, cut, output, rows):
    store.keep(post())
    store.keep(cut)
    number = next(n for n, each in enumerate(MIGRATIONS) if "held" in each)
    [old] = [each for each in MIGRATIONS if "CREATE TABLE quarantine" in each]
    for statement in (
        "ALTER TABLE quarantine RENAME TO new",
        *old.split(";"),
        f"INSERT INTO quarantine SELECT {COLUMNS} FROM new",
        "DROP TABLE new",
        *MIGRATIONS[number].split(";"),
    ):
        rows(store, statement)

    [(_, version)] = read_held(output, ID)
    assert version == cut
    assert store.accept(ID)["revision"] == 2


def test_a_version_seen_again_is_held_once_since_the_first_time(
    store, post, cut, output
):
    store.keep(post())
    for second in (5, 6):
        store.clock = lambda second=second: f"2026-11-02T04:00:0{second}+00:00"
        assert isinstance(store.keep(cut).decision, Poorer)

    (one,) = list_held(output)
    assert (one.first_seen[17:19], one.last_seen[17:19]) == ("05", "06")


@pytest.mark.parametrize("good", [{}, {"title": "改题"}], ids=["as before", "revised"])
def test_what_waits_passes_when_the_page_is_good_again(store, post, cut, held, good):
    store.keep(post())
    store.keep(cut)

    store.keep(post(**good))

    assert held() == [(ID, "passed")]
    with pytest.raises(OptionError, match="nothing waiting"):
        store.accept(ID)
    assert isinstance(store.keep(cut).decision, Poorer)
    assert held() == [(ID, "waiting")]


def test_a_held_version_is_not_fetched_again(store, post, cut, make_entry):
    store.keep(post(), make_entry())
    edited = make_entry(title="题目")

    assert store.sift([edited]) == [edited]
    store.keep(cut, edited)

    assert store.sift([edited]) == []


@pytest.mark.parametrize("decide", ["accept", "drop"])
@pytest.mark.parametrize("name", [ID, "abcdefg0000009"])
def test_there_must_be_something_to_decide(store, post, decide, name):
    store.keep(post())

    with pytest.raises(OptionError, match="nothing waiting"):
        getattr(store, decide)(name)


# What only looks like a revision


def test_a_counter_breeds_no_revisions(store, post, files_below):
    store.keep(post(f"{TEXT}\n阅读 1"))

    kept = [store.keep(post(f"{TEXT}\n阅读 {count}")) for count in (9, 40, 71)]

    assert {type(each.decision) for each in kept} == {Unchanged}
    assert files_below("revisions") == []


def test_a_figure_that_never_rests_breeds_one_revision_a_day(store, post):
    first = post().fetched
    for hour in range(24 * 3):
        fetched = first + timedelta(hours=hour)
        store.keep(post(f"{TEXT}热线{hour * 7}号。", fetched=fetched))

    # Three at once before it is noticed, then one every 24 hours.
    (record,) = stream_records(store.folder, Selection())
    assert record["revision"] == 1 + 3 + 2


def test_another_medium_is_a_revision(store, post, output):
    store.keep(post(source="镜湖晚报"))

    kept = store.keep(post(source="中国风筝网"))

    assert kept.decision == Revision(2, "source")
    assert isinstance(store.keep(post(source="中国风筝网")).decision, Unchanged)
    assert len(read_history(output, ID)) == 2
