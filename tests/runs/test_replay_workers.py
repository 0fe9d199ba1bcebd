"""However a replay is read, stopped or stored, the same store comes of it."""

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request

import pytest

from crawler import resuming
from crawler.demo import DemoSite
from crawler.parallel import read_with
from crawler.replay import Replay, Tasks, read_here
from crawler.replay_selection import Selection
from crawler.rereading import Unread
from crawler.storage.archive_reading import ArchiveReader
from crawler.storage.catalogue import read_catalogue
from tests.runs.conftest import PROJECT, clean_environment
from tests.runs.test_readers import is_alive, wait_until
from tests.runs.test_replay import files_of

WORKERS = [
    pytest.param(["--workers", "1"], id="one"),
    pytest.param(["--workers", "2"], id="two"),
]


def unavailable(reason):
    """Skip, but not where everything has been installed for the tests."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; .ci/run installs what the tests need")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def archived(crawl_into, tmp_path_factory):
    """The commands, over the store and archive of the sample site twice polled."""
    crawl = crawl_into(tmp_path_factory.mktemp("archived"))
    with DemoSite() as site:
        crawl.mirror = site.url
        crawl("finance")
        site.poll = 2
        crawl("finance", "-a", "feeds=all")
    return crawl


@pytest.fixture(scope="module")
def due(archived):
    """What every replay has to make, to the byte."""
    return files_of(archived.output)


@pytest.fixture(scope="module")
def warcs(archived):
    """The archive's files."""
    return sorted((archived.output / "archive").glob("*.warc.gz"))


def different(folder, due):
    found = files_of(folder)
    return sorted(name for name in {*due, *found} if due.get(name) != found.get(name))


@pytest.mark.parametrize("args", WORKERS)
def test_any_number_of_workers_makes_the_same_store(archived, due, tmp_path, args):
    run = archived.run("replay", *args, "--into", str(tmp_path / "into"))

    assert run.returncode == 0, run.stdout + run.stderr
    assert different(tmp_path / "into", due) == []


def replay_and_kill(kind, folder, warcs):
    return subprocess.run(
        [
            *(sys.executable, "-m", "tests.runs.killing", kind, PROJECT / "feeds"),
            *(folder, *warcs),
        ],
        cwd=PROJECT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("kind", ["processes", "dask"])
def test_a_worker_killed_midway_changes_nothing(due, warcs, tmp_path, kind):
    if kind == "dask" and importlib.util.find_spec("distributed") is None:
        unavailable("distributed is missing")
    done = replay_and_kill(kind, tmp_path / "into", warcs)

    assert done.returncode == 0, done.stderr
    assert different(tmp_path / "into", due) == []


def test_workers_end_with_the_replay_that_is_killed(warcs, tmp_path):
    done = replay_and_kill("whole", tmp_path / "into", warcs)

    workers = [int(each) for each in done.stdout.split()]
    assert len(workers) == 2, done.stderr
    wait_until(lambda: not any(map(is_alive, workers)))


class Deadly:
    """A pool whose workers die of one task."""

    width = 2
    died = (ChildProcessError,)

    def __init__(self, task):
        self.task = task

    def submit(self, tasks):
        self.tasks = tasks
        return self

    def renew(self):
        """They are the same again."""

    def result(self):
        if self.task in self.tasks:
            raise ChildProcessError
        return [f"read {task}" for task in self.tasks]


def test_what_ends_every_process_that_reads_it_is_told_of():
    class Waiting(Deadly):
        def submit(self, tasks):
            pool = Deadly(self.task)
            pool.tasks = tasks
            return pool

    found = dict(read_with(Waiting(7), [(number, number) for number in range(40)]))

    assert isinstance(found.pop(7), Unread)
    assert found == {n: f"read {n}" for n in range(40) if n != 7}


class Stopped(Exception):
    """Somebody pressed Ctrl-C."""


def stopping(tasks, after):
    for number, job in enumerate(tasks):
        if number == after:
            raise Stopped
        yield job


def test_a_stopped_replay_goes_on_where_it_was(due, warcs, tmp_path):
    folder, about = tmp_path / "into", {"files": [str(path) for path in warcs]}
    catalogue = read_catalogue(PROJECT / "feeds")

    def replay(after):
        settled = resuming.begin(folder, about)
        archive = resuming.Resumed(ArchiveReader({w.name: w for w in warcs}), settled)
        tasks = Tasks(archive, catalogue, Selection())
        try:
            jobs = stopping(tasks, after)
            Replay(folder, jobs, Selection(), read_here).run()
        except Stopped:
            return settled
        resuming.end(folder)
        return None

    places = []
    while (settled := replay(len(places) * 5)) is not None:
        places.append(settled)

    assert places == sorted(places)
    assert len(set(places)) > 4
    assert different(folder, due) == []


def test_a_folder_of_another_replay_is_left_alone(archived, warcs, tmp_path):
    resuming.begin(tmp_path / "into", {"files": ["others"]})

    run = archived.run("replay", "--into", str(tmp_path / "into"))

    assert run.returncode == 2
    assert "holds a stopped replay of something else" in run.stderr


@pytest.fixture
def scheduler(tmp_path):
    """Start a Dask scheduler, and a worker where there is to be one."""
    if importlib.util.find_spec("distributed") is None:
        unavailable("distributed is missing")
    processes, note = [], tmp_path / "scheduler.json"

    def start(name, *args, **environment):
        command = [sys.executable, "-m", f"distributed.cli.dask_{name}"]
        with (tmp_path / f"{name}.log").open("w") as log:
            processes.append(
                subprocess.Popen(
                    [*command, "--no-dashboard", "--scheduler-file", note, *args],
                    cwd=tmp_path,
                    env={**clean_environment(), **environment},
                    stdout=log,
                    stderr=log,
                )
            )

    def started(**environment):
        start("scheduler", "--host", "127.0.0.1", "--port", "0", **environment)
        wait_until(note.exists)
        start("worker", "--nworkers", "1", "--nthreads", "1", "--no-nanny")
        return json.loads(read(note))["address"], processes[0]

    yield started
    for process in reversed(processes):
        process.kill()
        process.wait()


def begun(crawl, folder, *args):
    """Start a replay, and wait for its first post."""
    run = subprocess.Popen(
        crawl.command("replay", *args, "--into", str(folder)),
        cwd=PROJECT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: any((folder / "posts").rglob("*.html")))
    return run


def test_a_replay_on_dask_is_stopped_and_goes_on(archived, due, tmp_path, scheduler):
    address, _ = scheduler()
    folder = tmp_path / "into"
    run = begun(archived, folder, "--dask", address)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=60)

    assert (run.returncode, said) == (
        130,
        "scrapy replay: stopped; the same command goes on\n",
    )
    again = archived.run("replay", "--dask", address, "--into", str(folder))
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith("the rest of a stopped replay, ")
    assert different(folder, due) == []


def test_a_scheduler_that_is_lost_is_told_in_one_line(archived, tmp_path, scheduler):
    address, process = scheduler()
    folder = tmp_path / "into"
    run = begun(archived, folder, "--dask", address)
    process.kill()
    _, said = run.communicate(timeout=60)

    told = f"the Dask cluster {address} was lost; the same command goes on"
    assert (run.returncode, said) == (1, f"scrapy replay: {told}\n")


def test_a_scheduler_without_the_project_is_told_in_one_line(
    archived, tmp_path, scheduler
):
    address, _ = scheduler(PYTHONPATH="")
    folder = tmp_path / "into"
    run = archived.run("replay", "--dask", address, "--into", str(folder))

    assert run.returncode == 2
    assert run.stderr == (
        f"scrapy replay: --dask={address}: its scheduler and workers must be able to"
        " import this project\n"
    )
    assert not folder.exists()


def test_an_address_where_no_scheduler_is_is_told_in_one_line(archived, tmp_path):
    if importlib.util.find_spec("distributed") is None:
        unavailable("distributed is missing")
    folder = tmp_path / "into"
    run = archived.run("replay", "--dask", "tcp://127.0.0.1:9", "--into", str(folder))

    assert run.returncode == 2
    [line] = run.stderr.splitlines()
    assert line.startswith("scrapy replay: --dask=tcp://127.0.0.1:9: cannot be reached")
    assert not folder.exists()


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """A bucket of a local S3 server."""
    server = shutil.which("moto_server")
    if server is None or importlib.util.find_spec("obstore") is None:
        unavailable("moto_server or obstore is missing")
    with (tmp_path / "moto.log").open("w") as log:
        process = subprocess.Popen(
            [server, "-H", "127.0.0.1", "-p", "0"],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        while not (found := re.search(r"http://\S+", read(tmp_path / "moto.log"))):
            assert process.poll() is None, read(tmp_path / "moto.log")
        put(f"{found[0]}/pages")
        monkeypatch.setenv("AWS_ENDPOINT_URL", found[0])
        monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "anybody")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        yield f"{found[0]}/pages"
    finally:
        process.kill()
        process.wait()


def read(path):
    return path.read_text(encoding="utf-8")


def put(url, data=b""):
    headers = {"Content-Type": "application/octet-stream"}
    request = urllib.request.Request(url, data, headers, method="PUT")
    urllib.request.urlopen(request).close()


@pytest.mark.parametrize("name", ["*.warc.gz", "{}"])
def test_an_archive_in_a_bucket_is_replayed_from_there(
    archived, due, tmp_path, bucket, name
):
    [warc] = (archived.output / "archive").iterdir()
    put(f"{bucket}/2026/{warc.name}", warc.read_bytes())

    address = f"s3://pages/2026/{name.format(warc.name)}"
    run = archived.run("replay", address, "--into", str(tmp_path / "into"))

    assert run.returncode == 0, run.stdout + run.stderr
    assert different(tmp_path / "into", due) == []


def test_a_bar_tells_how_far_a_replay_is(archived, due, tmp_path):
    into = str(tmp_path / "into")
    run = archived.run("replay", "--into", into, PROGRESS="on")

    assert run.returncode == 0, run.stderr
    assert "replay" in run.stderr
    assert different(tmp_path / "into", due) == []
