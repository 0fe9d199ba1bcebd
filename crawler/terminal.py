"""What a person sees of a run: the live bar and the summary."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
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
        left = f"{(known - done) / rate:.0f}s left" if rate and known > done else ""
        broken = tally.counts["failed"] + tally.counts["rejected"]
        cells: list[str | ProgressBar] = [
            f"feeds {tally.polled}/{len(tally.feeds)}",
            f"articles {done}/{known}",
            f"[green]{tally.counts['new']} new[/]",
            f"[red]{broken} failed[/]" if broken else "0 failed",
        ]
        if self._console.width >= _WIDE:
            cells[1:1] = [ProgressBar(total=max(known, 1), completed=done, width=24)]
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
    """Tell what a run did: the counts, each feed that is not well, the failures.

    Returns:
        Lines with their log levels; a run that could not start has one.
    """
    if not report.run:
        yield logging.ERROR, report.stop
        return
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report.told())
    yield logging.INFO, f"{report.spider}: {counts}"
    wrong = {k: v for k, v in report.feeds.items() if v["status"] != "ok"}
    if report.feeds:
        well = len(report.feeds) - len(wrong)
        yield logging.INFO, f"feeds: {well} of {len(report.feeds)} well"
    for name, feed in wrong.items():
        problems = "; ".join(feed["problems"])
        yield logging.ERROR, f"feed {name} {feed['status']}: {problems}"
    for failure in report.failures[:_SPELLED_OUT]:
        text = f"{failure['outcome']} {failure['url']}: {failure['reason']}"
        yield logging.WARNING, text
    if len(report.failures) > _SPELLED_OUT:
        more = len(report.failures) - _SPELLED_OUT
        yield logging.WARNING, f"... and {more} more in the report"
    if report.stop:
        yield logging.ERROR, f"stopped early: {report.stop}"
    yield (
        logging.INFO,
        f"report: runs/{report.run}.json, exit code {report.exit_code}",
    )


class _AboveBar:
    """A stream that prints above the live bar."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def write(self, text: str) -> None:
        self._console.print(text, end="", markup=False, soft_wrap=True)

    def flush(self) -> None:
        """Nothing is held back."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)
