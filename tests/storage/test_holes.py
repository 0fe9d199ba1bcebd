"""Holes are kept until what they lack has been read."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.core.paging import Hole
from crawler.storage.polls import read_polls

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


def at(hours):
    return NOON + timedelta(hours=hours)


@pytest.fixture
def holes(store):
    """The holes of a store with one from noon to ten hours later."""
    store.schedules.holes.add([Hole("china", at(0), at(10))], NOON)
    return store.schedules.holes


def spans(holes):
    """Give the open holes as hours."""
    return hours_of(holes.open())


def hours_of(noted):
    hour = timedelta(hours=1)
    found = [each.hole for each in noted]
    return [((each.start - NOON) / hour, (each.end - NOON) / hour) for each in found]


def test_a_hole_is_listed_with_when_it_was_noticed(holes):
    [found] = holes.open()

    assert (found.hole, found.noticed) == (Hole("china", at(0), at(10)), NOON)


@pytest.mark.parametrize(
    ("start", "end", "left"),
    [
        pytest.param(0, 10, [], id="all"),
        pytest.param(-5, 15, [], id="more"),
        pytest.param(4, 15, [(0, 4)], id="the end"),
        pytest.param(-5, 4, [(4, 10)], id="the beginning"),
        pytest.param(3, 4, [(0, 10)], id="the middle"),
        pytest.param(-5, 0, [(0, 10)], id="before"),
        pytest.param(10, 15, [(0, 10)], id="after"),
    ],
)
def test_what_is_read_closes_a_hole_or_makes_it_shorter(holes, start, end, left):
    holes.close("stock", at(-99), at(99), NOON)
    holes.close("china", at(start), at(end), NOON)

    assert spans(holes) == left


def test_day_after_day_closes_a_hole(holes):
    for start in (8, 4, 0, -4):
        holes.close("china", at(start), at(start + 4), NOON)

    assert spans(holes) == []


def test_a_hole_within_a_hole_is_known(holes):
    holes.add([Hole("china", at(1), at(2)), Hole("stock", at(1), at(2))], NOON)

    assert spans(holes) == [(0, 10), (1, 2)]


@pytest.mark.parametrize(
    ("before", "opened", "lost"),
    [
        pytest.param(10, [], [(0, 10)], id="all"),
        pytest.param(15, [], [(0, 10)], id="more"),
        pytest.param(4, [(4, 10)], [(0, 4)], id="the beginning"),
        pytest.param(0, [(0, 10)], [], id="nothing"),
    ],
)
def test_what_a_list_does_not_go_back_to_is_lost(holes, output, before, opened, lost):
    holes.lose("stock", at(99), NOON)
    holes.lose("china", at(before), NOON)

    assert spans(holes) == opened
    noted = read_polls(output).lost
    assert hours_of(noted) == lost
    assert all((each.hole.is_lost, each.noticed) == (True, NOON) for each in noted)


def test_a_hole_that_is_lost_is_never_open_and_noted_once(holes, output):
    gone = Hole("rss", at(1), at(5), is_lost=True)
    holes.add([gone], NOON)
    holes.add([gone, Hole("rss", at(2), at(4), is_lost=True)], at(1))
    holes.close("rss", at(-99), at(99), NOON)

    assert spans(holes) == [(0, 10)]
    assert [each.hole for each in read_polls(output).lost] == [gone]


def test_windows_are_known_until_their_backfill_is_complete(store, crash, open_store):
    store.schedules.windows.note("china", "2026-11-01", NOON)
    store.schedules.windows.note("china", "2026-11-02", NOON)
    crash(store)

    windows = open_store("second").schedules.windows
    assert windows.read() == {("china", "2026-11-01"), ("china", "2026-11-02")}
    windows.forget([("china", "2026-11-01")])
    assert windows.read() == {("china", "2026-11-02")}
