"""``scrapy demo``: crawl the built-in sample site, twice, with the real program."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from crawler.core.report import OUTCOMES, RARE
from crawler.demo import DemoSite, Expected
from crawler.provenance import default_values

_FAST = {
    # The sample site is this machine: nobody has to be spared.
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "0",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "16",
}


_STAGED = (
    "On purpose it has a feed that bans us at first, a removed page, a page without a"
    " body, a story filed twice and a page full of hostile markup."
)


class Command(ScrapyCommand):
    """Show the whole program at work without a network.

    The sample site is served on a free loopback port and polled twice through
    ``SITE_MIRROR`` into ``OUTPUT_DIR/demo``; between the polls articles appear, are
    edited and vanish. Its news is always of the last hours, so that whatever looks at
    the store finds a living site. Ends with 0 when every outcome is the expected one.
    """

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "Crawl the built-in sample site into output/demo"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "Serve a small fictional Sina Finance on a free loopback port and crawl it"
            " twice, with the real spider, settings and pipelines, into output/demo."
            " Examples: scrapy demo; scrapy demo -s POST_BODY=clean -s"
            " OUTPUT_DIR=output/clean, which goes into output/clean/demo. With --serve"
            " the site stays up for scrapy shell and its kin until Ctrl-C."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add ``--serve``."""
        super().add_options(parser)
        parser.add_argument(
            "--serve", action="store_true", help="only serve the site, until Ctrl-C"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve, crawl twice, tell."""
        if args:
            raise UsageError(f"demo takes options only, not {args[0]}")
        assert self.settings is not None
        output = Path(self.settings["OUTPUT_DIR"]).absolute() / "demo"
        if opts.serve:
            _serve(output)
            return
        seen_before = (output / "index.sqlite").exists()
        console = Console(highlight=False)
        with DemoSite(2 if seen_before else 1, datetime.now(UTC)) as site:
            console.print(f"The sample site is up at {site.url}; crawling it twice.")
            console.print(_STAGED, soft_wrap=True)
            given = {**_FAST, **arglist_to_dict(opts.set), **_own(site, output)}
            try:
                first = _crawl(given, opts.loglevel)
                site.poll = 2
                second = _crawl(given, opts.loglevel)
            except KeyboardInterrupt:
                console.print("\nStopped; what was whole has been stored.")
                self.exitcode = 130
                return
            except _NotEnded as error:
                console.print("The crawl did not come to an end; see the lines above.")
                self.exitcode = error.code
                return
            expected = site.expected
        console.print(_table(first, second))
        for line in _story(first, second, output):
            console.print(line, markup=False, soft_wrap=True)
        for problem in _surprises(first, second, None if seen_before else expected):
            console.print(f"Not as expected: {problem}", style="red")
            self.exitcode = 1


class _NotEnded(Exception):
    """A crawl left no report; what it ended with is ours as well."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code or 1


def _serve(output: Path) -> None:
    with DemoSite(2, datetime.now(UTC)) as site:
        usage = _usage(site, output)
        print(f"The sample site is up until Ctrl-C. Use it like this:\n\n{usage}")
        sys.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print("\nThe sample site is down.")


def _usage(site: DemoSite, output: Path) -> str:
    return "\n".join(
        f"  scrapy {command} -s SITE_MIRROR={site.url}"
        for command in (
            f"shell {site.sample_url}",
            f"post --why {site.sample_url}",
            f"crawl finance -a feeds=china -s OUTPUT_DIR={_as_typed(output)}",
        )
    )


def _as_typed(output: Path) -> str:
    here = Path.cwd()
    inside = output.is_relative_to(here)
    return shlex.quote(str(output.relative_to(here) if inside else output))


def _own(site: DemoSite, output: Path) -> dict[str, str]:
    """Give the settings that make it the demo, whatever else is set."""
    feeds = default_values()["CATALOGUE_DIR"]
    return {"SITE_MIRROR": site.url, "OUTPUT_DIR": str(output), "CATALOGUE_DIR": feeds}


def _crawl(settings: Mapping[str, str], level: str | None) -> dict[str, Any]:
    runs = Path(settings["OUTPUT_DIR"]) / "runs"
    before = set(runs.glob("*.json"))
    level = level or settings.get("LOG_LEVEL", "CRITICAL")
    command = [sys.executable, "-m", "scrapy", "crawl", "finance", "-a", "feeds=all"]
    for name, value in settings.items():
        command += ["-s", f"{name}={value}"]
    # A process of its own, as in a scheduled job: a reactor runs only once. Ctrl-C
    # reaches it as well; it gets the time to end.
    with subprocess.Popen([*command, "-L", level]) as process:  # noqa: S603
        try:
            process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise
    reports = sorted(set(runs.glob("*.json")) - before)
    if not reports:
        raise _NotEnded(process.returncode)
    report: dict[str, Any] = json.loads(reports[-1].read_text(encoding="utf-8"))
    return report


def _table(first: dict[str, Any], second: dict[str, Any]) -> Table:
    table = Table("what became of the articles", "first poll", "second poll")
    for outcome in (each for each in OUTCOMES if each not in RARE):
        counts = (first["counts"][outcome], second["counts"][outcome])
        table.add_row(outcome, *map(str, counts))
    known = (sum(f["known"] for f in r["feeds"].values()) for r in (first, second))
    table.add_row("already listed or stored", *map(str, known))
    table.add_section()
    table.add_row("feeds read well", *(_feeds_well(r) for r in (first, second)))
    return table


def _feeds_well(report: dict[str, Any]) -> str:
    states = [feed["status"] for feed in report["feeds"].values()]
    return f"{states.count('ok')} of {len(states)}"


def _story(
    first: dict[str, Any], second: dict[str, Any], output: Path
) -> Iterator[str]:
    for name, report in (("first", first), ("second", second)):
        for failure in report["failures"]:
            reason, url = failure["reason"], failure["url"]
            yield f"{name} poll, {failure['outcome']}: {reason}\n    {url}"
        for feed, seen in report["feeds"].items():
            if seen["status"] != "ok":
                yield f"{name} poll, feed {feed}: {'; '.join(seen['problems'])}"
    if not any(r["counts"][k] for r in (first, second) for k in ("new", "revised")):
        yield "Nothing new: the store already has every post of the sample site."
    yield f"\nPosts      {output / 'posts'}"
    yield f"Old texts  {output / 'revisions'}"
    yield f"Records    {output / 'feeds'}"
    yield f"Reports    {output / 'runs'}"
    folder = _as_typed(output)
    yield f"\nNext:      scrapy feeds -s OUTPUT_DIR={folder}"
    yield f"           scrapy export -s OUTPUT_DIR={folder} --feed stock"
    yield "           scrapy demo --serve"
    yield "           scrapy crawl finance        (the real site)"


def _surprises(
    first: dict[str, Any], second: dict[str, Any], expected: Expected | None
) -> Iterator[str]:
    if expected is None:
        wanted = {"first": {"new": 0, "revised": 0}, "second": {"new": 0, "revised": 0}}
    else:
        wanted = {
            "first": {
                "new": expected.new + expected.flashes,
                "revised": 0,
                "duplicate": expected.duplicates,
                "removed": expected.removed,
                "rejected": expected.layout_changed,
                "failed": 0,
            },
            "second": {
                "new": expected.new_at_poll_2 + expected.new_flashes_at_poll_2,
                "revised": expected.revised_at_poll_2,
                "failed": 0,
            },
        }
    for name, report in (("first", first), ("second", second)):
        for outcome, count in wanted[name].items():
            found = report["counts"][outcome]
            if found != count:
                yield f"{name} poll: {found} {outcome} where {count} were due"
