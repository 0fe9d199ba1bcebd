"""Disks that are full, without inodes or read-only; limits of the process."""

import os
import resource
from contextlib import contextmanager, suppress
from itertools import count

import pytest

from benchmarks import storing
from benchmarks.generated_posts import generate_post
from crawler.core.errors import StoreError
from crawler.storage.checks import CHECKS
from crawler.storage.exports import Selection, stream_records
from crawler.storage.posts import PostStore
from crawler.storage.verification import verify

FULL = [
    pytest.param("size=600k", "size=20m", id="no blocks left"),
    pytest.param("size=20m,nr_inodes=40", "nr_inodes=4000", id="no inodes left"),
]


def fill(folder, run, numbers):
    """Keep posts of a day each until the disk refuses; what was acknowledged."""
    kept = []
    store = PostStore(folder, run)
    try:
        for number in numbers:
            post = generate_post(number, paragraphs=9, categories=(f"栏目{number}",))
            store.keep(post)
            kept.append(post.id)
    except StoreError as error:
        return kept, error
    finally:
        with suppress(StoreError):
            store.close()
    return kept, None


@pytest.mark.parametrize(("small", "large"), FULL)
def test_a_full_disk_loses_nothing_and_heals(disk, small, large):
    folder = disk(small) / "store"
    kept, error = fill(folder, "1", count(1))
    assert error.exit_code == 3
    assert "No space left" in str(error) or "full" in str(error)
    assert storing.look(folder, [(each, 1) for each in kept]).wrong == 0

    disk(large)
    again, error = fill(folder, "2", range(1, len(kept) + 5))

    assert error is None
    assert list(verify(folder, CHECKS, full=True, repair=False)) == []
    assert len(list(stream_records(folder, Selection()))) == len(again)


def test_a_read_only_store_is_refused_and_can_be_exported(disk):
    folder = disk("size=20m") / "store"
    kept, _ = fill(folder, "1", range(1, 4))
    disk("ro")

    with pytest.raises(StoreError, match="Read-only") as refusal:
        PostStore(folder, "2")

    assert refusal.value.exit_code == 3
    assert len(list(stream_records(folder, Selection()))) == len(kept)


# Limits


@contextmanager
def limited(kind, value):
    soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (value, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


@pytest.mark.parametrize("spare", range(8))
def test_too_few_file_descriptors_are_named(tmp_path, spare):
    folder = tmp_path / "store"
    storing.run(folder, "1", storing.first_source())
    lowest = os.dup(0)
    os.close(lowest)

    with limited(resource.RLIMIT_NOFILE, lowest + spare):
        code, error = storing.end_code(folder, "2", print)

    named = "Too many open files" in error or "unable to open" in error
    assert (code, named) in {(0, False), (3, True)}, error
    storing.run(folder, "3", storing.second_source())

    assert list(verify(folder, CHECKS, full=True, repair=False)) == []
