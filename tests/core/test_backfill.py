"""The past, divided into what is read at one go."""

from datetime import UTC, datetime

import pytest

from crawler.core.backfill import Backfill, plan
from crawler.core.report import OUTCOMES
from tests.core.feeds import DAY, MINUTE, NOON, make_answer, make_feed

ROLL = make_feed(url="https://a.example/get?lid=1&page={page}")
RSS = make_feed(id="rss", format="rss", url="https://a.example/rss")
MIDNIGHT = datetime(2026, 10, 31, 16, tzinfo=UTC)  # 1 November in Beijing


def test_a_roll_feed_is_asked_for_one_beijing_day_after_the_other():
    windows = plan([ROLL], MIDNIGHT, MIDNIGHT + 2 * DAY)

    assert [window.day for window in windows] == ["2026-11-02", "2026-11-01"]
    start = int(MIDNIGHT.timestamp())
    assert windows[1].feed.page_url(3) == (
        f"https://a.example/get?lid=1&page=3&etime={start}&stime={start + 86400}"
        f"&ctime={start + 86400}&date=2026-11-01"
    )
    assert (windows[1].start, windows[0].end) == (MIDNIGHT, MIDNIGHT + 2 * DAY)


def test_days_are_read_feed_by_feed_and_other_feeds_at_one_go():
    two = make_feed(id="two", url="https://a.example/get?lid=2&page={page}")

    windows = plan([ROLL, RSS, two], MIDNIGHT, MIDNIGHT + 2 * DAY)

    assert [window.key for window in windows] == [
        *(("china", "2026-11-02"), ("two", "2026-11-02")),
        *(("china", "2026-11-01"), ("two", "2026-11-01")),
        ("rss", ""),
    ]
    assert windows[-1].feed is RSS


def test_no_time_is_no_window():
    assert plan([ROLL, RSS], MIDNIGHT, MIDNIGHT) == []


def test_a_list_that_shows_another_day_is_seen():
    [today, *_] = plan([ROLL], NOON - DAY / 2, NOON + DAY / 2)

    assert today.is_kept_to(make_answer(1, 2, 3).entries)
    assert today.is_kept_to(())
    assert not today.is_kept_to(make_answer(1, 1441, 1442).entries)


@pytest.fixture
def backfill():
    """Two days of one feed, the later of which has led to an article."""
    backfill = Backfill(plan([ROLL], MIDNIGHT, MIDNIGHT + 2 * DAY))
    backfill.open_article("one", backfill.left[0])
    return backfill


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_day_is_read_when_its_articles_have_come_to_an_end(backfill, outcome):
    day = backfill.left[0]
    assert backfill.end_list(day) is None

    assert backfill.close_article("one", outcome) is (
        None if outcome == "failed" else day
    )
    assert (day in backfill.left) is (outcome == "failed")


def test_a_day_whose_articles_were_faster_is_read_with_its_list(backfill):
    day = backfill.left[0]
    assert backfill.close_article("one", "new") is None

    assert backfill.end_list(day) is day
    assert backfill.end_list(day) is None


def test_a_day_is_not_read_while_a_page_of_it_may_lead_to_more(backfill):
    day = backfill.left[1]
    backfill.open_page(day)
    assert backfill.end_list(day) is None

    backfill.open_article("two", day)
    assert backfill.close_page(day) is None

    assert backfill.close_article("two", "new") is day


def test_a_day_that_failed_is_left(backfill):
    for day in backfill.windows[1:]:
        backfill.fail(day)
        assert backfill.end_list(day) is None

    assert not backfill.is_done


def test_what_an_earlier_run_has_read_is_not_read_again():
    windows = plan([ROLL], MIDNIGHT, MIDNIGHT + 2 * DAY)

    backfill = Backfill(windows, {("china", "2026-11-02")})

    assert backfill.left == windows[1:]
    assert backfill.end_list(windows[1]) is windows[1]
    assert backfill.is_done


@pytest.mark.parametrize(
    ("read", "stretch"),
    [
        pytest.param([2], (2, 3), id="alone"),
        pytest.param([1, 3, 2], (1, 4), id="between two"),
        pytest.param([0, 4, 2], (2, 3), id="apart"),
        pytest.param([4, 3, 2, 1, 0], (0, 5), id="all"),
        pytest.param([0, 1, 2, 3, 4], (0, 5), id="all, the other way round"),
    ],
)
def test_days_that_were_read_in_any_order_are_one_stretch(read, stretch):
    windows = plan([ROLL], MIDNIGHT, MIDNIGHT + 5 * DAY)
    backfill = Backfill(windows)
    for number in read:
        last = windows[4 - number]
        assert backfill.end_list(last) is last

    start, end = (MIDNIGHT + days * DAY for days in stretch)
    assert backfill.stretch(last) == (start, end)


def test_an_article_of_nobody_is_nobodys(backfill):
    assert backfill.close_article("two", "new") is None
    assert backfill.left[0].holds(make_answer(1).entries[0])
    assert not backfill.left[1].holds(make_answer(MINUTE // MINUTE).entries[0])
