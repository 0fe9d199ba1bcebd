"""The report for a terminal, as tables."""

import io
from datetime import timedelta

from rich.console import Console

from crawler.report.text import make_tables
from tests.core.test_overview import NOW, overview_of, run_at


def printed(overview) -> str:
    """Print the tables on a narrow terminal."""
    console = Console(width=60, file=io.StringIO())
    for table in make_tables(overview, {}, [], []):
        console.print(table)
    return console.file.getvalue()


def test_a_long_address_is_folded_and_not_cut():
    address = f"https://finance.sina.com.cn/{'stock/' * 20}doc-imcwiwss8570247.shtml"
    run = run_at(NOW - timedelta(hours=1), "failed", "timeout: too slow")
    run.failures[0].url = address
    overview = overview_of(30)
    overview.add_run(run)

    text = printed(overview)

    rows = text.partition("Rejected")[2].partition("Hosts")[0].splitlines()
    cells = [row.split("│")[4].strip() for row in rows if row.startswith("│")]
    assert address in "".join(cells)
    assert "…" not in text
