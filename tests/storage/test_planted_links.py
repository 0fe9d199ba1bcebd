"""No write follows a symbolic link out of a store, whoever planted it."""

import json
import shutil
from datetime import timedelta

import pytest

from crawler.core.errors import PathRefused
from crawler.storage.checks import CHECKS
from crawler.storage.files import (
    move_aside,
    move_durably,
    place_durably,
    remove_durably,
    save_aside,
)
from crawler.storage.verification import verify
from tests.storage.conftest import NOON

ID = "abcdefg0000001"
PART = "金融"


class Victim:
    """A folder of somebody else's."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()

    def files(self):
        """Read all files of it."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder): path.read_bytes() for path in found}

    def plant(self, place):
        """Put a link where a folder is, whose files go to the victim."""
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            shutil.copytree(place, self.folder, dirs_exist_ok=True)
            shutil.rmtree(place)
        place.symlink_to(self.folder)


@pytest.fixture
def victim(tmp_path):
    return Victim(tmp_path / "victim")


@pytest.fixture
def remove(store):
    """Find the first post gone twice."""

    def removed(policy):
        for hours in (48, 50):
            at = NOON + timedelta(hours=hours)
            store.visits.note_gone(ID, at, "http 404", policy)

    return removed


@pytest.fixture
def revised(store, make_post):
    """A store of a post with two versions."""
    store.keep(make_post())
    store.keep(make_post(title="改题"))
    return store


@pytest.mark.parametrize(
    ("policy", "part"),
    [("mark", "posts"), ("withdraw", "posts"), ("withdraw", "withdrawn")],
)
def test_a_removal_is_not_written_through_a_link(revised, remove, victim, policy, part):
    victim.plant(revised.folder / part / PART)
    before = victim.files()

    with pytest.raises(PathRefused, match="symbolic link"):
        remove(policy)

    assert victim.files() == before


def test_an_old_version_is_not_written_through_a_link(store, make_post, victim):
    store.keep(make_post())
    victim.plant(store.folder / "revisions" / PART)

    with pytest.raises(PathRefused, match="symbolic link"):
        store.keep(make_post(title="改题"))

    assert victim.files() == {}


@pytest.mark.parametrize("part", ["posts", "revisions", "withdrawn", "images"])
def test_a_linked_folder_is_told_and_nothing_is_restored_through_it(
    revised, remove, victim, part
):
    if part == "withdrawn":
        remove("withdraw")
    revised.close()
    shutil.rmtree(revised.folder / part / PART, ignore_errors=True)
    victim.plant(revised.folder / part / PART)

    found = list(verify(revised.folder, CHECKS, full=True, repair=True))

    assert f"{part}/{PART}: a symbolic link" in "\n".join(each.line for each in found)
    assert victim.files() == {}


def test_what_is_behind_a_link_is_neither_moved_nor_removed(tmp_path, victim):
    (victim.folder / "a").write_text("theirs")
    before = victim.files()
    store = tmp_path / "store"
    for part in ("posts", "withdrawn", "set-aside/posts"):
        victim.plant(store / part / PART)
    linked, own = store / "posts" / PART / "a", store / "posts/b"
    own.write_text("ours")

    for write in (
        lambda: move_durably(linked, store / "withdrawn/a", store=store),
        lambda: move_durably(own, store / "withdrawn" / PART / "b", store=store),
        lambda: move_aside(store, linked),
        lambda: save_aside(store, linked, b"ours"),
    ):
        with pytest.raises(PathRefused, match="symbolic link"):
            write()
    remove_durably([linked], store=store)

    assert victim.files() == before
    assert own.exists()


@pytest.mark.parametrize("part", ["posts", "revisions", "withdrawn", "set-aside"])
def test_a_part_of_a_store_may_lie_elsewhere(store, make_post, victim, remove, part):
    (store.folder / part).symlink_to(victim.folder)
    path = store.folder / "posts" / store.keep(make_post()).record["path"]
    store.keep(make_post(title="改题"))
    save_aside(store.folder, path, b"edited")
    if part != "posts":
        remove("withdraw")
    store.close()

    assert list(verify(store.folder, CHECKS, full=True, repair=False)) == []
    assert len(victim.files()) == 1


def test_a_path_that_climbs_out_of_the_store_is_refused(store, victim):
    mine = victim.folder / "mine.txt"
    mine.write_text("mine")
    path = store.folder / "posts" / ".." / ".." / victim.folder.name / mine.name

    with pytest.raises(PathRefused):
        place_durably([(path, b"theirs")], store=store.folder)
    remove_durably([path], store=store.folder)

    assert mine.read_text() == "mine"


def test_a_record_whose_document_would_climb_out_is_not_taken_in(
    store, make_post, victim
):
    store.keep(make_post())
    store.close()
    [feed] = (store.folder / "feeds").glob("*.jsonl")
    record = json.loads(feed.read_text("utf-8"))
    climbing = f"../../{victim.folder.name}/{ID}.html"
    feed.write_text(json.dumps({**record, "path": climbing}) + "\n", "utf-8")
    (store.folder / "index.sqlite").unlink()

    list(verify(store.folder, CHECKS, full=True, repair=True))

    assert victim.files() == {}


def test_a_document_that_is_a_link_is_not_even_read(store, make_post):
    path = store.folder / "posts" / store.keep(make_post()).record["path"]
    path.unlink()
    path.symlink_to("/proc/self/mem")  # Whoever reads it gets an error.

    with pytest.raises(PathRefused):
        store.keep(make_post(title="改题"))
