"""The crawl's side of the processes that read its pages.

A parser in C may hang on a hostile page or take its whole process down. In a process
of its own that costs one article: the worker is replaced and the crawl goes on, which
meanwhile has a core for the network and the store.
"""

from __future__ import annotations

import asyncio
import fcntl
import signal
import subprocess
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path

from crawler.core.errors import ReaderFailed
from crawler.readers.frames import LENGTH, frame, unframe
from crawler.reading import FetchedPage, Reading, read_page

PAGE_SECONDS = 20
"""How long a page may take to read; real ones take some milliseconds."""

_PIPE = 2**20
"""Bytes that a pipe holds: the pages a worker reads while the crawl is busy."""

_AHEAD = 16
"""How many pages a worker is sent before it has answered the first of them."""

_PROJECT = Path(__file__).resolve().parents[2]

_Asked = tuple[FetchedPage, asyncio.Future[Reading]]


class ReaderPool:
    """Reads pages in worker processes, or where there are none in this one.

    Args:
        count: how many processes; 0 for none.
        extra_fields: front-matter keys beyond the seven (``POST_EXTRA_FIELDS``).
    """

    def __init__(self, count: int, extra_fields: tuple[str, ...]) -> None:
        self._extra_fields = extra_fields
        self._workers = [_Worker(extra_fields) for _ in range(count)]

    async def open(self) -> None:
        """Start the workers and wait until they are ready.

        Raises:
            ReaderFailed: one cannot be started.
        """
        await asyncio.gather(*(worker.start() for worker in self._workers))

    async def read(self, page: FetchedPage) -> Reading:
        """Read one page.

        Raises:
            ReaderFailed: its worker died of it or took too long.
        """
        if not self._workers:
            return read_page(page, self._extra_fields)
        return await min(self._workers, key=_Worker.load).ask(page)

    def close(self) -> None:
        """End the workers; what they were reading is wanted no more."""
        for worker in self._workers:
            worker.close()


class _Worker(asyncio.Protocol):
    """One worker process, replaced when it ends.

    It answers in the order it is asked. So when it ends, the page it ended of is the
    first without an answer, and those after it can be sent again.
    """

    def __init__(self, extra_fields: tuple[str, ...]) -> None:
        self._opening = frame(extra_fields)
        self._waiting: deque[_Asked] = deque()
        self._sent: deque[_Asked] = deque()
        self._process: subprocess.Popen[bytes] | None = None

    def load(self) -> int:
        """Count the pages it has yet to read."""
        return len(self._waiting) + len(self._sent)

    def start(self) -> asyncio.Future[None]:
        """Start a process; the future tells when it is ready, or `ReaderFailed`."""
        loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = loop.create_future()
        self._received = bytearray()
        self._transport: asyncio.WriteTransport | None = None
        self._answers: asyncio.ReadTransport | None = None
        command = [sys.executable, "-m", "crawler.readers.worker", str(PAGE_SECONDS)]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_PROJECT,
            start_new_session=True,
        )
        self._connecting = loop.create_task(self._connect(self._process))
        return self._ready

    def ask(self, page: FetchedPage) -> asyncio.Future[Reading]:
        """Send one page; the future has the answer or `ReaderFailed`."""
        future: asyncio.Future[Reading] = asyncio.get_running_loop().create_future()
        self._waiting.append((page, future))
        if self._process is None:
            self.start()
        self._send()
        return future

    def close(self) -> None:
        """End the process for good."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if self._transport:
            self._transport.abort()
        if self._answers:
            self._answers.close()

    async def _connect(self, process: subprocess.Popen[bytes]) -> None:
        loop = asyncio.get_running_loop()
        for pipe in (process.stdin, process.stdout):
            if hasattr(fcntl, "F_SETPIPE_SZ") and pipe:
                with suppress(OSError):  # Some systems allow less.
                    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
        self._answers, _ = await loop.connect_read_pipe(lambda: self, process.stdout)
        transport, _ = await loop.connect_write_pipe(
            asyncio.BaseProtocol, process.stdin
        )
        if self._process is process:
            self._transport = transport
            transport.write(self._opening)
            self._send()
        else:  # It has ended already.
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Hand the answers that are whole to those who asked."""
        received = self._received
        received += data
        start = 0
        while len(received) - start >= LENGTH.size:
            (size,) = LENGTH.unpack_from(received, start)
            end = start + LENGTH.size + size
            if len(received) < end:
                break
            self._take(unframe(received[start + LENGTH.size : end]))
            start = end
        del received[:start]
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Give up the page it was reading; start another process for the rest."""
        process, self._process, self._transport = self._process, None, None
        if process is None:  # It was closed.
            return
        failure = ReaderFailed(_why(process, ready=self._ready.done()))
        self._waiting.extendleft(reversed(self._sent))
        self._sent.clear()
        if not self._ready.done():
            self._ready.set_exception(failure)
            self._ready.exception()  # Nobody may be waiting for a second start.
        if self._waiting:
            _, future = self._waiting.popleft()
            if not future.done():
                future.set_exception(failure)
        if self._waiting:
            self.start()

    def _take(self, answer: Reading | None) -> None:
        if answer is None:
            self._ready.set_result(None)
            return
        _, future = self._sent.popleft()
        if not future.done():  # Whoever asked may have been cancelled.
            future.set_result(answer)

    def _send(self) -> None:
        frames = []
        while self._transport and self._waiting and len(self._sent) < _AHEAD:
            self._sent.append(self._waiting.popleft())
            frames.append(frame(self._sent[-1][0]))
        if self._transport and frames:
            self._transport.write(b"".join(frames))


def _why(process: subprocess.Popen[bytes], *, ready: bool) -> str:
    try:
        code = process.wait(1)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    if not ready:
        return f"the reading process cannot be started (exit code {code})"
    if code == -signal.SIGALRM:
        return f"reading it took longer than {PAGE_SECONDS} s"
    return f"the process that read it crashed (exit code {code})"
