"""Poll one feed many times in one process, as a schedule would; run by test_polls.

Arguments: the output folder, the server's URL, the number of polls. Before each poll
the server is told to move on by asking it for ``/next``.
"""

import asyncio
import sys
from urllib.request import urlopen

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.project import get_project_settings
from scrapy.utils.reactor import install_reactor

install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")

from twisted.internet import reactor  # noqa: E402


async def poll(output: str, server: str, count: int) -> None:
    settings = get_project_settings()
    settings.update(
        {
            "OUTPUT_DIR": output,
            "SITE_MIRROR": server,
            "DOWNLOAD_DELAY": 0,
            "READERS": 0,  # Each of hundreds of crawls would start its own.
            "AUTOTHROTTLE_ENABLED": False,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
            "LOG_ENABLED": False,
            "PROGRESS": "off",
        }
    )
    for _ in range(count):
        with urlopen(f"{server}/next") as answer:
            answer.read()
        await AsyncCrawlerRunner(settings).crawl("finance", feeds="china")


async def main() -> None:
    try:
        await poll(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    finally:
        reactor.callLater(0, reactor.stop)


reactor.callWhenRunning(lambda: asyncio.ensure_future(main()))
reactor.run()
