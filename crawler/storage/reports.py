"""Read what runs have left behind: their reports, and the posts they stored."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from crawler.core.dates import format_iso
from crawler.core.errors import StoreError
from crawler.core.overview import Overview, RunFacts
from crawler.storage.index import open_index, reading, refuse_lost_index

_BATCH = 5000


def read_overview(folder: Path, since: datetime, until: datetime) -> Overview:
    """Sum up a span of time, in memory that does not grow with the store.

    Only the reports of that span are opened: a report's name is the time of its run.

    Raises:
        StoreError: there is no store in the folder, or it cannot be read.
    """
    overview = Overview(since, until)
    for run in _read_runs(folder / "runs", since, until):
        if run is None:
            overview.unreadable += 1
        else:
            overview.add_run(run)
    for feed, published, first_seen in _read_posts(folder, since, until):
        overview.add_post(feed, published, first_seen)
    return overview


def report_names(folder: Path, since: datetime, until: datetime) -> list[str]:
    """List the files of the runs that started in a span of time, oldest first.

    Raises:
        StoreError: the folder cannot be read.
    """
    first, last = (f"{time:%Y%m%dT%H%M%S}" for time in (since, until))
    try:
        names = (entry.name for entry in os.scandir(folder))
        return sorted(n for n in names if first <= n < last and n.endswith(".json"))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(folder, f"cannot be read: {error.strerror}") from error


def _read_runs(
    folder: Path, since: datetime, until: datetime
) -> Iterator[RunFacts | None]:
    for name in report_names(folder, since, until):
        try:
            yield RunFacts.model_validate_json((folder / name).read_bytes())
        except (OSError, ValidationError):
            yield None


def _read_posts(
    folder: Path, since: datetime, until: datetime
) -> Iterator[tuple[str, datetime, datetime]]:
    path = folder / "index.sqlite"
    if not path.is_file():
        refuse_lost_index(path)
        raise StoreError(folder, "holds no posts yet; run scrapy crawl finance first")
    place, end = (format_iso(since), ""), (format_iso(until), "")
    with closing(open_index(path, writable=False)) as index, reading(path):
        while True:
            rows = index.execute(
                "SELECT feed, published, id, first_seen FROM posts"
                " WHERE (published, id) > (?, ?) AND (published, id) < (?, ?)"
                " ORDER BY published, id LIMIT ?",
                (*place, *end, _BATCH),
            ).fetchall()
            for feed, published, _, first_seen in rows:
                times = map(datetime.fromisoformat, (published, first_seen))
                yield (feed, *times)
            if len(rows) < _BATCH:
                return
            place = (rows[-1][1], rows[-1][2])
