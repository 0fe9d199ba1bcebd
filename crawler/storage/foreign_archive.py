"""Archives that others made, told as the steps of a run of ours.

A page out of a WARC file or folder is a step that reads it. The answers are given to
whoever takes the step at once; steps come in small groups that share an instant, so
that they can be kept together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from crawler.core.archive import Action, Place, Step, digest_of
from crawler.core.dates import format_iso
from crawler.storage.archive_reading import Answer, Taken, Told
from crawler.storage.archive_records import Damage

_GROUP = 64


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML page that may be an article."""

    url: str
    """Its canonical address."""

    place: Place
    """Where it was found."""

    answer: Answer
    """The page; not chunked any more, and in no encoding but gzip or deflate."""

    taken: datetime
    """When it was fetched, UTC."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is no page to be read."""

    reason: str
    """Why, in a few fixed words."""


Found = Page | LeftOut | Damage
"""What an archive of others holds, one by one."""


class ForeignArchive:
    """An archive of others, to be read once, in its order.

    Args:
        found: what it holds.
        settings: the settings of the run that is made of it.
    """

    def __init__(self, found: Iterable[Found], settings: dict[str, Any]) -> None:
        self._found = found
        self._settings = settings
        self._answers: dict[Place, Answer] = {}
        self._last = ""
        self.damages: list[Damage] = []
        """What could not be read so far."""
        self.left_out: Counter[str] = Counter()
        """What was no page to be read, by reason."""

    def events(self) -> Iterator[Taken | Told]:
        """Give pages and the steps that read them, within one run."""
        pages = self._pages()
        end: Place | None = None
        while group := list(islice(pages, _GROUP)):
            now = max(self._last, format_iso(max(page.taken for page in group)))
            if end is None:
                yield self._begin(group[0], now)
            self._last, end = now, _after(group[-1].place)
            yield from self._read(group, now)
        if end is not None:
            yield self._told("end", self._last, end, {"report": None})

    def answer(self, place: Place) -> Answer | None:
        """Give the answer that the last steps were told to read."""
        return self._answers.get(place)

    def _pages(self) -> Iterator[Page]:
        for each in self._found:
            if isinstance(each, Page):
                yield each
            elif isinstance(each, Damage):
                self.damages.append(each)
            else:
                self.left_out[each.reason] += 1

    def _begin(self, first: Page, now: str) -> Told:
        stamp = datetime.fromisoformat(now).strftime("%Y%m%dT%H%M%S.%fZ")
        facts: dict[str, Any] = {"run": f"{stamp}-replay", "spider": "replay"}
        facts["settings"] = self._settings
        return self._told("begin", now, Place(first.place.file, 0), facts)

    def _read(self, group: list[Page], now: str) -> Iterator[Taken | Told]:
        self._answers = {page.place: page.answer for page in group}
        for page in group:
            at = page.taken.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            yield Taken(page.url, page.place, digest_of(page.answer.body), at)
            facts = {"url": page.url, "fetched": page.taken.isoformat()}
            yield self._told("read", now, _after(page.place), facts, (page.place,))

    def _told(
        self,
        do: Action,
        now: str,
        end: Place,
        facts: dict[str, Any],
        pages: tuple[Place, ...] = (),
    ) -> Told:
        place = pages[0] if pages else end
        step = Step(do=do, now=now, after=Place("", 0), pages=pages, facts=facts)
        return Told(step, place, end)


def _after(place: Place) -> Place:
    return Place(place.file, place.offset + 1)
