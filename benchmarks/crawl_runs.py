"""One run of each kind that the crawl benchmark compares, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

from benchmarks.generated_site import GeneratedSite
from benchmarks.shared_settings import SHARED, STOPWATCH

PROJECT = Path(__file__).resolve().parent.parent
KINDS = ("default", "quiet", "tuned", "unarchived", "full")
"""The runs: fetch only as Scrapy comes, the same with 32 requests and no line a page,
fetch only tuned, the crawl without its archive, the full crawl."""

OURS = ("unarchived", "full")
"""Those of them that make posts."""

_PATIENCE = 900
"""Seconds after which a run is taken to hang."""


class RunFailedError(Exception):
    """A run did not do what it should, so its time means nothing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run took."""

    seconds: float
    """From the first request until the engine had stopped."""

    crawl_cpu_seconds: float
    """CPU of all its threads and processes between the same two moments."""

    process_cpu_seconds: float
    """CPU of all its processes, start-up and imports included."""

    peak_bytes: int
    """The most memory one of its processes held."""


def measure(
    kind: str, site: GeneratedSite, server: str, scratch: Path, profile: str = ""
) -> Measured:
    """Run one kind once and check that it did all of the work.

    Args:
        kind: one of `KINDS`.
        site: what is crawled.
        server: the address that serves it.
        scratch: where the run may leave files.
        profile: a file for the full crawl's cProfile figures; such a run is slow.

    Raises:
        RunFailedError: it failed, or missed or lost a page.
    """
    # Nothing is deleted before the end: where ext4 has no journal, a file that is made
    # minutes after thousands were deleted takes fifty times as long.
    folder = Path(tempfile.mkdtemp(dir=scratch, prefix=f"{kind}-"))
    os.sync()  # What the run before has left to be written is not this one's.
    stopwatch = folder / "stopwatch.json"
    if kind in OURS:
        command = _full_command(site, server, folder, profile)
        command += ["-s", f"ARCHIVE_ENABLED={kind == 'full'}"]
    else:
        urls = folder / "urls.txt"
        lines = (f"{server}/{route}\n" for route in site.routes)
        urls.write_text("".join(lines), encoding="utf-8")
        command = ["benchmarks.fetch", kind, str(urls), str(stopwatch)]
    cpu, peak = _run([sys.executable, "-m", *command], folder / "log.txt")
    if kind in OURS:
        _check_report(folder / "output", len(site.routes))
    timed = _read_stopwatch(stopwatch, kind, site)
    return Measured(timed["seconds"], timed["cpu_seconds"], cpu, peak)


def _full_command(
    site: GeneratedSite, server: str, folder: Path, profile: str
) -> list[str]:
    from crawler.settings import EXTENSIONS

    settings = {
        **SHARED,
        "SITE_MIRROR": server,
        "CATALOGUE_DIR": site.catalogue,
        "OUTPUT_DIR": folder / "output",
        "EXTENSIONS": json.dumps({**EXTENSIONS, STOPWATCH: 900}),
        "STOPWATCH_FILE": folder / "stopwatch.json",
    }
    command = ["scrapy", "crawl", "finance", "-a", f"pages={site.list_pages}"]
    if profile:
        command += ["--profile", profile]
    for name, value in settings.items():
        command += ["-s", f"{name}={value}"]
    return command


def _run(command: list[str], log: Path) -> tuple[float, int]:
    """Run a command in the project's folder; return its CPU seconds and peak bytes."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    watchdog = Timer(_PATIENCE, process.kill)
    watchdog.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        watchdog.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        tail = log.read_text(encoding="utf-8", errors="replace").strip()[-1500:]
        words = " ".join(command[1:4])
        raise RunFailedError(f"{words} ended with {process.returncode}:\n{tail}")
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit


def _read_stopwatch(path: Path, kind: str, site: GeneratedSite) -> dict[str, Any]:
    if not path.is_file():
        raise RunFailedError(f"{kind}: fetched nothing")
    timed: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    expected = len(site.routes) + (site.list_pages if kind in OURS else 0)
    if timed["answers"] != expected or timed["retries"]:
        raise RunFailedError(
            f"{kind}: {timed['answers']} answers with status 200 and"
            f" {timed['retries']} retries, not {expected} and 0"
        )
    return timed


def _check_report(output: Path, pages: int) -> None:
    reports = list((output / "runs").glob("*.json"))
    if len(reports) != 1:
        raise RunFailedError(f"full: {len(reports)} run reports, not 1")
    counts = json.loads(reports[0].read_text(encoding="utf-8"))["counts"]
    kept = {outcome: count for outcome, count in counts.items() if count}
    if kept != {"new": pages}:
        raise RunFailedError(f"full: the report counts {kept}, not {pages} new posts")
    documents = sum(1 for _ in (output / "posts").rglob("*.html"))
    if documents != pages:
        raise RunFailedError(f"full: {documents} documents, not {pages}")
