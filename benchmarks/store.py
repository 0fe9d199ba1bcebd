"""Measure what an item costs a store of 10,000, 100,000 and 1,000,000 posts.

Run it from the project's folder::

    python benchmarks/store.py [--sizes 10000,100000,1000000] [--folder DIR] [--json]

Each store is filled by bulk SQL of the real schema: every post has a version with its
packed record and document, a listing and a fetch, under ids in random order. Then a
process of its own opens it afresh and measures, everything being in the system's page
cache:

* ``open``: open the store as a run does, and end the run.
* ``sift``: is this entry known and unchanged? Pages of 50 entries from anywhere in
  the store, without news, as most polls are. Beside it ``select``: the bare look-up
  of the same ids in the same index, one SELECT each: what cannot be undercut.
* ``poll``: one such page in a store just opened: what a quiet poll adds.
* ``keep``: one new post, durable when it returns. Beside it ``write``: a file of the
  same bytes written, fsynced, renamed and its folder fsynced, without any store.
* ``batch``: one new post of 64 that share a commit.
* ``verify``, ``full``: one post of a ``scrapy verify``, and with ``--full``. Stores of
  up to ``--documents`` posts have their documents on disk; larger ones are not
  verified.
* ``index``: bytes of the index for one post. ``peak``: the most memory that the
  process held before it verified, and after.

What an item costs must not grow with the store: compare along the rows.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.filled_store import fill_store
from benchmarks.store_measures import measure

_UNITS = {
    "open": "ms",
    "sift": "µs",
    "select": "µs",
    "poll": "ms",
    "keep": "ms",
    "write": "ms",
    "batch": "ms",
    "verify": "µs",
    "full": "µs",
    "index": "B",
    "peak": "MB",
    "peak_verified": "MB",
}
_SCALES = {"ms": 1e3, "µs": 1e6, "B": 1, "MB": 1 / 2**20}


def main(arguments: list[str] | None = None) -> int:
    """Fill, measure and print; returns the exit code."""
    options = _parse(arguments)
    if options.measure:
        print(json.dumps(measure(Path(options.measure), options.sizes[0])))
        return 0
    results = {}
    for size in options.sizes:
        scratch = Path(tempfile.mkdtemp(dir=options.folder))
        try:
            fill_store(scratch / "store", size, documents=size <= options.documents)
            results[size] = _measure_apart(scratch / "store", size)
        finally:
            shutil.rmtree(scratch)
    if options.json:
        print(json.dumps(results, indent=2))
    else:
        _print(results)
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    def sizes(text: str) -> list[int]:
        return [int(size) for size in text.split(",")]

    parser = argparse.ArgumentParser(description="Measure what an item costs a store.")
    parser.add_argument("--sizes", type=sizes, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--documents", type=int, default=100_000, help="see above")
    parser.add_argument("--folder", help="where the stores are made")
    parser.add_argument("--json", action="store_true", help="seconds and bytes")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _measure_apart(folder: Path, size: int) -> dict[str, float]:
    """Measure in a process of its own, whose memory nobody else has used."""
    command = [sys.executable, __file__, "--measure", str(folder), "--sizes", str(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _print(results: dict[int, dict[str, float]]) -> None:
    widths = {name: max(9, len(name)) for name in _UNITS}
    print(f"{'posts':>9}", *(f"{name:>{widths[name]}}" for name in _UNITS))
    print(f"{'':>9}", *(f"{unit:>{widths[name]}}" for name, unit in _UNITS.items()))
    for size, measured in results.items():
        cells = []
        for name, unit in _UNITS.items():
            value = measured.get(name)
            text = "-" if value is None else f"{value * _SCALES[unit]:.2f}"
            cells.append(f"{text:>{widths[name]}}")
        print(f"{size:>9}", *cells)
    for size, measured in results.items():
        print(
            f"{size} posts: {1 / measured['sift']:,.0f} look-ups a second,"
            f" {measured['sift'] / measured['select']:.2f} times a bare SELECT each;"
            f" a durable post {measured['keep'] / measured['write']:.1f} times a"
            " durable file"
        )


if __name__ == "__main__":
    raise SystemExit(main())
