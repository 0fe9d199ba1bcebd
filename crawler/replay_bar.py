"""The bar that shows how far a replay has come, and when it will be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from crawler.replay import Event, Reader
from crawler.rereading import Result, Task
from crawler.storage.archive_reading import Told
from crawler.storage.gauge import Gauge

_WINDOW = 60
"""Over how many seconds the speed is taken."""


def watched(reader: Reader, gauge: Gauge) -> Reader:
    """Show a bar while a reader reads.

    It looks at what has been read whenever it is drawn, since there may be nothing to
    be taken for long. Readers are a few pages ahead of the store at most, so that the
    time left is that of the whole replay.
    """

    def read(
        jobs: Iterable[tuple[Event, Task | None]],
    ) -> Iterator[tuple[Event, Result | None]]:
        with _Bar(gauge) as bar:
            for event, result in reader(jobs):
                yield event, result
                bar.steps += isinstance(event, Told)

    return read


class _Bar(Progress):
    """A bar that follows a gauge."""

    def __init__(self, gauge: Gauge) -> None:
        super().__init__(
            TextColumn("[progress.description]{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[steps]} steps"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            speed_estimate_period=_WINDOW,
        )
        self.steps = 0
        self._gauge = gauge
        self.add_task("replay", total=gauge.total, steps=0)

    def get_renderables(self) -> Iterable[RenderableType]:
        """Draw how far the gauge has come."""
        for task in self.task_ids:
            self.update(task, completed=self._gauge.done, steps=self.steps)
        yield from super().get_renderables()
