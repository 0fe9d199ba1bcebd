"""Read an archive's answers in many processes, the results in the archive's order.

`read_tasks` is pure, so where and when it runs makes no difference; results are handed
on in the order of the tasks, whichever is ready first. A worker that dies costs time,
never a result: what it was given is read again. What ends the process that reads it
three times is left out and told of.
"""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from threading import Thread
from typing import Any, Protocol

from crawler.core.errors import OptionError, ReaderFailed
from crawler.memory import keep_memory
from crawler.replay import Event, Reader
from crawler.rereading import Result, Task, Unread, read_task

_CHUNK = 16
"""Tasks handed over together: a task is a millisecond, a message half of one."""

_AHEAD = 8
"""Chunks that wait for each worker; more would only fill memory."""

_TRIES = 3
_PATIENCE = 20
"""Seconds within which a cluster has to answer."""

_ADVICE = "needs more packages: pip install -r requirements-dask.txt"

Job = tuple[Event, Task | None]


class Pool(Protocol):
    """Workers that read."""

    width: int
    """How many chunks are handed over at a time."""

    died: tuple[type[BaseException], ...]
    """What their results raise when they have died."""

    def submit(self, tasks: list[Task | None]) -> Any:
        """Hand tasks over; gives a future of `read_tasks`."""

    def renew(self) -> None:
        """Replace workers that have died."""


@dataclass(slots=True)
class _Chunk:
    """Jobs that are read together."""

    jobs: list[Job]
    """The jobs."""

    future: Any
    """Their results."""

    @property
    def tasks(self) -> list[Task | None]:
        """The tasks of the jobs."""
        return [task for _, task in self.jobs]


def read_tasks(tasks: list[Task | None]) -> list[Result | None]:
    """Read answers one after the other; never raises, whatever their bytes are."""
    return [read_task(task) if task else None for task in tasks]


def in_processes(workers: int) -> Reader:
    """Make a reader that reads in processes of this machine."""

    def read(jobs: Iterable[Job]) -> Iterator[tuple[Event, Result | None]]:
        pool = _Processes(workers)
        try:
            yield from read_with(pool, jobs)
        finally:
            pool.close()

    return read


def on_dask(address: str) -> Reader:
    """Make a reader that reads on an existing Dask cluster; connects at once.

    Its scheduler and workers must be able to import this project, in this version.

    Args:
        address: the scheduler's, such as ``tcp://10.0.0.1:8786``.

    Raises:
        OptionError: the cluster cannot be used.
        ReaderFailed: by the reader: the cluster was lost.
    """
    cluster = _Cluster(address)

    def read(jobs: Iterable[Job]) -> Iterator[tuple[Event, Result | None]]:
        try:
            yield from read_with(cluster, jobs)
        except cluster.lost as error:
            problem = f"the Dask cluster {address} was lost; the same command goes on"
            raise ReaderFailed(problem) from error
        finally:
            cluster.close()

    return read


def read_with(pool: Pool, jobs: Iterable[Job]) -> Iterator[tuple[Event, Result | None]]:
    """Read jobs in a pool; gives their results in their order."""
    rest = iter(jobs)
    window: deque[_Chunk] = deque()
    while chunk := list(islice(rest, _CHUNK)):
        window.append(_Chunk(chunk, pool.submit([task for _, task in chunk])))
        if len(window) >= pool.width:
            yield from _results(pool, window.popleft())
    while window:
        yield from _results(pool, window.popleft())


def _results(pool: Pool, chunk: _Chunk) -> Iterator[tuple[Event, Result | None]]:
    results = _wait(pool, chunk.tasks, chunk.future)
    if results is None:  # One of them is to blame.
        results = [(_wait(pool, [task]) or [_FATAL])[0] for task in chunk.tasks]
    events = (event for event, _ in chunk.jobs)
    yield from zip(events, results, strict=True)


_FATAL = Unread("of a kind that ends the process that reads it")


def _wait(
    pool: Pool, tasks: list[Task | None], future: Any = None
) -> list[Result | None] | None:
    """Wait for results, through deaths of workers; ``None`` after too many."""
    future = future or pool.submit(tasks)
    for _ in range(_TRIES):
        try:
            results: list[Result | None] = future.result()
        except pool.died:
            pool.renew()
            future = pool.submit(tasks)
        else:
            return results
    return None


class _Processes:
    """Processes of this machine."""

    died: tuple[type[BaseException], ...] = (BrokenProcessPool,)

    def __init__(self, workers: int) -> None:
        self.width = _AHEAD * workers
        self._workers = workers
        self._pool = self._start()

    def submit(self, tasks: list[Task | None]) -> Future[list[Result | None]]:
        """Hand tasks over, to new processes where the old ones have died."""
        try:
            return self._pool.submit(read_tasks, tasks)
        except BrokenProcessPool:
            self.renew()
            return self._pool.submit(read_tasks, tasks)

    def renew(self) -> None:
        """Start other processes where these have died."""
        try:  # An earlier death may have been made good.
            self._pool.submit(read_tasks, [])
        except BrokenProcessPool:
            self._pool.shutdown(wait=False)
            self._pool = self._start()

    def close(self) -> None:
        """End the processes, and what they have not begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> ProcessPoolExecutor:
        # Workers are forked from a process that has no thread, file or lock of ours,
        # and that has imported once what each of them needs.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["scrapy.cmdline", __name__])
        return ProcessPoolExecutor(self._workers, context, initializer=_be_worker)


def _be_worker() -> None:
    # Ctrl-C is for the process that writes; it ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_memory()
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # Tasks come through a queue that the workers hold open themselves, so that the
    # death of the process that fills it does not end their waiting.
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


class _Cluster:
    """A Dask cluster, which brings back what a worker that dies was given."""

    def __init__(self, address: str) -> None:
        self._address = address
        try:
            distributed = importlib.import_module("distributed")
        except ImportError as error:
            raise OptionError("--dask", address, _ADVICE) from error
        # What it logs of a lost scheduler is told by us, in one line.
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.died: tuple[type[BaseException], ...] = (distributed.KilledWorker,)
        self.lost = (CancelledError, distributed.comm.CommClosedError)
        try:
            self._client = distributed.Client(
                address, set_as_default=False, timeout=_PATIENCE
            )
        except (OSError, ValueError, TypeError) as error:
            problem = f"cannot be reached: {error}"
            raise OptionError("--dask", address, problem) from error
        self._try()
        threads = sum(self._client.nthreads().values())
        self.width = _AHEAD * max(threads, 1)

    def _try(self) -> None:
        try:
            self.submit([]).result(timeout=_PATIENCE)
        except (RuntimeError, ImportError, AttributeError, OSError, *self.lost) as why:
            self.close()
            advice = "its scheduler and workers must be able to import this project"
            raise OptionError("--dask", self._address, advice) from why

    def submit(self, tasks: list[Task | None]) -> Any:
        """Hand tasks over to the cluster."""
        return self._client.submit(read_tasks, tasks, pure=False)

    def renew(self) -> None:
        """Nothing: the cluster renews its workers itself."""

    def close(self) -> None:
        """Leave the cluster, which goes on."""
        self._client.close()
