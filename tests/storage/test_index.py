"""The index is never replaced by an empty one."""

import shutil
import sqlite3

import pytest

from crawler.core.errors import StoreError
from crawler.storage.exports import Selection, stream_records
from crawler.storage.index import MIGRATIONS, open_index, transaction
from crawler.storage.polls import Polls, read_polls


@pytest.fixture
def path(output):
    """The index of a store without posts."""
    output.mkdir()
    path = output / "index.sqlite"
    open_index(path, writable=True).close()
    return path


@pytest.fixture
def filled(open_store, make_post, output):
    """The index of a closed store with a post."""
    store = open_store()
    store.keep(make_post())
    store.close()
    return output / "index.sqlite"


def newer(path):
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()


def foreign(path):
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE stamps (country TEXT)")
    connection.close()


def half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGES = [
    pytest.param(lambda path: path.write_bytes(b"\xff" * 9000), "file is not", id="ff"),
    pytest.param(
        lambda path: path.write_text("a,b,c\n" * 999), "file is not", id="csv"
    ),
    pytest.param(newer, "newer version", id="newer"),
    pytest.param(foreign, "not an index of this program", id="foreign"),
    pytest.param(half, "malformed", id="half"),
    pytest.param(lambda path: path.write_bytes(b""), "empty while posts", id="empty"),
    pytest.param(lambda path: path.unlink(), "missing or empty", id="missing"),
]


@pytest.mark.parametrize(("damage", "problem"), DAMAGES)
def test_an_index_that_cannot_be_trusted_stops_the_run(
    filled, open_store, damage, problem
):
    damage(filled)

    with pytest.raises(StoreError, match=problem) as refusal:
        open_store("second")

    assert str(filled) in str(refusal.value)
    assert refusal.value.exit_code == 3


@pytest.mark.parametrize(("damage", "problem"), DAMAGES)
def test_an_index_that_cannot_be_trusted_stops_an_export(
    filled, output, damage, problem
):
    damage(filled)

    with pytest.raises(StoreError, match=problem):
        list(stream_records(output, Selection()))


@pytest.mark.parametrize("damage", [newer, foreign], ids=["newer", "foreign"])
def test_a_refused_index_is_left_as_it_is(filled, open_store, damage):
    damage(filled)
    before = filled.read_bytes()

    with pytest.raises(StoreError):
        open_store("second")

    assert filled.read_bytes() == before


def test_a_lost_index_is_no_store_that_never_polled(filled, output):
    filled.unlink()

    with pytest.raises(StoreError, match="missing or empty"):
        read_polls(output)


def test_a_lost_index_is_refused_again_and_again(filled, open_store):
    filled.unlink()

    for run in ("second", "third"):
        with pytest.raises(StoreError, match="restore it from a backup"):
            open_store(run)


@pytest.mark.parametrize("left", ["posts", "withdrawn", "feeds"])
def test_an_index_lost_beside_anything_it_knew_is_refused(
    filled, open_store, output, left
):
    filled.unlink()
    kept = "posts" if left == "withdrawn" else left
    (output / kept).rename(output / "kept")
    shutil.rmtree(output / ("feeds" if kept == "posts" else "posts"))
    (output / "kept").rename(output / left)

    with pytest.raises(StoreError, match=f"missing or empty while {left}/ is not"):
        open_store("second")


def test_a_lost_index_may_be_started_anew_once_the_posts_are_away(
    filled, open_store, make_post, output, tmp_path
):
    filled.unlink()
    for folder in ("posts", "feeds"):
        shutil.move(output / folder, tmp_path / folder)

    assert open_store("second").keep(make_post()).record["status"] == "new"


def test_an_empty_index_without_posts_is_a_fresh_one(open_store, make_post, output):
    output.mkdir()
    (output / "index.sqlite").touch()
    (output / "posts/金融").mkdir(parents=True)
    (output / "posts/.gitkeep").touch()

    assert open_store().keep(make_post()).record["status"] == "new"


def test_an_index_damaged_in_the_middle_stops_what_reads_it(filled, open_store):
    data = bytearray(filled.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    filled.write_bytes(data)

    with pytest.raises(StoreError, match=r"index\.sqlite"):
        open_store("second")


def test_a_reader_makes_no_index(tmp_path):
    with pytest.raises(StoreError, match="unable to open"):
        open_index(tmp_path / "index.sqlite", writable=False)

    assert list(tmp_path.iterdir()) == []


def test_a_reader_cannot_write(path):
    index = open_index(path, writable=False)

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        index.execute("DELETE FROM posts")

    index.close()


def test_an_error_undoes_the_whole_transaction(path):
    index = open_index(path, writable=True)
    insert = "INSERT INTO fetches VALUES (?, 'title', 'mtime')"

    with pytest.raises(StoreError, match="UNIQUE"), transaction(index, path):
        index.executemany(insert, [("a",), ("b",), ("a",)])

    assert index.execute("SELECT count(*) FROM fetches").fetchone() == (0,)
    index.close()


def test_an_index_opened_again_keeps_its_rows(path):
    index = open_index(path, writable=True)
    index.execute("INSERT INTO fetches VALUES ('a', 'b', 'c')")
    index.close()

    index = open_index(path, writable=True)

    assert index.execute("SELECT * FROM fetches").fetchall() == [("a", "b", "c")]
    index.close()


def test_commits_outlast_a_power_cut(path):
    index = open_index(path, writable=True)

    # 3 is EXTRA: with FULL the journal's deletion is not synced.
    assert index.execute("PRAGMA synchronous").fetchone() == (3,)
    assert index.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    index.close()


def test_a_folder_without_a_store_has_no_polls_and_no_export(tmp_path):
    assert read_polls(tmp_path) == Polls()
    with pytest.raises(StoreError, match="no posts yet"):
        list(stream_records(tmp_path, Selection()))
