"""What the plots of a report say, as data."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.core.overview import Overview
from crawler.report.plots import draw
from tests.core.test_overview import run_at

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def overview_of(days: float) -> Overview:
    return Overview(NOON - timedelta(days=days), NOON)


def shown_days(axis) -> list[tuple[int, int, int]]:
    return [(day["month"], day["date"], day["hours"]) for day in axis]


def test_a_young_store_has_the_whole_span_of_time_before_it():
    overview = overview_of(30)
    overview.add_run(run_at(NOON - timedelta(hours=1), "revised"))

    plots = draw(overview, {})

    for name in ("outcomes", "changes", "health", "verdicts"):
        scale = plots[name]["encoding"]["x"]["scale"]
        first, last = shown_days(scale["domain"])
        assert first[:2] == (10, 25), name
        assert last[:2] in {(11, 24), (11, 25)}, name
    [row] = plots["health"]["data"]["values"]
    assert row["from"] == "2026-11-24T00:00:00"


@pytest.mark.parametrize(
    ("days", "hours", "most"),
    [(1, {0, 6, 12, 18}, 5), (3, {0, 6, 12, 18}, 13), (30, {0}, 31), (900, {0}, 66)],
)
def test_ticks_are_whole_days_and_of_few_days_hours_too(days, hours, most):
    overview = overview_of(days)
    overview.add_run(run_at(NOON - timedelta(hours=1)))

    axis = draw(overview, {})["verdicts"]["encoding"]["x"]["axis"]

    ticks = shown_days(axis["values"])
    assert {hour for *_, hour in ticks} == hours
    assert len(set(ticks)) == len(ticks) or days > 365
    assert 4 <= len(ticks) <= most


def test_the_calendar_of_a_day_has_days_alone():
    overview = overview_of(1)
    overview.add_run(run_at(NOON - timedelta(hours=1)))

    axis = draw(overview, {})["health"]["encoding"]["x"]["axis"]

    assert shown_days(axis["values"]) == [(11, 23, 0), (11, 24, 0), (11, 25, 0)]


@pytest.mark.parametrize("name", ["outcomes", "changes", "verdicts"])
def test_runs_and_articles_are_counted_in_whole_numbers(name):
    overview = overview_of(30)
    overview.add_run(run_at(NOON - timedelta(hours=1), "revised"))

    assert draw(overview, {})[name]["encoding"]["y"]["axis"]["tickMinStep"] == 1


def test_a_line_of_changes_stands_at_its_own_numbers():
    overview = overview_of(30)
    for outcome in ("revised", "duplicate", "duplicate"):
        overview.add_run(run_at(NOON - timedelta(hours=1), outcome))

    spec = draw(overview, {})["changes"]

    assert spec["encoding"]["y"]["stack"] is None
    assert spec["mark"]["interpolate"] == "linear"
    rows = spec["data"]["values"]
    assert [(row["outcome"], row["articles"]) for row in rows] == [
        ("revised", 1),
        ("duplicate", 2),
    ]
