"""Times in, times out, and never today's."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.dates import (
    EARLIEST,
    beijing_day,
    format_iso,
    format_rfc1123,
    parse_day,
    parse_epoch,
    parse_time,
)
from tests.core.samples import texts

MINUTE = "2026-11-20T04:30:00+00:00"
SECOND = "2026-11-20T04:30:15+00:00"
TIMES = {
    "finance page": ("2026年11月20日 12:30", MINUTE),
    "no space after the day": ("2026年11月20日12:30", MINUTE),
    "ideographic space": ("2026年11月20日　12:30", MINUTE),
    "full-width colon": ("2026年11月20日 12：30：15", SECOND),
    "hours in words": ("2026年11月20日12时30分15秒", SECOND),
    "mobile page": ("2026.11.20 12:30:15", SECOND),
    "live feed": ("2026-11-20 12:30:15", SECOND),
    "slashes": ("2026/11/20 12:30", MINUTE),
    "one figure": ("2026-1-2 3:04", "2026-01-01T19:04:00+00:00"),
    "inside a text": ("来源：示例 2026-11-20 12:30 闻小满", MINUTE),
    "ISO with an offset": ("2026-11-20T12:30:15+08:00", SECOND),
    "ISO with an offset without colon": ("2026-11-20T12:30:15+0800", SECOND),
    "ISO with another offset": ("2026-11-19T23:30:15-05:00", SECOND),
    "ISO in UTC": ("2026-11-20T04:30:15Z", SECOND),
    "ISO with a fraction": ("2026-11-20T04:30:15.123Z", SECOND),
    "GMT by name": ("2026-11-20 04:30:15 GMT", SECOND),
    "RFC 1123": ("Fri, 20 Nov 2026 04:30:15 GMT", SECOND),
    "RFC 822 with an offset": ("Fri, 20 Nov 2026 12:30:15 +0800", SECOND),
    "RFC 822 without a zone": ("Fri, 20 Nov 2026 12:30:15", SECOND),
    "as the API writes": ("Fri Nov 20 12:30:15 +0800 2026", SECOND),
    "month by name": ("November 20, 2026 12:30", MINUTE),
    "unknown zone": ("November 20, 2026 12:30 XYZ", MINUTE),
    "named zone": ("November 20, 2026 04:30 UTC", MINUTE),
}
NO_TIMES = (
    *(
        "",
        "昨天",
        "5分钟前",
        "2026-11-20",
        "12:30",
        "2026-13-20 12:30",
        "2026-02-30 12:30",
    ),
    *("2026-11-20 25:00", "2026-11-20 12:60", "0000-00-00 00:00:00", "9999999 12:30"),
    *(
        "10:20 2026",
        "2026 10:20",
        "Nov 2026 10:20",
        "Friday 10:20 2026",
    ),
    *("0001-01-01 00:00:00", "2026-11-20 12:30 +99:99", "12:30 " * 20, "a:b", "2020:"),
)


@pytest.mark.parametrize(("text", "instant"), TIMES.values(), ids=TIMES)
def test_a_time_is_read(text, instant):
    found = parse_time(text)

    assert found is not None
    assert (found.isoformat(), found.tzinfo) == (instant, UTC)


@pytest.mark.parametrize("text", NO_TIMES, ids=ascii)
def test_what_is_no_whole_time_is_none(text):
    assert parse_time(text) is None


PARTS = st.lists(
    st.sampled_from(
        "2026 11 20 年 月 日 - / : ： T Z + -08:00 GMT CST XYZ Nov Fri am , . 0 99 1e5"
        " Feb utc noon \u0663 \u00b2 |".replace("|", " ").split(" ")
    ),
    max_size=14,
).map("".join)


@given(st.one_of(texts, PARTS))
def test_no_text_stops_the_reading_of_times(text):
    found = parse_time(text)

    assert found is None or found.tzinfo is UTC


@given(st.integers(int(EARLIEST.timestamp()), 3_800_000_000))
def test_a_written_time_reads_as_itself(seconds):
    instant = datetime.fromtimestamp(seconds, UTC)

    assert parse_time(format_rfc1123(instant)) == instant
    assert parse_time(format_iso(instant)) == instant
    assert parse_epoch(str(seconds)) == instant


EPOCHS = {
    "number": (1795149015, SECOND),
    "string": ("1795149015", SECOND),
    "padded string": (" 1795149015\n", SECOND),
    "Sina's first day": (int(EARLIEST.timestamp()), EARLIEST.isoformat()),
}
NO_EPOCHS = (
    *(None, "", "0", 0, -1, "-5", "1e9", 1.5, True, [], {}, "1795149015.5", "甲"),
    *(883583999, 10**20, "9" * 5000, 10**5000, float("nan"), "0x10", b"1795149015"),
)


@pytest.mark.parametrize(("value", "instant"), EPOCHS.values(), ids=EPOCHS)
def test_unix_seconds_are_read(value, instant):
    found = parse_epoch(value)

    assert found is not None
    assert found.isoformat() == instant


@pytest.mark.parametrize("value", NO_EPOCHS, ids=range(len(NO_EPOCHS)))
def test_what_is_no_time_since_1998_is_none(value):
    assert parse_epoch(value) is None


@given(st.one_of(texts, st.integers(), st.floats(), st.none(), st.binary()))
def test_no_value_stops_the_reading_of_unix_seconds(value):
    found = parse_epoch(value)

    assert found is None or found >= EARLIEST


@pytest.mark.parametrize("text", ["2026-11-20", " 2026-11-20\n"], ids=ascii)
def test_a_day_starts_at_beijing_midnight(text):
    assert parse_day(text) == datetime(2026, 11, 19, 16, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "2026-02-30", "20261120", "2026-11-20 1", "甲"])
def test_what_is_no_day_is_none(text):
    assert parse_day(text) is None


def test_an_instant_of_any_zone_is_written_in_utc():
    instant = datetime(2026, 11, 20, 0, 30, 15, 999, timezone(timedelta(hours=-4)))

    assert format_iso(instant) == SECOND
    assert format_rfc1123(instant) == "Fri, 20 Nov 2026 04:30:15 GMT"


@pytest.mark.parametrize(
    ("hour", "day"), [(15, "2026/11/20"), (16, "2026/11/21")], ids=["before", "after"]
)
def test_the_day_changes_at_beijing_midnight(hour, day):
    assert beijing_day(datetime(2026, 11, 20, hour, tzinfo=UTC)) == day
