"""Give a store a thread of its own, and many posts one commit.

The crawl goes on while the disk works, and under load the posts that have come in
meanwhile, or come a moment later, share one transaction and its fsyncs. Every future
resolves only when what it stands for is durable. Calls are carried out in the order
they were made.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Condition
from typing import Any, TypeVar

from crawler.core.entries import Entry
from crawler.core.errors import PathRefused, StoreError
from crawler.core.posts import Post
from crawler.core.prepared import Prepared
from crawler.storage.posts import Kept, PostStore

_BATCH = 64
_LINGER = 0.05
"""Seconds that a commit waits for more posts: each of eight costs a quarter more than
each of thirty-two, and nobody notices how long it takes."""

_Waiting = list[tuple[Post | Prepared, Entry | None, Future[Kept]]]

T = TypeVar("T")


class StoreWriter:
    """A store in its own thread.

    Args:
        open_store: opens the store; called in that thread.

    Raises:
        StoreError: what opening raised.
    """

    def __init__(self, open_store: Callable[[], PostStore]) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._changed = Condition()
        self._open: _Waiting | None = None  # The batch that may still grow.
        try:
            self.store = self._thread.submit(open_store).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def call(self, function: Callable[..., T], *args: Any, **named: Any) -> Future[T]:
        """Call a method of the store in its thread."""
        with self._changed:
            self._end_batch()  # Posts kept after this call come after it.
            return self._thread.submit(function, *args, **named)

    def keep(self, post: Post | Prepared, entry: Entry | None) -> Future[Kept]:
        """Keep a post, in one commit with others that are waiting."""
        future: Future[Kept] = Future()
        with self._changed:
            if self._open is None:
                batch: _Waiting = []
                self._thread.submit(self._keep_batch, batch)
                self._open = batch
            self._open.append((post, entry, future))
            if len(self._open) == _BATCH:
                self._end_batch()
        return future

    def close(self, function: Callable[[], None]) -> None:
        """Finish what is waiting, call the last function, end the thread.

        Raises:
            StoreError: what the last function raised.
        """
        try:
            self.call(function).result()
        finally:
            self._thread.shutdown()

    def _end_batch(self) -> None:
        self._open = None
        self._changed.notify()

    def _keep_batch(self, batch: _Waiting) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._open is not batch, _LINGER)
            if self._open is batch:
                self._open = None
        # A caller that was cancelled meanwhile wants no answer.
        self._keep_each(
            [each for each in batch if each[2].set_running_or_notify_cancel()]
        )

    def _keep_each(self, batch: _Waiting) -> None:
        try:
            kept = self.store.keep_all([(post, entry) for post, entry, _ in batch])
        except BaseException as error:  # noqa: BLE001 - handed on to each caller
            if len(batch) > 1 and _is_of_one_post(error):
                for each in batch:
                    self._keep_each([each])
                return
            for _, _, future in batch:
                future.set_exception(error)
        else:
            for (_, _, future), done in zip(batch, kept, strict=True):
                future.set_result(done)


def _is_of_one_post(error: BaseException) -> bool:
    """Tell an error that one post may have caused from one that would meet them all."""
    if isinstance(error, StoreError):
        return isinstance(error, PathRefused)
    return isinstance(error, Exception)
