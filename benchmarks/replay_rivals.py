"""Time one tool over saved pages in memory; needs nothing of this project.

``PYTHON benchmarks/replay_rivals.py TOOL SECONDS FOLDER`` reads every ``*.html`` of the
folder, runs the tool over them by turns for so many seconds, and prints the pages a
second; with ``2`` for a tool that this Python does not have.
"""

import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

_URL = "https://finance.sina.com.cn/china/gncj/2025-06-02/doc-imcwiwss8570247.shtml"


def parsel(module: Any) -> Callable[[str], object]:
    """Read four fields by CSS."""
    selectors = (
        "h1.main-title::text",
        ".date-source .date::text",
        ".date-source .source::text",
        "#artibody",
    )

    def read(text: str) -> list[str | None]:
        page = module.Selector(text=text)
        return [page.css(each).get() for each in selectors]

    return read


def trafilatura(module: Any) -> Callable[[str], object]:
    """Read text and metadata, as its own command does."""
    return lambda text: module.extract(text, url=_URL, with_metadata=True)


def newspaper(module: Any) -> Callable[[str], object]:
    """Read text and metadata."""

    def read(text: str) -> str:
        page = module.Article(_URL, language="zh", fetch_images=False)
        page.download(input_html=text)
        page.parse()
        found: str = page.text
        return found

    return read


def newsplease(module: Any) -> Callable[[str], object]:
    """Read an article from HTML, which is what its WARC entry point does as well."""
    return lambda text: module.NewsPlease.from_html(text, url=_URL, fetch_images=False)


TOOLS = {
    "parsel": parsel,
    "trafilatura": trafilatura,
    "newspaper": newspaper,
    "newsplease": newsplease,
}
"""By the names of the modules they are imported from."""


def main() -> int:
    """Measure and print; returns the exit code."""
    name, seconds, folder = sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])
    try:
        read = TOOLS[name](import_module(name))
    except ImportError:
        return 2
    pages = [path.read_text("utf-8") for path in sorted(folder.glob("*.html"))]
    if not read(pages[0]):  # Whatever is loaded late is loaded now.
        print(f"{name} finds nothing in these pages", file=sys.stderr)
    count, start = 0, time.perf_counter()
    while (taken := time.perf_counter() - start) < seconds:
        read(pages[count % len(pages)])
        count += 1
    print(count / taken)
    return 0


if __name__ == "__main__":
    sys.exit(main())
