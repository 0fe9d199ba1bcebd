"""What each plot of a report draws, as Vega-Lite specifications.

Colours of text and background are left to the page, which knows whether it is dark.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from crawler.core.overview import Overview
from crawler.core.report import OUTCOMES
from crawler.report.axes import (
    ROW,
    Spec,
    amount,
    feed_axis,
    number,
    plot,
    span,
    time_axis,
    tip,
    when,
)
from crawler.report.calendar import draw_health

_FEEDS = 12
_COLOURS = {
    "new": "#2f9e63",
    "revised": "#3b82d6",
    "unchanged": "#9aa3ad",
    "duplicate": "#8f6fd1",
    "quarantined": "#e0a01b",
    "rejected": "#e2711d",
    "gone": "#b08968",
    "removed": "#7f5539",
    "back": "#38b2ac",
    "failed": "#d63a49",
}
_VERDICTS = {0: "#2f9e63", 1: "#e0a01b", 130: "#8f6fd1", 143: "#8f6fd1"}
_CHANGES = ("revised", "duplicate", "removed")
_HOSTS = 12
_BARS = {"type": "bar", "orient": "vertical", "x2Offset": -1}
_LINE = {"type": "line", "point": {"size": 32}, "strokeJoin": "round"}
_SHADES = ["rgba(59,130,214,0.06)", "rgba(59,130,214,1)"]
_PALETTE = (
    "#4c78a8 #f58518 #54a24b #e45756 #72b7b2 #b279a2 #eeca3b #ff9da6 #8c6239 #a3cf62"
    " #6b5bd2 #d6b4fc"
).split()
_PALE = "rgba(154,163,173,0.5)"


def draw(overview: Overview, titles: Mapping[str, str]) -> dict[str, Spec]:
    """Give the specification of every plot by the name of its place in the page.

    Args:
        overview: what is shown; a plot without data is left out.
        titles: the feeds' titles by id; where one is missing its id stands.
    """
    plots = {
        "posts": _posts(overview, titles),
        "rhythm": _rhythm(overview, titles),
        "outcomes": _outcomes(overview),
        "changes": _changes(overview),
        "delay": _delay(overview),
        "health": draw_health(overview, titles),
        "hosts": _hosts(overview),
        "verdicts": _verdicts(overview),
    }
    return {name: spec for name, spec in plots.items() if _has_data(spec)}


def _has_data(spec: Spec) -> bool:
    return bool(spec["data"]["values"])


def _posts(overview: Overview, titles: Mapping[str, str]) -> Spec:
    totals: Counter[str] = Counter()
    for (_, feed), count in overview.posts.items():
        totals[feed] += count
    named = [feed for feed, _ in totals.most_common(_FEEDS)]
    others = f"{len(totals) - len(named)} other feeds"
    rows: Counter[tuple[datetime, str]] = Counter()
    for (start, feed), count in overview.posts.items():
        name = titles.get(feed, feed) if feed in named else others
        rows[start, name] += count
    order = [*(titles.get(feed, feed) for feed in named), others]
    values = [
        {
            **span(start, overview.width),
            "feed": name,
            "rate": round(count / _hours(overview, start), 3),
            "rank": order.index(name),
        }
        for (start, name), count in sorted(rows.items())
    ]
    present = {row["feed"] for row in values}
    domain = [name for name in order if name in present]
    colours = [*_PALETTE[: len(domain) - (others in present)], _PALE]
    return plot(
        "Posts an hour by feed",
        values,
        240,
        mark=_BARS,
        encoding={
            **time_axis(overview, overview.width),
            "y": amount("rate", "posts an hour"),
            "color": {
                "field": "feed",
                "type": "nominal",
                "title": None,
                "scale": {"domain": domain, "range": colours[: len(domain)]},
                "legend": {"orient": "bottom"},
            },
            "order": {"field": "rank"},
            "tooltip": [*when(), tip("feed"), tip("rate", "posts an hour")],
        },
    )


def _rhythm(overview: Overview, titles: Mapping[str, str]) -> Spec:
    days = max((overview.until - overview.since) / timedelta(days=1), 1)
    values = [
        {"feed": titles.get(feed, feed), "hour": hour, "rate": round(count / days, 2)}
        for (feed, hour), count in sorted(overview.hours.items())
    ]
    return plot(
        "Posts a day by feed and hour of the day in Beijing",
        values,
        ROW * len({row["feed"] for row in values}),
        mark={"type": "rect"},
        encoding={
            "x": {
                "field": "hour",
                "type": "ordinal",
                "title": "hour of the day, Beijing",
                "scale": {"domain": list(range(24))},
                "axis": {"labelAngle": 0, "labelOverlap": "greedy"},
            },
            "y": feed_axis(),
            "color": {
                "field": "rate",
                "type": "quantitative",
                "title": "posts a day",
                "scale": {"range": _SHADES, "type": "sqrt"},
                "legend": {"orient": "bottom", "gradientLength": 160},
            },
            "tooltip": [tip("feed"), tip("hour"), tip("rate", "posts a day")],
        },
    )


def _outcomes(overview: Overview) -> Spec:
    ranks = {str(name): rank for rank, name in enumerate(OUTCOMES)}
    values = [
        {
            **span(start, overview.width),
            "outcome": name,
            "articles": count,
            "rank": ranks[name],
        }
        for (start, name), count in sorted(overview.outcomes.items())
    ]
    return plot(
        "What became of the fetched articles",
        values,
        220,
        mark=_BARS,
        encoding={
            **time_axis(overview, overview.width),
            "y": number("articles", "articles", values),
            "color": _outcome_colours({row["outcome"] for row in values}),
            "order": {"field": "rank"},
            "tooltip": [*when(), tip("outcome"), tip("articles")],
        },
    )


def _changes(overview: Overview) -> Spec:
    starts = sorted({start for start, _ in overview.outcomes})
    values = [
        {
            **span(start, overview.width),
            "outcome": name,
            "articles": overview.outcomes[start, name],
        }
        for start in starts
        for name in _CHANGES
        if overview.total(name)
    ]
    return plot(
        "Revisions, duplicates and removals over time",
        values,
        180,
        # A curve would show numbers that never were.
        mark={**_LINE, "interpolate": "linear"},
        encoding={
            "x": time_axis(overview, overview.width)["x"],
            "y": number("articles", "articles", values, piled=False),
            "color": _outcome_colours({row["outcome"] for row in values}),
            "tooltip": [*when(), tip("outcome"), tip("articles")],
        },
    )


def _delay(overview: Overview) -> Spec:
    values = [
        {**span(start, overview.width), "median": median, "most": most}
        for start, median, most in overview.delay_rows()
    ]
    axis = {"type": "quantitative", "title": "minutes", "scale": {"type": "log"}}
    tips = [tip("median", format=".1f"), tip("most", "90 %", format=".1f")]
    return plot(
        "Minutes from publication to store: median and 90th percentile",
        values,
        180,
        encoding={
            "x": time_axis(overview, overview.width)["x"],
            "tooltip": [*when(), *tips],
        },
        layer=[
            {
                "mark": {"type": "area", "opacity": 0.25, "color": "#3b82d6"},
                "encoding": {
                    "y": {"field": "median", **axis},
                    "y2": {"field": "most"},
                },
            },
            {
                "mark": {**_LINE, "color": "#3b82d6"},
                "encoding": {"y": {"field": "median", **axis}},
            },
        ],
    )


def _hosts(overview: Overview) -> Spec:
    by_time = sorted(overview.hosts.items(), key=lambda each: -each[1].mean)
    values = [
        {
            "host": name,
            "mean": round(host.mean, 3),
            "slowest": host.slowest,
            "responses": host.responses,
            "failures": host.failures,
        }
        for name, host in by_time[:_HOSTS]
    ]
    return plot(
        "The slowest hosts: mean and longest time until the first bytes",
        values,
        26 * len(values),
        encoding={
            "y": {
                "field": "host",
                "type": "nominal",
                "title": None,
                "sort": None,
                "axis": {"labelLimit": 170},
            },
            "tooltip": [
                *(tip("host"), tip("mean", "mean seconds")),
                *(tip("slowest", "slowest seconds"), tip("responses")),
                tip("failures"),
            ],
        },
        layer=[
            {
                "mark": {"type": "bar", "color": "#3b82d6", "height": 14},
                "encoding": {"x": amount("mean", "seconds: mean, and the slowest")},
            },
            {
                "mark": {"type": "tick", "color": "#e2711d", "thickness": 3},
                "encoding": {"x": {"field": "slowest", "type": "quantitative"}},
            },
        ],
    )


def _verdicts(overview: Overview) -> Spec:
    values = [
        {**span(start, overview.width), "code": str(code), "runs": count}
        for (start, code), count in sorted(overview.verdicts.items())
    ]
    codes = sorted({int(row["code"]) for row in values})
    palette = {
        0: "#2f9e63",
        1: "#e0a01b",
        75: "#9aa3ad",
        130: "#8f6fd1",
        143: "#8f6fd1",
    }
    colours = [palette.get(code, "#d63a49") for code in codes]
    return plot(
        "Runs by exit code",
        values,
        120,
        mark=_BARS,
        encoding={
            **time_axis(overview, overview.width),
            "y": number("runs", "runs", values),
            "color": {
                "field": "code",
                "type": "nominal",
                "title": "exit code",
                "scale": {"domain": [str(code) for code in codes], "range": colours},
                "legend": {"orient": "bottom"},
            },
            "tooltip": [*when(), tip("code", "exit code"), tip("runs")],
        },
    )


def _outcome_colours(present: set[str]) -> Spec:
    domain = [name for name in OUTCOMES if name in present]
    return {
        "field": "outcome",
        "type": "nominal",
        "title": None,
        "scale": {"domain": domain, "range": [_COLOURS[name] for name in domain]},
        "legend": {"orient": "bottom"},
    }


def _hours(overview: Overview, start: datetime) -> float:
    # The first and the last interval lie in the span of time in part.
    first, last = (
        max(start, overview.since),
        min(start + overview.width, overview.until),
    )
    return max((last - first) / timedelta(hours=1), 1)
