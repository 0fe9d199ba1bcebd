"""When a feed is polled next."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.polling import (
    BACK_OFF,
    PATIENCE,
    Found,
    Schedule,
    after_change,
    after_failure,
    after_same,
    back_off,
    is_due,
    spread,
)
from tests.core.feeds import DAY, HOUR, MINUTE, NOON, make_feed

FEED = make_feed(every="10m-2h", quiet="none")
NO = timedelta(0)


def found(every=10 * MINUTE, count=20, newest=NOON, **changes):
    times = tuple(newest - number * every for number in range(count))
    ids = tuple(f"id{number}" for number in range(count))
    values = {"ids": ids, "times": times, "first_page": count, "mark": "m", "etag": "e"}
    return Found(**{**values, **changes})


def wait_after(schedule, now=NOON):
    return schedule.next_poll - now


@pytest.mark.parametrize(
    ("every", "wait"),
    [
        pytest.param(MINUTE, 10 * MINUTE, id="busy: the shortest"),
        pytest.param(30 * MINUTE, 57 * MINUTE, id="two articles a poll"),
        pytest.param(5 * HOUR, 2 * HOUR, id="slow: the longest"),
    ],
)
def test_the_interval_follows_the_rhythm_within_bounds(every, wait):
    assert wait_after(after_change(Schedule(), FEED, found(every), NOON, wish=NO)) == (
        wait
    )


@pytest.mark.parametrize(
    ("times", "wait"),
    [
        pytest.param((), 10 * MINUTE, id="no times told"),
        pytest.param((NOON - 900 * DAY, NOON - 999 * DAY), 2 * HOUR, id="long dead"),
        pytest.param((NOON,), 2 * HOUR, id="one article"),
    ],
)
def test_a_feed_without_a_rhythm_is_polled_at_a_bound(times, wait):
    new = after_change(Schedule(), FEED, found(times=times), NOON, wish=NO)

    assert (wait_after(new), new.rhythm) == (wait, None)


def test_articles_of_former_years_are_nobodys_rhythm():
    times = tuple(NOON - n * 30 * MINUTE for n in range(10))
    old = tuple(NOON - n * 999 * DAY for n in range(1, 5))

    new = after_change(Schedule(), FEED, found(times=times + old), NOON, wish=NO)

    assert new.rhythm == 27 * MINUTE
    assert new.silence == 30 * MINUTE


def test_a_feed_that_falls_silent_is_polled_less_and_less():
    schedule = after_change(Schedule(), FEED, found(), NOON, wish=NO)
    waits = []
    for hours in range(0, 40, 4):
        now = NOON + hours * HOUR
        schedule = after_same(schedule, FEED, now, wish=NO)
        waits.append(wait_after(schedule, now))

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (19 * MINUTE, 2 * HOUR)


@pytest.mark.parametrize(
    ("wish", "wait"),
    [(NO, 10 * MINUTE), (HOUR, HOUR), (DAY, 2 * HOUR)],
    ids=["none", "within the bounds", "beyond them"],
)
def test_what_the_server_says_its_answer_holds_is_honoured_within_bounds(wish, wait):
    new = after_change(Schedule(), FEED, found(MINUTE), NOON, wish=wish)

    assert wait_after(new) == wait
    assert wait_after(after_same(new, FEED, NOON, wish=wish)) == wait


@pytest.mark.parametrize(
    ("beijing", "wait"),
    [
        pytest.param(0, 120, id="in the night at the longest interval"),
        pytest.param(5, 90, id="but there when it is over"),
        pytest.param(8, 10, id="by day by its rhythm"),
    ],
)
def test_quiet_hours_are_polled_through_slowly(beijing, wait):
    feed = make_feed(every="10m-2h", quiet="00:30-06:30")
    now = NOON + timedelta(hours=beijing - 12, minutes=25 if beijing == 0 else 0)

    new = after_change(Schedule(), feed, found(MINUTE, newest=now), now, wish=NO)

    assert wait_after(new, now) == wait * MINUTE


@pytest.mark.parametrize("trouble", BACK_OFF)
def test_each_trouble_waits_longer_and_longer_up_to_its_own_bound(trouble):
    waits = [back_off(trouble, failures) for failures in range(1, 30)]

    assert (waits[0], waits[-1]) == BACK_OFF[trouble]
    assert waits == sorted(waits)
    assert waits[1] == min(2 * waits[0], waits[-1])


def test_troubles_differ():
    first = {trouble: waits[0] for trouble, waits in BACK_OFF.items()}

    assert first["dns"] < first["timeout"] < first["ban"] < first["tls"]


def test_one_success_ends_a_series_of_failures():
    schedule = Schedule()
    for hours in range(3):
        now = NOON + hours * HOUR
        schedule = after_failure(schedule, FEED, "timeout", now, wish=NO)
    assert (schedule.failures, schedule.since) == (3, NOON)
    assert wait_after(schedule, now) == 40 * MINUTE

    well = after_change(schedule, FEED, found(), NOON + 3 * HOUR, wish=NO)

    assert (well.failures, well.since, well.trouble) == (0, None, "")


@pytest.mark.parametrize(
    ("wish", "wait"),
    [(MINUTE, 10 * MINUTE), (3 * HOUR, 3 * HOUR), (30 * DAY, PATIENCE)],
)
def test_retry_after_is_honoured_for_a_day_at_most(wish, wait):
    new = after_failure(Schedule(), FEED, "server error", NOON, wish=wish)

    assert wait_after(new) == wait


@given(
    st.sampled_from(sorted(BACK_OFF)),
    st.integers(0, 2**70),
    st.timedeltas(NO, 9999 * DAY),
    st.floats(0, 1),
)
def test_no_feed_is_left_alone_for_ever_or_asked_at_once(trouble, count, wish, chance):
    old = Schedule(failures=count)

    new = spread(after_failure(old, FEED, trouble, NOON, wish=wish), NOON, chance)

    assert 10 * MINUTE <= wait_after(new) <= 1.1 * DAY


def test_a_poll_is_spread_over_a_tenth_of_its_interval():
    schedule = Schedule(next_poll=NOON + 100 * MINUTE)

    waits = [wait_after(spread(schedule, NOON, chance)) for chance in (0, 0.5, 1)]

    assert waits == [100 * MINUTE, 105 * MINUTE, 110 * MINUTE]
    assert spread(Schedule(), NOON, 0.5) == Schedule()


@pytest.mark.parametrize(
    ("next_poll", "due"),
    [
        (None, True),
        (NOON, True),
        (NOON - DAY, True),
        (NOON + MINUTE, False),
        (NOON + 400 * DAY, True),
    ],
    ids=["never polled", "now", "overdue", "not yet", "a clock that was wrong"],
)
def test_what_is_due(next_poll, due):
    assert is_due(Schedule(next_poll=next_poll), NOON) is due


def test_a_list_that_is_not_settled_does_not_count_as_seen():
    old = Schedule(anchor=("old",), anchored=NOON - HOUR, etag="old", mark="old")

    new = after_change(old, FEED, found(settled=False), NOON, wish=NO)

    assert (new.anchor, new.etag, new.mark) == (("old",), "", "")


def test_an_article_that_never_comes_does_not_hold_its_feed_up_for_ever():
    old = Schedule(anchor=("old",), anchored=NOON - 25 * HOUR)

    assert "id0" in after_change(old, FEED, found(settled=False), NOON, wish=NO).anchor


def test_a_list_that_is_not_joined_to_the_last_is_no_anchor():
    old = Schedule(anchor=("old",), anchored=NOON - HOUR)

    new = after_change(old, FEED, found(joined=False, settled=True), NOON, wish=NO)

    assert new.anchor == ("old",)


def test_a_date_to_come_is_not_the_newest():
    times = (NOON + 400 * DAY, NOON - HOUR)

    new = after_change(Schedule(), FEED, found(times=times), NOON, wish=NO)

    assert new.newest == NOON - HOUR


def test_a_page_of_less_than_half_its_usual_size_has_shrunk_since():
    schedule = Schedule()
    for hours, size in enumerate([50, 50, 20, 20]):
        schedule = after_change(
            schedule, FEED, found(first_page=size), NOON + hours * HOUR, wish=NO
        )
    assert schedule.shrunk == NOON + 2 * HOUR

    again = after_change(schedule, FEED, found(first_page=45), NOON + DAY, wish=NO)
    assert again.shrunk is None
