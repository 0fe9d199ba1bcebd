"""How every command ends, and what a run tells of itself."""

import json
import signal
import subprocess
from dataclasses import fields

import pytest

from crawler.core.report import RunReport
from crawler.provenance import default_values
from tests.runs.conftest import PROJECT, Reply

ARTICLE = "https://finance.sina.com.cn/china/2023-11-15/doc-inaaaaaa1{:06}.shtml"
CHINA = ("finance", "-a", "feeds=china")
FEED = "feed.mix.sina.com.cn/api/roll/get?pageid=155&lid=1686&k=&num=50&page=1"
OURS = sorted(
    path.stem
    for path in (PROJECT / "crawler" / "commands").glob("*.py")
    if path.stem != "__init__"
)
ROBOTS = "finance.sina.com.cn/robots.txt"


@pytest.fixture
def site(server, page, item):
    """Four articles of the feed china."""
    urls = [ARTICLE.format(number) for number in range(4)]
    for number, url in enumerate(urls):
        server.serve_page(url, page(f"naaaaaa1{number:06}", f"第{number}篇"))
    server.serve_roll([item(url, f"第{n}篇") for n, url in enumerate(urls)])
    return server


def break_nothing(site):
    """Leave the site as it is."""


def remove_an_article(site):
    del site.replies[ARTICLE.format(1).partition("://")[2]]


def break_an_article(site):
    site.replies[ARTICLE.format(1).partition("://")[2]].status = 503


def empty_an_article(site):
    site.replies[ARTICLE.format(1).partition("://")[2]].body = b"<html></html>"


def cut_an_article(site):
    site.serve_page(ARTICLE.format(1), b"no gzip", **{"Content-Encoding": "gzip"})
    site.replies[ARTICLE.format(1).partition("://")[2]].raw = True


def ban_the_feed(site):
    site.replies[FEED] = Reply(b"<html>no</html>", 403)


def ban_everything(site):
    site.replies = {name: Reply(b"<html>no</html>", 403) for name in site.replies}


def forbid_everything(site):
    site.replies[ROBOTS] = Reply(b"User-agent: *\nDisallow: /\n")


ENDINGS = {
    "all well": (break_nothing, {}, 0, "4 new"),
    "an article the site removed": (remove_an_article, {}, 0, "1 removed"),
    "an article fails": (break_an_article, {}, 1, "1 failed"),
    "an article is none": (empty_an_article, {}, 1, "1 rejected"),
    "an article is never whole": (cut_an_article, {}, 1, "3 new"),
    "robots.txt forbids the articles": (forbid_everything, {}, 1, "4 failed"),
    "the feed is banned": (ban_the_feed, {}, 4, "0 of 1 feeds well"),
    "all is banned": (ban_everything, {}, 4, "0 of 1 feeds well"),
    "a limit of Scrapy's": (
        break_nothing,
        {"CLOSESPIDER_PAGECOUNT": "1", "CONCURRENT_REQUESTS_PER_DOMAIN": "1"},
        1,
        "stopped early: closespider_pagecount",
    ),
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_a_run_ends_with_a_line_for_each_feed_and_one_for_itself(site, crawl, ending):
    disturb, settings, code, words = ending
    disturb(site)

    run = crawl(*CHINA, **settings)

    assert run.returncode == code, run.stderr
    [report] = crawl.reports()
    feed, last = run.stderr.strip().splitlines()[-2:]
    assert f"feed china {report['feeds']['china']['status']}: " in feed
    assert f"run finance ended with {code}: " in last
    assert words in last
    assert report["exit_code"] == code
    # What the server saw is what was answered; nothing here is lost on the way.
    traffic = report["traffic"]
    assert traffic["responses"] == len(site.asked)
    ends = ("responses", "failures", "dropped")
    assert traffic["requests"] == sum(traffic[end] for end in ends)


def test_a_healthy_run_that_may_only_warn_says_nothing(site, crawl):
    run = crawl(*CHINA, "-L", "WARNING")

    assert (run.returncode, run.stderr) == (0, "")


def test_what_a_stopped_run_did_not_ask_for_was_dropped(site, crawl):
    """One article is held back until the signal; the others wait for their turn."""
    command = crawl.command(
        *("crawl", *CHINA), DOWNLOAD_DELAY="5", CONCURRENT_REQUESTS_PER_DOMAIN="1"
    )
    with subprocess.Popen(
        [*command, "-L", "DEBUG"], stderr=subprocess.PIPE, text=True, cwd=PROJECT
    ) as process:
        next(line for line in process.stderr if "Crawled (200)" in line)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 143, errors
    traffic = crawl.reports()[0]["traffic"]
    assert traffic["dropped"] > 0
    assert traffic["requests"] == traffic["responses"] + traffic["dropped"]
    assert traffic["responses"] == len(site.asked)


def test_an_unreachable_host_is_failures_of_that_host(crawl):
    crawl.mirror = "http://127.0.0.1:9"

    run = crawl(*CHINA)

    assert run.returncode == 4
    [report] = crawl.reports()
    assert report["hosts"]["feed.mix.sina.com.cn"]["failures"] > 0
    assert report["traffic"]["responses"] == 0
    assert report["feeds"]["china"]["problems"][0].startswith("page 1: refused")


def test_a_report_holds_counts_times_reasons_and_versions(site, crawl):
    empty_an_article(site)
    crawl(*CHINA)

    [report] = crawl.reports()
    assert list(report) == [field.name for field in fields(RunReport)]
    assert report["format"] == 1
    assert report["seconds"] > 0
    assert report["reasons"] == {"rejected": {"empty page": 1}}
    assert report["feeds"]["china"]["counts"] == {"new": 3, "rejected": 1}
    assert report["hosts"]["finance.sina.com.cn"]["slowest_seconds"] > 0
    assert report["versions"]["scrapy"] == "2.19.0"
    assert {"crawler", "python", "sqlite"} <= set(report["versions"])


def test_a_report_names_the_settings_of_the_run_and_no_secret(site, crawl):
    mirror = f"{crawl.mirror}/?key=hush"
    secrets = {"SITE_MIRROR": mirror, "SLACK_TOKEN": "hush", "MAIL_PASS": "hush"}

    crawl(*CHINA, POST_BODY="clean", **secrets)

    text = json.dumps(crawl.reports()[0])
    shown = crawl.reports()[0]["settings"]
    assert text.count("hush") == 0, text
    assert shown["POST_BODY"] == "clean"
    assert {shown[name] for name in secrets} == {"(set)"}
    assert not {name for name in shown if name.startswith("SPIDER_MODULES")}
    assert set(shown) <= {*default_values(), "SLACK_TOKEN", "MAIL_PASS"}


ONE_POST = {"history": ["mcwiwss8570247"], "crawl": ["finance"]}


NEEDED = {"replay": ["--into", "new"], "schedule": ["cron"], "crawl": ["finance"]}


@pytest.mark.parametrize("command", OURS)
def test_a_misspelt_option_is_code_2(crawl, command):
    run = crawl.run(command, *NEEDED.get(command, []), "--nonsense")

    assert run.returncode == 2
    assert "--nonsense" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("command", ["browse", "demo", "export", "feeds", "report"])
def test_a_name_that_no_command_asks_for_is_code_2(crawl, command):
    run = crawl.run(command, "china")

    assert run.returncode == 2
    assert "takes options only" in run.stderr


@pytest.mark.parametrize(
    "value", ["DOWNLOAD_DELAY=fast", "ROBOTSTXT_OBEY=maybe", "LOG_LEVEL=loud"]
)
def test_a_setting_of_the_wrong_kind_is_code_2(crawl, value):
    name, _, text = value.partition("=")

    run = crawl(*CHINA, **{name: text})

    assert run.returncode == 2
    assert f"{value}: " in run.stderr
    assert "Traceback" not in run.stderr


DAMAGED = ["crawl", "feeds", "export", "history", "quarantine", "verify"]


@pytest.mark.parametrize("command", DAMAGED)
def test_a_damaged_index_is_code_3_and_left_alone(server, crawl, command):
    crawl.output.mkdir()
    index = crawl.output / "index.sqlite"
    index.write_bytes(b"this is no index" * 100)

    run = crawl.run(command, *ONE_POST.get(command, []))

    assert run.returncode == 3, run.stderr
    assert "index" in run.stderr + run.stdout
    assert "Traceback" not in run.stderr
    assert index.read_bytes() == b"this is no index" * 100
    assert server.asked == []


HELD = {
    "finance": ["crawl", "finance"],
    "recheck": ["crawl", "recheck"],
    "article": ["crawl", "article", "-a", f"url={ARTICLE.format(0)}"],
    "verify": ["verify"],
    "repair": ["verify", "--repair"],
}


def test_what_needs_the_store_ends_with_75_while_a_run_holds_it(site, crawl):
    assert crawl(*CHINA).returncode == 0
    asked = len(site.asked)
    lock = str(crawl.output / ".lock")
    holder = ["flock", "-F", lock, "sh", "-c", "echo held; exec sleep 300"]
    with subprocess.Popen(holder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        ends = {name: crawl.run(*args) for name, args in HELD.items()}
        process.kill()

    codes = {name: run.returncode for name, run in ends.items()}
    assert codes == dict.fromkeys(HELD, 75)
    assert all("another run holds it" in run.stderr for run in ends.values())
    assert len(site.asked) == asked
