"""Messages on a byte stream between the crawl and its own reading processes.

A message is a pickle after its length. Both ends of the stream are this program's, and
it is a pipe that has no name; nothing from the network is ever unpickled.
"""

from __future__ import annotations

import pickle
import struct
from typing import Any

LENGTH = struct.Struct("!I")
"""The length that stands before each message."""


def frame(value: Any) -> bytes:
    """Write a value as one message."""
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(data)) + data


def unframe(data: bytes | bytearray | memoryview) -> Any:
    """Read the value of a message that stands without its length."""
    return pickle.loads(data)  # noqa: S301 - our own process wrote it
