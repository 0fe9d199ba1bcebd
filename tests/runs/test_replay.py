"""Whole runs: what a crawl archives makes the same store once more, to the byte."""

import json
import re
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from crawler.demo import DemoSite
from tests.runs.conftest import PROJECT, Reply, clean_environment

PAGES = 1000
PER_LIST = 50
START = datetime.now(UTC)
ROLL = "feed.mix.sina.com.cn/api/roll/get?pageid=155&lid=1686&k=&num=50&page={}"


def files_of(folder):
    """Read every file of a store but its archive and notes, and the index as SQL."""
    names = folder.rglob("[!.]*")
    paths = (path for path in names if path.is_file())
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in paths
        if path.name != "index.sqlite"
        and "archive" not in path.relative_to(folder).parts
    }
    with sqlite3.connect(folder / "index.sqlite") as index:
        found["index.sqlite"] = "\n".join(index.iterdump())
    index.close()
    return found


@pytest.fixture
def replayed(crawl, tmp_path):
    """Replay the crawl's archive into an empty folder; what is in it then."""

    def replay(name, *args):
        folder = tmp_path / name
        run = crawl.run("replay", *args, "--into", str(folder))
        assert run.returncode == 0, run.stdout + run.stderr
        return files_of(folder)

    return replay


@pytest.fixture
def same(crawl, replayed):
    """Compare two replays with the store they are of; its files."""

    def compare():
        there = files_of(crawl.output)
        for name in ("once", "twice"):
            found = replayed(name)
            assert sorted(found) == sorted(there)
            assert [path for path in there if found[path] != there[path]] == []
        verified = crawl.run("verify", "--full")
        assert verified.returncode == 0, verified.stdout
        return there

    return compare


def test_a_replay_of_the_demo_is_the_demo(crawl, same):
    with DemoSite() as site:
        crawl.mirror = site.url
        crawl("finance")
        site.poll = 2
        crawl("finance", "-a", "feeds=all")
        crawl("article", "-a", f"url={site.sample_url}", "-a", "feed=china")
        for hours in (2, 4, 30):
            now = START + timedelta(hours=hours)
            crawl("recheck", "-a", "limit=40", "-a", f"now={now.isoformat()}")

    there = same()

    assert len([path for path in there if path.startswith("posts/")]) > 60
    assert len([path for path in there if path.startswith("runs/")]) == 6


def text_of(number):
    """Invent the text of a page; every fortieth has the text of the one before."""
    story = number - 1 if number % 40 == 39 else number
    sentence = f"编号{story * 7919}的公司披露第{story}号经营情况，各项数据见下文。"
    return sentence * 6


@pytest.fixture
def site(server, page, item):
    """A site of many articles on as many list pages as it takes."""

    def url_of(number):
        return f"https://finance.sina.com.cn/china/doc-inbbbbbb2{number:06}.shtml"

    def serve(number, title, text=""):
        html = page(f"nbbbbbb2{number:06}", title, text or text_of(number))
        url = url_of(number)
        server.serve_page(url, html)
        server.replies[url.partition("://")[2]].etag = f'"{number}-{len(html)}"'

    def announce(titles):
        items = [item(url_of(number), titles[number]) for number in sorted(titles)]
        for place in range(0, len(items) + PER_LIST, PER_LIST):
            data = items[place : place + PER_LIST]
            answer = {"result": {"status": {"code": 0, "msg": "succ"}, "data": data}}
            path = ROLL.format(place // PER_LIST + 1)
            server.replies[path] = Reply(json.dumps(answer).encode())

    def remove(number):
        path = url_of(number).partition("://")[2]
        server.replies[path] = Reply(b"gone", 404)

    return serve, announce, remove


def test_a_replay_of_a_thousand_pages_is_their_crawl(crawl, site, same):
    serve, announce, remove = site
    titles = {number: f"第{number}号简报" for number in range(PAGES)}
    for number, title in titles.items():
        serve(number, title)
    announce(titles)
    polls = ("finance", "-a", "feeds=china", "-a", f"pages={PAGES // PER_LIST + 1}")
    crawl(*polls)
    for number in range(0, PAGES, 25):  # Edited, in headline or text.
        titles[number] += "（更新）" if number % 2 else ""
        serve(number, titles[number], text_of(number) + f"更正：应为第{number}项。")
    announce({number: titles[number] for number in range(PAGES)})
    crawl(*polls, "-a", "force=1")
    for number in range(3, PAGES, 50):
        remove(number)
    for hours in (2, 4):
        now = f"now={(START + timedelta(hours=hours)).isoformat()}"
        crawl("recheck", "-a", "limit=1000", "-a", now, "-a", "force=1")

    same()

    counts = [report["counts"] for report in crawl.reports()]
    assert counts[0]["new"] + counts[0]["duplicate"] == PAGES
    assert counts[0]["duplicate"] == PAGES // 40
    assert counts[1]["revised"] == PAGES // 25
    assert counts[3]["removed"] == PAGES // 50


def test_a_killed_run_is_replayed_as_far_as_it_came(crawl, server, page, item, same):
    url = "https://finance.sina.com.cn/china/doc-inccccc3{:07}.shtml"
    for number in range(200):
        html = page(f"nccccc3{number:07}", f"第{number}篇", text_of(number))
        server.serve_page(url.format(number), html)
    server.serve_roll([item(url.format(n), f"第{n}篇") for n in range(200)])
    command = crawl.command("crawl", "finance", "-a", "feeds=china")
    with subprocess.Popen(
        command, cwd=PROJECT, env=clean_environment(), stderr=subprocess.DEVNULL
    ) as process:
        while len(server.asked_pages()) < 60:
            assert process.poll() is None
        process.kill()
    crawl("finance", "-a", "feeds=china")

    there = same()

    assert len([path for path in there if path.startswith("posts/")]) == 195


def test_a_part_of_the_archive_makes_a_part_of_the_store(crawl, site, replayed):
    serve, announce, _ = site
    for number in range(4):
        serve(number, f"第{number}篇")
    announce({number: f"第{number}篇" for number in range(4)})
    crawl("finance", "-a", "feeds=china")

    found = replayed("one", "--id", "nbbbbbb2000002")

    posts = [path for path in found if path.startswith("posts/")]
    assert [re.search(r"\w{14}\.html", path)[0] for path in posts] == [
        "nbbbbbb2000002.html"
    ]
    [line] = [found[path] for path in found if path.startswith("feeds/")]
    assert json.loads(line)["title"] == "第2篇"


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (["--into", "{full}"], "is no empty folder"),
        (["--into", "{new}", "--since", "soon"], "is no time"),
        (["--into", "{new}", "missing.warc.gz"], "is no file"),
        (["--into", "{new}"], "holds no archive"),
        ([], "--into --diff --apply is required"),
    ],
)
def test_a_wrong_option_is_told(crawl, tmp_path, args, problem):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    places = {"full": tmp_path / "full", "new": tmp_path / "new"}

    run = crawl.run("replay", *(arg.format(**places) for arg in args))

    assert run.returncode == 2
    assert problem in run.stderr
