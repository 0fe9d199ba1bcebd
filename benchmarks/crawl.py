"""Measure the full crawl beside spiders that only fetch the same pages.

Run it from the project's folder; it needs nginx (``apt-get install nginx-light``)::

    python benchmarks/crawl.py [--pages 1500] [--kilobytes 90] [--rounds 3] [--json]

nginx on loopback serves Sina-shaped pages, gzipped beforehand and without a charset
in ``Content-Type``, as the real site does. Five kinds of run take turns, each in a
process of its own, in an order that changes from round to round:

* ``default``: a bare Scrapy spider that fetches the pages from a list of their
  addresses and parses nothing, with every setting as Scrapy has it: 16 concurrent
  requests, 8 per domain, and a log line for each page (into a file).
* ``quiet``: the same spider with 32 concurrent requests and log level INFO, as in the
  three runs below; the stricter comparison.
* ``tuned``: the same spider with what makes fetching cheap (see `benchmarks.fetch`).
* ``unarchived``: as ``full``, but for the archive of what was fetched
  (``ARCHIVE_ENABLED=False``), which no other crawler keeps.
* ``full``: ``scrapy crawl finance``: list pages and article pages are fetched; every
  article is extracted, normalised, deduplicated, written durably (fsync) and recorded
  in index and feed. It fails unless every page has become a new post, and it fetches
  the list pages on top of what the others fetch. Politeness is switched off (delay,
  AutoThrottle, robots.txt), and everything else is as it comes: where there are two
  cores, a second process reads the pages (``READERS``), and the others use one.

Seconds run from the first request until the engine has stopped and the store is
closed. On a machine that others use too, compare the ratios: they are taken within
each round, and their median is what counts.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.crawl_runs import KINDS, OURS, Measured, RunFailedError, measure
from benchmarks.generated_site import LIST_PATH, GeneratedSite, write_site
from benchmarks.nginx_server import NginxMissingError, NginxServer

Round = dict[str, Measured]
"""One measurement of each kind, made one after the other."""


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    options = _parse(arguments)
    try:
        result = _measure_rounds(options)
    except (NginxMissingError, RunFailedError) as error:
        print(f"benchmarks.crawl: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        _print_table(result)
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python benchmarks/crawl.py",
        description="Measure the full crawl beside spiders that only fetch.",
    )
    parser.add_argument("--pages", type=_positive, default=1500, metavar="N")
    parser.add_argument("--kilobytes", type=_positive, default=90, metavar="N")
    parser.add_argument("--rounds", type=_positive, default=3, metavar="N")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--profile",
        default="",
        metavar="FILE",
        help="instead, run the full crawl once under cProfile",
    )
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _measure_rounds(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="crawl-benchmark-") as name:
        scratch = Path(name)
        (scratch / "nginx").mkdir()
        server = NginxServer(scratch / "site", LIST_PATH, scratch / "nginx")
        _say(f"writing {options.pages} pages of {options.kilobytes} KB ...")
        site = write_site(scratch, options.pages, options.kilobytes)
        rounds: list[Round] = []
        with server:
            if options.profile:
                profile = str(Path(options.profile).absolute())
                measured = measure("full", site, server.url, scratch, profile)
                return _summarise([{"full": measured}], site)
            for number in range(options.rounds):
                # Turn the order round, so that nobody is always first.
                kinds = KINDS if number % 2 == 0 else KINDS[::-1]
                rounds.append({})
                for kind in kinds:
                    measured = measure(kind, site, server.url, scratch)
                    rounds[-1][kind] = measured
                    speed = len(site.routes) / measured.seconds
                    _say(f"round {number + 1}: {kind:10}{speed:6.0f} pages/s")
    return _summarise(rounds, site)


def _summarise(rounds: list[Round], site: GeneratedSite) -> dict[str, Any]:
    pages = len(site.routes)
    seen = [
        {kind: _figures(measured, pages) for kind, measured in each.items()}
        for each in rounds
    ]
    kinds = [kind for kind in KINDS if kind in seen[0]]
    medians = {
        kind: {
            name: round(median(each[kind][name] for each in seen), 2)
            for name in seen[0][kind]
        }
        for kind in kinds
    }
    ratios = {
        f"{ours}/{kind}": [
            round(each[ours]["pages_per_second"] / each[kind]["pages_per_second"], 2)
            for each in seen
        ]
        for ours in OURS
        for kind in kinds
        if ours in kinds and kind not in OURS
    }
    return {
        "pages": pages,
        "bytes_per_page": site.mean_bytes,
        "gzip_bytes_per_page": site.mean_gzip_bytes,
        "rounds": seen,
        "median": medians,
        "speed_ratios": ratios,
        "median_speed_ratios": {
            name: round(median(values), 2) for name, values in ratios.items()
        },
    }


def _figures(measured: Measured, pages: int) -> dict[str, float]:
    return {
        "seconds": round(measured.seconds, 3),
        "pages_per_second": round(pages / measured.seconds, 1),
        "crawl_cpu_ms_per_page": round(measured.crawl_cpu_seconds * 1000 / pages, 2),
        "process_cpu_ms_per_page": round(
            measured.process_cpu_seconds * 1000 / pages, 2
        ),
        "peak_mb": round(measured.peak_bytes / 2**20, 1),
    }


def _print_table(result: dict[str, Any]) -> None:
    print(
        f"{result['pages']} pages of {result['bytes_per_page'] / 1000:.0f} KB"
        f" ({result['gzip_bytes_per_page'] / 1000:.0f} KB gzipped),"
        f" medians of {len(result['rounds'])} rounds\n"
    )
    print(f"{'run':10} {'pages/s':>8} {'CPU ms/page':>12} {'with start':>11} {'MB':>6}")
    for kind, figures in result["median"].items():
        print(
            f"{kind:10} {figures['pages_per_second']:8.0f}"
            f" {figures['crawl_cpu_ms_per_page']:12.2f}"
            f" {figures['process_cpu_ms_per_page']:11.2f}"
            f" {figures['peak_mb']:6.0f}"
        )
    print()
    for name, value in result["median_speed_ratios"].items():
        each = ", ".join(f"{ratio:.2f}" for ratio in result["speed_ratios"][name])
        print(f"{name}: {value:.2f} x as fast (rounds: {each})")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
