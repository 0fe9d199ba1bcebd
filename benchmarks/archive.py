"""What the archive costs: time for each page kept, and room for each article.

Posts of generated pages go into a store with an archive and into one without, in
commits of the same size, by turns. ``python benchmarks/archive.py [--pages N]
[--kilobytes K] [--json]``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.generated_site import write_site
from crawler.core.archive import Exchange
from crawler.core.prepared import Prepared
from crawler.loaders import Origin
from crawler.reading import FetchedPage, read_page
from crawler.storage.archive_store import ArchivedStore
from crawler.storage.posts import PostStore

_BATCH = 32
_ROUNDS = 3

Page = tuple[Prepared, Exchange, dict[str, Any]]
"""A post, what it was made of, and the facts of reading it."""


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--kilobytes", type=int, default=90)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as scratch:
        found = _measure(Path(scratch), options.pages, options.kilobytes)
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:36} {value:10.2f}")


def _measure(scratch: Path, count: int, kilobytes: int) -> dict[str, float]:
    pages = _pages(scratch, count, kilobytes)
    plain, archived = [], []
    for number in range(_ROUNDS):
        plain.append(_fill(scratch / f"plain{number}", pages, archive=False))
        archived.append(_fill(scratch / f"archived{number}", pages, archive=True))
    size = sum(
        path.stat().st_size for path in (scratch / "archived0/archive").iterdir()
    )
    body = sum(len(exchange.body) for _, exchange, _ in pages)
    without, with_it = median(plain), median(archived)
    return {
        "pages": len(pages),
        "body as it came, bytes": body / len(pages),
        "archive, bytes an article": size / len(pages),
        "archive, ratio to the bodies": size / body,
        "store without archive, CPU ms a page": without / len(pages) * 1000,
        "store with archive, CPU ms a page": with_it / len(pages) * 1000,
        "ratio": with_it / without,
    }


def _pages(scratch: Path, count: int, kilobytes: int) -> list[Page]:
    site = write_site(scratch, count, kilobytes)
    origin = Origin("新浪财经", ("金融", "新浪财经"), "https://n.sinaimg.cn/a.png", "")
    now = datetime.now(UTC)
    found = []
    for route in site.routes:
        body = (site.folder / f"{route.strip('/')}.gz").read_bytes()
        url = f"https://{route.strip('/')}"
        page = FetchedPage(
            body=gzip.decompress(body),
            address=url,
            entry=None,
            origin=origin,
            fetched=now,
        )
        post = read_page(page)
        assert isinstance(post, Prepared), post
        exchange = Exchange(
            url=url,
            status=200,
            headers=((b"Content-Type", b"text/html"), (b"Content-Encoding", b"gzip")),
            request_headers=((b"Accept", b"text/html"), (b"User-Agent", b"x" * 60)),
            body=body,
            received=now,
        )
        facts = {"site": "新浪财经", "feed": "", "entry": None, "whole": False}
        found.append((post, exchange, {**facts, "fetched": now.isoformat()}))
    return found


def _fill(folder: Path, pages: list[Page], *, archive: bool) -> float:
    """Keep all pages; returns the CPU seconds that took."""
    kind = ArchivedStore if archive else PostStore
    store = kind(folder, "20261102T000000.000000Z-measured")
    start = process_time()
    for first in range(0, len(pages), _BATCH):
        batch = pages[first : first + _BATCH]
        if isinstance(store, ArchivedStore):
            for post, exchange, facts in batch:
                exchange.place = None
                store.hold(post.post.url, exchange, facts)
        store.keep_all([(post, None) for post, _, _ in batch])
    taken = process_time() - start
    store.close()
    return taken


if __name__ == "__main__":
    main()
