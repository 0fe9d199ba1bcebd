"""Measure extraction on saved pages: right fields, and milliseconds a page.

Run it from the project's folder with the pages, or the folder they are in::

    python -m benchmarks.extraction PAGES… [--rounds 20] [--each]

Each page ``X.html`` needs its facts beside it in ``X.json``. Rivals that are not
installed are skipped with a word. Times are the best of the rounds, which alternate
between the tools, so that a busy machine disturbs all of them alike.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.extraction_facts import FIELDS, Facts, Result, judge, read_facts
from benchmarks.extraction_rivals import Extractor, installed

SLOW = 10.0
"""Milliseconds a page from which a tool is not run for all rounds."""

Verdicts = dict[str, bool | None]


def main() -> int:
    """Measure and print both tables; 1 when ours is wrong in a field of a page."""
    options = _options()
    pages = read_facts(options.pages)
    if not pages:
        print("no page among the arguments")
        return 2
    tools, missing = installed()
    for name in missing:
        print(f"skipped: {name} is not installed")
    verdicts = {name: _judge_all(tool, pages) for name, tool in tools.items()}
    _print_quality(verdicts, len(pages))
    _print_mistakes(verdicts["this project"], pages, every=options.each)
    _print_speed(_time_all(tools, pages, options.rounds), pages)
    wrong = (value for judged in verdicts["this project"] for value in judged.values())
    return 1 if False in wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("pages", nargs="+", type=Path, metavar="PAGES")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--each", action="store_true", help="a line for each page")
    return parser.parse_args()


def _judge_all(tool: Extractor, pages: list[tuple[Path, Facts]]) -> list[Verdicts]:
    return [judge(_result(tool, page, facts), facts) for page, facts in pages]


def _result(tool: Extractor, page: Path, facts: Facts) -> Result:
    try:
        return tool(page.read_bytes(), facts["url"])
    except Exception as error:  # noqa: BLE001 - a rival may fail in any way
        print(f"failed on {page.name}: {type(error).__name__}: {error}"[:100])
        return Result()


def _print_quality(verdicts: dict[str, list[Verdicts]], pages: int) -> None:
    print(f"\nright fields on {pages} pages (of those that have the field)\n")
    print("| field | " + " | ".join(verdicts) + " |")
    print("|---|" + "---|" * len(verdicts))
    for field in FIELDS:
        cells = []
        for judged in verdicts.values():
            known = [one[field] for one in judged if one[field] is not None]
            cells.append(f"{sum(map(bool, known))}/{len(known)}")
        print(f"| {field} | " + " | ".join(cells) + " |")


def _print_mistakes(
    judged: list[Verdicts], pages: list[tuple[Path, Facts]], *, every: bool
) -> None:
    print()
    for (page, _), verdict in zip(pages, judged, strict=True):
        wrong = [field for field, right in verdict.items() if right is False]
        if wrong or every:
            print(f"{page.name}: {'wrong: ' + ', '.join(wrong) if wrong else 'right'}")


def _time_all(
    tools: dict[str, Extractor], pages: list[tuple[Path, Facts]], rounds: int
) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in tools}
    for page, facts in pages:
        body, url = page.read_bytes(), facts["url"]
        best = {name: _once(tool, body, url) for name, tool in tools.items()}
        for _ in range(rounds):
            for name, tool in tools.items():
                if best[name] < SLOW:
                    best[name] = min(best[name], _once(tool, body, url))
        for name, value in best.items():
            times[name].append(value)
    return times


def _once(tool: Callable[[bytes, str], Result], body: bytes, url: str) -> float:
    start = time.perf_counter()
    try:
        tool(body, url)
    except Exception:  # noqa: BLE001 - told once already
        return float("inf")
    return (time.perf_counter() - start) * 1000


def _print_speed(
    times: dict[str, list[float]], pages: list[tuple[Path, Facts]]
) -> None:
    size = fmean(page.stat().st_size for page, _ in pages) / 1000
    print(f"\nmilliseconds a page ({size:.0f} KB on average)\n")
    print("| tool | mean | median | pages/s |")
    print("|---|---|---|---|")
    for name, values in times.items():
        mean = fmean(values)
        print(f"| {name} | {mean:.2f} | {median(values):.2f} | {1000 / mean:.0f} |")


if __name__ == "__main__":
    sys.exit(main())
