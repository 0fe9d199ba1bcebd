"""Make a store once more from its archive, with today's code and the times of then.

Every step of the archive is taken again: answers are read anew, and the store decides
as it did. With the same code that gives the same documents and records, to the byte,
and an index that says the same.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any, get_type_hints

from crawler.core.archive import Place, Step
from crawler.core.catalogue import Catalogue, Feed, Site
from crawler.core.entries import Entry, FeedAnswer
from crawler.core.errors import OptionError, PathRefused
from crawler.core.plain import from_plain
from crawler.core.report import RunReport
from crawler.core.urls import host_of
from crawler.loaders import Origin
from crawler.replay_selection import Selection
from crawler.rereading import (
    Fit,
    Picture,
    Refused,
    Result,
    Task,
    Unread,
    body_of,
    read_task,
)
from crawler.resuming import Archive
from crawler.storage.archive_calls import CALLS
from crawler.storage.archive_reading import Taken, Told
from crawler.storage.archive_store import ReplayedStore

_BATCH = 64

Event = Taken | Told

Reader = Callable[[Iterable[tuple[Event, Task | None]]],
                  Iterator[tuple[Event, Result | None]]]  # fmt: skip
"""Reads tasks, in any way, and gives the results in the order of the tasks."""


def read_here(
    jobs: Iterable[tuple[Event, Task | None]],
) -> Iterator[tuple[Event, Result | None]]:
    """Read tasks one after the other, in this process."""
    for event, task in jobs:
        yield event, read_task(task) if task else None


class Tasks:
    """Make the tasks of an archive's steps.

    Args:
        archive: the archive.
        catalogue: today's catalogue.
        selection: which steps.
        overrides: settings to be used instead of those of the run.
    """

    def __init__(
        self,
        archive: Archive,
        catalogue: Catalogue,
        selection: Selection,
        overrides: dict[str, Any] | None = None,
    ) -> None:
        self._archive = archive
        self._catalogue = catalogue
        self._selection = selection
        self._overrides = overrides or {}
        self._settings: dict[str, Any] = {}
        self._listing = lru_cache(maxsize=256)(self._read_listing)

    def __iter__(self) -> Iterator[tuple[Event, Task | None]]:
        """Give every event, with the task of reading it where there is one."""
        for event in self._archive.events():
            if isinstance(event, Taken):
                yield event, None
                continue
            step = event.step
            if step.do == "begin":
                self._settings = {**step.facts["settings"], **self._overrides}
            if self._selection.has(step):
                reads = step.do in {"list", "read", "reprocess", "picture"}
                yield event, self._task(step) if reads else None

    def _task(self, step: Step) -> Task:
        bodies = tuple(
            body_of(answer.headers, answer.body)
            for place in step.pages
            if (answer := self._archive.answer(place))
        )
        if len(bodies) < len(step.pages) or not bodies:
            return Task(do="read", bodies=())
        if step.do == "picture":
            return Task(do="picture", bodies=bodies)
        if step.do == "list":
            feed, page = self._feed(step.facts), int(step.facts.get("page", 1))
            return Task(do="list", bodies=bodies, feed=feed, page=page)
        return self._article(step.facts, bodies)

    def _article(self, facts: dict[str, Any], bodies: Any) -> Task:
        url, feed = facts["url"], self._feed(facts)
        whole = facts["entry"] if facts.get("whole") else ""
        site = self._site(facts, feed)
        body = self._settings.get("body", "document")
        return Task(
            do="read",
            bodies=bodies,
            url=url,
            feed=feed,
            entry=None if whole else self._entry(facts, feed),
            whole=whole,
            origin=Origin.of(site, feed, body) if site else None,
            fetched=datetime.fromisoformat(facts["fetched"]),
            extra_fields=tuple(self._settings.get("extra_fields", ())),
        )

    def _feed(self, facts: dict[str, Any]) -> Feed | None:
        return self._catalogue.feed(facts.get("feed", ""))

    def _site(self, facts: dict[str, Any], feed: Feed | None) -> Site | None:
        for site in self._catalogue.sites:
            if site.name == facts.get("site"):
                return site
        if feed:
            return self._catalogue.site_of(feed.id)
        return self._catalogue.site_for(host_of(facts["url"]))

    def _entry(self, facts: dict[str, Any], feed: Feed | None) -> Entry | None:
        if facts.get("entry") is None:
            return None
        recorded: Entry = from_plain(facts["entry"], Entry)
        if facts.get("listed") and feed:
            place = from_plain(facts["listed"], Place)
            return self._listing(place, feed).get(recorded.id, recorded)
        return recorded

    def _read_listing(self, place: Place, feed: Feed) -> dict[str, Entry]:
        answer = self._archive.answer(place)
        if answer is None:
            return {}
        body = body_of(answer.headers, answer.body)
        found = read_task(Task(do="list", bodies=(body,), feed=feed))
        entries = found.entries if isinstance(found, FeedAnswer) else ()
        return {entry.id: entry for entry in entries}


@dataclass(slots=True)
class Tally:
    """What a replay did."""

    runs: int = 0
    """Runs begun."""

    counts: Counter[str] = field(default_factory=Counter)
    """What became of the articles, by the names of decisions."""

    missed: Counter[str] = field(default_factory=Counter)
    """Steps that could not be taken, by reason."""

    listed: int = 0
    """Entries of lists that were taken in."""

    @property
    def is_empty(self) -> bool:
        """Whether no article was met, in any way."""
        return not (self.listed or any(self.counts.values()) or self.missed)


class Replay:
    """Take the steps of an archive again, into a store.

    Args:
        folder: the output folder; made as needed.
        tasks: the steps with their tasks.
        selection: which entries of lists count.
        reader: reads the tasks.
    """

    def __init__(
        self,
        folder: Path,
        tasks: Tasks,
        selection: Selection,
        reader: Reader = read_here,
    ) -> None:
        self._folder = folder
        self._tasks = tasks
        self._selection = selection
        self._reader = reader
        self._store: ReplayedStore | None = None
        self._waiting: list[tuple[Told, Fit]] = []
        self._taken: list[Taken] = []
        self.tally = Tally()

    def run(self) -> Tally:
        """Take all steps.

        Returns:
            What was done.

        Raises:
            StoreError: the folder cannot be used, or the disk refused.
        """
        try:
            for event, result in self._reader(self._tasks):
                if isinstance(event, Taken):
                    self._taken.append(event)
                else:
                    self._take(event, result)
            self._keep()
        finally:
            if self._store:
                self._store.abandon()
        return self.tally

    def _take(self, told: Told, result: Result | None) -> None:
        step = told.step
        if isinstance(result, Fit) and step.do == "read":
            if self._waiting and self._waiting[0][0].step.now != step.now:
                self._keep()
            self._note(told)
            self._waiting.append((told, result))
            if len(self._waiting) == _BATCH:
                self._keep()
            return
        self._keep()
        if step.do == "begin":
            self._begin(told)
            return
        if self._store is None:
            self.tally.missed["before the first run begins"] += 1
            return
        self._note(told)
        self._store.now = step.now
        if isinstance(result, Unread):
            self.tally.missed[result.reason] += 1
        else:
            self._do(self._store, step, result)

    def _do(self, store: ReplayedStore, step: Step, result: Result | None) -> None:
        facts = step.facts
        if isinstance(result, Fit):
            done = store.reprocess(result.prepared, step.pages, facts)
            self.tally.counts[done] += done == "reprocessed"
        elif isinstance(result, Picture):
            store.images.keep(facts["url"], result.data, result.ending)
        elif isinstance(result, FeedAnswer):
            self._sift(store, step, result)
        elif isinstance(result, Refused):
            self._reject(store, step, result)
        else:
            self._do_told(store, step)

    def _do_told(self, store: ReplayedStore, step: Step) -> None:
        facts = step.facts
        if step.do == "reject":
            entry = from_plain(facts["entry"], Entry) if facts["entry"] else None
            store.reject(facts["id"], facts["url"], facts["reason"], entry)
        elif step.do in {"accept", "drop"}:
            try:
                getattr(store, step.do)(facts["id"])
            except OptionError:
                self.tally.missed["nothing waits in quarantine"] += 1
        elif step.do == "call":
            self._call(store, facts)
        elif step.do == "end":
            report = facts["report"]
            store.close(from_plain(report, RunReport) if report else None)
            self._store = None

    def _begin(self, told: Told) -> None:
        if self._store:  # A run that was killed.
            old = self._store.unsettled()
            again = [Taken(one.url, one.place, one.digest, one.taken) for one in old]
            self._taken = [*again, *self._taken]
            self._store.abandon()
        facts = told.step.facts
        settings = {k: v for k, v in facts["settings"].items() if k != "body"}
        self._store = ReplayedStore(
            self._folder,
            facts["run"],
            now=told.step.now,
            spider=facts["spider"],
            before=self._ready(told),
            **settings,
        )
        self.tally.runs += 1

    def _note(self, told: Told) -> None:
        if self._store:
            self._ready(told)(self._store)

    def _ready(self, told: Told) -> Callable[[ReplayedStore], None]:
        taken, self._taken = self._taken, []

        def note(store: ReplayedStore) -> None:
            for each in taken:
                store.take(each.url, each.place, each.digest, each.at)
            store.advance(told.end)

        return note

    def _keep(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        if self._store is None:
            self.tally.missed["before the first run begins"] += len(waiting)
            return
        self._store.now = waiting[0][0].step.now
        try:
            self._keep_all(self._store, waiting)
        except PathRefused:
            for each in waiting:
                self._keep_one(self._store, *each)

    def _keep_one(self, store: ReplayedStore, told: Told, fit: Fit) -> None:
        try:
            self._keep_all(store, [(told, fit)])
        except PathRefused as error:
            post, entry = fit.prepared.post, _settled(told.step, fit)
            store.reject(post.id, post.url, str(error), entry)
            self.tally.counts["rejected"] += 1

    def _keep_all(
        self, store: ReplayedStore, waiting: Sequence[tuple[Told, Fit]]
    ) -> None:
        posts = [(fit.prepared, _settled(told.step, fit)) for told, fit in waiting]
        pages = [told.step.pages for told, _ in waiting]
        for kept in store.keep_from(posts, pages):
            self.tally.counts[type(kept.decision).__name__.lower()] += 1

    def _sift(self, store: ReplayedStore, step: Step, answer: FeedAnswer) -> None:
        entries = [
            entry
            for entry in answer.entries
            if not self._selection.id or entry.id == self._selection.id
        ]
        self.tally.listed += len(entries)
        if entries:
            store.sift(entries, force=bool(step.facts.get("force")))

    def _reject(self, store: ReplayedStore, step: Step, found: Refused) -> None:
        self.tally.counts["rejected"] += 1
        if found.id:
            entry = _settled(step, found)
            store.reject(found.id, found.url, found.reason, entry, found.page)

    def _call(self, store: ReplayedStore, facts: dict[str, Any]) -> None:
        part, _, name = facts["call"].rpartition(".")
        if name not in CALLS.get(part, ()):
            self.tally.missed["of a kind that is not known here"] += 1
            return
        method = attrgetter(facts["call"])(store)
        hints, names = get_type_hints(method), inspect.signature(method).parameters
        pairs = zip(names, facts["args"], strict=False)
        args = [from_plain(value, hints[each]) for each, value in pairs]
        if "identifier" in names and not store.has_post(args[0]):
            self.tally.missed["of a post that is not there"] += 1
            return
        method(*args)


def _settled(step: Step, found: Fit | Refused) -> Entry | None:
    return found.entry if step.facts.get("settles") else None
