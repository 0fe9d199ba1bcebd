"""How many pages had a body is counted by day, each page once."""

from collections import Counter
from contextlib import closing
from datetime import date

import pytest

from crawler.core.health import Bodies
from crawler.storage.bodies import read_bodies
from crawler.storage.index import open_index

DAY = date(2026, 11, 2)
CHINA = ("china", "finance-2017")


@pytest.fixture
def counted(store, output):
    """Read what the store has counted."""

    def read():
        with closing(open_index(output / "index.sqlite", writable=False)) as index:
            return read_bodies(index)

    return read


def test_pages_add_up_over_the_runs_of_a_day(store, counted):
    store.schedules.bodies.add(DAY, Counter({CHINA: 5}), [(*CHINA, "one")])
    store.schedules.bodies.add(DAY, Counter({CHINA: 2}), [])
    store.schedules.bodies.add(DAY, Counter(), [])

    assert counted() == {"china": [Bodies("2026-11-02", "finance-2017", 8, 1)]}


def test_a_page_that_is_tried_again_counts_once(store, counted, make_entry):
    for _ in range(3):
        store.reject("one", "https://a.example/", "no body", make_entry())
        store.schedules.bodies.add(DAY, Counter(), [(*CHINA, "one")])

    assert counted() == {"china": [Bodies("2026-11-02", "finance-2017", 1, 1)]}


def test_what_is_older_than_a_month_is_forgotten(store, counted):
    for day in (date(2026, 10, 2), date(2026, 10, 3), DAY):
        store.schedules.bodies.add(day, Counter({CHINA: 1}), [])

    assert [each.day for each in counted()["china"]] == ["2026-10-03", "2026-11-02"]
