"""A store to which every system call has done its worst, and the run after it."""

import re
import shutil
import tempfile
from pathlib import Path

import pytest

from benchmarks import storing
from benchmarks.storing import Figures
from benchmarks.sweeping import Sweep
from crawler.core import frontmatter

ERROR_STEP = 5
KILL_STEP = 7
"""The short sweep does every so manieth error, and kill of what is no crawl;
benchmarks/faults.py does them all."""


def swept(sweep, injections):
    """Do faults one by one; those that left anything wrong, and the sum."""
    wrong, total = {}, Figures()
    for injection in injections:
        found = sweep.one(injection)
        total.add(found)
        if found.wrong:
            wrong[injection] = found
    return wrong, total


def test_a_run_killed_at_any_system_call_leaves_a_store_that_heals(sweep, observed):
    kills = sweep.kills(observed.calls)

    wrong, total = swept(sweep, kills)

    assert wrong == {}
    assert total == Figures(rounds=len(kills))
    assert total.rounds > 150, "the run that is killed hardly stores anything"


def test_a_run_that_met_an_error_says_so_and_leaves_a_store_that_heals(sweep, observed):
    errors = sweep.errors(observed.calls)[::ERROR_STEP]

    wrong, total = swept(sweep, errors)

    assert wrong == {}
    assert total == Figures(rounds=len(errors))
    assert total.rounds > 50, "hardly any error was done"


def test_a_commit_whose_last_sync_fails_is_exported_all_the_same(sweep, observed):
    """SQLite tells it as failed, and yet it is one: its journal is gone."""
    for number in range(1, observed.calls["fdatasync"] + 1):
        found = sweep.one(f"fdatasync:error=EIO:when={number}")

        assert (found.lost, found.unhealed) == (0, 0)


# Removals, and versions accepted from quarantine


@pytest.fixture(params=["mark", "withdraw", "accept"])
def scene(request, memory):
    """A sweep over something else than a crawl, and what it observed."""
    sweep = Sweep(Path(tempfile.mkdtemp(dir=memory)), request.param)
    return sweep, sweep.observe()


def test_a_removal_and_an_acceptance_heal_after_any_fault(scene, observed):
    assert observed.code == 0  # Else there is no strace.
    sweep, seen = scene
    kills = sweep.kills(seen.calls)[::KILL_STEP]
    errors = sweep.errors(seen.calls)[:: 5 * ERROR_STEP]

    wrong, total = swept(sweep, [*kills, *errors])

    assert (seen.code, seen.error) == (0, "")
    assert wrong == {}
    assert total.rounds > 30, "hardly any fault was done"


@pytest.mark.parametrize("scene", ["mark"], indirect=True)
def test_a_removal_whose_document_cannot_be_read_says_so(scene, observed):
    assert observed.code == 0
    sweep, seen = scene
    opened = [line for line in seen.trace if line.startswith("openat")]
    numbers = [at for at, line in enumerate(opened, 1) if "posts/" in line]

    found = [sweep.one(f"openat:error=EIO:when={number}") for number in numbers]

    assert found == [Figures(rounds=1)] * len(numbers)
    assert numbers


# What the sweep relies on: the figures see what is wrong.


def cut_document(folder):
    path = next((folder / "posts").rglob("*3.html"))
    path.write_bytes(path.read_bytes()[:-5])


def cut_export(folder):
    path = folder / "feeds/2.jsonl"
    path.write_bytes(path.read_bytes()[:-5])


def export_twice(folder):
    path = folder / "feeds/2.jsonl"
    path.write_bytes(path.read_bytes() * 2)


def export_nothing(folder):
    (folder / "feeds/2.jsonl").unlink()


def publish_twice(folder):
    path = next((folder / "posts").rglob("*3.html"))
    (folder / "posts/other").mkdir()
    shutil.copy(path, folder / "posts/other" / path.name)


def leave_temporary(folder):
    (folder / "posts/.x.html.tmp").write_text("")


def lose_document(folder):
    next((folder / "posts").rglob("*3.html")).unlink()


@pytest.mark.parametrize(
    ("spoil", "figure"),
    [
        (cut_document, "unhealed"),
        (cut_export, "torn"),
        (export_twice, "doubled"),
        (export_nothing, "lost"),
        (publish_twice, "doubled"),
        (leave_temporary, "stray"),
        (lose_document, "unhealed"),
    ],
)
def test_the_figures_see_what_is_wrong(tmp_path, spoil, figure):
    Sweep(tmp_path)
    folder = tmp_path / "spoilt"
    shutil.copytree(tmp_path / "reference", folder)
    assert storing.compare(folder, tmp_path / "reference").wrong == 0

    spoil(folder)

    assert getattr(storing.compare(folder, tmp_path / "reference"), figure) > 0


def lose_mark(folder):
    path = next((folder / "posts").rglob("*2.html"))
    path.write_text(frontmatter.mark(path.read_text("utf-8"), "removed", ""), "utf-8")


def publish_withdrawn(folder):
    path = next((folder / "withdrawn").rglob("*3.html"))
    shutil.copy(path, folder / "posts" / path.relative_to(folder / "withdrawn"))


def lose_old_version(folder):
    next((folder / "revisions").rglob("*.gz")).unlink()


def tell_removal_twice(folder):
    path = folder / "feeds/1.jsonl"
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(True)[-1])


@pytest.mark.parametrize(
    ("spoil", "figure"),
    [
        (lose_mark, "unhealed"),
        (publish_withdrawn, "doubled"),
        (lose_old_version, "unhealed"),
        (tell_removal_twice, "doubled"),
    ],
)
def test_the_figures_see_what_is_wrong_with_a_removal(tmp_path, spoil, figure):
    Sweep(tmp_path, "accept")
    folder = tmp_path / "spoilt"
    shutil.copytree(tmp_path / "reference", folder)
    assert storing.compare(folder, tmp_path / "reference").wrong == 0

    spoil(folder)

    assert getattr(storing.compare(folder, tmp_path / "reference"), figure) > 0


def test_the_figures_see_a_removal_that_is_lost(tmp_path):
    Sweep(tmp_path, "mark")
    told = [("abcdefg0000001", storing.GONE)]

    assert storing.look(tmp_path / "reference", told).lost == 0
    assert storing.look(tmp_path / "base", told).lost == 1


def test_the_figures_see_what_is_lost_or_torn_before_anything_heals(tmp_path):
    Sweep(tmp_path)
    cut_document(tmp_path / "reference")

    found = storing.look(tmp_path / "reference", [("abcdefg0000009", 1)])

    assert (found.lost, found.torn) == (1, 1)


# The order of what is durable


CALL = re.compile(r'(\w+)\((?:(\d+)<(.*?)>|"(.*?)")(?:.*, "(.*?)"\))?')


@pytest.fixture
def steps(observed):
    """What the traced run did, in its order: call, file, and where a rename led."""
    assert observed.code == 0, observed.error
    found = (CALL.match(line) for line in observed.trace)
    return [
        (each[1], Path(each[3] or each[4] or "").name, Path(each[5] or "").name)
        for each in found
        if each
    ]


@pytest.mark.parametrize("number", [1, 3, 4])
def test_a_document_is_whole_on_disk_before_the_index_knows_it(steps, number):
    name = f"abcdefg{number:07}.html"
    written = steps.index(("write", f".{name}.tmp", ""))
    synced = steps.index(("fsync", f".{name}.tmp", ""))
    renamed = steps.index(("rename", f".{name}.tmp", name))
    named = steps.index(("fsync", "02", ""), renamed)
    index = steps.index(("pwrite64", "index.sqlite", ""), renamed)
    committed = steps.index(("unlink", "index.sqlite-journal", ""), renamed)
    durable = steps.index(("fdatasync", "store", ""), committed)
    exported = steps.index(("write", "2.jsonl", ""), renamed)

    order = [written, synced, renamed, named, index, committed, durable, exported]
    assert order == sorted(order)


def test_the_index_is_changed_only_once_its_journal_is_on_disk(steps):
    unsynced = False
    for call, name, _ in steps:
        if name == "index.sqlite-journal":
            unsynced = call == "pwrite64" or (unsynced and call != "fdatasync")
        assert not (unsynced and (call, name) == ("pwrite64", "index.sqlite"))
    assert ("pwrite64", "index.sqlite", "") in steps


def test_an_old_version_is_kept_before_the_new_one_takes_its_place(steps):
    name = "abcdefg0000001.html"
    old = "abcdefg0000001.1.html.gz"
    kept = steps.index(("rename", f".{old}.tmp", old))
    folder = steps.index(("fsync", "02", ""), kept)
    replaced = steps.index(("rename", f".{name}.tmp", name))

    assert kept < folder < replaced
