"""Whether a feed is well, and if not, what is wrong with it and since when.

A feed can answer 200 for years and be dead: Sina's native RSS has had nothing newer
than 2018, and roll lists have stood still for days (December 2024). So what counts is
what it brings, measured against what it used to bring.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from crawler.core.catalogue import Feed
from crawler.core.dates import BEIJING, format_minute
from crawler.core.hosts import Stop, due_after
from crawler.core.paging import Hole
from crawler.core.polling import Schedule
from crawler.core.rhythm import after_awake

Kind = Literal["failing", "stale", "shrunk", "layout changed", "hole", "not polled"]

UNKNOWN = ""
"""The template of a page that no template could make anything of."""

_SILENCE = timedelta(hours=6)
"""However busy a feed is, so long it may be silent by day."""

_TIMES_LONGER = 3
_OVERDUE = timedelta(hours=1)
_WINDOW = timedelta(days=3)
_FEW = 3
_SHARE = 5


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that is wrong with a feed."""

    kind: Kind
    """What, in a word or two."""

    since: datetime
    """Since when, UTC."""

    detail: str = ""
    """More, in one line, or ``""``."""

    at: datetime | None = None
    """The instant with which the detail ends, where it does, UTC."""

    def words(self, zone: tzinfo = UTC) -> str:
        """Give the detail in full, its instant as of a zone."""
        end = format_minute(self.at, zone) if self.at else ""
        return f"{self.detail} {end}".rstrip()


@dataclass(frozen=True, slots=True)
class Bodies:
    """What a day's pages of a feed had to say."""

    day: str
    """The Beijing day, ``YYYY-MM-DD``."""

    template: str
    """The template they were of, or `UNKNOWN`."""

    pages: int
    """How many there were."""

    bare: int
    """How many of them had no body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of a feed."""

    schedule: Schedule
    """Its polls."""

    problem: str = ""
    """What the last poll could not read, in words."""

    holes: Sequence[tuple[datetime, Hole]] = ()
    """Its open holes, each with the time it was noticed."""

    bodies: Sequence[Bodies] = ()
    """Its pages of the last weeks."""

    stop: Stop | None = None
    """The last stop of its host, where that has not answered well since."""


def examine(feed: Feed, known: Known, now: datetime) -> tuple[Sign, ...]:
    """Tell what is wrong with a feed; nothing where it is well, or never polled.

    Args:
        feed: the feed.
        known: what is known of it.
        now: the present instant.
    """
    if known.schedule.polled is None or not feed.enabled:
        return ()
    signs = [
        *_failing(known),
        *_stale(feed, known.schedule, now),
        *_shrunk(known.schedule),
        *_layouts(known.bodies, now),
        *_holes(known.holes),
        *_not_polled(feed, known, now),
    ]
    return tuple(signs)


def name_state(feed: Feed, schedule: Schedule, signs: Sequence[Sign]) -> str:
    """Say in a word or two how a feed is: ``ok``, or what `examine` found wrong.

    One that nobody polls is ``disabled`` or ``never polled``.
    """
    if not feed.enabled:
        return "disabled"
    if schedule.polled is None:
        return "never polled"
    return ", ".join(sign.kind for sign in signs) or "ok"


def stale_from(feed: Feed, schedule: Schedule) -> datetime | None:
    """Tell from when on a feed that brings nothing new is taken for dead.

    It may be silent for three times as long as it has been of late, and for six hours
    in any case; quiet hours do not count.
    """
    if schedule.latest is None or feed.order == "rank":
        return None
    allowed = max(_SILENCE, schedule.silence * _TIMES_LONGER)
    return after_awake(schedule.latest, allowed, feed.quiet_hours)


def _failing(known: Known) -> Iterator[Sign]:
    schedule = known.schedule
    if schedule.failures and schedule.since:
        polls = "poll" if schedule.failures == 1 else "polls in a row"
        detail = f"{schedule.trouble}, {schedule.failures} {polls}"
        words = f"{detail}: {known.problem}" if known.problem else detail
        yield Sign("failing", schedule.since, words)


def _stale(feed: Feed, schedule: Schedule, now: datetime) -> Iterator[Sign]:
    since = stale_from(feed, schedule)
    # While it fails, nobody knows whether it has something new.
    if since and since < now and not schedule.failures:
        yield Sign("stale", since, "nothing new after", schedule.latest)


def _shrunk(schedule: Schedule) -> Iterator[Sign]:
    if schedule.shrunk:
        usual = f"less than half of the usual {schedule.usual:.0f} entries"
        yield Sign("shrunk", schedule.shrunk, usual)


def _layouts(bodies: Sequence[Bodies], now: datetime) -> Iterator[Sign]:
    first = (now - _WINDOW).astimezone(BEIJING).date().isoformat()
    days: dict[str, dict[str, Bodies]] = defaultdict(dict)
    for each in bodies:
        days[each.template][each.day] = each
    for template in sorted(days):
        # A page of no known template may have been of any.
        of_all = bodies if template == UNKNOWN else list(days[template].values())
        recent = [each for each in of_all if each.day >= first]
        pages = sum(each.pages for each in recent)
        bare = sum(each.bare for each in recent if each.template == template)
        if bare >= _FEW and bare * _SHARE > pages:
            name = template or "no known layout"
            detail = f"{name}: {bare} of {pages} pages without a body"
            yield Sign("layout changed", _began(days[template], bodies), detail)


def _began(days: dict[str, Bodies], bodies: Sequence[Bodies]) -> datetime:
    began = ""
    for day in sorted(days, reverse=True):
        unknown = days[day].template == UNKNOWN
        others = sum(each.pages for each in bodies if each.day == day)
        if days[day].bare * _SHARE <= (others if unknown else days[day].pages):
            break
        began = day
    return datetime.fromisoformat(began or max(days)).replace(tzinfo=BEIJING)


def _holes(holes: Sequence[tuple[datetime, Hole]]) -> Iterator[Sign]:
    if holes:
        noticed = min(when for when, _ in holes)
        yield Sign("hole", noticed, f"{len(holes)} open; see scrapy feeds --holes")


def _not_polled(feed: Feed, known: Known, now: datetime) -> Iterator[Sign]:
    next_poll = known.schedule.next_poll
    due = due_after(next_poll, known.stop, now) if next_poll else None
    if due and due + max(feed.bounds.longest, _OVERDUE) < now:
        yield Sign("not polled", due, "no crawl has run since; is the timer on?")
