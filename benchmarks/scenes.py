"""What faults are done to: a crawl, a removal, a version accepted from quarantine.

Each scene makes a store and then works on it in a run of its own, which a second run
of the same kind must be able to heal.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks import storing
from benchmarks.generated_posts import generate_post
from benchmarks.storing import GONE, Acknowledge
from crawler.core.errors import OptionError
from crawler.core.removals import Policy
from crawler.storage.posts import PostStore

_WHY = "http 404"
_NOTICED = datetime(2027, 12, 24, tzinfo=UTC)
_CONFIRMED = _NOTICED + timedelta(days=1)
_TREATMENTS: tuple[Policy, ...] = ("keep", "mark", "withdraw")


@dataclass(frozen=True, slots=True)
class Scene:
    """A store and what is done to it."""

    begin: Callable[[Path], None]
    """Makes the store."""

    work: Callable[[Path, str, Acknowledge], None]
    """Works on it: given the folder, the run's name, and whom to tell what is kept."""


def _first_run(folder: Path) -> None:
    storing.run(folder, "1", storing.first_source())


def _second_run(folder: Path, name: str, acknowledge: Acknowledge) -> None:
    storing.run(folder, name, storing.second_source(), acknowledge)


def _notice(folder: Path) -> None:
    """Keep two posts, one of them revised, and find both pages gone once."""
    _first_run(folder)
    with closing(PostStore(folder, "1 again")) as store:
        store.keep(generate_post(1, title="镜湖简报第1号（更正）"))
        for number in (1, 2):
            store.visits.note_gone(_id(number), _NOTICED, _WHY, "keep")


def _remove(policy: Policy, folder: Path, name: str, acknowledge: Acknowledge) -> None:
    """Recheck: find both pages gone once more, so that they are removed."""
    with closing(PostStore(folder, name, spider="recheck")) as store:
        store.visits.settle(policy)
        for number in (1, 2):
            store.visits.note_gone(_id(number), _CONFIRMED, _WHY, policy)
            acknowledge((_id(number), GONE))


def _hold(folder: Path) -> None:
    """Keep posts of which a poorer version waits; two are removed by then."""
    with closing(PostStore(folder, "1")) as store:
        for number, policy in enumerate(_TREATMENTS, 1):
            store.keep(generate_post(number))
            store.keep(generate_post(number, text="更正：全文撤回。"))
            for at in (_NOTICED, _CONFIRMED) if policy != "keep" else ():
                store.visits.note_gone(_id(number), at, _WHY, policy)


def _accept(folder: Path, name: str, acknowledge: Acknowledge) -> None:
    """Accept what waits, as ``scrapy quarantine --accept`` does."""
    with closing(PostStore(folder, name, spider="quarantine")) as store:
        for number in range(1, len(_TREATMENTS) + 1):
            with suppress(OptionError):  # It was accepted before the fault.
                store.accept(_id(number))
                acknowledge((_id(number), 2))


def _id(number: int) -> str:
    return generate_post(number).id


SCENES = {
    "store": Scene(_first_run, _second_run),
    "mark": Scene(_notice, partial(_remove, "mark")),
    "withdraw": Scene(_notice, partial(_remove, "withdraw")),
    "accept": Scene(_hold, _accept),
}
"""The scenes by name."""
