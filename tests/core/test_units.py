"""What schedules the crawls, whatever signs the paths are made of."""

import subprocess

import pytest

from crawler.core.errors import OptionError
from crawler.core.units import Place, cron_table, scrapyd_files, systemd_units

ODD = 'it\'s 50% of "a b" $HOME;\\x'


def place(folder="/srv/finance", **changes):
    values = {
        "checkout": str(folder),
        "bin": f"{folder}/.venv/bin",
        "output": f"{folder}/output",
        "user": "root",
        "contact": "mailto:me@example.org",
        "every": 5,
        "settings": ("POST_PATH={id}.html",),
        "report": True,
    }
    return Place(**{**values, **changes})


@pytest.fixture(params=["finance", ODD], ids=["usual", "odd"])
def checkout(tmp_path, request):
    """A checkout whose scrapy tells where and how it was called."""
    folder = tmp_path / request.param
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / "output").mkdir()
    scrapy = folder / ".venv" / "bin" / "scrapy"
    scrapy.write_text('#!/bin/sh\npwd >&2; printf "%s\\n" "$@" >&2\n')
    scrapy.chmod(0o755)
    return folder


def jobs_of(table):
    """Give the commands of a crontab as cron reads them."""
    lines = [line for line in table.splitlines() if " * * * * " in line]
    return [line.split(" ", 5)[5].replace("\\%", "%") for line in lines]


def test_the_lines_of_cron_do_what_they_say(checkout):
    jobs = jobs_of(cron_table(place(checkout)))
    for job in jobs:
        subprocess.run(["/bin/sh", "-c", job], check=True)
    log = (checkout / "output" / "cron.log").read_text().splitlines()

    assert log == [
        *(str(checkout), "crawl", "finance", "-L", "WARNING", "-s"),
        "POST_PATH={id}.html",
        *(str(checkout), "crawl", "recheck", "-L", "WARNING", "-s"),
        "POST_PATH={id}.html",
        *(str(checkout), "report", "-s", "POST_PATH={id}.html"),
    ]


def test_the_variables_of_cron_come_first():
    lines = cron_table(place()).splitlines()

    assert lines[1:3] == ["TZ=UTC", 'CRAWLER_CONTACT="mailto:me@example.org"']
    assert lines[3].startswith("*/5 * * * * cd /srv/finance && ")


def test_each_job_of_systemd_has_a_service_and_a_timer():
    units = systemd_units(place(), own=False)

    jobs = ("crawl", "recheck", "report")
    kinds = ("service", "timer")
    assert list(units) == [f"finance-{job}.{kind}" for job in jobs for kind in kinds]
    assert "\nUser=root\n" in units["finance-crawl.service"]
    assert "\nSuccessExitStatus=75\n" in units["finance-crawl.service"]
    assert "\nOnCalendar=*:0/5\n" in units["finance-crawl.timer"]


def test_the_user_s_own_systemd_gets_what_it_can_do():
    units = "".join(systemd_units(place(report=False), own=True).values())

    assert [w for w in ("User=", "Protect", "network-online") if w in units] == []
    assert "report" not in units


def test_the_jobs_of_scrapyd_know_the_checkout(checkout):
    files = scrapyd_files(place(checkout), f"{checkout}/d", 6801)
    for name in ("start", "deploy"):
        subprocess.run(["/bin/sh", "-n"], input=files[name], text=True, check=True)
    jobs = [job.removeprefix("curl") for job in jobs_of(files["crontab"])]
    called = [
        subprocess.check_output(
            ["/bin/sh", "-c", "printf '%s\\n'" + job.replace("> /dev/null", "")],
            text=True,
        ).splitlines()
        for job in jobs
    ]

    assert called[0][-1] == "spider=finance"
    assert called[1][-1] == "spider=recheck"
    assert f"setting=CATALOGUE_DIR={checkout}/feeds" in called[0]
    assert "setting=POST_PATH={id}.html" in called[0]
    assert "bind_address = 127.0.0.1\nhttp_port = 6801\n" in files["scrapyd.conf"]


def test_scrapyd_is_started_again_after_a_reboot(checkout):
    folder = checkout / "d"
    folder.mkdir()
    scrapyd = checkout / ".venv" / "bin" / "scrapyd"
    scrapyd.write_text('#!/bin/sh\npwd; echo "$CRAWLER_CONTACT $CRAWLER_ALERT_EMAIL"\n')
    (checkout / ".env").write_text("CRAWLER_ALERT_EMAIL='a&b@example.org'\n")
    files = scrapyd_files(place(checkout), str(folder), 6800)
    (folder / "start").write_text(files["start"])
    for program in (scrapyd, folder / "start"):
        program.chmod(0o755)

    [line] = [each for each in files["crontab"].splitlines() if each[0] == "@"]
    job = line.removeprefix("@reboot ").replace("\\%", "%")
    subprocess.run(["/bin/sh", "-c", job], check=True, cwd="/")

    log = (folder / "scrapyd.log").read_text()
    assert log == f"{folder}\nmailto:me@example.org a&b@example.org\n"


@pytest.mark.parametrize(
    "changes",
    [
        {"every": 0},
        {"every": 7},
        {"every": 90},
        {"checkout": "/srv/two\nlines"},
        {"contact": "me\x00"},
        {"settings": ("A=\t",)},
    ],
    ids=str,
)
def test_what_no_schedule_can_hold_is_refused(changes):
    with pytest.raises(OptionError):
        place(**changes)
