"""Read an archive of ours: its full answers and valid steps, in their order."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crawler.core.archive import Place, Step
from crawler.core.errors import StoreError
from crawler.core.plain import from_plain
from crawler.storage.archive_records import (
    Damage,
    Stored,
    read_record,
    read_records,
    split_answer,
)
from crawler.storage.locations import Location

_MEMORY = 32 * 2**20
_PACKED_ANEW = "more than one record in a gzip member: packed anew, and cannot be read"


@dataclass(frozen=True, slots=True)
class Taken:
    """A full answer in the archive."""

    url: str
    """The address asked for."""

    place: Place
    """Where its record lies."""

    digest: str
    """The digest of its body."""

    at: str
    """When it had come: its ``WARC-Date``."""


@dataclass(frozen=True, slots=True)
class Told:
    """A step in the archive."""

    step: Step
    """The step."""

    place: Place
    """Where its record begins."""

    end: Place
    """Where it ends."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An archived answer taken apart; its body is as it came."""

    status: int
    """Its status."""

    headers: dict[bytes, bytes]
    """Its headers by lower-case name."""

    body: bytes
    """Its body, compressed as it came."""


class ArchiveReader:
    """WARC files of this program, read as one archive.

    Args:
        paths: the files, oldest first, by the names they were written under.
    """

    def __init__(self, paths: Mapping[str, Location]) -> None:
        self._paths = dict(paths)
        self._order = {name: number for number, name in enumerate(self._paths)}
        self.damages: list[Damage] = []
        """What could not be read so far."""
        self._memory: OrderedDict[Place, bytes] = OrderedDict()
        self._size = 0

    def events(self) -> Iterator[Taken | Told]:
        """Give answers and steps in the archive's order, without what is void.

        Steps of one commit are held back until the next, which tells whether they
        were carried out.

        Raises:
            StoreError: a file cannot be read.
        """
        held: list[Taken | Told] = []
        after: Place | None = None
        for event in self._all():
            if isinstance(event, Told):
                if event.step.do == "void":
                    held = self._without_void(held, event.step)
                    continue
                if after is not None and event.step.after != after:
                    yield from held
                    held = []
                after = event.step.after
            held.append(event)
        yield from held

    def answer(self, place: Place) -> Answer | None:
        """Read the answer at a place; ``None`` where these files have none.

        Raises:
            StoreError: the file cannot be read.
        """
        block = self._memory.get(place) or self._read_block(place)
        if block is None:
            return None
        try:
            return Answer(*split_answer(block))
        except ValueError:
            return None

    def _all(self) -> Iterator[Taken | Told]:
        for name, path in self._paths.items():
            for found in _records(path, name):
                if isinstance(found, Damage):
                    self.damages.append(found)
                    continue
                if found.rest:
                    self.damages.append(Damage(found.place, found.end, _PACKED_ANEW))
                if found.kind == "response":
                    self._remember(found)
                    digest = found.headers.get("warc-payload-digest", "")
                    date = found.headers.get("warc-date", "")
                    yield Taken(found.url, found.place, digest, date)
                elif found.is_step and (told := self._told(found)):
                    yield told

    def _told(self, found: Stored) -> Told | None:
        try:
            step = Step.from_json(found.block)
        except ValueError as error:
            self.damages.append(Damage(found.place, found.end, f"a step {error}"))
            return None
        return Told(step, found.place, Place(found.place.file, found.end))

    def _without_void(self, held: list[Taken | Told], void: Step) -> list[Taken | Told]:
        start: Place = from_plain(void.facts.get("start"), Place)
        key = self._key(start)
        return [
            each
            for each in held
            if isinstance(each, Taken) or self._key(each.place) < key
        ]

    def _key(self, place: Place) -> tuple[int, int]:
        return self._order.get(place.file, -1), place.offset

    def _remember(self, found: Stored) -> None:
        self._memory[found.place] = found.block
        self._size += len(found.block)
        while self._size > _MEMORY:
            _, block = self._memory.popitem(last=False)
            self._size -= len(block)

    def _read_block(self, place: Place) -> bytes | None:
        path = self._paths.get(place.file)
        if path is None:
            return None
        try:
            found = read_record(path, place)
        except OSError as error:
            raise _unreadable(path, error) from error
        return found.block if isinstance(found, Stored) else None


def _records(path: Location, name: str) -> Iterator[Stored | Damage]:
    try:
        yield from read_records(path, name)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Location, error: OSError) -> StoreError:
    return StoreError(path, f"cannot be read: {error.strerror}")
