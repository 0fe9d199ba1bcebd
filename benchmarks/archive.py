"""What the archive costs: time for each page kept, and room for each article.

Posts of generated pages go into a store with an archive and into one without, in
commits of the same size, by turns. ``python benchmarks/archive.py [--pages N]
[--kilobytes K] [--json]``.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.generated_archive import Page, fill_store, read_site
from benchmarks.generated_site import write_site

_ROUNDS = 3


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--kilobytes", type=int, default=90)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as scratch:
        found = _measure(Path(scratch), options.pages, options.kilobytes)
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:36} {value:10.2f}")


def _measure(scratch: Path, count: int, kilobytes: int) -> dict[str, float]:
    pages = list(read_site(write_site(scratch, count, kilobytes)))
    plain, archived = [], []
    for number in range(_ROUNDS):
        plain.append(_fill(scratch / f"plain{number}", pages, archive=False))
        archived.append(_fill(scratch / f"archived{number}", pages, archive=True))
    size = sum(
        path.stat().st_size for path in (scratch / "archived0/archive").iterdir()
    )
    body = sum(len(exchange.body) for _, exchange, _ in pages)
    without, with_it = median(plain), median(archived)
    return {
        "pages": len(pages),
        "body as it came, bytes": body / len(pages),
        "archive, bytes an article": size / len(pages),
        "archive, ratio to the bodies": size / body,
        "store without archive, CPU ms a page": without / len(pages) * 1000,
        "store with archive, CPU ms a page": with_it / len(pages) * 1000,
        "ratio": with_it / without,
    }


def _fill(folder: Path, pages: list[Page], *, archive: bool) -> float:
    """Keep all pages; returns the CPU seconds that took."""
    start = process_time()
    fill_store(folder, iter(pages), archive=archive)
    return process_time() - start


if __name__ == "__main__":
    main()
