"""How memory is looked after, in a process that reads thousands of pages."""

from __future__ import annotations

import ctypes
import gc
import sys

_THRESHOLDS = (20_000, 20, 50)

_TRIM = -1
"""The name of that setting for ``mallopt``, in glibc's ``malloc.h``."""

_KEPT = 16 * 2**20


def keep_memory() -> None:
    """Collect garbage seldom, and keep what a page took for the next one.

    A page leaves few circles behind, so that looking for them costs more than it gives
    back: what is there now is left alone, the rest looked at less often. Its tree is
    freed at once, and glibc would return that to the system, to get it anew a moment
    later, which takes longer than parsing; so it is told to keep up to 16 MiB.
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    if sys.platform == "linux":
        tell = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none.
        if tell:
            tell(_TRIM, _KEPT)
