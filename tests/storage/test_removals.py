"""What becomes of a removed post's document, and that all of it can be undone."""

import gzip
import json
from contextlib import suppress
from datetime import timedelta

import pytest

from crawler.core.dates import format_iso
from crawler.core.frontmatter import load
from crawler.storage.checks import CHECKS
from crawler.storage.exports import Selection, stream_records
from crawler.storage.index import transaction
from crawler.storage.posts_folder import export_posts
from crawler.storage.removals import confirm
from crawler.storage.verification import verify
from tests.storage.conftest import NOON

ID = "abcdefg0000001"
POLICIES = ["keep", "mark", "withdraw"]


def at(hours):
    return NOON + timedelta(hours=hours)


@pytest.fixture
def post(make_post):
    """A post fetched some minutes after it was published."""

    def make(number=1, hours=0.1, **changes):
        return make_post(number, published=NOON, fetched=at(hours), **changes)

    return make


@pytest.fixture
def files(output, files_below):
    """Read every document, published, withdrawn or replaced, by its path."""

    def read():
        parts = ("posts", "withdrawn", "revisions")
        names = [f"{part}/{name}" for part in parts for name in files_below(part)]
        whole = {name: (output / name).read_bytes() for name in names}
        return {
            name: (gzip.decompress(data) if name.endswith(".gz") else data).decode()
            for name, data in whole.items()
        }

    return read


@pytest.fixture
def original(store, post, files):
    """Keep the first post; its document, by its path."""
    store.keep(post())
    return files()


@pytest.fixture
def remove(store, original):
    """Find the first post gone twice."""

    def removed(policy, after=4):
        store.visits.note_gone(ID, at(2), "http 404", policy)
        return store.visits.note_gone(ID, at(after), "http 404", policy)

    return removed


@pytest.fixture
def crash_in_removal(store, remove, output, open_store, crash):
    """Crash before the commit of a removal; the store of the next run."""

    def crashed(policy):
        remove(policy, after=2.5)
        with suppress(KeyboardInterrupt), transaction(store._index, output):
            confirm(store._index, output, ID, format_iso(at(4)), policy)
            raise KeyboardInterrupt
        crash(store)
        return open_store("second")

    return crashed


def test_keep_changes_no_document(store, post, remove, files):
    store.keep(post(2))
    before = files()

    assert remove("keep") == "removed"

    assert {name: files()[name] for name in before} == before
    assert len(files()) == 2


def test_mark_adds_a_line_and_leaves_the_body(original, remove, files):
    [(name, before)] = original.items()

    remove("mark")

    marked = files()[name]
    line = "removed: 'Mon, 02 Nov 2026 06:00:00 GMT'\n"
    assert marked.replace(line, "") == before
    assert dict(load(marked).extra)["removed"].startswith("Mon, 02 Nov")


def test_withdraw_moves_the_document_out_of_the_tree(original, remove, files):
    [(name, before)] = original.items()

    remove("withdraw")

    assert files() == {name.replace("posts/", "withdrawn/"): before}


@pytest.mark.parametrize("policy", POLICIES)
def test_nothing_is_done_before_the_confirmation(original, remove, files, policy):
    assert remove(policy, after=2.5) == "gone"

    assert files() == original


@pytest.mark.parametrize("policy", POLICIES)
def test_a_page_that_is_back_has_its_document_as_it_was(
    original, store, remove, files, policy
):
    remove(policy)

    assert store.visits.note_there(ID, at(24))

    assert files() == original


@pytest.mark.parametrize("policy", POLICIES)
def test_a_post_that_is_fetched_again_is_back(store, post, remove, exported, policy):
    remove(policy)

    kept = store.keep(post(hours=24))

    assert (kept.back, kept.record["status"]) == (True, "restored")
    assert kept.record == exported()[-1]
    assert not store.keep(post(hours=25)).back


@pytest.mark.parametrize("policy", POLICIES)
def test_a_version_accepted_of_a_removed_post_takes_the_place_of_the_last_one(
    store, post, remove, files, policy
):
    [(name, before)] = files().items()
    cut = post(text="更正。", document="<p>更正。</p>", hours=1)
    store.keep(cut)
    remove(policy)
    [removed] = files()

    store.accept(ID)

    old = name.replace("posts/", "revisions/").replace(".html", ".1.html.gz")
    assert files().keys() == {removed, old}
    assert files()[old] == before
    assert ("\nremoved: " in files()[removed]) == (policy == "mark")
    assert "更正" in files()[removed]
    store.close()
    assert list(verify(store.folder, CHECKS, full=True, repair=False)) == []


@pytest.mark.parametrize("policy", POLICIES)
def test_a_post_that_is_back_and_edited_is_a_revision_of_the_good_one(
    store, post, remove, files, policy
):
    [before] = files().values()
    remove(policy)

    kept = store.keep(post(hours=24, title="改过的标题"))

    assert kept.back
    assert kept.record["status"] == "revision"
    assert kept.record["restored"] == "2026-11-03T04:00:00+00:00"
    old, new = (files()[name] for name in sorted(files(), reverse=True))
    assert (old, load(new).title) == (before, "改过的标题")
    assert "removed: " not in new


def test_a_page_may_be_removed_again(store, post, remove, rows, output):
    remove("withdraw")
    store.visits.note_there(ID, at(24))
    for hour in (168, 170):
        store.visits.note_gone(ID, at(hour), "http 410", "mark")

    assert rows(store, "SELECT reason, done FROM removals") == [
        ("http 404", "keep"),
        ("http 410", "mark"),
    ]
    [record] = stream_records(output, Selection())
    assert (record["status"], record["restored"]) == ("removed", None)


@pytest.mark.parametrize("then", POLICIES)
@pytest.mark.parametrize("first", POLICIES)
def test_another_setting_holds_for_what_is_removed_already(
    store, remove, files, first, then
):
    remove(first)
    before = files()

    store.visits.settle(then)
    assert (files() == before) is (first == then)

    store.visits.settle(first)
    assert files() == before


def test_a_withdrawn_post_is_exported_as_a_record_but_not_published(
    store, post, remove, output, tmp_path
):
    store.keep(post(2))
    remove("withdraw")

    export_posts(output, Selection(), tmp_path / "site")

    published = [path.name for path in (tmp_path / "site").rglob("*.html")]
    assert published == ["abcdefg0000002.html"]
    assert [record["status"] for record in stream_records(output, Selection())] == [
        "removed",
        "new",
    ]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_crash_before_the_commit_is_mended_by_the_next_visit(
    crash_in_removal, files, policy
):
    again = crash_in_removal(policy)
    begun = files()

    again.visits.settle(policy)
    assert again.visits.note_gone(ID, at(5), "http 404", policy) == "removed"

    assert files() == begun


@pytest.mark.parametrize("policy", POLICIES)
def test_a_crash_is_mended_when_the_page_turns_out_to_be_there(
    original, crash_in_removal, files, policy
):
    again = crash_in_removal(policy)

    again.visits.note_there(ID, at(5))

    assert files() == original


def test_a_withdrawal_that_was_not_committed_is_taken_back(
    original, crash_in_removal, files
):
    again = crash_in_removal("withdraw")
    assert files() != original

    again.visits.settle("withdraw")

    assert files() == original


@pytest.mark.parametrize("policy", POLICIES)
def test_a_document_deleted_or_rewritten_by_hand_stops_nothing(
    original, store, remove, output, policy
):
    path = output / next(iter(original))
    path.write_text("# mine now\n")
    assert remove(policy) == "removed"
    assert store.visits.note_there(ID, at(24))
    assert path.read_text() == "# mine now\n"

    path.unlink()
    for hour in (168, 170):
        store.visits.note_gone(ID, at(hour), "http 404", policy)
    assert store.visits.note_there(ID, at(172))


def test_a_lost_line_of_a_removal_is_mended_from_the_index(
    store, post, remove, output, open_store
):
    remove("keep")
    store.keep_all([(post(2), None), (post(hours=24), None), (post(3), None)])
    store._let_go()  # As a process does that is killed.
    path = output / "feeds/first.jsonl"
    whole = path.read_bytes()
    told = [json.loads(line)["status"] for line in whole.splitlines()]
    assert told == ["new", "removed", "new", "restored", "new"]
    path.write_bytes(whole[:40])

    open_store("second")

    assert path.read_bytes() == whole
