"""``scrapy feeds``: the catalogue, and how each feed is."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.box import HEAVY_HEAD, SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from scrapy.commands import ScrapyCommand

from crawler.core.catalogue import Catalogue, Feed
from crawler.core.dates import beijing_day, format_iso, parse_time
from crawler.core.errors import CrawlerError, OptionError
from crawler.core.health import Sign, examine, name_state
from crawler.core.hosts import Stop
from crawler.core.options import refuse_arguments
from crawler.core.polling import Schedule
from crawler.core.urls import host_of
from crawler.provenance import check_given
from crawler.storage.catalogue import read_catalogue
from crawler.storage.holes import NotedHole
from crawler.storage.polls import Polls, read_polls
from crawler.terminal import for_a_reader

_PIPE_WIDTH = 250
_WIDE = 120
_COLUMNS = {
    "id": 0,
    "state": 10,
    "last success": 0,
    "newest": 0,
    "next poll": 0,
    "rhythm": 0,
    "what is wrong, and since when": 16,
}
"""The columns of the table; how narrow each may become, 0: it is not broken at all."""

_SPARE = frozenset({"last success", "rhythm"})
"""What a narrow terminal has no room for."""

_DAY = timedelta(days=1)


class Command(ScrapyCommand):
    """List every feed: how it is, when it was last read, when it will be next."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "List the catalogue's feeds: how each is, and when it is polled next"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "List every feed of the catalogue: its state, when it was last read without"
            " a problem, how old its newest article is, when it is polled next, the"
            " usual time between two of its articles, and what is wrong with it since"
            " when (times in UTC). Examples: scrapy feeds; scrapy feeds --holes; scrapy"
            " feeds --json; scrapy feeds --holes --json. Ends with 1 when a feed is"
            " unwell or a host is left alone, with 2 when the catalogue cannot be used:"
            " the message names file, feed and key."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options."""
        super().add_options(parser)
        parser.add_argument(
            "--json",
            action="store_true",
            help="print one JSON object a feed and stopped host, or a hole",
        )
        parser.add_argument(
            "--holes",
            action="store_true",
            help="list the times of which articles may be missing, how to close each,"
            " and those that nothing can close",
        )
        parser.add_argument(
            "--now", default="", help="an instant to take for the present one"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the table."""
        assert self.settings is not None
        try:
            refuse_arguments(args, "feeds")
            check_given(opts.set)
            now = _read_now(opts.now)
            catalogue = read_catalogue(Path(self.settings["CATALOGUE_DIR"]))
            polls = read_polls(Path(self.settings["OUTPUT_DIR"]))
        except CrawlerError as error:
            sys.stderr.write(f"scrapy feeds: {error}\n")
            self.exitcode = error.exit_code
            return
        if opts.holes:
            self.exitcode = int(bool(polls.holes))
            with for_a_reader():
                _print_holes(polls, catalogue, as_json=opts.json)
            return
        states = [_state(feed, polls, now) for feed in catalogue.feeds]
        stops = {host: stop for host, stop in polls.stops.items() if stop.holds(now)}
        self.exitcode = int(bool(stops) or any(state["signs"] for state in states))
        with for_a_reader():
            if opts.json:
                hosts = [_host_state(*each) for each in stops.items()]
                for each in (*states, *hosts):
                    print(json.dumps(each, ensure_ascii=False))
            else:
                _print_table(states, _told(stops, catalogue), now)


def _read_now(text: str) -> datetime:
    now = parse_time(text) if text else datetime.now(UTC)
    if now is None:
        raise OptionError("--now", text, "is no time such as 2026-11-01T12:00:00Z")
    return now


def _state(feed: Feed, polls: Polls, now: datetime) -> dict[str, Any]:
    schedule = polls.schedule(feed)
    last, stop = polls.last.get(feed.id), polls.stop(feed)
    signs = examine(feed, polls.known(feed), now)
    return {
        "id": feed.id,
        "title": feed.title,
        "format": feed.format,
        "state": _word(feed, schedule, signs),
        "last_success": last.last_ok if last else "",
        "newest": _iso(schedule.latest),
        "next_poll": _iso(schedule.next_poll) if feed.enabled else "",
        "host_stopped_until": _iso(stop.until) if stop and stop.holds(now) else "",
        "rhythm_seconds": _seconds(schedule.rhythm),
        "every": feed.every,
        "overlap": schedule.overlap,
        "failures": schedule.failures,
        "signs": [
            {"sign": s.kind, "since": format_iso(s.since), "detail": s.words()}
            for s in signs
        ],
    }


def _host_state(host: str, stop: Stop) -> dict[str, Any]:
    return {
        "host": host,
        "stopped_until": format_iso(stop.until),
        "stopped_since": format_iso(stop.since),
        "why": stop.why,
        "times": stop.times,
    }


def _word(feed: Feed, schedule: Schedule, signs: tuple[Sign, ...]) -> str:
    state = name_state(feed, schedule, signs)
    return state if feed.enabled else f"{state}: {feed.reason}"


def _told(stops: Mapping[str, Stop], catalogue: Catalogue) -> dict[str, str]:
    hosts = {host_of(feed.url) for feed in catalogue.feeds}
    return {
        stop.words(host): "" if host in hosts else " (articles)"
        for host, stop in stops.items()
    }


def _print_table(
    states: list[dict[str, Any]], stopped: Mapping[str, str], now: datetime
) -> None:
    # A pipe has no width of its own: nothing is to be cut for it.
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    console = Console(highlight=False, markup=False, width=width)
    is_wide = console.width >= _WIDE
    columns = [name for name in _COLUMNS if is_wide or name not in _SPARE]
    table = Table(box=HEAVY_HEAD if is_wide else SIMPLE_HEAD, pad_edge=is_wide)
    for name in columns:
        least = _COLUMNS[name]
        table.add_column(name, no_wrap=not least, min_width=least)
    for state in states:
        row = _row(state, stopped, now)
        table.add_row(*(row[name] for name in columns))
    # Rich ends the program at a pipe that is closed; here that is no failure.
    with console.capture() as told:
        console.print(table)
        for words, kind in stopped.items():
            console.print(words + kind, soft_wrap=True)
    sys.stdout.write(told.get())


def _row(
    state: dict[str, Any], stopped: Iterable[str], now: datetime
) -> dict[str, str]:
    signs = [f"{_to_minute(s['since'])}  {s['detail']}" for s in state["signs"]]
    wrong = "\n".join(signs)
    for words in stopped:  # They stand below the table.
        wrong = wrong.replace(words, "see below")
    rhythm = state["rhythm_seconds"]
    usual = f"1 in {_span(timedelta(seconds=rhythm))}" if rhythm is not None else ""
    return {
        "id": state["id"],
        "state": state["state"],
        "last success": _to_minute(state["last_success"]),
        "newest": _ago(state["newest"], now),
        "next poll": _next(state, now),
        "rhythm": usual,
        "what is wrong, and since when": wrong,
    }


def _next(state: dict[str, Any], now: datetime) -> str:
    due = max(state["next_poll"], state["host_stopped_until"])
    if not due:
        return "" if state["state"].startswith("disabled") else "now"
    wait = datetime.fromisoformat(due) - now
    return f"in {_span(wait)}" if wait > timedelta(0) else "now"


def _print_holes(polls: Polls, catalogue: Catalogue, *, as_json: bool) -> None:
    opened = [hole for holes in polls.holes.values() for hole in holes]
    noted = sorted([*opened, *polls.lost], key=lambda hole: hole.number)
    for each in noted:
        state = _hole_state(each, catalogue)
        print(json.dumps(state, ensure_ascii=False) if as_json else _hole_text(state))
    if not noted and not as_json:
        print("no holes")


def _hole_state(noted: NotedHole, catalogue: Catalogue) -> dict[str, Any]:
    hole, feed = noted.hole, catalogue.feed(noted.hole.feed)
    first, last = beijing_day(hole.start), beijing_day(hole.end + _DAY)
    since, until = first.replace("/", "-"), last.replace("/", "-")
    command = f"scrapy crawl finance -a feeds={hole.feed}"
    can_try = feed is not None and not hole.is_lost
    return {
        "feed": hole.feed,
        "start": format_iso(hole.start),
        "end": format_iso(hole.end),
        "noticed": format_iso(noted.noticed),
        "state": "lost" if hole.is_lost else "open",
        "goes_back": bool(feed and (feed.is_paged or feed.has_days)),
        "remedy": f"{command} -a since={since} -a until={until}" if can_try else "",
    }


def _hole_text(state: dict[str, Any]) -> str:
    start, end, noticed = (_to_minute(state[k]) for k in ("start", "end", "noticed"))
    remedy = state["remedy"]
    if state["state"] == "lost":
        advice = "lost: the list does not go back so far any more"
    elif not remedy:
        advice = "the feed is not in the catalogue any more"
    elif not state["goes_back"]:
        advice = f"the list has one page; what it lacks is lost with {remedy}"
    else:
        advice = remedy
    return f"{state['feed']}: {start} to {end} UTC, noticed {noticed}\n    {advice}"


def _ago(instant: str, now: datetime) -> str:
    return f"{_span(now - datetime.fromisoformat(instant))} old" if instant else ""


def _span(span: timedelta) -> str:
    """Write a span of time in its largest unit that gives two or more.

    >>> [_span(timedelta(minutes=n)) for n in (0, 5, 119, 150, 5000)]
    ['0 min', '5 min', '119 min', '2 h', '3 days']
    """
    minutes = max(int(span.total_seconds()) // 60, 0)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2 * 1440 else f"{minutes // 1440} days"


def _iso(instant: datetime | None) -> str:
    return format_iso(instant) if instant else ""


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _to_minute(instant: str) -> str:
    return instant[:16].replace("T", " ")
