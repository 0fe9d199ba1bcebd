"""Many runs and posts, summed up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.health import Kind, Sign
from crawler.core.hosts import Stop
from crawler.core.overview import STATES, Overview, RunFacts, interval, list_troubles
from crawler.core.report import Circumstances, Tally

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def overview_of(days: float) -> Overview:
    return Overview(NOW - timedelta(days=days), NOW)


def run_at(start: datetime, outcome="new", reason="", problem="") -> RunFacts:
    """Make the facts of a run with one article of the feed china."""
    tally = Tally()
    feed = tally.open_feed("china")
    feed.done, feed.listed = not problem, 5
    feed.problems += [problem] if problem else []
    tally.open_article("a", "https://a.cn/", "china")
    tally.close_article("a", outcome, reason)
    hosts = {"a.cn": {"responses": 2, "mean_seconds": 0.5, "slowest_seconds": 0.75}}
    end = start + timedelta(seconds=9)
    about = Circumstances(hosts=hosts)
    report = tally.finish(f"{start:%Y%m%d}", "finance", start, end, about)
    return RunFacts.model_validate(report.as_dict())


@given(st.floats(0.01, 3660))
def test_a_plot_has_few_intervals_whatever_the_span(days):
    overview = overview_of(days)

    assert (overview.until - overview.since) / overview.width <= 62 or days > 1700
    assert overview.health_width >= timedelta(days=1)


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from([1, 6, 24, 168]))
def test_an_instant_lies_in_its_interval(instant, hours):
    width = timedelta(hours=hours)
    if instant < datetime(2, 1, 1, tzinfo=UTC):
        return
    start = interval(instant, width)

    assert start <= instant < start + width
    assert interval(start, width) == start


def test_runs_are_counted_whatever_their_order():
    overview = overview_of(30)
    for days, problem in ((1, ""), (2, "dns: no"), (1, "http 403")):
        overview.add_run(run_at(NOW - timedelta(days=days), problem=problem))

    assert overview.runs == overview.total("new") == 3
    assert overview.last.started == NOW - timedelta(days=1)
    assert sorted(health.states[0] for health in overview.health.values()) == [
        "all failed",
        "some failed",
    ]
    assert overview.feeds["china"].status == "partial"
    assert (overview.hosts["a.cn"].responses, overview.hosts["a.cn"].mean) == (6, 0.5)


@pytest.mark.parametrize(
    ("signs", "problem", "states"),
    [
        ([], "", ["well"]),
        ([Sign("stale", NOW)], "", ["stale"]),
        ([Sign("hole", NOW), Sign("shrunk", NOW)], "", ["shrunk", "hole"]),
        ([Sign("hole", NOW)], "http 403", ["all failed", "hole"]),
        ([Sign("failing", NOW)], "http 403", ["all failed"]),
        ([Sign("failing", NOW)], "", ["some failed"]),
    ],
)
def test_a_feed_that_answers_is_not_well_for_that(signs, problem, states):
    overview = overview_of(30)
    overview.add_run(run_at(NOW - timedelta(hours=1), problem=problem))
    hour_ago = NOW - timedelta(hours=1)
    overview.add_signs("china", [replace(sign, since=hour_ago) for sign in signs])

    [health] = overview.health.values()

    assert list(health.states) == states


@pytest.mark.parametrize(("began", "days"), [(0.1, 1), (3, 4), (99, 31)])
def test_what_is_wrong_is_shown_from_the_day_it_began_until_now(began, days):
    overview = overview_of(30)
    overview.add_signs("china", [Sign("stale", NOW - timedelta(days=began))])

    assert len(overview.health) == days
    assert max(overview.health) == (interval(NOW, timedelta(days=1)), "china")
    assert {health.states for health in overview.health.values()} == {("stale",)}


def test_every_sign_has_its_state():
    assert {*get_args(Kind)} - {"failing"} < {*STATES}


def test_a_reason_has_its_latest_example():
    overview = overview_of(30)
    for days in (3, 1, 2):
        run = run_at(NOW - timedelta(days=days), "failed", f"timeout: {days} days ago")
        overview.add_run(run)
    [((outcome, kind), reason)] = overview.reasons.items()

    assert (outcome, kind, reason.count) == ("failed", "timeout", 3)
    assert reason.text == "timeout: 1 days ago"
    assert overview.broken_share() == 1


def test_a_report_of_an_older_form_is_read():
    data = {
        "run": "x",
        "spider": "finance",
        "started": "2026-11-23T10:00:00+00:00",
        "finished": "2026-11-23T10:00:09+00:00",
        "counts": {"new": 1, "unheard of": 2},
        "feeds": {"china": {"status": "ok", "problems": []}},
        "failures": [],
        "stop": "",
        "exit_code": 0,
    }
    overview = overview_of(30)
    overview.add_run(RunFacts.model_validate(data))

    assert (overview.runs, overview.total("new")) == (1, 1)


@given(st.lists(st.integers(31, 80_000), min_size=1, max_size=50))
def test_a_median_is_right_to_a_tenth(delays):
    overview = overview_of(30)
    published = NOW - timedelta(days=2)
    for seconds in delays:
        overview.add_post("china", published, published + timedelta(seconds=seconds))
    exact = sorted(delays)[(len(delays) - 1) // 2] / 60

    assert exact <= overview.median_delay() * 1.0001
    assert overview.median_delay() <= exact * 1.1001


def test_an_old_post_that_is_fetched_later_says_nothing_of_our_delay():
    overview = overview_of(30)
    overview.add_post("china", NOW - timedelta(days=9), NOW)

    assert (overview.backfilled, overview.median_delay()) == (1, None)
    assert list(overview.delay_rows()) == []


@pytest.mark.parametrize(("hour", "shown"), [(0, 8), (15, 23), (16, 0)])
def test_hours_are_beijing_s(hour, shown):
    overview = overview_of(30)
    published = datetime(2026, 11, 20, hour, 30, tzinfo=UTC)
    overview.add_post("china", published, published)

    assert list(overview.hours) == [("china", shown)]


def test_what_is_wrong_now_is_told_in_beijing_s_time():
    morning = datetime(2026, 11, 20, 6, 48, tzinfo=UTC)
    signs = {"stock": [Sign("stale", NOW, "nothing new after", morning)]}
    stops = {"a.cn": Stop(NOW + timedelta(hours=1), NOW, "403")}

    assert [each.detail for each in list_troubles(overview_of(30), signs, stops)] == [
        "a.cn is left alone until 2026-11-24 13:00: 403",
        "nothing new after 2026-11-20 14:48",
    ]


def test_what_is_wrong_now_is_listed_once():
    overview = overview_of(30)
    overview.add_run(run_at(NOW - timedelta(hours=1), problem="http 403"))
    hour_ago = NOW - timedelta(hours=1)
    stops = {
        "a.cn": Stop(NOW + timedelta(hours=1), hour_ago, "403"),
        "b.cn": Stop(hour_ago, hour_ago, "over"),
    }
    stale = {"stock": [Sign("stale", hour_ago, "nothing new")]}

    def names(signs):
        return [
            (each.name, each.what) for each in list_troubles(overview, signs, stops)
        ]

    first = ("a.cn", "refuses us")
    assert names(stale) == [first, ("china", "partial"), ("stock", "stale")]
    failing = {"china": [Sign("failing", hour_ago, "ban")]}
    assert names(failing) == [first, ("china", "failing")]
