"""Many jobs at one store, readers beside a job, and a clock that jumps."""

import json
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle

import pytest

from benchmarks import storing
from benchmarks.storing import Figures
from crawler.core.dates import format_iso
from crawler.core.errors import StoreError
from crawler.storage.posts import PostStore

LOCKED = 75


def start(work):
    """Do work in a process of its own, whose exit code it gives; its id."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        code = work()
    finally:
        os._exit(code)


def end_job(folder, name):
    return storing.end_code(folder, name, lambda _: None)[0]


def code_of(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def reference(tmp_path):
    """A store that both runs have made, one after the other."""
    folder = tmp_path / "reference"
    storing.run(folder, "0", storing.first_source())
    storing.run(folder, "1", storing.second_source())
    return folder


@pytest.mark.parametrize("jobs", [2, 20])
def test_of_jobs_at_once_one_holds_the_store_and_the_others_say_so(
    tmp_path, reference, jobs
):
    folder = tmp_path / "store"
    storing.run(folder, "0", storing.first_source())

    children = [
        start(partial(end_job, folder, f"job {number}")) for number in range(jobs)
    ]
    codes = [code_of(child) for child in children]

    assert set(codes) <= {0, LOCKED}
    assert 0 in codes
    assert storing.compare(folder, reference) == Figures()


def test_a_reader_who_follows_the_exports_sees_each_version_once(tmp_path):
    """As a follower does: remember how far each file was read, take whole lines."""
    folder, go_on, seen, read = tmp_path / "store", True, [], {}
    writer = start(lambda: write_much(folder))
    while go_on:
        go_on = os.waitpid(writer, os.WNOHANG) == (0, 0)
        for path in sorted((folder / "feeds").glob("*.jsonl")):
            with path.open("rb") as file:
                file.seek(read.get(path, 0))
                for line in file:
                    if not line.endswith(b"\n"):
                        break  # What follows it now may be its other half.
                    read[path] = read.get(path, 0) + len(line)
                    seen.append(key_of(json.loads(line)))

    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 2 * JOBS


JOBS = 30


def key_of(record):
    return record["id"], record["revision"]


def write_much(folder):
    """Store each post, then an edit of it, in a run of its own, killed at its end."""
    for number in range(JOBS):
        store = PostStore(folder, f"{number:03}")
        store.keep(storing.generate_post(number))
        store.keep(storing.generate_post(number, title=f"改题{number}"))
        store._let_go()
    PostStore(folder, "last").close()
    return 0


# Clocks


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
def test_a_clock_that_jumps_to_and_fro_within_a_run_changes_nothing(
    tmp_path, reference, days
):
    folder = tmp_path / "store"
    jumps = cycle([timedelta(), timedelta(days=days)])
    jumping = partial(
        storing.run, clock=lambda: format_iso(datetime.now(UTC) + next(jumps))
    )

    jumping(folder, "0", storing.first_source())
    jumping(folder, "1", storing.second_source())
    storing.run(folder, "2", storing.second_source())

    assert storing.compare(folder, reference) == Figures()


@pytest.mark.parametrize("name", ["posts", "revisions", "feeds", "rejected"])
def test_a_link_planted_where_a_folder_is_due_leads_nobody_astray(tmp_path, name):
    """A part of the store may lie elsewhere; a file of somebody else is not ours."""
    folder, victim = tmp_path / "store", tmp_path / "victim"
    storing.run(folder, "0", storing.first_source())
    victim.write_text("untouched")
    place = folder / name
    if place.exists():
        place.rename(tmp_path / "away")
    place.symlink_to(victim)

    with suppress(StoreError):
        storing.run(folder, "1", storing.second_source())

    assert victim.read_text() == "untouched"
    place.unlink()
    if (tmp_path / "away").exists():
        (tmp_path / "away").rename(place)
    storing.run(folder, "2", storing.second_source())
    reference = tmp_path / "reference"
    storing.run(reference, "0", storing.first_source())
    storing.run(reference, "1", storing.second_source())
    assert storing.compare(folder, reference) == Figures()
