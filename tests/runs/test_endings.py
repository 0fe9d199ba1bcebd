"""How runs end: verdicts, locks, signals, kills."""

import json
import os
import signal
import subprocess
import time
from threading import Event

import pytest

from crawler.core.frontmatter import load

ARTICLE = "https://finance.sina.com.cn/china/2023-11-15/doc-inaaaaaa1{:06}.shtml"
CHINA = ("finance", "-a", "feeds=china")


@pytest.mark.parametrize(
    ("options", "settings", "words"),
    [
        pytest.param(["-a", "pages=x"], {}, "-a pages=x", id="pages"),
        pytest.param(["-a", "page=3"], {}, "-a page=3", id="misspelt"),
        pytest.param(["-a", "limit=0"], {}, "-a limit=0", id="limit"),
        pytest.param(["-a", "since=soon"], {}, "-a since=soon", id="since"),
        pytest.param(["-a", "feeds=nope"], {}, "-a feeds=nope", id="feeds"),
        pytest.param([], {"POST_BODY": "x"}, "POST_BODY=x", id="body"),
        pytest.param([], {"NEAR_DUPLICATES": "x"}, "NEAR_DUPLICATES=x", id="reprints"),
        pytest.param([], {"POST_PATH": "../{id}.html"}, "POST_PATH", id="path"),
        pytest.param([], {"POST_EXTRA_FIELDS": "x"}, "POST_EXTRA_FIELDS=x", id="extra"),
        pytest.param([], {"CATALOGUE_DIR": "/nowhere"}, "/nowhere", id="catalogue"),
    ],
)
def test_a_usage_error_is_one_line_and_code_2(crawl, options, settings, words):
    run = crawl("finance", *options, "-L", "ERROR", **settings)

    assert run.returncode == 2
    assert words in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert not crawl.output.exists()


def test_an_unknown_spider_is_code_2(crawl):
    run = crawl("nothing")

    assert run.returncode == 2
    assert "article, finance" in run.stderr


def test_a_store_that_cannot_be_written_is_code_3_before_any_request(server, crawl):
    crawl.output.write_text("a file where a folder is due")

    run = crawl(*CHINA)

    assert run.returncode == 3
    assert server.asked == []


def test_a_second_run_on_one_store_ends_at_once_with_75(server, crawl):
    crawl.output.mkdir()
    holder = ["flock", str(crawl.output / ".lock"), "sleep", "60"]
    with subprocess.Popen(holder) as process:
        wait_until(lambda: (crawl.output / ".lock").exists())
        run = crawl(*CHINA)
        process.kill()

    assert run.returncode == 75
    assert server.asked == []


@pytest.fixture
def slow_site(server, page, item):
    """Forty articles, of which the server holds back all after the tenth."""
    going_on = Event()
    urls = [ARTICLE.format(number) for number in range(40)]
    for number, url in enumerate(urls):
        server.serve_page(url, page(f"naaaaaa1{number:06}", f"第{number}篇"))
        if number >= 10:
            path = url.removeprefix("https://")
            reply = server.replies[path]
            server.replies[path] = lambda reply=reply: going_on.wait(20) and reply
    server.serve_roll([item(url, f"第{n}篇") for n, url in enumerate(urls)])
    yield server
    going_on.set()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_ends_the_run_with_what_is_whole(slow_site, crawl, number, code):
    command = crawl.command("crawl", *CHINA, DOWNLOAD_TIMEOUT="5")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: len(crawl.documents) >= 10)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)

    assert process.returncode == code, errors
    assert crawl.reports()[0]["stop"] == f"signal {number}"
    assert len(crawl.records()) == len(crawl.documents) >= 10


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_second_signal_ends_the_run_at_once_and_the_next_completes_it(
    slow_site, crawl, number, code
):
    command = crawl.command("crawl", *CHINA, LOG_LEVEL="DEBUG")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        # Ten pages are served at once; the line of one of them comes after that.
        next(line for line in process.stderr if "Crawled (200)" in line)
        process.send_signal(number)
        next(line for line in process.stderr if "shutting down gracefully" in line)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    assert all(load(path.read_text("utf-8")) for path in crawl.documents)
    slow_site.replies.update(
        {path: reply_of(reply) for path, reply in slow_site.replies.items()}
    )

    run = crawl(*CHINA)

    assert run.returncode == 0, run.stderr
    assert len(crawl.records()) == len(crawl.documents) == 40


def test_after_a_kill_the_next_run_completes_everything(slow_site, crawl):
    command = crawl.command("crawl", *CHINA)
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: len(crawl.documents) >= 10)
        process.kill()
    slow_site.replies.update(
        {path: reply_of(reply) for path, reply in slow_site.replies.items()}
    )

    run = crawl(*CHINA)

    assert run.returncode == 0, run.stderr
    assert len(crawl.documents) == 40
    assert sorted(r["id"] for r in crawl.records()) == sorted(
        path.stem for path in crawl.documents
    )
    assert not list(crawl.output.rglob("*.tmp"))
    assert all(load(path.read_text("utf-8")) for path in crawl.documents)


def test_the_report_says_what_the_exit_code_says(server, crawl):
    run = crawl(*CHINA)

    (path,) = (crawl.output / "runs").glob("*.json")
    assert json.loads(path.read_text("utf-8"))["exit_code"] == run.returncode == 4


def reply_of(reply):
    """Take the held-back reply out of its wrapper."""
    return reply.__defaults__[0] if callable(reply) else reply


def wait_until(condition):
    """Wait for another process, for as long as a slow machine may need."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "the other process never got there"
        os.sched_yield()
