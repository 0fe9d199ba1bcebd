"""Do every fault to a store and to whole crawls, and count what is wrong afterwards.

Run it from the project's folder; it needs strace (``apt-get install strace``)::

    python benchmarks/faults.py [--kinds crawl] [--crawls 100] [--seed N] [--json]

Kinds of faults take turns, each on a fresh store, each followed by a clean run:

* ``kill``: SIGKILL at every system call of a run that stores new posts, a revision,
  a duplicate and a rejected page.
* ``error``: EIO or ENOSPC from every system call of that run where a disk may give
  it, once and, for a full disk, from there on.
* ``mark``, ``withdraw``: both of these to a recheck that removes two posts.
* ``accept``: both to ``scrapy quarantine --accept`` of three posts, one of which is
  marked as removed and one withdrawn.
* ``crawl``: SIGKILL at random times over whole crawls of the sample site, each store
  killed three times before it may finish.
* ``repair``: SIGKILL at every system call of a repair of a store whose index is lost,
  or damaged, and of one whose index is made once more from its archive.

After each: lost (acknowledged or due, and not there), torn (half a document or line),
doubled (exported or published twice), stray (temporary files after the next run),
unhealed (``scrapy verify --full`` finds something, or the documents differ from those
of a store that never failed), unclean (another end than exit code 3 and one line). The
exit code is 1 unless all of them are 0. The tests do a short form of this.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import storing
from benchmarks.injection import StraceMissingError
from benchmarks.repairing import DAMAGES, RepairSweep, lose, make_store
from benchmarks.scenes import SCENES
from benchmarks.storing import Figures
from benchmarks.sweeping import Sweep
from crawler.demo import DemoSite
from crawler.remaking import remake

_CATALOGUE = Path(__file__).resolve().parents[1] / "feeds"
_KILLS = 3
_PATIENCE = 120

Count = Callable[[str, Path, argparse.Namespace], Figures]


def main(arguments: list[str] | None = None) -> int:
    """Do the faults and print the figures; returns the exit code."""
    options = _parse(arguments)
    seconds: dict[str, float] = {}
    figures: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        try:
            for kind in options.kinds:
                started = time.perf_counter()
                folder = Path(scratch) / kind
                folder.mkdir()
                figures[kind] = _KINDS[kind](kind, folder, options)
                seconds[kind] = time.perf_counter() - started
        except StraceMissingError as error:
            print(f"benchmarks.faults: {error}", file=sys.stderr)
            return 1
    _print(figures, seconds, as_json=options.json)
    return int(any(each.wrong for each in figures.values()))


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Do faults and count what is wrong.")
    parser.add_argument("--kinds", nargs="+", choices=_KINDS, default=list(_KINDS))
    parser.add_argument("--crawls", type=int, default=30, help="stores to crawl into")
    parser.add_argument("--stride", type=int, default=1, help="do every so manieth")
    parser.add_argument("--seed", type=int, default=1, help="of the random times")
    parser.add_argument("--folder", help="where the stores are made")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args(arguments)


def _sweep(kind: str, scratch: Path, options: argparse.Namespace) -> Figures:
    sweep = Sweep(scratch, kind if kind in SCENES else "store")
    calls = sweep.observe().calls
    kills = [] if kind == "error" else sweep.kills(calls)
    injections = kills + ([] if kind == "kill" else sweep.errors(calls))
    total = Figures()
    for injection in injections[:: options.stride]:
        found = sweep.one(injection)
        total.add(found)
        if found.wrong:
            print(f"{injection}: {found}", file=sys.stderr)
    return total


def _crawls(kind: str, scratch: Path, options: argparse.Namespace) -> Figures:
    chance = Random(options.seed)
    total = Figures()
    reference = scratch / "reference"
    with DemoSite(2) as site:
        started = time.perf_counter()
        subprocess.run(_command(site.url, reference), check=False, timeout=_PATIENCE)
        whole = time.perf_counter() - started
        for number in range(options.crawls):
            folder = scratch / f"{kind} {number}"
            for _ in range(_KILLS):
                _kill(_command(site.url, folder), chance.uniform(0, whole))
                total.add(storing.look(folder, []))
            subprocess.run(_command(site.url, folder), check=False, timeout=_PATIENCE)
            found = storing.compare(folder, reference, exact=False)
            total.add(found)
            if found.wrong:
                print(f"crawl {number}: {found}", file=sys.stderr)
    return total


def _repairs(kind: str, scratch: Path, options: argparse.Namespace) -> Figures:
    bases: dict[str, Path] = {name: scratch / f"{kind} {name}" for name in DAMAGES}
    for base in bases.values():
        make_store(base)
    archived = scratch / f"{kind} archived"
    with DemoSite() as site:
        subprocess.run(_command(site.url, archived), check=False, timeout=_PATIENCE)
    total = Figures()
    again = partial(remake, _CATALOGUE)
    for name, base in [*bases.items(), ("archived", archived)]:
        spoil = DAMAGES.get(name, lose)
        (scratch / name).mkdir()
        sweep = RepairSweep(scratch / name, base, spoil, again)
        for injection in sweep.kills(sweep.observe())[:: options.stride]:
            found = sweep.one(injection)
            total.add(found)
            if found.wrong:
                print(f"{name} {injection}: {found}", file=sys.stderr)
    return total


def _kill(command: list[str], seconds: float) -> None:
    with subprocess.Popen(command) as process:
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()


def _command(site: str, folder: Path) -> list[str]:
    settings = {
        "OUTPUT_DIR": str(folder),
        "SITE_MIRROR": site,
        "DOWNLOAD_DELAY": "0",
        "AUTOTHROTTLE_ENABLED": "0",
        "CONCURRENT_REQUESTS_PER_DOMAIN": "16",
        "LOG_LEVEL": "CRITICAL",
    }
    command = [sys.executable, "-m", "scrapy", "crawl", "finance", "-a", "feeds=all"]
    for name, value in settings.items():
        command += ["-s", f"{name}={value}"]
    return command


def _print(
    figures: dict[str, Figures], seconds: dict[str, float], *, as_json: bool
) -> None:
    if as_json:
        rows = {
            kind: {**asdict(each), "seconds": round(seconds[kind], 1)}
            for kind, each in figures.items()
        }
        print(json.dumps(rows, indent=2))
        return
    names = list(asdict(Figures()))
    print("fault   ", *(f"{name:>9}" for name in [*names, "seconds"]))
    for kind, each in figures.items():
        values = [*asdict(each).values(), round(seconds[kind])]
        print(f"{kind:8}", *(f"{value:>9}" for value in values))


_SWEPT = ("kill", "error", "mark", "withdraw", "accept")
_KINDS: dict[str, Count] = {
    **dict.fromkeys(_SWEPT, _sweep),
    "crawl": _crawls,
    "repair": _repairs,
}


if __name__ == "__main__":
    raise SystemExit(main())
