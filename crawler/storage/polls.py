"""Look up what earlier runs learnt of each feed."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawler.core.catalogue import Feed
from crawler.core.health import Bodies, Known
from crawler.core.hosts import Stop, due_after
from crawler.core.polling import Schedule
from crawler.core.urls import host_of
from crawler.storage.bodies import read_bodies
from crawler.storage.holes import NotedHole, lost_holes, open_holes
from crawler.storage.index import MIGRATIONS, open_index, reading, refuse_lost_index
from crawler.storage.schedules import schedules_in, schema_of, stops_in


@dataclass(frozen=True, slots=True)
class Poll:
    """The last poll of a feed."""

    last: str
    """When it was polled, ISO 8601 UTC."""

    status: str
    """``ok``, ``partial`` or ``failed``."""

    problem: str
    """What could not be read, or ``""``."""

    last_ok: str
    """When it was last read without any problem, or ``""``."""

    newest: str
    """When its newest stored post was published, or ``""``."""


@dataclass(frozen=True, slots=True)
class Polls:
    """What is known of the feeds of a store; every table by the feed's id."""

    last: dict[str, Poll] = field(default_factory=dict)
    """How the last poll of each went."""

    schedules: dict[str, Schedule] = field(default_factory=dict)
    """When each is to be polled next, and why then."""

    stops: dict[str, Stop] = field(default_factory=dict)
    """The hosts that are left alone, by name."""

    holes: dict[str, list[NotedHole]] = field(default_factory=dict)
    """The gaps that were left and are open."""

    bodies: dict[str, list[Bodies]] = field(default_factory=dict)
    """The pages of the last weeks."""

    lost: list[NotedHole] = field(default_factory=list)
    """The gaps that nothing can close."""

    def schedule(self, feed: Feed) -> Schedule:
        """Give what is remembered of one feed."""
        return self.schedules.get(feed.id, Schedule())

    def stop(self, feed: Feed) -> Stop | None:
        """Give the stop of a feed's host, where it has not answered well since."""
        return self.stops.get(host_of(feed.url))

    def due(self, feed: Feed, now: datetime) -> datetime | None:
        """Tell when a feed can be polled; ``None``: at once."""
        return due_after(self.schedule(feed).next_poll, self.stop(feed), now)

    def known(self, feed: Feed) -> Known:
        """Give what is known of one feed."""
        name, last = feed.id, self.last.get(feed.id)
        return Known(
            schedule=self.schedule(feed),
            problem=last.problem if last else "",
            holes=[(each.noticed, each.hole) for each in self.holes.get(name, [])],
            bodies=self.bodies.get(name, []),
            stop=self.stop(feed),
        )


def read_polls(folder: Path) -> Polls:
    """Read what is known of the feeds, also beside a running crawl.

    A folder without a store knows nothing, as does one whose index a run was killed
    before it had made, or an older version of this program did: the next crawl brings
    it up to date.

    Raises:
        StoreError: the index cannot be read.
    """
    path = folder / "index.sqlite"
    version = schema_of(path) if path.is_file() else 0
    if version == 0:
        refuse_lost_index(path)
    if version is not None and version < len(MIGRATIONS):
        return Polls()
    index = open_index(path, writable=False)
    with closing(index), reading(path):
        rows = index.execute(
            "SELECT feed, last, status, problem, coalesce(last_ok, ''),"
            " coalesce(newest, '') FROM polls"
        )
        last = {feed: Poll(*poll) for feed, *poll in rows.fetchall()}
        holes = defaultdict(list)
        for each in open_holes(index):
            holes[each.hole.feed].append(each)
        return Polls(
            last=last,
            schedules=schedules_in(index),
            stops=stops_in(index),
            holes=holes,
            bodies=read_bodies(index),
            lost=lost_holes(index),
        )
