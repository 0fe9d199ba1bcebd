"""Whole runs over RSS: what a short list has lost, and how long it holds."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.runs.conftest import Reply

FIRST = datetime(2026, 11, 1, 16, tzinfo=UTC)  # 2 November in Beijing
CATALOGUE = """
name: 样本站
categories: [金融, 样本站]
hosts: [sina.com.cn]
placeholder: https://n.sinaimg.cn/logo.png
feeds:
  - {id: rss, title: 样本－一页, format: rss, content: entry,
     quiet: none, url: 'https://rss.sina.com.cn/one.xml'}
  - {id: paged, title: 样本－多页, format: rss, content: entry,
     quiet: none, url: 'https://rss.sina.com.cn/many.xml?page={page}'}
"""
ONE, MANY = "rss.sina.com.cn/one.xml", "rss.sina.com.cn/many.xml?page={}"
PAGE = "https://finance.sina.com.cn/china/2026-11-02/doc-inaaaaaa1{:06}.shtml"
ITEM = """<item><title>第{n}时的全文条目</title><link>{link}</link>
<pubDate>{date}</pubDate><description>编号{n}的公司今日披露经营情况。</description></item>"""
PAST = ("-a", "since=2026-11-02", "-a", "until=2026-11-05")
LOST = "a hole from 2026-11-01 18:00 to 2026-11-04 14:00 UTC is lost"


def serve(server, path, hours, *, head="", **headers):
    """Serve a list of articles, each published so many hours after FIRST."""
    items = "".join(
        ITEM.format(
            n=hour,
            link=PAGE.format(round(hour * 60)),
            date=format_datetime(FIRST + timedelta(hours=hour)),
        )
        for hour in hours
    )
    text = (
        f'<rss version="2.0"><channel><title>样本</title>{head}{items}</channel></rss>'
    )
    headers = {"Content-Type": "text/xml; charset=utf-8", **headers}
    server.replies[path] = Reply(text.encode(), headers=headers)


@pytest.fixture
def poll(crawl, tmp_path):
    """Run a command over the two feeds, a crawl so many hours after FIRST."""
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "site.yaml").write_text(CATALOGUE, encoding="utf-8")
    setting = {"CATALOGUE_DIR": str(tmp_path / "feeds")}

    def run(hours, *args, code=0):
        if hours is not None:
            now = (FIRST + timedelta(hours=hours)).isoformat()
            args = ("crawl", "finance", "-a", f"now={now}", *args)
        done = crawl.run(*args, **setting)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


def test_what_a_list_of_one_page_lost_is_told_once(poll, server, crawl):
    serve(server, ONE, [0, 1, 2])
    poll(3, "-a", "feeds=rss")
    serve(server, ONE, [70, 71])

    late = poll(72, "-a", "feeds=rss", code=1)

    assert LOST in late.stderr
    assert LOST in crawl.reports()[-1]["feeds"]["rss"]["lost"][0]
    serve(server, ONE, [70, 71, 72])
    assert "lost" not in poll(73, "-a", "feeds=rss").stderr
    now = (FIRST + timedelta(hours=73)).isoformat()
    assert "│ ok " in poll(None, "feeds", "--now", now).stdout
    told = poll(None, "feeds", "--holes").stdout
    assert "rss: 2026-11-01 18:00 to 2026-11-04 14:00 UTC" in told
    assert "lost: the list does not go back so far any more" in told
    assert "scrapy crawl" not in told


def test_holes_are_printed_as_json_too(poll, server):
    serve(server, ONE, [0, 1, 2])
    poll(3, "-a", "feeds=rss")
    serve(server, ONE, [70, 71])
    poll(72, "-a", "feeds=rss", code=1)

    [line] = poll(None, "feeds", "--holes", "--json").stdout.splitlines()

    hole = json.loads(line)
    assert (hole["feed"], hole["state"], hole["remedy"]) == ("rss", "lost", "")
    assert (hole["start"], hole["end"]) == (
        "2026-11-01T18:00:00+00:00",
        "2026-11-04T14:00:00+00:00",
    )


@pytest.mark.parametrize("feed", ["rss", "paged"])
def test_a_backfill_of_a_list_that_ends_too_soon_closes_the_hole_as_lost(
    poll, server, crawl, feed
):
    lists = [ONE] if feed == "rss" else [MANY.format(1), MANY.format(2)]
    for path, hours in zip(lists, ([60, 61, 62], []), strict=False):
        serve(server, path, hours)
    poll(63, "-a", f"feeds={feed}")
    with sqlite3.connect(crawl.output / "index.sqlite") as index:
        # As it was noted by a program that knew of no lost ones.
        index.execute(
            "INSERT INTO holes (feed, start, end, noticed) VALUES (?, ?, ?, ?)",
            (feed, *(f"2026-11-0{day}T05:00:00+00:00" for day in (2, 4, 4))),
        )
    index.close()
    command = f"scrapy crawl finance -a feeds={feed} -a since=2026-11-02 -a until"
    told = poll(None, "feeds", "--holes", code=1).stdout
    assert command in told
    assert ("what it lacks is lost with" in told) is (feed == "rss")

    run = poll(64, "-a", f"feeds={feed}", *PAST, code=1)

    words = "does not go back to 2026-11-01 16:00 UTC: it ends at 2026-11-04 04:00"
    assert words in run.stderr
    assert "lost: the list" in poll(None, "feeds", "--holes").stdout
    with sqlite3.connect(crawl.output / "index.sqlite") as index:
        query = "SELECT start, end, closed IS NOT NULL, lost FROM holes"
        rows = index.execute(query).fetchall()
    index.close()
    start, end = "2026-11-02T05:00:00+00:00", "2026-11-04T04:00:00+00:00"
    assert rows == [(start, end, 1, 1)]


def test_a_hole_is_not_lost_before_what_the_list_still_has_is_kept(
    poll, server, crawl, tmp_path
):
    text = CATALOGUE.replace("content: entry", "content: page")
    (tmp_path / "feeds" / "site.yaml").write_text(text, encoding="utf-8")
    serve(server, ONE, [60])
    server.replies[PAGE.format(60 * 60).partition("://")[2]] = Reply(b"", 503)

    run = poll(64, "-a", "feeds=rss", *PAST, code=1)

    assert "does not go back" in run.stderr
    assert "Read rss" not in run.stderr


HOLDS = {
    "neither": ({}, True),
    "max-age": ({"Cache-Control": "max-age=3600"}, False),
    "ttl": ({"head": "<ttl>60</ttl>"}, False),
}


@pytest.mark.parametrize(("told", "is_asked"), HOLDS.values(), ids=HOLDS)
def test_a_list_is_not_asked_for_while_its_server_says_that_it_holds(
    poll, server, told, is_asked
):
    busy = [number / 60 for number in range(60)]  # Else it is polled every ten minutes.
    for path in (ONE, MANY.format(1), MANY.format(2)):
        serve(server, path, busy, **(told if path == ONE else {}))
    poll(1)
    server.asked.clear()

    poll(1.5)

    assert MANY.format(1) in server.asked
    assert (ONE in server.asked) is is_asked
    poll(2.2)
    assert ONE in server.asked


def test_a_replay_loses_what_the_crawl_lost(poll, server, crawl, tmp_path):
    serve(server, ONE, [0, 1, 2])
    poll(3, "-a", "feeds=rss")
    serve(server, ONE, [70, 71])
    poll(72, "-a", "feeds=rss", code=1)
    poll(73, "-a", "feeds=rss", *PAST, code=1)

    poll(None, "replay", "--into", str(tmp_path / "again"))

    found = []
    for folder in (crawl.output, tmp_path / "again"):
        with sqlite3.connect(folder / "index.sqlite") as index:
            found.append(index.execute("SELECT * FROM holes").fetchall())
        index.close()
    assert found[0] == found[1]
    assert len(found[0]) == 1
