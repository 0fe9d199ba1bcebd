"""One self-contained page: the plots, the library that draws them, and tables.

The page asks nothing of any network, and its policy forbids it to. Titles, reasons and
addresses are others' words: the template escapes every one, and the policy lets no
script run but the two whose digests it names.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape
from vl_convert import javascript_bundle

from crawler.core.dates import BEIJING, format_minute
from crawler.core.overview import Overview, Trouble
from crawler.core.report import BROKEN
from crawler.report.plots import draw

_CALENDAR = (
    "How their polls went, day by day. What is wrong now is shown from the day it"
    " began: a feed can answer well and bring nothing."
)
_PLACES = (
    ("posts", "Posts an hour", "By the time of publication; colours are feeds.", True),
    ("outcomes", "Outcomes", "What became of the articles that were fetched.", False),
    ("changes", "Revisions and duplicates", "What is not new, over time.", False),
    (
        "delay",
        "From publication to store",
        "Minutes; the line is the median, nine of ten posts lie below the area's top.",
        False,
    ),
    ("hosts", "Slowest hosts", "Until the first bytes of an answer.", False),
    ("health", "Health of the feeds", _CALENDAR, True),
    ("rhythm", "Rhythm of the feeds", "Posts by hour of the day in Beijing.", True),
    ("verdicts", "Runs", "By their exit code; 0 is well.", True),
)
_REASONS = 40


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure at the top of the page."""

    name: str
    value: str
    about: str
    mood: str = ""


def make_page(
    overview: Overview,
    titles: Mapping[str, str],
    newest: Sequence[Mapping[str, Any]],
    troubles: Sequence[Trouble],
) -> str:
    """Make the page.

    Args:
        overview: what happened.
        titles: the feeds' titles by id.
        newest: records of the newest posts, the newest first.
        troubles: what is wrong now.
    """
    texts = {name: _read(name) for name in ("page.css", "page.js", "page.html")}
    bundle = javascript_bundle()  # type: ignore[call-arg]  # its stub is wrong
    library = bundle.replace("</script", "<\\/script")
    script = texts["page.js"]
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string(texts["page.html"])
    worst = sorted(overview.reasons.items(), key=lambda each: -each[1].count)
    return template.render(
        policy=_policy(library, script),
        css=texts["page.css"],
        library=library,
        script=script,
        since=_moment(overview.since),
        until=_moment(overview.until),
        view=overview,
        tiles=_tiles(overview, troubles),
        places=_PLACES,
        plots=draw(overview, titles),
        reasons=worst[:_REASONS],
        troubles=troubles,
        newest=newest,
        titles=titles,
        moment=_moment,
        link=_link,
        nothing=lambda name: _nothing(name, overview),
    )


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _policy(*scripts: str) -> str:
    digests = (b64encode(sha256(text.encode()).digest()).decode() for text in scripts)
    sources = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {sources}; style-src 'unsafe-inline';"
        " base-uri 'none'; form-action 'none'"
    )


def _tiles(overview: Overview, troubles: Sequence[Trouble]) -> list[Tile]:
    well = sum(n for (_, code), n in overview.verdicts.items() if code == 0)
    names = {trouble.name for trouble in troubles}
    unwell = sum(feed in names for feed in overview.feeds)
    delay = overview.median_delay()
    last = overview.last
    share = overview.broken_share()
    mood = "good" if not overview.total(*BROKEN) else "bad"
    return [
        Tile(
            "last run",
            f"exit {last.exit_code}" if last else "none",
            f"{last.spider}, {_moment(last.started)}" if last else "in this time",
            "good" if last and last.exit_code == 0 else "bad",
        ),
        Tile("runs", f"{overview.runs:,}", f"{well:,} ended with 0"),
        Tile(
            "posts",
            f"{sum(overview.posts.values()):,}",
            f"published; {overview.total('revised'):,} revisions",
        ),
        Tile(
            "not posts",
            f"{overview.total(*BROKEN):,}",
            f"{share:.1%} of the articles fetched",
            mood,
        ),
        Tile(
            "delay",
            "–" if delay is None else f"{delay:.0f} min",
            f"median; {overview.backfilled:,} older than a day left out",
        ),
        Tile(
            "feeds",
            f"{len(overview.feeds) - unwell} of {len(overview.feeds)}",
            "are well",
            "bad" if unwell else "good",
        ),
    ]


def _nothing(name: str, overview: Overview) -> str:
    old = overview.backfilled
    if name == "delay" and old == 1:
        return "The only post was older than a day when it was first seen."
    if name == "delay" and old:
        return f"All {old:,} posts were older than a day when they were first seen."
    return "Nothing in this span of time."


def _moment(instant: datetime | str | None) -> str:
    if not instant:
        return ""
    time = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return format_minute(time, BEIJING)


def _link(url: str, text: str) -> Markup:
    # An address in the store is http(s); one in a report need not be.
    if not url.lower().startswith(("https://", "http://")):
        return escape(text)
    form = '<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>'
    return Markup(form).format(url, text)  # noqa: S704 - format escapes both
