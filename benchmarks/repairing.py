"""Sweep kills over repairs of a lost and of a damaged index, each on a copy.

The index of each store knows what nothing else tells: a version that was dropped from
quarantine. A repair that is killed at any system call leaves the old index or the new
one in its place, and the next repair ends as if the first had never begun.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks import storing
from benchmarks.generated_posts import generate_post
from benchmarks.injection import CHANGING, Ended, faults, trace
from benchmarks.storing import Figures
from benchmarks.sweeping import KILLED
from crawler.storage.checks import CHECKS
from crawler.storage.files import find_temporaries
from crawler.storage.posts import PostStore
from crawler.storage.rebuilding import FOLDER, Remake
from crawler.storage.verification import verify


def lose(index: Path) -> None:
    """Lose the index."""
    index.unlink()


def damage(index: Path) -> None:
    """Spoil the page of a table whose rows can be made once more."""
    with closing(sqlite3.connect(index)) as connection:
        [size] = connection.execute("PRAGMA page_size").fetchone()
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'buckets'"
        [page] = connection.execute(query).fetchone()
    with index.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)


DAMAGES: dict[str, Callable[[Path], None]] = {"lost": lose, "damaged": damage}
"""What befalls an index."""


def make_store(folder: Path) -> None:
    """Make a store whose index knows of a dropped version."""
    storing.run(folder, "1", storing.first_source())
    storing.run(folder, "2", storing.second_source())
    store = PostStore(folder, "3")
    try:
        text = "页面没有找到"
        store.keep(generate_post(2, text=text, html=f"<p>{text}</p>"))
        store.drop(generate_post(2).id)
    finally:
        store.close()


class RepairSweep:
    """A store with a spoilt index, and what it is after a repair that nobody killed.

    Args:
        scratch: an empty folder.
        base: the store.
        spoil: what befalls its index.
        remake: takes the archive's steps again, where it has one.
    """

    def __init__(
        self,
        scratch: Path,
        base: Path,
        spoil: Callable[[Path], None],
        remake: Remake | None = None,
    ) -> None:
        self._scratch = scratch
        self._base, self._remake = scratch / "spoilt", remake
        shutil.copytree(base, self._base)
        spoil(self._base / "index.sqlite")
        mended = self._fresh("mended")
        self._repair(mended, print)
        self._due = _contents(mended)

    def observe(self) -> Counter[str]:
        """Count the system calls of a repair while nothing fails."""
        return self._traced(self._fresh("store"), "").calls

    def kills(self, calls: Counter[str]) -> list[str]:
        """List a kill at every system call."""
        return faults(calls, "signal=SIGKILL", CHANGING)

    def one(self, injection: str) -> Figures:
        """Kill a repair, look, let another one end, compare."""
        folder = self._fresh("store")
        ended = self._traced(folder, injection)
        found = Figures(rounds=1, unclean=int(ended.code != KILLED))
        old, new = self._base / "index.sqlite", folder / "index.sqlite"
        found.lost = int(old.exists() and not new.exists())
        self._repair(folder, print)
        found.stray = len(list(find_temporaries(folder))) + (folder / FOLDER).exists()
        wrong = list(verify(folder, CHECKS, full=True, repair=False))
        found.unhealed = int(bool(wrong) or _contents(folder) != self._due)
        if old.exists():
            aside = (folder / "set-aside").glob("index.sqlite*")
            found.lost += old.read_bytes() not in [path.read_bytes() for path in aside]
        return found

    def _traced(self, folder: Path, injection: str) -> Ended:
        work = partial(self._repair, folder)
        return trace(work, self._scratch, inject=injection)

    def _repair(self, folder: Path, said: object) -> tuple[int, str]:
        del said  # A repair acknowledges nothing.
        for _ in verify(folder, CHECKS, full=True, repair=True, remake=self._remake):
            pass
        return 0, ""

    def _fresh(self, name: str) -> Path:
        folder = self._scratch / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self._base, folder)
        return folder


def _contents(folder: Path) -> dict[str, object]:
    """Read documents, exports and the index; when a run ended is chance."""
    paths = [*folder.glob("posts/**/*"), *folder.glob("revisions/**/*")]
    paths += folder.glob("feeds/*")
    found: dict[str, object] = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in paths
        if path.is_file()
    }
    with closing(sqlite3.connect(folder / "index.sqlite")) as index:
        lines = index.iterdump()
        found["index"] = [line for line in lines if not line.startswith(_RUN)]
    return found


_RUN = 'INSERT INTO "runs"'
