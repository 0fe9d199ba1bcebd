"""A process that reads pages for a crawl: ``python -m crawler.readers.worker``.

`crawler.readers.pool` starts it with pipes as its standard input and output. The first
message it gets is the tuple of the documents' extra fields, which it answers
with ``None``; every later one is a `FetchedPage`, answered in order with a `Reading`.
It ends when the other end is closed, even by a kill.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from typing import BinaryIO

from crawler.memory import keep_memory
from crawler.readers.frames import LENGTH, frame, unframe
from crawler.reading import read_page


def main(limit: int) -> None:
    """Answer until there is nobody left to ask.

    Args:
        limit: the seconds one page may take. After that the system itself ends this
            process, because code that hangs in C heeds nothing else.
    """
    # The crawl decides when this ends, not the terminal or the service manager.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    with suppress(BrokenPipeError):
        extra_fields = unframe(_next(asked))
        keep_memory()
        answers.write(frame(None))
        answers.flush()
        while data := _next(asked):
            signal.alarm(limit)
            reading = read_page(unframe(data), extra_fields)
            signal.alarm(0)
            answers.write(frame(reading))
            answers.flush()


def _next(stream: BinaryIO) -> bytes:
    length = stream.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return b""
    (size,) = LENGTH.unpack(length)
    return stream.read(size)


if __name__ == "__main__":
    main(int(sys.argv[1]))
