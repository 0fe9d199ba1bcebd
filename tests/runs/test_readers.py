"""Reading pages in processes beside the crawl's own."""

import fcntl
import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path
from threading import Event

import pytest

ARTICLE = "https://finance.sina.com.cn/china/2023-11-15/doc-inaaaaaa1{:06}.shtml"
CHINA = ("finance", "-a", "feeds=china")
COUNT = 6


@pytest.fixture
def site(server, page, item):
    """Six articles, all of which the server holds back until the event is set."""
    go = Event()
    urls = [ARTICLE.format(number) for number in range(COUNT)]
    for number, url in enumerate(urls):
        server.serve_page(url, page(f"naaaaaa1{number:06}", f"第{number}篇"))
        path = url.removeprefix("https://")
        reply = server.replies[path]
        server.replies[path] = lambda reply=reply: go.wait(30) and reply
    server.serve_roll([item(url, f"第{n}篇") for n, url in enumerate(urls)])
    yield go
    go.set()


def test_a_process_reads_what_the_crawl_itself_would(site, server, crawl, crawl_into):
    site.set()
    server.serve_page(ARTICLE.format(4), "<title>页面没有找到</title>")
    server.serve_page(ARTICLE.format(5), "<p>短")
    runs = {}
    for count in "01":
        folder = crawl.output.parent / count
        own = type(crawl)(folder, crawl.mirror)
        own(*CHINA, READERS=count)
        posts = {file.name: file.read_bytes() for file in own.documents}
        records = sorted(map(timeless, own.records()), key=lambda each: each["id"])
        (report,) = own.reports()
        failed = sorted(map(repr, report["failures"]))
        runs[count] = posts, records, report["counts"], failed

    assert runs["0"] == runs["1"]
    assert len(runs["1"][0]) == 4


def test_a_page_that_kills_its_process_is_one_failure(site, server, crawl):
    with started(crawl, server) as (run, worker):
        os.kill(worker, signal.SIGSTOP)
        site.set()
        wait_until(lambda: has_unread(worker))
        os.kill(worker, signal.SIGKILL)
        _, errors = run.communicate(timeout=60)

    (report,) = crawl.reports()
    assert run.returncode == 1, errors
    assert report["counts"]["failed"] == 1
    assert report["counts"]["new"] == COUNT - 1
    assert "the process that read it crashed" in report["failures"][0]["reason"]


def test_a_page_that_takes_too_long_is_one_failure(site, server, crawl):
    with started(crawl, server) as (run, worker):
        os.kill(worker, signal.SIGSTOP)
        site.set()
        wait_until(lambda: has_unread(worker))
        os.kill(worker, signal.SIGALRM)  # As the system does after twenty seconds.
        os.kill(worker, signal.SIGCONT)
        run.communicate(timeout=60)

    (report,) = crawl.reports()
    assert report["counts"]["new"] == COUNT - 1
    assert report["failures"][0]["reason"] == "reading it took longer than 20 s"


def test_a_process_that_ends_between_pages_costs_nothing(site, server, crawl):
    with started(crawl, server) as (run, worker):
        os.kill(worker, signal.SIGKILL)
        # Only the crawl takes its entry away, and so knows that it has ended.
        wait_until(lambda: not Path(f"/proc/{worker}").exists())
        site.set()
        _, errors = run.communicate(timeout=60)

    assert run.returncode == 0, errors
    assert len(crawl.documents) == COUNT


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_run(site, server, crawl, number):
    with started(crawl, server) as (run, worker):
        run.send_signal(number)
        site.set()
        run.communicate(timeout=60)

        wait_until(lambda: not is_alive(worker))


def test_a_number_of_processes_that_is_none_is_code_2(crawl):
    run = crawl(*CHINA, READERS="-1")

    assert run.returncode == 2
    assert "READERS=-1" in run.stderr


class started:  # noqa: N801 - reads as a verb in a with statement
    """A run whose pages have all been asked for, and its parse process's id."""

    def __init__(self, crawl, server):
        command = crawl.command("crawl", *CHINA, READERS="1")
        self.run = subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        self.server = server

    def __enter__(self):
        wait_until(lambda: len(self.server.asked_pages()) == COUNT)
        (worker,) = children(self.run.pid)
        return self.run, worker

    def __exit__(self, *error):
        self.run.kill()
        self.run.communicate()


def timeless(record):
    """A record without the instants at which it was fetched."""
    return {**record, "fetched": "", "first_seen": "", "listed": []}


def children(process):
    """The ids of a process's children."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [int(each) for t in tasks for each in (t / "children").read_text().split()]


def has_unread(worker):
    """Whether the process has been sent something it has not read yet."""
    pipe = os.open(f"/proc/{worker}/fd/0", os.O_RDONLY | os.O_NONBLOCK)
    try:
        unread = fcntl.ioctl(pipe, termios.FIONREAD, bytes(4))
    finally:
        os.close(pipe)
    return int.from_bytes(unread, sys.byteorder) > 0


def is_alive(process):
    """Whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(condition):
    """Wait for another process, for as long as a slow machine may need."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "the other process never got there"
        time.sleep(0.02)
