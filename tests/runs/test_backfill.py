"""Whole runs over an outage that was too long, and the backfill that closes it."""

import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime, timedelta, timezone

import pytest

from crawler.demo import DemoSite
from tests.runs.conftest import Reply
from tests.runs.test_endings import wait_until
from tests.runs.test_polling import URL, asked_lists

BEIJING = timezone(timedelta(hours=8))
LIST = "feed.mix.sina.com.cn/api/roll/get?pageid=155&lid=1686&k=&num=50&page={}"
DAY = timedelta(days=1)
FIRST = datetime(2026, 11, 2, tzinfo=BEIJING)
SINCE = ("-a", "feeds=china", "-a", "since=2026-11-02", "-a", "until=2026-11-05")


@pytest.fixture
def serve(server, page, item):
    """Serve a list of articles, each published so many hours after FIRST."""

    def serve_list(path, hours):
        items = []
        for hour in hours:
            html = page(f"naaaaaa1{hour:06}", f"第{hour}时")
            server.serve_page(URL.format(hour), html)
            ctime = int((FIRST + timedelta(hours=hour)).timestamp())
            items.append(item(URL.format(hour), f"第{hour}时", ctime=str(ctime)))
        server.serve_roll(items)
        for number in (1, 2):
            reply = server.replies.pop(LIST.format(number))
            server.replies[path.replace("PAGE", str(number))] = reply

    return serve_list


@pytest.fixture
def days(serve):
    """Serve the lists of three days, an article every eight hours."""
    for number in range(3):
        start = int((FIRST + number * DAY).timestamp())
        end = start + 86400
        window = f"&etime={start}&stime={end}&ctime={end}&date=2026-11-0{2 + number}"
        hours = range(24 * number, 24 * number + 24, 8)
        serve(LIST.format("PAGE") + window, hours)


def poll(crawl, day, *args):
    now = (FIRST + timedelta(days=day)).isoformat()
    return crawl("finance", "-a", f"now={now}", *args)


def days_read(crawl):
    """Give the days that the index holds as read."""
    path = crawl.output / "index.sqlite"
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as index:
            return [day for (day,) in index.execute("SELECT day FROM windows")]
    except sqlite3.Error:
        return []  # It is being made.


def test_an_outage_leaves_a_hole_that_a_backfill_closes(crawl, serve, days, server):
    serve(LIST.format("PAGE"), [-3, -2, -1])
    poll(crawl, 0, "-a", "feeds=china")
    serve(LIST.format("PAGE"), [70, 71])

    late = poll(crawl, 3, "-a", "feeds=china")

    assert late.returncode == 1
    assert "a hole from 2026-11-01 15:00 to 2026-11-04 14:00 UTC" in late.stderr
    told = crawl.run("feeds", "--holes")
    assert told.returncode == 1
    command = "-a feeds=china -a since=2026-11-01 -a until=2026-11-05"
    assert f"scrapy crawl finance {command}" in told.stdout
    assert "1 open; see scrapy feeds --holes" in crawl.run("feeds").stdout

    before = server.replies.copy()
    start = int((FIRST - DAY).timestamp())
    window = f"&etime={start}&stime={start + 86400}&ctime={start + 86400}"
    serve(LIST.format("PAGE") + f"{window}&date=2026-11-01", [-3, -2, -1])
    server.replies.update(before)
    closing = poll(crawl, 4, *command.split())

    assert closing.returncode == 0, closing.stderr
    assert {path.stem[-2:] for path in crawl.documents} >= {"00", "08", "16", "24"}
    assert crawl.run("feeds", "--holes").returncode == 0


def test_a_backfill_reads_each_day_once_the_latest_first(crawl, days, server):
    run = poll(crawl, 9, *SINCE)

    assert run.returncode == 0, run.stderr
    asked = [path for path in server.asked if "page=1&" in path]
    assert [path[-10:] for path in asked] == ["2026-11-04", "2026-11-03", "2026-11-02"]
    assert len(crawl.documents) == 9
    told = [line for line in run.stderr.splitlines() if "Read china 2026" in line]
    assert [line[-6:] for line in told] == ["1 of 3", "2 of 3", "3 of 3"]


def test_a_backfill_that_was_killed_goes_on_where_it_was(crawl, days, server):
    start = int(FIRST.timestamp())
    [path] = [p for p in server.replies if f"page=1&etime={start}&" in p]
    held = server.replies[path]
    server.replies[path] = Reply(b"", 503)
    poll(crawl, 9, *SINCE)
    assert len(crawl.documents) == 6
    server.asked.clear()
    server.replies[path] = held

    run = poll(crawl, 9, *SINCE)

    assert run.returncode == 0, run.stderr
    assert [p for p in server.asked if "page=1&" in p] == [path]
    assert len(crawl.documents) == 9
    server.asked.clear()
    poll(crawl, 9, *SINCE)  # It was complete: this is another one.
    assert len([p for p in server.asked if "page=1&" in p]) == 3


def test_after_a_kill_the_days_that_were_read_are_not_read_again(crawl, days, server):
    start = int(FIRST.timestamp())
    [path] = [p for p in server.replies if f"page=1&etime={start}&" in p]
    held = server.replies[path]
    asked = []
    server.replies[path] = lambda: asked.append(1) or Reply(b"", 503)
    now = (FIRST + 9 * DAY).isoformat()
    command = crawl.command("crawl", "finance", "-a", f"now={now}", *SINCE,
                            RETRY_TIMES="99", RETRY_PRIORITY_ADJUST="0")  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: len(days_read(crawl)) == 2 and len(asked) > 20)
        process.kill()
    server.asked.clear()
    server.replies[path] = held

    run = poll(crawl, 9, *SINCE)

    assert run.returncode == 0, run.stderr
    assert [p for p in server.asked if "page=1&" in p] == [path]


def test_a_server_that_shows_another_day_is_not_asked_for_more(crawl, serve, server):
    start = int((FIRST + 2 * DAY).timestamp())
    window = f"&etime={start}&stime={start + 86400}&ctime={start + 86400}"
    serve(LIST.format("PAGE") + f"{window}&date=2026-11-04", [900, 901])

    run = poll(crawl, 9, "-a", "feeds=china", "-a", "since=2026-11-04", *SINCE[4:])

    assert run.returncode == 4
    assert "another day than was asked for" in run.stderr
    assert asked_lists(server) == ["16864"]


@pytest.mark.parametrize(
    "args",
    [["until=2026-11-05"], ["until=2026-11-05", "since=2026-11-05"], ["until=soon"]],
    ids=str,
)
def test_a_backfill_without_a_beginning_is_code_2(crawl, args):
    given = [part for arg in args for part in ("-a", arg)]

    run = crawl("finance", *given, "-L", "ERROR")

    assert run.returncode == 2
    assert "-a until=" in run.stderr


def test_the_sample_site_shows_single_days(crawl):
    with DemoSite(2) as site:
        crawl.mirror = site.url
        args = ("-a", "feeds=stock", "-a", "since=2026-11-18", "-a", "until=2026-11-19")
        run = crawl("finance", *args)

    assert run.returncode == 0, run.stderr
    assert {path.parts[-2] for path in crawl.documents} == {"18"}
