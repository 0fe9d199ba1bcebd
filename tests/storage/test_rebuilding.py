"""What an index made of the archive tells of is taken over, beside what is there."""

import re
from contextlib import closing

import pytest

from crawler.storage.index import open_index
from crawler.storage.rebuilding import _FACTS, take_facts

POST = (
    "INSERT INTO posts VALUES (?, 'u', ?, '', '2026-11-02T04:00:00+00:00', '', '', '',"
    " 1, '2026-11-02T04:01:30+00:00')"
)
WAITING = "INSERT INTO quarantine VALUES (1, ?, 'x', 'poorer', 'waiting', 'a', 'a', '')"
LOST = "INSERT INTO holes VALUES (1, 'china', 'a', 'b', 'c', 'd', 1)"


@pytest.fixture
def both(tmp_path):
    """The new index and the one that the archive makes, with two posts each."""
    paths = [tmp_path / name for name in ("new.sqlite", "again.sqlite")]
    for path, waiting in zip(paths, "ab", strict=True):
        with closing(open_index(path, writable=True, anew=True)) as index:
            for name in "ab":
                index.execute(POST, (name, name))
            index.execute(WAITING, (waiting,))
    return paths


def told(both, query):
    new, again = both
    with closing(open_index(new, writable=True, anew=True)) as index:
        take_facts(index, new, again)
        return index.execute(query).fetchall()


def test_versions_that_wait_under_one_number_in_both_all_wait(both):
    assert told(both, "SELECT id FROM quarantine ORDER BY id") == [("a",), ("b",)]


def test_a_hole_that_was_lost_stays_lost(both):
    with closing(open_index(both[1], writable=True, anew=True)) as index:
        index.execute(LOST)

    assert told(both, "SELECT feed, lost FROM holes") == [("china", 1)]


ELSEWHERE = {
    "posts": "exports and documents",
    "versions": "exports and documents",
    "documents": "documents",
    "notices": "exports",
    "sketches": "drawn anew of the versions",
    "buckets": "drawn anew of the versions",
    "fetches": "learnt by the next polls",
    "captures": "read of the archive's files",
    "sources": "read of the archive's files",
    "journal": "read of the archive's files",
    "images": "no step of an older archive tells of them",
}
"""What the tables come from that the archive's index is not asked for."""


def test_every_table_is_taken_over_or_made_of_something_else(both):
    with closing(open_index(both[0], writable=True)) as index:
        query = "SELECT name FROM sqlite_schema WHERE type = 'table'"
        tables = {name for (name,) in index.execute(query)} - {"sqlite_sequence"}
    taken = set(re.findall(r"(?:INTO|UPDATE) (\w+)", _FACTS))

    assert taken | set(ELSEWHERE) == tables, "_FACTS or ELSEWHERE lacks one"
