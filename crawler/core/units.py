"""Write what schedules the crawls of one checkout: cron, systemd, scrapyd."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from crawler.core.errors import OptionError

HOUR = 60
_RECHECK_AT = 38
_REPORT_AT = 52
_NETWORK = ("Wants", "After")


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how the crawls run; all paths are absolute.

    Raises:
        OptionError: a value that no schedule can hold, such as a path of two lines.
    """

    checkout: str
    """The project's folder."""

    bin: str
    """The folder of the environment's programs, ``scrapy`` among them."""

    output: str
    """``OUTPUT_DIR``."""

    user: str
    """Who owns the checkout, and runs the crawls."""

    contact: str
    """``CRAWLER_CONTACT``: how the site's people can reach the operator."""

    every: int
    """Minutes from one poll to the next; a divisor of 60."""

    settings: tuple[str, ...] = ()
    """What each crawl is given with ``-s``: ``NAME=VALUE``."""

    report: bool = False
    """Whether the page of ``scrapy report`` is written every hour."""

    def __post_init__(self) -> None:
        """Check the values."""
        for value in (self.checkout, self.output, self.contact, *self.settings):
            if not value.isprintable():
                raise OptionError(
                    "value", repr(value), "has signs no schedule can hold"
                )
        if self.every < 1 or HOUR % self.every:
            raise OptionError(
                "--every", self.every, "must divide 60: 1, 5, 10, 15, ..."
            )

    def commands(self) -> dict[str, list[str]]:
        """Give each job's command by its name."""
        options = [part for each in self.settings for part in ("-s", each)]
        scrapy = f"{self.bin}/scrapy"
        jobs = {
            "crawl": [scrapy, "crawl", "finance", "-L", "WARNING", *options],
            "recheck": [scrapy, "crawl", "recheck", "-L", "WARNING", *options],
        }
        return jobs | ({"report": [scrapy, "report", *options]} if self.report else {})


def cron_table(place: Place) -> str:
    """Write a crontab for the user who owns the checkout.

    Its minutes are the same in every time zone; ``TZ`` is that of the log lines.
    """
    minutes = {
        "crawl": f"*/{place.every}",
        "recheck": _RECHECK_AT,
        "report": _REPORT_AT,
    }
    log = shlex.quote(f"{place.output}/cron.log")
    quiet = {"report": ">/dev/null "}
    lines = [
        f"# The finance crawler in {place.checkout}",
        *_variables(place),
        *(
            f"{minutes[job]} * * * * cd {shlex.quote(place.checkout)} &&"
            f" {shlex.join(command)} {quiet.get(job, '')}2>> {log}".replace("%", "\\%")
            for job, command in place.commands().items()
        ),
    ]
    return "\n".join(lines) + "\n"


def systemd_units(place: Place, *, own: bool) -> dict[str, str]:
    """Write a service and a timer for each job, by file name.

    Args:
        place: what to run.
        own: for the user's own systemd (``systemctl --user``), which may do less.
    """
    calendars = {
        "crawl": f"*:0/{place.every}",
        "recheck": f"*:{_RECHECK_AT}",
        "report": f"*:{_REPORT_AT}",
    }
    units = {}
    for job, command in place.commands().items():
        units[f"finance-{job}.service"] = _service(place, job, command, own=own)
        units[f"finance-{job}.timer"] = _TIMER.format(job=job, time=calendars[job])
    return units


def scrapyd_files(place: Place, folder: str, port: int) -> dict[str, str]:
    """Write a scrapyd of this checkout's own, by file name.

    Args:
        place: what to run.
        folder: where scrapyd keeps its own files.
        port: where it listens, on this machine alone.
    """
    bound = (f"OUTPUT_DIR={place.output}", f"CATALOGUE_DIR={place.checkout}/feeds")
    settings = [s for s in (*bound, *place.settings) if s]
    data = " ".join(shlex.join(["-d", f"setting={each}"]) for each in settings)
    address = f"http://127.0.0.1:{port}"
    job = f"curl -fsS {address}/schedule.json -d project=finance {data} -d spider="
    job = job.replace("%", "\\%")
    quoted = shlex.quote
    start = f"{quoted(f'{folder}/start')} >> {quoted(f'{folder}/scrapyd.log')} 2>&1"
    start = start.replace("%", "\\%")
    return {
        "scrapyd.conf": _SCRAPYD.format(port=port),
        "start": _START.format(
            folder=quoted(folder),
            env=quoted(f"{place.checkout}/.env"),
            contact=quoted(place.contact),
            scrapyd=quoted(f"{place.bin}/scrapyd"),
        ),
        "deploy": _DEPLOY.format(
            crawler=quoted(f"{place.checkout}/crawler"),
            config=quoted(f"{place.checkout}/scrapy.cfg"),
            deploy=quoted(f"{place.bin}/scrapyd-deploy"),
            address=address,
        ),
        "crontab": f"@reboot {start}\n"
        f"*/{place.every} * * * * {job}finance > /dev/null\n"
        f"{_RECHECK_AT} * * * * {job}recheck > /dev/null\n",
    }


def _variables(place: Place) -> list[str]:
    # Cron takes these as they are: quotes at both ends are left out, % is kept.
    contact = [f'CRAWLER_CONTACT="{place.contact}"'] if place.contact else []
    return ["TZ=UTC", *contact]


def _service(place: Place, job: str, command: list[str], *, own: bool) -> str:
    what = {"crawl": "Poll the feeds", "recheck": "Visit stored posts again"}
    environment = {"TZ": "UTC", "CRAWLER_CONTACT": place.contact}
    lines = [
        "[Unit]",
        f"Description=Finance crawler: {what.get(job, 'Show how the runs go')}",
        *(
            []
            if own
            else ["Wants=network-online.target", "After=network-online.target"]
        ),
        "",
        "[Service]",
        "Type=oneshot",
        *([] if own else [f"User={place.user}"]),
        f"WorkingDirectory={_escaped(place.checkout)}",
        *(f"Environment={_word(f'{k}={v}')}" for k, v in environment.items() if v),
        f"EnvironmentFile=-{_escaped(place.checkout)}/.env",
        f"ExecStart={' '.join(_word(part).replace('$', '$$') for part in command)}",
        "# Another run holds the store: nothing is wrong.",
        "SuccessExitStatus=75",
        "Nice=10",
        "TimeoutStartSec=6h",
        "TimeoutStopSec=2min",
        "NoNewPrivileges=yes",
    ]
    if not own:
        lines += [
            "MemoryMax=2G",
            "PrivateTmp=yes",
            "ProtectSystem=strict",
            "ProtectHome=read-only",
            f"ReadWritePaths={_word(place.output)}",
        ]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "%%")


def _word(text: str) -> str:
    # One word of systemd's, whatever is in it; see systemd.syntax(7).
    escaped = _escaped(text).replace('"', '\\"')
    return f'"{escaped}"' if set(escaped) & set(" \t'\"\\;") else escaped


_TIMER = """\
[Unit]
Description=Finance crawler: when to {job}

[Timer]
OnCalendar={time}
RandomizedDelaySec=20
Persistent=true

[Install]
WantedBy=timers.target
"""

_SCRAPYD = """\
[scrapyd]
bind_address = 127.0.0.1
http_port = {port}
max_proc = 2
eggs_dir = eggs
logs_dir = logs
dbs_dir = dbs
jobs_to_keep = 200
"""

_START = """\
#!/bin/sh
# Start scrapyd, to be reached from this machine alone.
set -a
[ ! -f {env} ] || . {env}
cd {folder} && TZ=UTC CRAWLER_CONTACT={contact} exec {scrapyd} --pidfile=
"""

_DEPLOY = """\
#!/bin/sh
# Build the project as an egg and hand it to the running scrapyd.
set -eu
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cp -R {crawler} {config} "$build"
cd "$build"
{deploy} --build-egg="$build/finance.egg"
curl -fsS -F project=finance -F "version=$(date +%s)" -F "egg=@$build/finance.egg" \\
  {address}/addversion.json
"""
