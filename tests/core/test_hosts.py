"""What servers say of themselves."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.entries import read_answer
from crawler.core.hosts import (
    HostWatch,
    Stop,
    answer_trouble,
    parse_max_age,
    parse_retry_after,
    status_trouble,
)
from crawler.core.polling import PATIENCE
from tests.core.feeds import DAY, HOUR, MINUTE, NOON, make_feed

HOST, NO = "feed.example", timedelta(0)
BAN = "<title>拒绝</title><p>你的 IP 存在异常访问, 已被新浪安全部门封禁</p>".encode()
LONG = f"<style>{'p{}' * 900}</style><script>{'a;' * 900}</script>".encode()


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", 2 * MINUTE),
        (" 0 ", NO),
        ("999999999", PATIENCE),
        ("Mon, 02 Nov 2026 05:00:00 GMT", HOUR),
        ("Mon, 02 Nov 2026 03:00:00 GMT", NO),
        ("Fri, 01 Jan 2100 00:00:00 GMT", PATIENCE),
        ("Mon, 02 Nov 2026 05:00:00", HOUR),
        ("-5", NO),
        ("soon", NO),
        ("", NO),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, wait):
    assert parse_retry_after(text, NOON) == wait


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("max-age=300", 5 * MINUTE),
        ("public, Max-Age = 300, must-revalidate", 5 * MINUTE),
        ('max-age="300"', 5 * MINUTE),
        ("s-maxage=300", NO),
        ("max-age=300, no-cache", NO),
        ("no-store", NO),
        ("max-age=999999999", PATIENCE),
        ("max-age=-1", NO),
        ("", NO),
    ],
)
def test_max_age_is_how_long_an_answer_holds(text, wait):
    assert parse_max_age(text) == wait


@given(st.text())
def test_no_header_raises_or_is_believed_for_more_than_a_day(text):
    assert NO <= parse_retry_after(text, NOON) <= PATIENCE
    assert NO <= parse_max_age(text) <= PATIENCE


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        *((403, "ban"), (418, "ban"), (456, "ban"), (404, "not found")),
        *((410, "not found"), (429, "throttled"), (502, "abroad")),
        *((500, "server error"), (503, "server error"), (400, "failed")),
    ],
)
def test_a_status_names_its_trouble(status, trouble):
    assert status_trouble(status) == trouble


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        (BAN, "ban"),
        (LONG + BAN, "ban"),
        (b"<html>busy</html>", "not a feed"),
        (b"{", "not a feed"),
        (b'{"result":{"status":{"code":11}}}', "not a feed"),
        (b'{"result":{"status":{"code":0},"data":[]}}', "empty"),
        (b"", "empty"),
    ],
)
def test_an_answer_without_entries_names_its_trouble(body, trouble):
    assert answer_trouble(body, read_answer(body, make_feed())) == trouble


def test_a_page_past_the_last_is_no_trouble():
    body = b'{"result":{"status":{"code":0},"data":[]}}'

    assert answer_trouble(body, read_answer(body, make_feed(), 2)) is None


def refuse(watch, times, trouble="ban", wish=NO, now=NOON):
    return [watch.note_refusal(HOST, trouble, "why", now, wish) for _ in range(times)]


def test_three_refusals_in_a_row_stop_a_host():
    watch = HostWatch()

    assert refuse(watch, 3) == [None, None, Stop(NOON + 30 * MINUTE, NOON, "why")]
    assert watch.stopped(HOST, NOON + 29 * MINUTE)
    assert not watch.stopped(HOST, NOON + 30 * MINUTE)
    assert not watch.stopped("other.example", NOON)


def test_a_good_answer_in_between_is_no_ban():
    watch = HostWatch()
    refuse(watch, 2)
    watch.note_good(HOST)

    assert refuse(watch, 2) == [None, None]


def test_a_host_that_asks_for_patience_gets_it_at_once():
    [stop] = refuse(HostWatch(), 1, "server error", wish=HOUR)

    assert stop.until == NOON + HOUR


def test_what_is_no_refusal_stops_nobody():
    assert not any(refuse(HostWatch(), 9, "timeout"))


def test_a_host_that_was_stopped_is_stopped_again_for_longer_by_one_refusal():
    watch = HostWatch({HOST: Stop(NOON, NOON - HOUR, "why")})

    [stop] = refuse(watch, 1)

    assert (stop.until, stop.since, stop.times) == (NOON + HOUR, NOON - HOUR, 2)


def test_a_good_answer_ends_a_stop_and_says_so_once():
    watch = HostWatch({HOST: Stop(NOON, NOON - HOUR, "why")})

    assert [watch.note_good(HOST), watch.note_good(HOST)] == [True, False]
    assert refuse(watch, 1) == [None]


def test_a_stop_far_ahead_was_written_by_a_clock_that_was_wrong():
    watch = HostWatch({HOST: Stop(NOON + 9 * DAY, NOON, "why")})

    assert not watch.stopped(HOST, NOON)
