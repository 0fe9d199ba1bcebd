"""Whole runs of the spider ``recheck``: edits, removals, and what only looks like one.

The clock is an argument: the articles were published a few minutes ago, and each run
is told how many hours later it is.
"""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from crawler.demo import DemoSite
from tests.runs.conftest import Reply

START = datetime.now(UTC)
PUBLISHED = START - timedelta(minutes=5)
BEIJING = PUBLISHED + timedelta(hours=8)
GONE = "<title>页面没有找到</title><p>5秒钟之后将会带您进入新浪首页</p>"
BAN = "<p>你的 IP 存在异常访问, 已被新浪安全部门封禁</p>"
REFRESH = '<meta http-equiv="refresh" content="0;url=https://www.sina.com.cn/">'


def url_of(number):
    return f"https://finance.sina.com.cn/china/doc-inaaaaaa1{number:06}.shtml"


def path_of(number):
    return url_of(number).removeprefix("https://")


@pytest.fixture
def pages(server, page, item):
    """Serve so many articles, listed by one feed; edit one by serving it again."""

    def serve(*numbers, text=""):
        for number in numbers:
            html = page(f"naaaaaa1{number:06}", f"第{number}篇", text)
            html = html.replace("2023-11-15 06:13:20", f"{BEIJING:%Y-%m-%d %H:%M:%S}")
            html = html.replace("2023年11月15日 06:13", f"{BEIJING:%Y年%m月%d日 %H:%M}")
            server.serve_page(url_of(number), html)
            server.replies[
                path_of(number)
            ].etag = f'"{number}{text[:2].encode().hex()}"'
        ctime = str(int(PUBLISHED.timestamp()))
        listed = [item(url_of(n), f"第{n}篇", ctime=ctime) for n in numbers]
        server.serve_roll(listed)

    return serve


@pytest.fixture
def recheck(crawl):
    """Run the spider some hours after the start; its counts that are not 0."""

    def run(hours, *args, code=0, **settings):
        now = START + timedelta(hours=hours)
        args = ("-a", f"now={now.isoformat(timespec='seconds')}", *args)
        done = crawl("recheck", *args, **settings)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return {name: n for name, n in crawl.reports()[-1]["counts"].items() if n}

    return run


@pytest.fixture
def stored(crawl, pages):
    """Crawl so many articles into the store."""

    def store(count):
        pages(*range(count))
        run = crawl("finance", "-a", "feeds=china")
        assert run.returncode == 0, run.stderr
        assert len(crawl.documents) == count

    return store


def test_a_removal_is_noticed_confirmed_told_and_taken_back(
    stored, recheck, server, crawl, pages
):
    stored(3)
    before = {path: path.read_bytes() for path in crawl.documents}
    server.replies[path_of(0)] = Reply(b"", 404)
    withdraw = {"REMOVED_POSTS": "withdraw"}

    assert recheck(2, **withdraw) == {"unchanged": 2, "gone": 1}
    assert recheck(2.5, **withdraw) == {}
    assert len(crawl.documents) == 3
    # Nothing else is due now; that the host is well, another page has to tell.
    assert recheck(4, **withdraw) == {"removed": 1}

    assert [path.stem[-1] for path in crawl.documents] == ["1", "2"]
    target = crawl.output.with_name("site")
    assert crawl.run("export", "--posts", str(target)).returncode == 0
    assert len(list(target.rglob("*.html"))) == 2
    [line] = [line for line in crawl.records() if line["status"] == "removed"]
    assert line["id"].endswith("000000")
    assert line["removed"] < line["removal_confirmed"]

    pages(0)
    assert recheck(26, **withdraw) == {"back": 1, "unchanged": 2}
    assert {path: path.read_bytes() for path in crawl.documents} == before
    exported = [json.loads(line) for line in crawl.run("export").stdout.splitlines()]
    assert sorted(each["status"] for each in exported) == ["new", "new", "restored"]


def test_an_unchanged_page_costs_a_304_and_an_edited_one_is_a_revision(
    stored, recheck, server, crawl, pages
):
    stored(2)
    assert recheck(2) == {"unchanged": 2}
    assert sorted(server.unchanged) == [path_of(0), path_of(1)]
    pages(1, text="改过的正文，比原来的长一些。" * 20)

    assert recheck(26) == {"unchanged": 1, "revised": 1}

    assert server.unchanged[2:] == [path_of(0)]
    assert crawl.records()[-1]["revision"] == 2
    assert recheck(200) == {"unchanged": 2}
    assert len(server.unchanged) == 5
    assert recheck(201, "-a", "force=1", "-a", "limit=1") == {"unchanged": 1}
    assert len(server.unchanged) == 5


OTHERS = 6
"""Pages that are there: fewer than are gone would be an outage."""

ANSWERS = {
    "404": (Reply(b"", 404), "gone", "http 404"),
    "410": (Reply(b"", 410), "gone", "http 410"),
    "page not found": (Reply(GONE.encode()), "gone", "page-not-found page"),
    "home page": (
        Reply(b"", 302, {"Location": "https://www.sina.com.cn/"}),
        "gone",
        "redirected to https://www.sina.com.cn/",
    ),
    "refresh to it": (Reply(REFRESH.encode()), "gone", "leads to a front page"),
    "another article": (
        Reply(b"", 301, {"Location": url_of(77)}),
        "rejected",
        "redirected to another page",
    ),
    "a captcha": (
        Reply(b"", 302, {"Location": "https://passport.sina.com.cn/"}),
        "rejected",
        "redirected to another page",
    ),
    "another host": (
        Reply(b"", 302, {"Location": "https://example.org/"}),
        "rejected",
        "redirected to another page",
    ),
    "in a circle": (
        Reply(b"", 302, {"Location": "#again"}),
        "rejected",
        "in a circle",
    ),
    "ban": (Reply(BAN.encode()), "failed", "banned"),
    "forbidden": (Reply(b"", 403), "failed", "http 403"),
    "server error": (Reply(b"", 503), "failed", "http 503"),
    "nothing": (Reply(b""), "failed", "empty page"),
    "another layout": (Reply(b"<h1>?</h1>\xe7\x9f\xad"), "rejected", "layout changed"),
}


def test_a_removal_is_told_from_a_ban_an_outage_and_a_move(
    stored, recheck, server, crawl
):
    stored(len(ANSWERS) + OTHERS)
    for number, (reply, *_) in enumerate(ANSWERS.values()):
        server.replies[path_of(number)] = reply

    recheck(2, code=1)

    failures = crawl.reports()[-1]["failures"]
    found = {int(re.search(r"(\d+)\.s", each["url"])[1][1:]): each for each in failures}
    told = [(found[n]["outcome"], found[n]["reason"]) for n in range(len(ANSWERS))]
    for name, (outcome, reason), (_, due, words) in zip(
        ANSWERS, told, ANSWERS.values(), strict=True
    ):
        assert (outcome, words in reason) == (due, True), f"{name}: {reason}"
    assert len(crawl.documents) == len(ANSWERS) + OTHERS
    assert not any("example.org" in path for path in server.asked)


def test_what_did_not_change_is_no_revision_whatever_layout_it_has(crawl):
    with DemoSite(2) as site:
        crawl.mirror = site.url
        crawl("finance")
        run = crawl("recheck", "-a", "force=1", "-a", "limit=500")

    assert run.returncode == 0, run.stderr
    counts = {k: n for k, n in crawl.reports()[-1]["counts"].items() if n}
    assert counts == {"unchanged": len(crawl.documents)}


def test_pages_that_are_gone_all_at_once_are_an_outage(stored, recheck, server, crawl):
    stored(6)
    for number in range(6):
        server.replies[path_of(number)] = Reply(b"", 404)

    assert recheck(2, code=4) == {"failed": 6}
    assert "taken for an outage" in crawl.reports()[-1]["failures"][0]["reason"]
    assert recheck(2.5) == {}  # Not again at once.
    assert recheck(4, code=4) == {"failed": 6}


def test_a_lone_removal_is_not_believed_while_its_host_is_not_well(
    stored, recheck, server
):
    stored(3)
    assert recheck(2, "-a", "limit=2") == {"unchanged": 2}
    for number in range(3):
        server.replies[path_of(number)] = Reply(b"", 404)

    assert recheck(2.1, code=4) == {"failed": 1}


def test_the_schedule_limit_and_since_choose_what_is_visited(stored, recheck):
    stored(3)
    tomorrow = f"{BEIJING + timedelta(days=1):%Y-%m-%d}"

    assert recheck(2, "-a", f"since={tomorrow}") == {}
    assert recheck(2, RECHECK_AFTER="3h,10h") == {}
    assert recheck(2, "-a", "limit=2") == {"unchanged": 2}
    assert recheck(2) == {"unchanged": 1}


@pytest.mark.parametrize(
    ("args", "settings", "words"),
    [
        (["-a", "limit=0"], {}, "-a limit=0"),
        (["-a", "since=soon"], {}, "-a since=soon"),
        (["-a", "now=soon"], {}, "-a now=soon"),
        (["-a", "feeds=china"], {}, "limit, since, force"),
        ([], {"RECHECK_AFTER": "1h,soon"}, "RECHECK_AFTER=soon"),
        ([], {"REMOVED_POSTS": "delete"}, "REMOVED_POSTS=delete"),
    ],
    ids=str,
)
def test_a_usage_error_is_one_line_and_code_2(crawl, args, settings, words):
    run = crawl("recheck", *args, "-L", "ERROR", **settings)

    assert run.returncode == 2
    assert words in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert not crawl.output.exists()
