"""What the plots of a report say, as data."""

from datetime import UTC, datetime, timedelta

from crawler.core.overview import Overview
from crawler.report.plots import draw
from tests.core.test_overview import run_at

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def overview_of(days: float) -> Overview:
    return Overview(NOON - timedelta(days=days), NOON)


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
