"""How often Python looks for garbage, in a process that reads thousands of pages."""

from __future__ import annotations

import gc

_THRESHOLDS = (20_000, 20, 50)


def collect_seldom() -> None:
    """Leave alone what is there now, and look for garbage among the rest less often.

    A page leaves few circles behind, so that looking costs more than it gives back.
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
