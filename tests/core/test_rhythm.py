"""Times between articles, counted without the quiet hours."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.rhythm import (
    Bounds,
    awake,
    longest_silence,
    parse_bounds,
    parse_quiet,
    rhythm_of,
)

NIGHT, NONE = parse_quiet("00:30-06:30"), parse_quiet("none")
NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SPANS = ["00:30-06:30", "22:00-05:00", "none", "00:00-23:59", "12:00-12:00"]
INSTANTS = st.integers(0, 9 * 366 * 86400).map(lambda s: NOON + timedelta(seconds=s))


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("10m-2h", Bounds(10 * MINUTE, 2 * HOUR)),
        ("90s", Bounds(90 * timedelta(seconds=1), 90 * timedelta(seconds=1))),
        ("1d-30d", Bounds(DAY, 30 * DAY)),
    ],
)
def test_bounds_are_one_time_or_two(text, bounds):
    assert parse_bounds(text) == bounds


@pytest.mark.parametrize("text", ["", "10", "0m", "2h-10m", "1m-2m-3m", "31d", "-1h"])
def test_other_bounds_are_refused(text):
    with pytest.raises(ValueError, match="must"):
        parse_bounds(text)


@pytest.mark.parametrize("text", ["", "0:30-6:30", "00:30", "00:30-24:30", "nights"])
def test_other_hours_are_refused(text):
    with pytest.raises(ValueError, match="must be hours"):
        parse_quiet(text)


@pytest.mark.parametrize(
    ("quiet", "start", "end", "length"),
    [
        ("00:30-06:30", NOON, NOON + 2 * HOUR, 2 * HOUR),
        ("00:30-06:30", NOON, NOON + DAY, 18 * HOUR),
        ("00:30-06:30", NOON, NOON + 10 * DAY + 13 * HOUR, (180 + 12.5) * HOUR),
        ("22:00-05:00", NOON, NOON + DAY, 17 * HOUR),
        ("none", NOON, NOON + DAY, DAY),
        ("none", NOON, NOON - DAY, 0 * DAY),
    ],
)
def test_quiet_hours_are_left_out(quiet, start, end, length):
    assert awake(start, end, parse_quiet(quiet)) == length


@given(st.sampled_from(SPANS), st.tuples(INSTANTS, INSTANTS, INSTANTS))
def test_times_add_up(text, instants):
    quiet = parse_quiet(text)
    first, second, third = sorted(instants)

    whole = awake(first, third, quiet)

    assert whole == awake(first, second, quiet) + awake(second, third, quiet)
    assert timedelta(0) <= whole <= third - first


@given(st.sampled_from(SPANS), INSTANTS)
def test_an_instant_is_quiet_until_its_quiet_hours_end(text, instant):
    quiet = parse_quiet(text)

    end = quiet.end_after(instant)

    if end is None:
        assert awake(instant, instant + timedelta(microseconds=1), quiet)
    else:
        assert awake(instant, end, quiet) == timedelta(0)
        assert quiet.end_after(end) is None


def test_the_rhythm_is_the_mean_up_to_now():
    times = [NOON - n * 10 * MINUTE for n in range(6)]

    assert rhythm_of(times, NOON, NONE) == 50 * MINUTE / 6
    assert rhythm_of(times, NOON + HOUR, NONE) == 110 * MINUTE / 6


def test_a_night_is_no_slower_rhythm():
    evening = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)  # 00:30 in Beijing
    times = [evening - n * 10 * MINUTE for n in range(6)]

    assert rhythm_of(times, evening + 6 * HOUR, NIGHT) == rhythm_of(
        times, evening, NIGHT
    )


@pytest.mark.parametrize("times", [[], [NOON], [NOON + DAY, NOON + 2 * DAY]])
def test_one_article_has_no_rhythm_and_those_to_come_do_not_count(times):
    assert rhythm_of(times, NOON, NONE) is None


@given(st.sampled_from(SPANS), st.lists(INSTANTS, max_size=9))
def test_no_silence_is_longer_than_the_longest(text, instants):
    quiet = parse_quiet(text)

    gaps = [awake(*pair, quiet) for pair in pairwise(sorted(instants))]

    assert longest_silence(instants, quiet) == max(gaps, default=timedelta(0))


def test_the_longest_silence_is_between_neighbours():
    assert longest_silence([NOON, NOON - 3 * HOUR, NOON - HOUR], NONE) == 2 * HOUR
    assert longest_silence([], NONE) == timedelta(0)
