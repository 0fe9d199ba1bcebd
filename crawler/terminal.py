"""What a person sees: the live bar and the summary of a run, and what is printed."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from scrapy.utils.log import get_scrapy_root_handler

from crawler.core.report import RunReport, Tally

_SPELLED_OUT = 20
_WIDE = 110


def is_terminal(setting: str) -> bool:
    """Tell whether a bar makes sense: ``on``, or ``auto`` with a terminal."""
    return setting == "on" or (setting == "auto" and sys.stderr.isatty())


@contextmanager
def for_a_reader() -> Iterator[None]:
    """Print in a block for as long as somebody reads, as in ``| head``."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has had enough; Python must not try to flush once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Bar:
    """A live line on the terminal: feeds, articles, outcomes, speed and time left.

    While it is shown, log lines of warning level and above appear above it.

    Args:
        tally: the run's count, read a few times a second.
    """

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._console = Console(stderr=True, highlight=False)
        self._since = time.monotonic()
        self._live = Live(
            get_renderable=self._render,
            console=self._console,
            refresh_per_second=8,
            transient=True,
        )

    def start(self) -> None:
        """Show the bar and send log lines above it."""
        handler = get_scrapy_root_handler()
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr:
            handler.setStream(_AboveBar(self._console))
            handler.setLevel(max(handler.level, logging.WARNING))
        self._live.start()

    def stop(self) -> None:
        """Take the bar away."""
        self._live.stop()

    def tell(self, line: str) -> None:
        """Print one line where the bar was."""
        self._console.print(line, markup=False, soft_wrap=True)

    def _render(self) -> Table:
        tally = self._tally
        done, known = tally.finished, tally.scheduled
        seconds = max(time.monotonic() - self._since, 0.001)
        rate = done / seconds
        read, whole = tally.windows_read, tally.windows
        goal = (read, whole) if whole else (done, known)
        pace = goal[0] / seconds
        left = (
            f"{(goal[1] - goal[0]) / pace:.0f}s left" if 0 < goal[0] < goal[1] else ""
        )
        broken = tally.counts["failed"] + tally.counts["rejected"]
        cells: list[str | ProgressBar] = [
            f"days {read}/{whole}"
            if whole
            else f"feeds {tally.polled}/{len(tally.feeds)}",
            f"articles {done}/{known}",
            f"[green]{tally.counts['new']} new[/]",
            f"[red]{broken} not kept[/]" if broken else "0 not kept",
        ]
        is_wide = self._console.width >= _WIDE
        bar = ProgressBar(
            total=max(goal[1], 1), completed=goal[0], width=24 if is_wide else 12
        )
        cells[1:1] = [bar]
        if is_wide:
            cells[-1:-1] = [
                f"[yellow]{tally.counts['revised']} revised[/]",
                f"{tally.counts['duplicate']} duplicate",
            ]
        cells += [f"{rate:.1f}/s", left]
        table = Table.grid(padding=(0, 1))
        for _ in cells:
            table.add_column(no_wrap=True)
        table.add_row(*cells)
        return table


def report_lines(report: RunReport) -> Iterator[tuple[int, str]]:
    """Tell what a run did: the failures, each feed, and last the run.

    Returns:
        Lines with their log levels: a warning or an error where something is not well.
        A run that could not start has one, which is never left out.
    """
    if not report.run:
        yield (logging.CRITICAL if report.exit_code else logging.INFO), report.stop
        return
    for failure in report.failures[:_SPELLED_OUT]:
        text = f"{failure['outcome']} {failure['url']}: {failure['reason']}"
        yield logging.WARNING, text
    if len(report.failures) > _SPELLED_OUT:
        more = len(report.failures) - _SPELLED_OUT
        yield logging.WARNING, f"... and {more} more in the report"
    for name, feed in report.feeds.items():
        level = logging.INFO if feed["status"] == "ok" else logging.ERROR
        yield level, f"feed {name} {feed['status']}: {_feed_text(feed)}"
    level = logging.ERROR if report.exit_code else logging.INFO
    yield level, f"run {report.spider} ended with {report.exit_code}: {_text(report)}"


def _feed_text(feed: dict[str, Any]) -> str:
    if feed["problems"]:
        return "; ".join(feed["problems"])
    counts = "".join(
        f", {count} {outcome}" for outcome, count in feed["counts"].items()
    )
    same = "unchanged, " if feed["same"] else ""
    if same and not feed["listed"]:
        return "unchanged"
    return f"{same}{feed['listed']} listed, {feed['known']} known{counts}"


def _text(report: RunReport) -> str:
    parts = [f"stopped early: {report.stop}"] if report.stop else []
    told = [f"{count} {outcome}" for outcome, count in report.told()]
    parts += told or ["no article"]
    states = [feed["status"] for feed in report.feeds.values()]
    if states:
        parts.append(f"{states.count('ok')} of {len(states)} feeds well")
    if report.images:
        kept, failed = (report.images[name] for name in ("stored", "failed"))
        parts.append(f"{kept} pictures kept, {failed} not")
    parts.append(f"{report.traffic.get('requests', 0)} requests")
    parts.append(f"{report.seconds:.1f} s")
    return f"{', '.join(parts)}, runs/{report.run}.json"


class _AboveBar:
    """A stream that prints above the live bar."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def write(self, text: str) -> None:
        """Print a text as it is."""
        self._console.print(text, end="", markup=False, soft_wrap=True)

    def flush(self) -> None:
        """Nothing is held back."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)
