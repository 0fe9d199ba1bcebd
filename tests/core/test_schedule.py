"""When a page is due for another visit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.errors import OptionError
from crawler.core.schedule import (
    CONFIRM_AFTER,
    History,
    confirms,
    due_since,
    parse_ages,
)

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
AGES = parse_ages(["1h", "1d", "7d", "30d"])


def hours(number):
    return timedelta(hours=number)


def history(visited=0.1, **times):
    """A post published at noon; times are hours from then."""
    at = {name: NOON + hours(value) for name, value in times.items() if name != "tries"}
    return History(
        published=NOON,
        visited=NOON + hours(visited),
        tries=times.get("tries", 0),
        **at,
    )


DUE = {
    "too young": ({}, 0.9, None),
    "an hour old": ({}, 1, 1),
    "two hours old": ({}, 2, 1),
    "visited at an hour": ({"visited": 1}, 23.9, None),
    "visited late": ({"visited": 20}, 23.9, None),
    "a day old": ({"visited": 1}, 24, 24),
    "visited at a day": ({"visited": 24}, 167, None),
    "a week old": ({"visited": 30}, 170, 168),
    "a month old": ({"visited": 168}, 720, 720),
    "after the last": ({"visited": 721}, 99_999, None),
    "a standstill of a week is one visit": ({}, 200, 1),
    "visited after the standstill": ({"visited": 200}, 201, None),
    "found in an archive": ({"visited": 80_000}, 90_000, None),
    "dated ahead": ({"visited": -20}, -19, None),
    "the clock was set back": ({"visited": 5000}, 30, None),
    "gone": ({"visited": 2, "noticed": 2}, 2.9, None),
    "gone for an hour": ({"visited": 2, "noticed": 2}, 3, 3),
    "gone, whatever the age": ({"visited": 800, "noticed": 800}, 900, 801),
    "removed": ({"visited": 4, "noticed": 2, "confirmed": 4}, 10, None),
    "removed, a day old": ({"visited": 4, "noticed": 2, "confirmed": 4}, 24, 24),
    "failed once": ({"tried": 1, "tries": 1}, 1.9, None),
    "failed once, an hour ago": ({"tried": 1, "tries": 1}, 2, 1),
    "failed three times": ({"tried": 5, "tries": 3}, 8.9, None),
    "failed three times, four hours ago": ({"tried": 5, "tries": 3}, 9, 1),
    "failed for ever": ({"tried": 100, "tries": 10**9}, 267, None),
    "failed for ever, a week ago": ({"tried": 100, "tries": 10**9}, 268, 1),
    "failed while unconfirmed": (
        {"visited": 2, "noticed": 2, "tried": 3, "tries": 1},
        3.5,
        None,
    ),
}


@pytest.mark.parametrize(("known", "now", "since"), DUE.values(), ids=DUE)
def test_a_page_is_due_by_its_age(known, now, since):
    due = due_since(history(**known), NOON + hours(now), AGES)

    assert due == (None if since is None else NOON + hours(since))


@given(st.floats(0, 2000), st.floats(0, 2000))
def test_a_visited_page_is_not_due_at_once_again(visited, later):
    now = NOON + hours(visited)

    assert due_since(history(visited), now, AGES) is None
    due = due_since(history(visited), now + hours(later), AGES)
    assert due is None or now < due <= now + hours(later)


@pytest.mark.parametrize(
    ("later", "is_confirmed"),
    [(timedelta(0), False), (CONFIRM_AFTER, True), (timedelta(days=9), True)],
    ids=str,
)
def test_a_removal_is_confirmed_by_a_later_visit(later, is_confirmed):
    assert confirms(NOON, NOON + later) is is_confirmed


@pytest.mark.parametrize("text", ["", "1", "h", "0h", "-1d", "1.5h", "1y", "9" * 6])
def test_an_age_that_is_none_is_refused(text):
    with pytest.raises(OptionError, match="RECHECK_AFTER"):
        parse_ages(["1h", text])


def test_a_schedule_without_ages_is_refused():
    with pytest.raises(OptionError, match="names no age"):
        parse_ages([])


def test_ages_are_sorted_and_stand_once():
    assert parse_ages([" 7d", "24h", "1d", "30m"]) == (
        timedelta(minutes=30),
        timedelta(days=1),
        timedelta(days=7),
    )
