"""Sweep faults over a run that stores: one at a time, each on a copy of one store."""

from __future__ import annotations

import shutil
from collections import Counter
from functools import partial
from pathlib import Path

from benchmarks import storing
from benchmarks.injection import CHANGING, Ended, Work, faults, trace
from benchmarks.scenes import SCENES
from benchmarks.storing import Figures

REFUSED = 3
"""The exit code of a run whose disk refused."""

KILLED = -9
"""How a killed run ends."""

ERRORS: dict[str, tuple[str, ...]] = {
    "EIO": tuple(name for name in CHANGING if name != "mkdir"),
    "ENOSPC": ("openat", "write", "pwrite64", "rename", "link", "mkdir"),
}
"""What a disk may answer, and to which calls."""


class Sweep:
    """A store after its first run, and what it is to be after the others.

    Args:
        scratch: an empty folder.
        scene: which of `SCENES` faults are done to.
    """

    def __init__(self, scratch: Path, scene: str = "store") -> None:
        self._scratch = scratch
        self._base, self._reference = scratch / "base", scratch / "reference"
        self._work = SCENES[scene].work
        SCENES[scene].begin(self._base)
        shutil.copytree(self._base, self._reference)
        for name in ("2", "3"):
            self._work(self._reference, name, lambda _: None)

    def observe(self) -> Ended:
        """Trace the second run while nothing fails."""
        return trace(self._second_run(self._fresh()), self._scratch, paths=True)

    def kills(self, calls: Counter[str]) -> list[str]:
        """List a kill at every system call."""
        return faults(calls, "signal=SIGKILL", CHANGING)

    def errors(self, calls: Counter[str]) -> list[str]:
        """List an error of every system call, and a disk that is full from there on."""
        found = [
            injection
            for error, names in ERRORS.items()
            for injection in faults(calls, f"error={error}", names)
        ]
        return [*found, *(f"{each}+" for each in found if "ENOSPC" in each)]

    def one(self, injection: str) -> Figures:
        """Do one fault, look, let a clean run heal it, compare."""
        folder = self._fresh()
        ended = trace(self._second_run(folder), self._scratch, inject=injection)
        found = storing.look(folder, ended.acknowledged)
        found.unclean = int(not _is_clean(ended, injection))
        self._work(folder, "3", lambda _: None)
        found.add(storing.compare(folder, self._reference))
        return found

    def _second_run(self, folder: Path) -> Work:
        return partial(storing.end_code, folder, "2", work=self._work)

    def _fresh(self) -> Path:
        folder = self._scratch / "store"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self._base, folder)
        return folder


def _is_clean(ended: Ended, injection: str) -> bool:
    if "SIGKILL" in injection:
        return ended.code == KILLED
    # An error that does not matter, such as of a folder that is there, may pass.
    return ended.code == 0 or (
        ended.code == REFUSED and ended.error.startswith("store ")
    )
