"""A Scrapy extension that times a crawl the same way whatever its spider does.

The clock runs from the first request that reaches the downloader to the moment the
engine has stopped, when every item has been dealt with and the store is closed.
Interpreter start-up and imports are outside of it.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler


class Stopwatch:
    """Write seconds, CPU seconds and answers of a crawl to ``STOPWATCH_FILE``.

    Args:
        crawler: the crawler that is timed.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._file = Path(crawler.settings["STOPWATCH_FILE"])
        self._started: float | None = None
        self._cpu = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it and listen for the first request and the end."""
        stopwatch = cls(crawler)
        crawler.signals.connect(
            stopwatch.start, signal=signals.request_reached_downloader
        )
        crawler.signals.connect(stopwatch.stop, signal=signals.engine_stopped)
        return stopwatch

    def start(self) -> None:
        """Start the clock, once."""
        if self._started is None:
            self._started = time.perf_counter()
            self._cpu = _cpu_seconds()

    def stop(self) -> None:
        """Stop the clock and write what it says."""
        if self._started is None:
            return
        stats = self._crawler.stats
        measured: dict[str, Any] = {
            "seconds": time.perf_counter() - self._started,
            "cpu_seconds": _cpu_seconds() - self._cpu,
            "answers": stats.get_value("downloader/response_status_count/200", 0),
            "retries": stats.get_value("retry/count", 0),
        }
        self._file.write_text(json.dumps(measured), encoding="utf-8")


def _cpu_seconds() -> float:
    """Add up the CPU of this process and of those it started, ended or not."""
    used = os.times()
    seconds = used.user + used.system + used.children_user + used.children_system
    for tasks in Path("/proc/self/task").glob("*/children"):
        for child in tasks.read_text().split():
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds
