"""``scrapy schedule``: what runs the crawls of this checkout for years."""

from __future__ import annotations

import argparse
import os
import pwd
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.core.errors import CrawlerError, OptionError, StoreError
from crawler.core.units import Place, cron_table, scrapyd_files, systemd_units

_KINDS = ("cron", "systemd", "scrapyd")
_EVERY = "5"
_PORT = "6800"
_SCRIPTS = {"start", "deploy"}


class Command(ScrapyCommand):
    """Print ready-made units for cron, systemd or scrapyd, or write them to files.

    Exit codes: 0 printed or written, 2 a wrong option, 3 a file cannot be written.
    """

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        """Describe the command in `scrapy -h`."""
        return "Print what schedules the crawls: cron, systemd or scrapyd"

    def long_desc(self) -> str:
        """Describe the command in its own help."""
        return (
            "Print ready-made units for this checkout, with its paths, the scrapy that"
            " prints them and CRAWLER_CONTACT as it is now; settings given with -s are"
            " given to every crawl. Examples: scrapy schedule cron | crontab -; scrapy"
            " schedule systemd --to /etc/systemd/system; scrapy schedule systemd --user"
            " --to ~/.config/systemd/user; scrapy schedule scrapyd --to output/scrapyd."
            " The output folder is made, for the checkout's owner: neither cron nor"
            " systemd can start in a missing one. Nothing is started or switched on."
        )

    def syntax(self) -> str:
        """Give the arguments."""
        return f"[options] {'|'.join(_KINDS)}"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add how often, and where to."""
        super().add_options(parser)
        parser.add_argument(
            "--every",
            metavar="MINUTES",
            default=_EVERY,
            help="look so often what is due (5)",
        )
        parser.add_argument("--to", metavar="DIR", help="write the files into DIR")
        parser.add_argument(
            "--user", action="store_true", help="systemd: for systemctl --user"
        )
        parser.add_argument(
            "--port", default=_PORT, help="scrapyd: where it listens (6800)"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print or write the files."""
        try:
            if len(args) != 1 or args[0] not in _KINDS:
                kinds = f"is one of {', '.join(_KINDS)}"
                raise OptionError("KIND", " ".join(args) or "(none)", kinds)
            files = self._files(args[0], opts)
            self._make_output()
            if opts.to:
                _write(Path(opts.to), files)
            else:
                _print(files)
        except CrawlerError as error:
            sys.stderr.write(f"scrapy schedule: {error}\n")
            self.exitcode = error.exit_code

    def _make_output(self) -> None:
        """Make the output folder, as the checkout's owner would have made it."""
        assert self.settings is not None
        folder = Path(self.settings["OUTPUT_DIR"]).absolute()
        owner = Path(self.settings["PROJECT_DIR"]).stat()
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        with _refusals(folder):
            folder.mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0:
                for each in missing:
                    os.chown(each, owner.st_uid, owner.st_gid)

    def _files(self, kind: str, opts: argparse.Namespace) -> Mapping[str, str]:
        assert self.settings is not None
        if not opts.every.isdecimal():
            raise OptionError("--every", opts.every, "must be a number of minutes")
        if not opts.port.isdecimal() or not 0 < int(opts.port) < 65536:
            raise OptionError("--port", opts.port, "must be a number, 1 to 65535")
        checkout = Path(self.settings["PROJECT_DIR"])
        place = Place(
            checkout=str(checkout),
            bin=str(Path(sys.executable).absolute().parent),
            output=str(Path(self.settings["OUTPUT_DIR"]).absolute()),
            user=pwd.getpwuid(checkout.stat().st_uid).pw_name,
            contact=self.settings["CONTACT"],
            every=int(opts.every),
            settings=tuple(opts.set),
            report=find_spec("vl_convert") is not None,
        )
        if not place.contact:
            sys.stderr.write(
                "scrapy schedule: set CRAWLER_CONTACT first, so that the site can reach"
                " you: export CRAWLER_CONTACT=mailto:you@example.org\n"
            )
        if kind == "cron":
            return {"crontab": cron_table(place)}
        if kind == "systemd":
            return systemd_units(place, own=opts.user)
        folder = Path(opts.to or checkout / "output" / "scrapyd").absolute()
        return scrapyd_files(place, str(folder), int(opts.port))


def _print(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        heading = f"# {name}\n" if len(files) > 1 else ""
        print(f"{heading}{text}")


@contextmanager
def _refusals(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or os.fspath(folder)
        raise StoreError(where, f"cannot be written: {error.strerror}") from error


def _write(folder: Path, files: Mapping[str, str]) -> None:
    with _refusals(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            path = folder / name
            path.write_text(text, encoding="utf-8")
            if name in _SCRIPTS:
                path.chmod(0o755)
            print(path)
