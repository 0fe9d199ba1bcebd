"""Look up what earlier runs learnt of each feed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crawler.storage.index import open_index, reading, refuse_lost_index


@dataclass(frozen=True, slots=True)
class Poll:
    """The last poll of a feed."""

    last: str
    """When it was polled, ISO 8601 UTC."""

    status: str
    """``ok``, ``partial`` or ``failed``."""

    problem: str
    """What could not be read, or ``""``."""

    newest: str
    """When its newest stored post was published, or ``""``."""


def read_polls(folder: Path) -> dict[str, Poll]:
    """Read the last poll of every feed; a folder without a store has none.

    Raises:
        StoreError: the index cannot be read.
    """
    path = folder / "index.sqlite"
    if not path.is_file():
        refuse_lost_index(path)
        return {}
    index = open_index(path, writable=False)
    with closing(index), reading(path):
        rows = index.execute(
            "SELECT feed, last, status, problem, coalesce(newest, '') FROM polls"
        )
        return {feed: Poll(*poll) for feed, *poll in rows.fetchall()}
