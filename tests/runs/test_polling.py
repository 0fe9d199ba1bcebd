"""Whole runs of the spider ``finance``: what is due, and what a host asks for."""

import json
import os
import pty
import sqlite3
import subprocess
import termios
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

import pytest

from tests.runs.conftest import PROJECT, Reply, clean_environment

START = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
URL = "https://finance.sina.com.cn/china/2023-11-15/doc-inaaaaaa1{:06}.shtml"
LIST = "feed.mix.sina.com.cn/api/roll/get?pageid={}&lid={}&k=&num=50&page={}"
CATALOGUE = """
name: 样本站
categories: [金融, 样本站]
hosts: [sina.com.cn]
placeholder: https://n.sinaimg.cn/logo.png
feeds:
"""
FEED = """
  - id: feed-{n}
    title: 样本－{n}
    url: https://feed.mix.sina.com.cn/api/roll/get?pageid=1&lid={n}&k=&num=50&page={{page}}
    format: roll
"""


@pytest.fixture
def poll(crawl, tmp_path):
    """Poll a catalogue of some feeds, so many minutes after the start."""

    def run(minutes, *args, feeds=2, code=0, **settings):
        folder = tmp_path / "feeds"
        folder.mkdir(exist_ok=True)
        text = CATALOGUE + "".join(FEED.format(n=n) for n in range(feeds))
        (folder / "site.yaml").write_text(text, encoding="utf-8")
        now = (START + timedelta(minutes=minutes)).isoformat()
        args = ("-a", f"now={now}", *args)
        done = crawl("finance", *args, CATALOGUE_DIR=str(folder), **settings)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture
def feeds_at(crawl, tmp_path):
    """List the feeds, so many minutes after the start, in a pipe or a terminal."""

    def run(minutes, *args, columns=None):
        now = (START + timedelta(minutes=minutes)).isoformat()
        setting = {"CATALOGUE_DIR": str(tmp_path / "feeds")}
        args = ("feeds", "--now", now, *args)
        if columns is None:
            return crawl.run(*args, **setting)
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, columns))
        command, parts = crawl.command(*args, **setting), []
        own = {**clean_environment(), "TERM": "dumb"}
        with subprocess.Popen(command, stdout=theirs, cwd=PROJECT, env=own) as process:
            os.close(theirs)
            with suppress(OSError):  # Linux's word for the end.
                while part := os.read(ours, 65536):
                    parts.append(part)
        os.close(ours)
        shown = b"".join(parts).decode()
        return subprocess.CompletedProcess(command, process.returncode, shown)

    return run


@pytest.fixture
def lists(server, page, item):
    """Serve lists of articles, one feed each, and their pages."""

    def serve(*numbers, feed=0, **headers):
        for number in numbers:
            html = page(f"naaaaaa1{number:06}", f"第{number}篇")
            server.serve_page(URL.format(number), html)
        items = [item(URL.format(n), f"第{n}篇") for n in numbers]
        server.serve_roll(items, lid=feed, pageid=1)
        first = server.replies[LIST.format(1, feed, 1)]
        first.headers.update(headers)
        return first

    return serve


def asked_lists(server):
    """Give the lists that were asked for, as feed and page, and forget them."""
    paths = [path for path in server.asked if "roll/get" in path]
    server.asked.clear()
    numbers = [path.partition("lid=")[2].split("&")[0] + path[-1] for path in paths]
    return sorted(numbers)


def test_a_feed_that_was_polled_is_not_due_and_the_run_says_so(poll, lists, server):
    lists(1, feed=0)
    lists(2, feed=1)
    poll(0)
    assert asked_lists(server) == ["01", "02", "11", "12"]

    run = poll(5)

    assert "no feed is due before 2026-11-02 0" in run.stderr
    assert server.asked == []


def test_a_run_with_nothing_to_do_leaves_nothing_behind(poll, lists, crawl):
    lists(1, feed=0)
    poll(0, feeds=1)
    before = {path: path.stat().st_mtime_ns for path in crawl.output.rglob("*")}

    poll(1, feeds=1)

    assert {p: p.stat().st_mtime_ns for p in crawl.output.rglob("*")} == before


@pytest.mark.parametrize(
    "option", ["feeds=feed-0", "feeds=all", "force=1", "since=2020-01-01", "pages=1"]
)
def test_who_says_what_to_read_need_not_wait(poll, lists, server, option):
    lists(1, feed=0)
    poll(0, feeds=1)
    asked_lists(server)

    poll(1, "-a", option, feeds=1)

    assert "01" in asked_lists(server)


def test_an_unchanged_poll_is_one_request_a_feed_and_no_article(poll, lists, server):
    lists(1, 2, feed=0)
    lists(3, feed=1).etag = '"one"'
    poll(0)
    asked_lists(server)

    run = poll(60 * 24)

    assert "feed feed-0 ok: unchanged, 2 listed, 2 known\n" in run.stderr
    assert "feed feed-1 ok: unchanged\n" in run.stderr
    assert asked_lists(server) == ["01", "11"]
    assert server.asked_pages() == []
    assert server.unchanged == [LIST.format(1, 1, 1)]


def test_a_list_counts_as_seen_only_when_its_articles_are_kept(poll, lists, server):
    lists(1, 2, feed=0).etag = '"one"'
    path = URL.format(2).removeprefix("https://")
    page = server.replies[path]
    server.replies[path] = Reply(b"", 500)
    poll(0, feeds=1, code=1)
    server.replies[path] = page
    asked_lists(server)

    poll(60 * 24, feeds=1)

    assert server.unchanged == []
    assert server.asked_pages() == [path]


def test_what_the_limit_left_out_is_due_at_once(poll, lists, crawl):
    lists(1, 2, feed=0)
    poll(0, "-a", "limit=1", feeds=1)

    poll(1, feeds=1)

    assert len(crawl.documents) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_for_patience_is_asked_once_and_then_left_alone(
    poll, lists, server, status
):
    for feed in range(3):
        lists(feed, feed=feed)
    lists(0, feed=0, **{"Retry-After": "3600"}).status = status
    poll(0, feeds=3, code=4)
    assert asked_lists(server) == ["01"]

    poll(59, feeds=3, code=1)
    assert server.asked == []
    lists(0, feed=0)
    poll(67, feeds=3)
    assert asked_lists(server) == ["01", "02", "11", "12", "21", "22"]


BAN = "<p>你的 IP 存在异常访问(例如: 爬虫/攻击/探测 等), 已被新浪安全部门封禁</p>"


@pytest.mark.parametrize(
    "refusal",
    [
        (Reply(BAN.encode()), "banned: feed.mix.sina.com.cn answers with a ban page"),
        (Reply(b"", 403), "http 403 from feed.mix.sina.com.cn: it refuses us"),
        (Reply(b"", 502), "addresses outside China"),
    ],
    ids=["page", "403", "502"],
)
def test_three_refusals_in_a_row_stop_a_host(poll, lists, server, crawl, refusal):
    reply, words = refusal
    for feed in range(5):
        lists(feed, feed=feed)
        server.replies[LIST.format(1, feed, 1)] = reply

    poll(0, feeds=5, code=4, RETRY_TIMES="0")

    assert asked_lists(server) == ["01", "11", "21"]
    feeds = crawl.reports()[-1]["feeds"]
    assert words in feeds["feed-0"]["problems"][0]
    assert "left alone until 2026-11-02 0" in feeds["feed-4"]["problems"][0]
    poll(20, feeds=5, code=1)
    assert server.asked == []


def test_while_a_host_is_stopped_every_word_is_about_that(
    poll, lists, server, feeds_at
):
    for feed in range(6):
        lists(feed, feed=feed)
        server.replies[LIST.format(1, feed, 1)] = Reply(b"", 403)
    for minutes in (0, 31, 92, 220):
        poll(minutes, feeds=6, code=4, RETRY_TIMES="0")
    asked_lists(server)

    run = poll(240, feeds=6, code=1)

    assert server.asked == []
    stop = "feed.mix.sina.com.cn is left alone until 2026-11-02 09:40 UTC: http 403"
    assert "no feed is polled before 2026-11-02 09:40 UTC (feed-" in run.stderr
    assert f"): {stop}" in run.stderr
    assert "-a force=1" in run.stderr
    assert "CRITICAL" in run.stderr
    told = feeds_at(240)
    assert (told.returncode, told.stdout.count("left alone until")) == (1, 1)
    assert "timer" not in told.stdout
    assert "1 poll: see below" in told.stdout
    objects = [json.loads(line) for line in feeds_at(240, "--json").stdout.splitlines()]
    assert [each["id"] for each in objects[:-1]] == [f"feed-{n}" for n in range(6)]
    assert objects[-1]["host"] == "feed.mix.sina.com.cn"
    assert objects[-1]["stopped_until"] == "2026-11-02T09:40:00+00:00"


def test_a_stopped_host_of_articles_is_not_well(poll, lists, crawl, feeds_at):
    first, now = lists(0, feed=0), str(int(START.timestamp()))
    first.body = first.body.replace(b"1700000000", now.encode())
    poll(0, feeds=1)
    assert feeds_at(1).returncode == 0
    with closing(sqlite3.connect(crawl.output / "index.sqlite")) as index, index:
        times = [(START + timedelta(hours=hours)).isoformat() for hours in (20, 0)]
        row = ("finance.sina.com.cn", *times)
        index.execute("INSERT INTO stops VALUES (?, ?, ?, 'x', 1)", row)

    told = feeds_at(1)

    assert told.returncode == 1
    assert "finance.sina.com.cn is left alone until 2026-11-02 22:00" in told.stdout
    assert "(articles)" in told.stdout
    assert "left alone" not in feeds_at(20 * 60).stdout


def test_a_narrow_terminal_shows_times_whole(poll, lists, server, feeds_at):
    for feed in range(3):
        lists(feed, feed=feed)
        server.replies[LIST.format(1, feed, 1)] = Reply(b"", 403)
    poll(0, feeds=3, code=4, RETRY_TIMES="0")

    lines = feeds_at(20, columns=80).stdout.splitlines()

    table = [line for line in lines if "left alone until" not in line]
    assert max(map(len, table)) <= 80
    assert sum("2026-11-02 02:00" in line for line in table) == 3
    assert not any("…" in line for line in table)


def test_what_is_due_next_is_told_by_its_hosts_stop(poll, lists, server, crawl):
    lists(0, feed=0)
    poll(0, feeds=1)
    with closing(sqlite3.connect(crawl.output / "index.sqlite")) as index, index:
        times = [(START + timedelta(hours=hours)).isoformat() for hours in (20, 0)]
        host = "feed.mix.sina.com.cn"
        index.execute("INSERT INTO stops VALUES (?, ?, ?, 'x', 1)", (host, *times))

    run = poll(1, feeds=1)

    assert "no feed is due before 2026-11-02 22:00 UTC (feed-0)" in run.stderr


def test_one_refusal_among_good_answers_is_the_feeds_own(poll, lists, server):
    for feed in range(4):
        lists(feed, feed=feed)
    for feed in (0, 2):
        server.replies[LIST.format(1, feed, 1)] = Reply(b"", 403)

    poll(0, feeds=4, code=1)

    assert asked_lists(server) == ["01", "11", "12", "21", "31", "32"]
    poll(25, feeds=4)
    assert not {"01", "21"} & set(asked_lists(server))


def test_a_wrong_instant_is_code_2(crawl):
    run = crawl("finance", "-a", "now=soon", "-L", "ERROR")

    assert run.returncode == 2
    assert "-a now=soon" in run.stderr
    assert json.dumps(run.stderr).count("\\n") == 1
