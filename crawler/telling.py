"""Tell operators what is news after a run, and remember what was told.

It needs no spidermon, so that a run which ends before it has begun is told as well.
"""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from scrapy.settings import BaseSettings

from crawler.core.alerts import Problem, find_news, find_problems
from crawler.core.errors import CrawlerError, OptionError, StoreError
from crawler.core.report import RunReport, Tally
from crawler.messages import check_mail, check_webhook, post_webhook, send_mail
from crawler.storage.alerts import read_told, write_told

logger = logging.getLogger(__name__)

_QUIET_CODES = {75, 130, 143}
"""Another run is on, or somebody stopped this one: both are meant."""

_USAGE = 2


def is_of_interest(exit_code: int) -> bool:
    """Tell whether anybody is to hear of a run that ended so.

    A wrong option typed in a terminal is seen by whoever typed it.
    """
    if exit_code == _USAGE and sys.stderr.isatty():
        return False
    return exit_code not in _QUIET_CODES


def check_channels(settings: BaseSettings) -> None:
    """Refuse what no message can be sent to, before there is one.

    Raises:
        OptionError: ``ALERT_WEBHOOK``, ``ALERT_EMAIL`` or ``ALERT_SMTP`` is no such
            address.
    """
    if settings["ALERT_WEBHOOK"]:
        check_webhook(settings["ALERT_WEBHOOK"])
    if settings["ALERT_EMAIL"] or settings["ALERT_SMTP"]:
        check_mail(settings["ALERT_SMTP"], _recipients(settings))


def tell(
    settings: BaseSettings, report: RunReport, problems: Sequence[Problem]
) -> None:
    """Send everywhere what is news; what does not arrive is sent again next time."""
    folder, now = Path(settings["OUTPUT_DIR"]), datetime.now(UTC)
    news = find_news(read_told(folder), problems, report, now)
    if not news:
        return
    try:
        _send(settings, report, news.lines())
        write_told(folder, news.told)
    except StoreError as error:
        logger.warning("What was told is not remembered: %s", error)
    except OptionError:
        pass  # Which the run has ended with, and said.
    except CrawlerError as error:
        logger.error("Nobody was told: %s", error)  # noqa: TRY400


def tell_of(settings: BaseSettings, spider: str, error: CrawlerError) -> None:
    """Tell of an error that ended a run before it had begun, where somebody is told."""
    is_wanted = settings["ALERT_WEBHOOK"] or settings["ALERT_EMAIL"]
    if not is_wanted or not is_of_interest(error.exit_code):
        return
    tally, now = Tally(), datetime.now(UTC)
    tally.stop, tally.stop_code = str(error), error.exit_code
    report = tally.finish("", spider, now, now)
    tell(settings, report, find_problems(report, {}, {}, 1, now))


def _recipients(settings: BaseSettings) -> list[str]:
    names = map(str.strip, settings.getlist("ALERT_EMAIL"))
    return [name for name in names if name]


def _send(settings: BaseSettings, report: RunReport, lines: list[str]) -> None:
    name = f"Finance crawler on {socket.gethostname()}"
    last = f"run {report.run or report.spider} ended with {report.exit_code}"
    if settings["ALERT_WEBHOOK"]:
        facts = {"news": lines, "run": report.run, "exit_code": report.exit_code}
        post_webhook(settings["ALERT_WEBHOOK"], [name, *lines, last], facts)
    to = _recipients(settings)
    if to:
        subject = f"{name}: {lines[0]}"[:150]
        send_mail(settings["ALERT_SMTP"], to, subject, [*lines, last])
