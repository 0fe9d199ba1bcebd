"""Switch on what only some operators want."""

from __future__ import annotations

import logging
from importlib.util import find_spec

from scrapy.settings import BaseSettings

from crawler.core.errors import MissingPackage

_SPIDERMON = "spidermon.contrib.scrapy.extensions.Spidermon"
_SUITE = "crawler.monitors.RunSuite"


class Alerts:
    """Have spidermon examine each run, where there is somebody to tell.

    That is where ``ALERT_WEBHOOK`` or ``ALERT_EMAIL`` is set. Suites that an operator
    has added to ``SPIDERMON_ENGINE_STOP_MONITORS`` stay.
    """

    def update_settings(self, settings: BaseSettings) -> None:
        """Add the extension and its suite.

        Raises:
            MissingPackage: spidermon is not installed.
        """
        # Else it tells of itself at every start; the other quiet ones begin later.
        logging.getLogger("scrapy.addons").setLevel(logging.WARNING)
        if not (settings["ALERT_WEBHOOK"] or settings["ALERT_EMAIL"]):
            return
        if find_spec("spidermon") is None:
            raise MissingPackage("spidermon", "requirements-alerts.txt")
        suites = settings.getlist("SPIDERMON_ENGINE_STOP_MONITORS")
        settings.set("SPIDERMON_ENABLED", value=True, priority="cmdline")
        settings.set(
            "SPIDERMON_ENGINE_STOP_MONITORS", [*suites, _SUITE], priority="cmdline"
        )
        # After the run has ended, and before its last line.
        settings["EXTENSIONS"][_SPIDERMON] = 150
