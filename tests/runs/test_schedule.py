"""``scrapy schedule``: its units are accepted, and scrapyd runs what it writes."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.core.test_units import jobs_of
from tests.runs.conftest import PROJECT, clean_environment

CHINA = "https://finance.sina.com.cn/china/2023-11-15/doc-inaaaaaa1{:06}.shtml"
BIN = Path(sys.executable).absolute().parent


def need(tool):
    """Give a program's path; without it a test is skipped, but not in CI."""
    path = shutil.which(tool)
    if path is None:
        assert not os.environ.get("CI"), f"{tool} must be installed in CI: see .ci/run"
        pytest.skip(f"needs {tool}")
    return path


@pytest.fixture
def schedule(crawl):
    """Run ``scrapy schedule`` with a contact."""

    def run(*args, **settings):
        return subprocess.run(
            crawl.command("schedule", *args, **settings),
            capture_output=True,
            text=True,
            cwd=PROJECT,
            check=False,
            env={**clean_environment(), "CRAWLER_CONTACT": "mailto:me@example.org"},
        )

    return run


@pytest.mark.parametrize("kind", ["cron", "scrapyd"])
def test_cron_accepts_the_crontab(schedule, tmp_path, kind):
    crontab = need("crontab")
    run = schedule(kind, "--to", str(tmp_path))
    file = tmp_path / "crontab"

    assert (run.returncode, run.stderr) == (0, "")
    # Debian's cron calls the check -n, cronie's -T.
    checks = [
        subprocess.run([crontab, option, file], capture_output=True, check=False)
        for option in ("-n", "-T")
    ]
    assert 0 in [check.returncode for check in checks], checks


@pytest.mark.parametrize("option", [[], ["--user"]], ids=["system", "user"])
def test_systemd_accepts_the_units(schedule, tmp_path, option):
    analyze = need("systemd-analyze")
    folder = tmp_path / "units"
    scrapy = BIN / "scrapy"

    run = schedule("systemd", "--to", str(folder), *option)

    assert run.returncode == 0, run.stderr
    units = sorted(map(str, folder.iterdir()))
    assert run.stdout.splitlines() == sorted(run.stdout.splitlines()) == units
    assert f"ExecStart={scrapy} crawl finance " in (
        folder / "finance-crawl.service"
    ).read_text("utf-8")
    check = subprocess.run(
        [analyze, "verify", "--man=no", *option, *units],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert (check.returncode, check.stderr) == (0, "")


@pytest.mark.parametrize("kind", ["cron", "systemd", "scrapyd"])
def test_the_output_folder_is_made_for_the_owner_of_the_checkout(
    schedule, tmp_path, kind
):
    folder = tmp_path / "not" / "yet"

    run = schedule(kind, OUTPUT_DIR=str(folder))

    assert run.returncode == 0, run.stderr
    owner = PROJECT.stat().st_uid if os.geteuid() == 0 else os.geteuid()
    assert [path.stat().st_uid for path in (folder, folder.parent)] == [owner] * 2


def test_an_output_folder_that_cannot_be_made_is_code_3(schedule, tmp_path):
    (tmp_path / "file").write_text("")

    run = schedule("cron", OUTPUT_DIR=str(tmp_path / "file" / "output"))

    assert run.returncode == 3
    assert f"{tmp_path}/file/output: cannot be written" in run.stderr


def test_a_wrong_kind_or_minute_is_code_2(schedule):
    runs = [schedule("at"), schedule(), schedule("cron", "--every", "7")]

    assert [run.returncode for run in runs] == [2, 2, 2]
    assert all(run.stderr.count("\n") == 1 for run in runs)


def test_a_folder_that_cannot_be_written_is_code_3(schedule, tmp_path):
    (tmp_path / "file").write_text("")

    assert schedule("cron", "--to", str(tmp_path / "file")).returncode == 3


def test_without_a_contact_it_says_so(crawl):
    run = crawl.run("schedule", "cron")

    assert run.returncode == 0
    assert "CRAWLER_CONTACT" in run.stderr
    assert "CRAWLER_CONTACT" not in run.stdout


@pytest.fixture
def site(server, page, item):
    """Three articles of the feed china."""
    urls = [CHINA.format(number) for number in range(3)]
    for number, url in enumerate(urls):
        server.serve_page(url, page(f"naaaaaa1{number:06}", f"第{number}篇"))
    server.serve_roll([item(url, f"第{n}篇") for n, url in enumerate(urls)])


@pytest.mark.usefixtures("site")
def test_scrapyd_runs_the_deployed_project(schedule, crawl, tmp_path):
    """What the written files say is done: start, deploy, a line of the crontab."""
    pytest.importorskip("scrapyd", exc_type=ImportError)
    need("curl")
    folder = tmp_path / "scrapyd"
    run = schedule("scrapyd", "--to", str(folder), "--port", str(free_port()))
    assert run.returncode == 0, run.stderr
    config = folder / "scrapyd.conf"
    config.write_text(f"{config.read_text()}poll_interval = 0.2\n")
    [start, deploy] = [folder / name for name in ("start", "deploy")]
    job = jobs_of((folder / "crontab").read_text())[0].replace("> /dev/null", "")
    address = job.partition("/schedule.json")[0].partition(" -fsS ")[2]
    environment = {**clean_environment(), "PYTHONPATH": ""}

    with subprocess.Popen(
        [start], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    ) as process:
        try:
            wait_for(lambda: ask(address, "daemonstatus"))
            subprocess.run([deploy], check=True, env=environment, capture_output=True)
            started = json.loads(subprocess.check_output(["sh", "-c", job]))
            assert started["status"] == "ok", started
            wait_for(lambda: (ask(address, "listjobs") or {}).get("finished"))
        finally:
            process.terminate()

    log = "".join(path.read_text() for path in folder.rglob("*.log"))
    assert "run finance ended with" in log
    assert len(crawl.records()) == len(crawl.documents) == 3, log
    assert crawl.reports()[0]["feeds"]["china"]["status"] == "ok"


def free_port():
    """Ask the system for a port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(address, what):
    """Ask scrapyd; ``None`` while it is not up."""
    try:
        with urllib.request.urlopen(f"{address}/{what}.json", timeout=5) as answer:
            return json.load(answer)
    except urllib.error.URLError:
        return None


def wait_for(condition):
    """Wait for another process, for as long as a slow machine may need."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "scrapyd never got there"
        os.sched_yield()
