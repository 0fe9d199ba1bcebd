"""The settings that all runs of the crawl benchmark but ``default`` share."""

from __future__ import annotations

from typing import Any

SHARED: dict[str, Any] = {
    "CONCURRENT_REQUESTS": 32,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 32,
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "LOG_LEVEL": "INFO",
}
"""As fast as it goes, and no log line for each page."""

STOPWATCH = "benchmarks.stopwatch.Stopwatch"
"""What is added to ``EXTENSIONS``."""
