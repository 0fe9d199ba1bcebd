"""The calendar of the feeds' health: a row for each feed, a cell for each day."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.core.dates import BEIJING, format_minute
from crawler.core.overview import STATES, Health, Overview
from crawler.report.axes import ROW, Spec, feed_axis, plot, span, time_axis, tip, when

_LOOKS = {
    "all failed": ("#d63a49", "#fff", "×"),
    "not polled": ("#c5ccd4", "#111", "?"),
    "layout changed": ("#8a4f1d", "#fff", "¶"),
    "stale": ("#2f6fc4", "#fff", "–"),
    "shrunk": ("#7b4fc9", "#fff", "<"),
    "hole": ("#b8327f", "#fff", "o"),
    "some failed": ("#f0b429", "#111", "/"),
    "well": ("#2f9e63", "#fff", ""),
}
"""Each state's colour, the ink on it, and a sign: colours alone do not tell all readers
states apart."""

_LEAST = 6
"""In cells of fewer pixels no sign can be read."""


def draw_health(overview: Overview, titles: Mapping[str, str]) -> Spec:
    """Show how each feed was, day by day.

    Args:
        overview: what is shown.
        titles: the feeds' titles by id.
    """
    values = [
        {
            **span(start, overview.health_width),
            "middle": span(start, overview.health_width / 2)["to"],
            "feed": titles.get(feed, feed),
            **_describe(health),
        }
        for (start, feed), health in sorted(overview.health.items())
    ]
    axis = time_axis(overview, overview.health_width)
    cells = (overview.until - overview.since) / overview.health_width + 1
    size = f"width / {cells:.0f} < {_LEAST} ? 0 : min(12, 1.2 * width / {cells:.0f})"
    return plot(
        "How each feed was, day by day",
        values,
        ROW * len({row["feed"] for row in values}),
        encoding={"y": feed_axis(), "tooltip": _tips()},
        layer=[
            {
                "mark": {
                    "type": "rect",
                    "xOffset": 0.5,
                    "x2Offset": -0.5,
                    "yOffset": 0.5,
                },
                "encoding": {**axis, "color": _colours(values)},
            },
            {
                "mark": {
                    "type": "text",
                    "baseline": "middle",
                    "fontWeight": "bold",
                    "fontSize": {"expr": size},
                },
                "encoding": {
                    "x": {"field": "middle", "type": "temporal", "title": None},
                    "text": {"field": "sign"},
                    "color": {"field": "ink", "type": "nominal", "scale": None},
                },
            },
        ],
    )


def _describe(health: Health) -> Spec:
    first, *_ = health.states
    _, ink, sign = _LOOKS[first]
    words = [
        f"{each.kind} since {format_minute(each.since, BEIJING)}: "
        + each.words(BEIJING)
        for each in health.signs
    ]
    problems = [*words, *filter(None, [health.problem])]
    return {
        "look": _name(first),
        "ink": ink,
        "sign": sign,
        "state": ", ".join(health.states),
        "polls": health.well + health.unwell,
        "failed": health.unwell,
        "problem": "; ".join(problems) or "none",
    }


def _name(state: str) -> str:
    return f"{_LOOKS[state][2]} {state}".strip()


def _colours(values: list[Spec]) -> Spec:
    present = {row["look"] for row in values}
    shown = [state for state in reversed(STATES) if _name(state) in present]
    return {
        "field": "look",
        "type": "nominal",
        "title": None,
        "scale": {
            "domain": [_name(state) for state in shown],
            "range": [_LOOKS[state][0] for state in shown],
        },
        "legend": {"orient": "bottom"},
    }


def _tips() -> list[Spec]:
    names = ("feed", "state", "polls", "failed", "problem")
    return [*when(), *(tip(name) for name in names)]
