"""How memory is looked after, in a process that reads thousands of pages."""

from __future__ import annotations

import ctypes
import gc
import sys

_THRESHOLDS = (20_000, 20, 50)

_SETTINGS = {-1: 16 * 2**20, -3: 32 * 2**20}
"""For ``mallopt``, by the numbers of glibc's ``malloc.h``: how much is kept when it is
freed (``M_TRIM_THRESHOLD``), and what is too large for that (``M_MMAP_THRESHOLD``),
which grows by itself no more once the other is set."""


def keep_memory() -> None:
    """Collect garbage seldom, and keep what a page took for the next one.

    A page leaves few circles behind, so that looking for them costs more than it gives
    back: what is there now is left alone, the rest looked at less often. Its tree is
    freed at once, and glibc would return that to the system, to get it anew a moment
    later, which takes longer than parsing; so it is told to keep up to 16 MiB.
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    if sys.platform != "linux":
        return
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell is not None:  # musl has none.
        for name, value in _SETTINGS.items():
            tell(name, value)
