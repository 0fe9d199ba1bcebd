"""Exchanges with the site, to be archived."""

import gzip
from datetime import UTC, datetime

from crawler.core.archive import Exchange

BODY = gzip.compress("<p>风筝厂上半年交货三千只。</p>".encode(), mtime=0)
HEADERS = ((b"Content-Type", b"text/html"), (b"Content-Encoding", b"gzip"))


def build_exchange(**changes):
    values = {
        "url": "https://finance.sina.com.cn/a.shtml?b=1",
        "status": 200,
        "headers": HEADERS,
        "request_headers": ((b"Accept", b"text/html"),),
        "body": BODY,
        "received": datetime(2026, 11, 2, 4, tzinfo=UTC),
    }
    return Exchange(**{**values, **changes})
