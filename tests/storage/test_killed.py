"""A run that dies in the middle: what it acknowledged is there, and whole."""

import json

import pytest

from crawler.core.frontmatter import load
from crawler.storage.exports import Selection, stream_records
from crawler.storage.revisions import keep_old, old_path


@pytest.fixture(
    params=[(1, 1), (2, 1), (40, 1), (1, 5), (64, 64)],
    ids=lambda table: f"{table[0]} lines, batches of {table[1]}",
)
def acknowledged(request, endless_run):
    """Kill a run with SIGKILL after some lines; all it had acknowledged."""
    lines, batch = request.param
    process = endless_run(batch=batch)
    read = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    rest, _ = process.communicate()
    whole = [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    return [json.loads(line) for line in [*read, *whole]]


def test_every_acknowledged_version_is_kept_and_every_file_is_whole(
    acknowledged, open_store, rows, output, old_documents
):
    store = open_store("next")

    known = rows(store, "SELECT id, revision FROM versions")
    assert {(each[0], each[1]) for each in acknowledged} <= set(known)
    present = [path.read_bytes() for path in (output / "posts").rglob("*.html")]
    for document in [*present, *old_documents().values()]:
        load(document.decode())


def test_every_row_has_its_document_in_its_last_version(
    acknowledged, open_store, output
):
    open_store("next")

    # A revision of the last post may have been begun when the run was killed.
    *settled, _ = stream_records(output, Selection())

    for record in settled:
        document = load((output / "posts" / record["path"]).read_text("utf-8"))
        assert document.title == record["title"]


def test_the_next_run_mends_the_feed_and_sweeps_up(
    acknowledged, open_store, rows, exported, files_below
):
    store = open_store("next")

    kept = rows(store, "SELECT id, revision FROM versions ORDER BY number")
    assert [(each["id"], each["revision"]) for each in exported("killed")] == kept
    assert not [name for name in files_below("") if name.endswith(".tmp")]


def test_what_the_killed_run_began_is_kept_whole_when_fetched_again(
    acknowledged, open_store, make_post, rows, output
):
    store = open_store("next")
    begun = rows(store, "SELECT count(*) FROM posts")[0] + 1

    path = store.keep(make_post(begun, title="重读")).record["path"]

    assert load((output / "posts" / path).read_text("utf-8")).title == "重读"
    assert rows(store, "SELECT revision FROM posts WHERE path = ?", path) == [1]


@pytest.mark.parametrize("cut", [1, 2, 100, 1200, 10**9], ids=lambda cut: f"-{cut}")
def test_a_cut_feed_of_an_unfinished_run_is_mended(
    open_store, make_post, output, crash, cut
):
    store = open_store()
    store.keep_all([(make_post(number), None) for number in range(4)])
    crash(store)
    path = output / "feeds/first.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[: max(len(whole) - cut, 0)])

    open_store("second")

    assert path.read_bytes() == whole


def test_a_feed_of_a_finished_run_is_left_alone(open_store, make_post, output):
    store = open_store()
    store.keep(make_post())
    store.close()
    path = output / "feeds/first.jsonl"
    path.write_text("somebody else's now\n")

    open_store("second")

    assert path.read_text() == "somebody else's now\n"


def test_a_temporary_file_is_swept_after_an_unfinished_run(
    open_store, output, crash, files_below
):
    crash(open_store())
    (output / "posts/金融").mkdir(parents=True)
    (output / "posts/金融/.abcdefg0000001.html.tmp").write_text("half a po")

    open_store("second")

    assert files_below("posts") == []


def test_a_version_begun_by_a_killed_run_does_not_replace_the_old_one_kept(
    open_store, make_post, output, crash, old_documents
):
    store = open_store()
    place = store.keep(make_post(title="甲")).record["path"]
    path = output / "posts" / place
    keep_old(output, old_path(output, place, 1), path.read_bytes())
    path.write_text(path.read_text("utf-8").replace("甲", "begun, not committed"))
    crash(store)

    open_store("second").keep(make_post(title="乙"))

    (old,) = old_documents().values()
    assert load(old.decode()).title == "甲"
    assert load(path.read_text("utf-8")).title == "乙"


def test_a_run_opened_again_under_its_name_is_unfinished_again(
    open_store, make_post, output, crash
):
    store = open_store()
    store.keep(make_post(1))
    store.close()
    again = open_store()
    again.keep(make_post(2))
    crash(again)
    path = output / "feeds/first.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])

    open_store("second")

    assert path.read_bytes() == whole
