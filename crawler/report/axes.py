"""How a plot shows time, amounts and feeds: the parts that several plots share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from crawler.core.overview import Overview

Spec = dict[str, Any]
"""A part of a Vega-Lite specification."""

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_DAYS_WITHOUT_HOURS = 4


def plot(about: str, values: list[Spec], height: int, **rest: Any) -> Spec:
    """Make a plot of these values, as wide as its place and so many pixels high."""
    return {
        "$schema": _SCHEMA,
        "description": about,
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": values},
        **rest,
    }


def span(start: datetime, width: timedelta) -> Spec:
    """Give the two ends of an interval."""
    # Without a zone, so that every browser shows Beijing's time.
    times = (start, start + width)
    first, last = (f"{time:%Y-%m-%dT%H:%M:%S}" for time in times)
    return {"from": first, "to": last}


def time_axis(overview: Overview) -> Spec:
    """Show intervals from left to right."""
    days = (overview.until - overview.since) / timedelta(days=1)
    axis = {
        "format": "%m-%d" if days > _DAYS_WITHOUT_HOURS else "%m-%d %H:%M",
        "tickCount": {"expr": "width / 90"},
        "grid": False,
        "labelOverlap": True,
    }
    x = {"field": "from", "type": "temporal", "title": None, "axis": axis}
    return {"x": {**x, "bandPosition": 0}, "x2": {"field": "to"}}


def when() -> list[Spec]:
    """Tell the interval in a tooltip."""
    form = "%Y-%m-%d %H:%M"
    return [
        {"field": name, "type": "temporal", "title": name, "format": form}
        for name in ("from", "to")
    ]


def amount(field: str, title: str) -> Spec:
    """Show amounts that are piled up."""
    return {"field": field, "type": "quantitative", "title": title, "stack": "zero"}


def feed_axis() -> Spec:
    """Show one row for each feed."""
    return {
        "field": "feed",
        "type": "nominal",
        "title": None,
        "axis": {"labelLimit": 120, "labelOverlap": False},
    }


def tip(field: str, title: str = "", **rest: Any) -> Spec:
    """Tell a value in a tooltip."""
    return {"field": field, "title": title or field, **rest}
