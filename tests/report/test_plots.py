"""What the plots of a report say, as data."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from crawler.core.health import Kind, Sign
from crawler.core.overview import Overview
from crawler.report.plots import draw
from tests.core.test_overview import run_at

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def overview_of(days: float) -> Overview:
    return Overview(NOON - timedelta(days=days), NOON)


def time_of(spec):
    """Give the axis of time of a plot, or of its first layer."""
    return {**spec, **spec.get("layer", [{}])[0]}["encoding"]["x"]


def shown_days(axis) -> list[tuple[int, int, int]]:
    return [(day["month"], day["date"], day["hours"]) for day in axis]


def test_a_young_store_has_the_whole_span_of_time_before_it():
    overview = overview_of(30)
    overview.add_run(run_at(NOON - timedelta(hours=1), "revised"))

    plots = draw(overview, {})

    for name in ("outcomes", "changes", "health", "verdicts"):
        scale = time_of(plots[name])["scale"]
        first, last = shown_days([scale["domainMin"], scale["domainMax"]])
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

    axis = time_of(draw(overview, {})["health"])["axis"]

    assert shown_days(axis["values"]) == [(11, 23, 0), (11, 24, 0), (11, 25, 0)]


@pytest.mark.parametrize(
    ("name", "runs", "ticks"),
    [
        ("outcomes", 1, [0, 1, 2]),
        ("changes", 1, [0, 1]),
        ("changes", 2, [0, 1, 2]),
        ("verdicts", 1, [0, 1, 2]),
    ],
)
def test_few_runs_and_articles_have_ticks_at_whole_numbers(name, runs, ticks):
    overview = overview_of(30)
    for outcome in ["revised", "duplicate"] * runs:
        overview.add_run(run_at(NOON - timedelta(hours=1), outcome))

    axis = draw(overview, {})[name]["encoding"]["y"]["axis"]

    assert (axis["tickMinStep"], axis["values"]) == (1, ticks)


def test_each_state_of_a_feed_has_a_colour_a_sign_and_words():
    overview = overview_of(30)
    overview.add_run(run_at(NOON - timedelta(days=2)))
    signs = [Sign(kind, NOON) for kind in get_args(Kind)]
    for sign in signs:
        overview.add_signs(sign.kind, [sign])
    overview.add_signs("two", signs[1:3])

    spec = draw(overview, {})["health"]

    rows = {row["feed"]: row for row in spec["data"]["values"]}
    looks = {row["look"]: row["sign"] for row in rows.values()}
    scale = spec["layer"][0]["encoding"]["color"]["scale"]
    assert set(scale["domain"]) == set(looks)
    assert len(set(scale["range"])) == len(set(looks.values())) == len(signs) + 1
    assert all(look.startswith(sign) for look, sign in looks.items())
    assert rows["two"]["state"] == "stale, shrunk"


def test_what_is_wrong_is_told_with_its_time_in_beijing():
    overview = overview_of(30)
    day = timedelta(days=1)
    stale = Sign("stale", NOON, "nothing new after", NOON - day)
    overview.add_signs("china", [stale])

    [row] = draw(overview, {})["health"]["data"]["values"]

    assert row["problem"] == (
        "stale since 2026-11-24 12:00: nothing new after 2026-11-23 12:00"
    )


def test_the_busiest_feeds_come_first_and_all_others_last():
    overview = overview_of(30)
    for rank in range(30):
        for _ in range(40 - rank):
            overview.add_post(f"feed{rank}", NOON, NOON)

    spec = draw(overview, {})["posts"]

    names = [*(f"feed{rank}" for rank in range(12)), "18 other feeds"]
    rows = {row["rank"]: row["feed"] for row in spec["data"]["values"]}
    assert [rows[rank] for rank in sorted(rows)] == names
    assert spec["encoding"]["order"] == {"field": "rank"}
    scale = spec["encoding"]["color"]["scale"]
    assert scale["domain"] == names
    assert len(set(scale["range"])) == len(names)


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
