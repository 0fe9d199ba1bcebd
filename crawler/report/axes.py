"""How a plot shows time, amounts and feeds: the parts that several plots share."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from crawler.core.overview import Overview, interval

Spec = dict[str, Any]
"""A part of a Vega-Lite specification."""

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
ROW = 18
"""How many pixels high a feed's row is."""

_FEW = 4
_DAY = timedelta(days=1)
_DAYS_WITH_HOURS = timedelta(days=4)
_HOURS = timedelta(hours=6)


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


def time_axis(overview: Overview, width: timedelta) -> Spec:
    """Show intervals of such a width from left to right, over the whole span of time.

    Ticks are whole days, or multiples of the intervals where those are longer; of a
    few days they are hours too.
    """
    first, last = interval(overview.since, width), interval(overview.until, width)
    hourly = width < _DAY and last - first <= _DAYS_WITH_HOURS
    step = _HOURS if hourly else max(width, _DAY)
    start = interval(first, step)
    ticks = [start + step * n for n in range((last + width - start) // step + 1)]
    axis = {
        "format": "%m-%d %H:%M" if hourly else "%m-%d",
        "values": [_local(tick) for tick in ticks if tick >= first],
        "grid": False,
        "labelOverlap": "greedy" if hourly else "parity",
        "labelSeparation": 8,
    }
    x: Spec = {"field": "from", "type": "temporal", "title": None, "axis": axis}
    scale = {"domainMin": _local(first), "domainMax": _local(last + width)}
    x |= {"scale": scale, "bandPosition": 0}
    return {"x": x, "x2": {"field": "to"}}


def _local(time: datetime) -> Spec:
    # A text here would be taken for UTC's.
    names = ("year", "month", "date", "hours", "minutes")
    return dict(zip(names, time.timetuple(), strict=False))


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


def number(field: str, title: str, values: list[Spec], *, piled: bool = True) -> Spec:
    """Show whole numbers, with ticks at whole numbers alone."""
    sums: Counter[str] = Counter()
    for row in values:
        sums[row["from"]] += row[field]
    most = max(sums.values() if piled else (row[field] for row in values), default=0)
    axis: Spec = {"tickMinStep": 1, "format": ",d"}
    if most < _FEW:  # Of so few, halves have ticks all the same.
        axis["values"] = list(range(most + 1))
    shown = {**amount(field, title), "axis": axis}
    return shown if piled else {**shown, "stack": None}


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
