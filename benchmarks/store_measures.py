"""What is measured of a filled store, in a process that has done nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.filled_store import filled_entry
from benchmarks.generated_posts import entry_of, generate_post
from crawler.core.entries import Entry
from crawler.core.frontmatter import dump
from crawler.storage.checks import CHECKS
from crawler.storage.index import open_index
from crawler.storage.posts import PostStore
from crawler.storage.verification import verify

_PAGE = 50
_PAGES = 400
_OPENINGS = 15
_POSTS = 100
_BATCH = 64


class WrongResultError(Exception):
    """The store did not do what is measured, so its time means nothing."""


def measure(folder: Path, size: int) -> dict[str, float]:
    """Measure a store; the names and what they mean are those of `benchmarks.store`.

    Returns:
        Seconds an item, and bytes.
    """
    chance = Random(size)  # The same pages each time.
    bytes_each = (folder / "index.sqlite").stat().st_size / size
    pages = [
        [filled_entry(number) for number in chance.sample(range(size), _PAGE)]
        for _ in range(_PAGES)
    ]
    _renew(folder)
    openings = _open_and_poll(folder, pages)
    store = PostStore(folder, "measured")
    measured = {
        "open": median(opened for opened, _ in openings),
        "poll": median(polled for _, polled in openings),
        "sift": _sift(store, pages),
        "select": _select(folder, pages),
        "keep": _keep(store),
        "write": _write(folder),
        "batch": _keep_batches(store),
        "index": bytes_each,
        "peak": _peak(),
    }
    store.close()
    if (folder / "posts/金融/新浪财经").is_dir() and _documents(folder, size):
        for name, full in (("verify", False), ("full", True)):
            measured[name] = _time(partial(_verify, folder, full=full)) / size
        measured["peak_verified"] = _peak()
    return measured


def _renew(folder: Path) -> None:
    """Let all entries have been listed just now, as in a store that polls."""
    now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    with closing(open_index(folder / "index.sqlite", writable=True)) as index:
        index.execute("UPDATE listings SET last_listed = ?", (now,))


def _open_and_poll(folder: Path, pages: list[list[Entry]]) -> list[tuple[float, float]]:
    results = []
    for number in range(_OPENINGS):
        started = time.perf_counter()
        store = PostStore(folder, f"opened-{number}")
        opened = time.perf_counter()
        if store.sift(pages[number]):
            raise WrongResultError("what is known was wanted")
        polled = time.perf_counter()
        store.close()
        closed = time.perf_counter()
        results.append((opened - started + closed - polled, polled - opened))
    return results


def _sift(store: PostStore, pages: list[list[Entry]]) -> float:
    def sift() -> None:
        for page in pages:
            if store.sift(page):
                raise WrongResultError("what is known was wanted")

    return _time(sift) / (_PAGES * _PAGE)


def _select(folder: Path, pages: list[list[Entry]]) -> float:
    query = "SELECT title, mtime FROM listings WHERE feed = ? AND id = ?"
    with closing(open_index(folder / "index.sqlite", writable=False)) as index:

        def select() -> None:
            for page in pages:
                for entry in page:
                    index.execute(query, (entry.feed, entry.id)).fetchone()

        return _time(select) / (_PAGES * _PAGE)


def _keep(store: PostStore) -> float:
    posts = [generate_post(9_000_000 + number) for number in range(_POSTS)]

    def keep() -> None:
        for post in posts:
            if not store.keep(post, entry_of(post)).record:
                raise WrongResultError("a new post was not new")

    return _time(keep) / _POSTS


def _keep_batches(store: PostStore) -> float:
    count = 4 * _BATCH
    posts = [generate_post(9_100_000 + number) for number in range(count)]

    def keep() -> None:
        for at in range(0, count, _BATCH):
            store.keep_all([(post, entry_of(post)) for post in posts[at : at + _BATCH]])

    return _time(keep) / count


def _write(folder: Path) -> float:
    place = folder.parent / "written"
    place.mkdir()
    texts = [dump(generate_post(number)).encode() for number in range(_POSTS)]

    def write() -> None:
        for number, text in enumerate(texts):
            temporary = place / f".{number}.tmp"
            with temporary.open("wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(place / f"{number}.html")
            descriptor = os.open(place, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)

    return _time(write) / _POSTS


def _documents(folder: Path, size: int) -> bool:
    found = sum(len(names) for _, _, names in os.walk(folder / "posts"))
    return found >= size


def _verify(folder: Path, *, full: bool) -> None:
    for found in verify(folder, CHECKS, full=full, repair=False):
        raise WrongResultError(found.line)


def _time(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _peak() -> float:
    # Not getrusage: what that tells starts from the parent's peak.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024.0
