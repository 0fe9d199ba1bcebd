"""Measure replay: from WARC to durable documents, beside tools that only read pages.

Run it from the project's folder::

    python benchmarks/replay.py [--pages 4000] [--kilobytes 90] [--rounds 3] [--json]
        [--rivals PYTHON] [--node-modules DIR]

A store with its archive is filled with generated pages, as a crawl leaves it. Then
``scrapy replay --into`` makes another store of it, with everything that belongs to
that: records of the WARC read, pages extracted, posts normalised, compared with all
others, written durably (fsync) and recorded. What counts is the whole command, start
and imports included.

* ``1 process``, ``2 processes``: ``--workers 1`` and ``2``.
* ``quarter``: a quarter of the pages with one process. Its peak memory beside that of
  all pages tells whether memory grows with the archive.
* ``parsel``: four fields by CSS, from text in memory; nothing else.
* ``trafilatura``, ``newspaper`` (newspaper4k), ``newsplease`` (news-please, from HTML):
  run by ``--rivals``, a Python of an environment of their own, since not all of them
  go with our requirements (``pip install trafilatura newspaper4k news-please``).
* ``cheerio``: ``$('#artibody').html()`` in Node, found in ``--node-modules``
  (``npm install cheerio``).

Rivals take their pages from memory, by turns with us; those that are not there are left
out with a word. Ratios are taken within each round, and their medians count.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.generated_archive import fill_store, read_site
from benchmarks.generated_site import GeneratedSite, write_site
from benchmarks.replay_rivals import TOOLS

_PROJECT = Path(__file__).resolve().parent.parent
_SAMPLE = 200
"""How many pages the rivals go round in."""

_SECONDS = 5
"""How long each rival runs in a round."""

Round = dict[str, float]
"""Pages a second of everything that was measured in turn."""


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    options = _parse(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        result = _measure(Path(name), options)
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        _print(result)
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure replay beside other tools.")
    parser.add_argument("--pages", type=int, default=4000)
    parser.add_argument("--kilobytes", type=int, default=90)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rivals", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--node-modules", default="node_modules", metavar="DIR")
    parser.add_argument("--folder", help="where the stores are made")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def _measure(scratch: Path, options: argparse.Namespace) -> dict[str, Any]:
    _say(f"writing {options.pages} pages of {options.kilobytes} KB ...")
    site = write_site(scratch, options.pages, options.kilobytes)
    sample = _write_sample(site, scratch / "sample")
    fill_store(scratch / "all", read_site(site))
    quarter = write_site(scratch / "less", options.pages // 4, options.kilobytes)
    fill_store(scratch / "quarter", read_site(quarter))
    rounds: list[Round] = []
    peaks: dict[str, list[int]] = {"all": [], "quarter": []}
    for number in range(options.rounds):
        found: Round = {}
        for width in (1, 2):
            label = f"{width} process{'es' * (width - 1)}"
            seconds, peak = _replay(scratch, "all", options.pages, width)
            found[label] = options.pages / seconds
            peaks["all"] += [peak] if width == 1 else []
        peaks["quarter"].append(_replay(scratch, "quarter", options.pages // 4, 1)[1])
        found.update(_run_rivals(options, sample))
        _say(f"round {number + 1}: {_tell(found)}")
        rounds.append(found)
    return _summarise(site, rounds, peaks)


def _write_sample(site: GeneratedSite, folder: Path) -> Path:
    folder.mkdir()
    for number, route in enumerate(site.routes[:_SAMPLE]):
        packed = (site.folder / f"{route.strip('/')}.gz").read_bytes()
        (folder / f"{number:03}.html").write_bytes(gzip.decompress(packed))
    return folder


def _replay(scratch: Path, name: str, pages: int, width: int) -> tuple[float, int]:
    """Replay a store's archive once; returns seconds and peak bytes of a process."""
    # Nothing is deleted before the end: where ext4 has no journal, a file that is made
    # minutes after thousands were deleted takes fifty times as long.
    into = tempfile.mkdtemp(dir=scratch)
    command = [sys.executable, "-m", "scrapy", "replay", "--into", f"{into}/again"]
    command += ["--workers", str(width), "-s", f"OUTPUT_DIR={scratch / name}"]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=_PROJECT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read().decode()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or f" {pages} new" not in said:
        raise SystemExit(f"replay ended with {process.returncode}: {said}")
    return taken, usage.ru_maxrss * 1024


def _run_rivals(options: argparse.Namespace, sample: Path) -> Round:
    script = str(Path(__file__).with_name("replay_rivals.py"))
    commands = {
        name: [options.rivals, script, name, str(_SECONDS), str(sample)]
        for name in TOOLS
    }
    cheerio = str(Path(__file__).with_name("replay_cheerio.cjs"))
    commands["cheerio"] = ["node", cheerio, str(_SECONDS), str(sample)]
    where = {**os.environ, "NODE_PATH": str(Path(options.node_modules).absolute())}
    found: Round = {}
    for name, command in commands.items():
        try:
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, env=where
            )
        except FileNotFoundError:
            _say(f"left out: {name}: no {command[0]}")
            continue
        said = (done.stderr.strip().splitlines() or ["not installed"])[-1]
        if done.returncode:
            _say(f"left out: {name}: {said}")
            continue
        found[name] = float(done.stdout)
        if "finds nothing" in said:
            _say(said)
    return found


def _summarise(
    site: GeneratedSite, rounds: list[Round], peaks: dict[str, list[int]]
) -> dict[str, Any]:
    names = [name for name in rounds[0] if all(name in each for each in rounds)]
    ratios = {
        f"1 process / {name}": [each["1 process"] / each[name] for each in rounds]
        for name in names
        if name not in {"1 process", "2 processes"}
    }
    both = [each["2 processes"] / each["1 process"] for each in rounds]
    ratios["2 processes / 1 process"] = both
    grown = [all_ / less for all_, less in zip(*peaks.values(), strict=True)]
    return {
        "pages": len(site.routes),
        "bytes_per_page": site.mean_bytes,
        "rounds": rounds,
        "pages_per_second": {
            name: median(each[name] for each in rounds) for name in names
        },
        "ratios": ratios,
        "median_ratios": {name: median(values) for name, values in ratios.items()},
        "peak_mb": {name: median(each) / 2**20 for name, each in peaks.items()},
        "peak_ratio": median(grown),
    }


def _print(result: dict[str, Any]) -> None:
    size = result["bytes_per_page"] / 1000
    rounds = len(result["rounds"])
    print(f"{result['pages']} pages of {size:.0f} KB, medians of {rounds} rounds\n")
    for name, speed in result["pages_per_second"].items():
        print(f"{name:12} {speed:8.1f} pages/s {1000 / speed:8.2f} ms/page")
    print()
    for name, value in result["median_ratios"].items():
        each = ", ".join(f"{ratio:.2f}" for ratio in result["ratios"][name])
        print(f"{name}: {value:.2f} times the rate (rounds: {each})")
    peaks = result["peak_mb"]
    print(
        f"peak memory: {peaks['quarter']:.0f} MB for a quarter of the pages,"
        f" {peaks['all']:.0f} MB for all ({result['peak_ratio']:.2f} times)"
    )


def _tell(found: Round) -> str:
    return ", ".join(f"{name} {speed:.0f}" for name, speed in found.items())


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
