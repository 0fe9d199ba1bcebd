"""What spidermon examines after each run, and whom it tells.

The facts are those of the run's report, of ``scrapy feeds`` and of its ``--holes``; a
monitor is one kind of problem. Spidermon's own actions are not used: its e-mails go
through ``scrapy.mail``, which Scrapy 2.19 is about to drop, and its messages to Slack
need one more package where a webhook does as well.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from scrapy.crawler import Crawler
from spidermon import Monitor, MonitorSuite
from spidermon.core.actions import Action

from crawler.core.alerts import Kind, Problem, find_problems
from crawler.core.errors import CrawlerError
from crawler.core.health import Sign, examine
from crawler.core.hosts import Stop
from crawler.core.report import RunReport
from crawler.extensions import Run
from crawler.storage.catalogue import read_catalogue
from crawler.storage.polls import read_polls
from crawler.telling import is_of_interest, tell

logger = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def examine_run(crawler: Crawler) -> tuple[Problem, ...]:
    """List what is wrong after a crawler's run, once for all monitors."""
    report = _report_of(crawler)
    if report is None:
        return ()
    now, settings = datetime.now(UTC), crawler.settings
    signs: dict[str, Sequence[Sign]] = {}
    stops: dict[str, Stop] = {}
    try:
        polls = read_polls(Path(settings["OUTPUT_DIR"]))
        catalogue = read_catalogue(Path(settings["CATALOGUE_DIR"]))
        signs = {f.id: examine(f, polls.known(f), now) for f in catalogue.feeds}
        stops = polls.stops
    except CrawlerError as error:
        logger.error("%s", error)  # noqa: TRY400 - the line says it all
    share = settings.getfloat("ALERT_FAILURES")
    return tuple(find_problems(report, signs, stops, share, now))


def _report_of(crawler: Crawler) -> RunReport | None:
    report = Run.of(crawler).report
    if report is None or not is_of_interest(report.exit_code):
        return None
    return report if report.run or report.stop else None


class RunMonitor(Monitor):
    """One test for each kind of problem; see `crawler.core.alerts.KINDS`."""

    def test_no_new_posts(self) -> None:
        """No feed has been silent for longer than its rhythm allows."""
        self._expect_none("no new posts")

    def test_layout_changed(self) -> None:
        """Pages have bodies."""
        self._expect_none("layout changed")

    def test_hole(self) -> None:
        """No poll has left a gap."""
        self._expect_none("hole")

    def test_feed(self) -> None:
        """No feed fails, shrinks, or waits for its poll in vain."""
        self._expect_none("feed")

    def test_ban(self) -> None:
        """No host refuses us."""
        self._expect_none("ban")

    def test_failures(self) -> None:
        """Nearly all articles became posts."""
        self._expect_none("failures")

    def test_store(self) -> None:
        """The store is sound."""
        self._expect_none("store")

    def test_run(self) -> None:
        """Something could be done."""
        self._expect_none("run")

    def _expect_none(self, kind: Kind) -> None:
        problems = examine_run(self.data.crawler)
        found = [each.line for each in problems if each.kind == kind]
        self.assertEqual(found, [])  # noqa: PT009 - spidermon's monitors are unittest's


class Tell(Action):
    """Tell what is news, and remember it when it has arrived."""

    def run_action(self) -> None:
        """Tell it; what does not arrive is sent again next time."""
        crawler: Crawler = self.data.crawler
        report = _report_of(crawler)
        if report is None:
            return
        tell(crawler.settings, report, examine_run(crawler))


class _Quiet(logging.Filter):
    """Leaves out what spidermon says to its own log of every run."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a line is another's."""
        return not str(record.msg).startswith("[Spidermon]")


class RunSuite(MonitorSuite):
    """Examines a run that has ended and tells what is news."""

    monitors = (RunMonitor,)
    monitors_finished_actions = (Tell,)

    def __init__(self, *args: Any, crawler: Crawler, **rest: Any) -> None:
        super().__init__(*args, crawler=crawler, **rest)
        # Spidermon writes its log in a way that Scrapy 2.19 advises against.
        warnings.filterwarnings("ignore", module="spidermon")
        if crawler.settings["LOG_LEVEL"] != "DEBUG":
            name = getattr(crawler.spidercls, "name", None)
            logging.getLogger(name).addFilter(_Quiet())
