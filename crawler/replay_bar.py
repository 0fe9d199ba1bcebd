"""The bar that shows how far a replay has come, and when it will be done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from crawler.core.archive import Place
from crawler.replay import Event, Reader
from crawler.rereading import Result, Task
from crawler.storage.archive_reading import Told

_WINDOW = 60
"""Over how many seconds the speed is taken."""


def measure(sizes: Sequence[tuple[str, int]]) -> Callable[[Place], int]:
    """Make the measure of how far a place is in an archive.

    Args:
        sizes: each file's name and bytes, in the archive's order; what grows along
            each is the offset, or 1 for a whole file of a folder.
    """
    before: dict[str, int] = {}
    total = 0
    for name, size in sizes:
        before[name] = total
        total += size
    return lambda place: before.get(place.file, 0) + place.offset


def watched(reader: Reader, sizes: Sequence[tuple[str, int]]) -> Reader:
    """Show a bar while a reader reads.

    It counts what has been taken into the store, by its place in the files, so that
    the time left is that of the whole replay.
    """
    place_of = measure(sizes)
    total = sum(size for _, size in sizes)

    def read(
        jobs: Iterable[tuple[Event, Task | None]],
    ) -> Iterator[tuple[Event, Result | None]]:
        with _progress() as progress:
            bar = progress.add_task("replay", total=total, steps=0)
            steps = 0
            for event, result in reader(jobs):
                yield event, result
                if isinstance(event, Told):
                    steps += 1
                    done = place_of(event.end)
                    progress.update(bar, completed=done, steps=steps)
            progress.update(bar, completed=total)

    return read


def _progress() -> Progress:
    return Progress(
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[steps]} steps"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        speed_estimate_period=_WINDOW,
    )
