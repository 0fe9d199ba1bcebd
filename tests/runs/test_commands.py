"""The commands beside the crawl: post, export, feeds, shell and their help."""

import csv
import io
import json
import os
import re
import subprocess

import pytest

from crawler.demo import DemoSite
from tests.runs.conftest import PROJECT, clean_environment

POLLED, AFTER = "2026-11-20T10:00:00Z", "2026-11-20T10:01:00Z"
SETTINGS = {"PROGRESS": "off"}
COMMANDS = (
    *("crawl", "demo", "export", "feeds", "history", "post", "quarantine", "shell"),
)


@pytest.fixture(scope="module")
def sample():
    """The sample site, served."""
    with DemoSite() as site:
        yield site


@pytest.fixture(scope="module")
def stored(tmp_path_factory, crawl_into, sample):
    """A store with one feed of the sample site."""
    crawl = crawl_into(tmp_path_factory.mktemp("stored"))
    crawl.mirror = sample.url
    crawl("finance", "-a", "feeds=stock,us-stock,live", "-a", f"now={POLLED}")
    return crawl


@pytest.fixture
def saved(sample, tmp_path):
    """A saved page that names its own address."""
    path = tmp_path / "page.html"
    path.write_bytes(sample.respond(sample.sample_url.partition("://")[2]).body)
    return path


def test_post_prints_the_document_and_nothing_else(stored, sample):
    run = stored.run("post", sample.sample_url, "--feed", "us-stock")

    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("\n---\ntitle: '")
    assert run.stdout.endswith("</div>\n            ")
    assert run.stderr == ""


def test_post_reads_a_saved_page(stored, saved, sample):
    run = stored.run("post", str(saved), "--json")

    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["url"] == sample.sample_url


def test_post_tells_which_selector_gave_each_field(stored, saved):
    run = stored.run("post", str(saved), "--why")

    assert "template finance-2017" in run.stdout
    assert "h1.main-title" in run.stdout


@pytest.mark.parametrize("form", [[], ["--json"], ["--why"]], ids=str)
def test_post_of_no_article_is_code_1_with_the_reason(stored, tmp_path, form):
    page = tmp_path / "page.html"
    page.write_text("<title>页面没有找到</title><body>页面没有找到</body>", "utf-8")

    run = stored.run("post", str(page), "--url", "https://finance.sina.com.cn/a", *form)

    assert run.returncode == 1
    assert (
        "no article: the site shows its page-not-found page" in run.stdout + run.stderr
    )


@pytest.mark.parametrize(
    "args",
    [["/nowhere.html"], [], ["http://"], ["https://x.sina.com.cn/", "--feed", "nope"]],
    ids=["file", "none", "address", "feed"],
)
def test_post_of_a_wrong_argument_is_code_2(stored, args):
    assert stored.run("post", *args).returncode == 2


def test_export_streams_every_post_oldest_first(stored):
    run = stored.run("export")

    records = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(records) == len(stored.documents)
    assert [r["published"] for r in records] == sorted(r["published"] for r in records)


def test_export_selects_by_day_feed_and_symbol(stored):
    records = [json.loads(line) for line in stored.run("export").stdout.splitlines()]
    symbol = next(r["symbols"][0] for r in records if r["symbols"])
    name = symbol["market"] + symbol["code"]

    chosen = stored.run("export", "--symbol", name, "--since", "2015-01-01")

    assert 0 < len(chosen.stdout.splitlines()) < len(records)
    assert all(symbol["code"] in line for line in chosen.stdout.splitlines())
    assert stored.run("export", "--until", "2015-01-01").stdout == ""


def test_export_writes_csv(stored):
    rows = list(
        csv.DictReader(io.StringIO(stored.run("export", "--format", "csv").stdout))
    )

    assert len(rows) == len(stored.documents)
    assert all(row["title"] for row in rows)


def test_export_without_a_store_is_code_3(crawl):
    run = crawl.run("export")

    assert run.returncode == 3
    assert "scrapy crawl finance" in run.stderr


def test_export_of_a_wrong_day_is_code_2(stored):
    assert stored.run("export", "--since", "soon").returncode == 2


def test_feeds_lists_the_catalogue_with_what_is_known(stored):
    run = stored.run("feeds", "--now", AFTER)

    lines = {line.split()[1]: line for line in run.stdout.splitlines() if "│" in line}
    assert "│ ok " in lines["stock"]
    assert "never polled" in lines["china"]
    assert "frozen since 2018" in lines["rss-stock"]
    assert run.returncode == 0


def test_feeds_gives_the_same_as_json(stored):
    run = stored.run("feeds", "--json", "--now", AFTER)

    feeds = {each["id"]: each for each in map(json.loads, run.stdout.splitlines())}
    assert (feeds["stock"]["state"], feeds["stock"]["signs"]) == ("ok", [])
    assert feeds["stock"]["next_poll"] > AFTER
    assert feeds["stock"]["newest"].startswith("2026-11-20T")
    assert feeds["stock"]["rhythm_seconds"] > 0


def test_feeds_ends_with_1_when_a_feed_brings_nothing_new_any_more(stored):
    run = stored.run("feeds", "--now", "2026-12-24T18:00:00Z")

    lines = {line.split()[1]: line for line in run.stdout.splitlines() if "│" in line}
    assert run.returncode == 1
    assert "stale, not polled" in lines["stock"]
    assert re.search(r"nothing new after 2026-11-20 \d\d:\d\d UTC", run.stdout)


READERS_THAT_LEAVE = {
    "export": ["export"],
    "history": ["history", "nkqpstu5027461"],
    "feeds": ["feeds", "--now", AFTER],
    "json": ["feeds", "--json", "--now", AFTER],
    "holes": ["feeds", "--holes"],
}


@pytest.mark.parametrize("args", READERS_THAT_LEAVE.values(), ids=READERS_THAT_LEAVE)
def test_a_reader_that_has_had_enough_is_no_failure(stored, args):
    read, write = os.pipe()
    os.close(read)
    run = subprocess.run(
        stored.command(*args),
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env=clean_environment(),
        check=False,
    )
    os.close(write)

    assert (run.returncode, run.stderr) == (0, "")


def test_feeds_of_a_wrong_instant_is_code_2(stored):
    run = stored.run("feeds", "--now", "soon")

    assert run.returncode == 2
    assert "--now=soon" in run.stderr


def test_feeds_tells_that_there_are_no_holes(stored):
    run = stored.run("feeds", "--holes")

    assert (run.returncode, run.stdout) == (0, "no holes\n")


def test_feeds_names_file_feed_and_key_of_a_wrong_catalogue(crawl, tmp_path):
    (tmp_path / "site.yaml").write_text(
        "name: a\ncategories: [a]\nhosts: [a.cn]\nplaceholder: http://a.cn/\n"
        "feeds: [{id: one, title: b, url: 'http://a.cn/', format: pdf}]\n"
    )

    run = crawl.run("feeds", CATALOGUE_DIR=str(tmp_path))

    assert run.returncode == 2
    assert "site.yaml: feed one: format" in run.stderr


def test_the_shell_has_article_post_and_entries_of_a_page(stored, sample):
    code = "print(article.title, post.id, len(entries))"

    run = stored.run("shell", sample.sample_url, "-c", code)

    assert "nkqpstu5027461 0" in run.stdout


def test_the_shell_has_the_entries_of_a_feed(stored, sample):
    url = (
        "https://feed.mix.sina.com.cn/api/roll/get?pageid=155&lid=1686&k=&num=50&page=1"
    )

    run = stored.run("shell", url, "-c", "print(entries[0].feed, article)")

    assert "china None" in run.stdout


def test_the_shell_reads_a_saved_page(stored, saved):
    run = stored.run("shell", str(saved), "-c", "print(post.id)")

    assert "nkqpstu5027461" in run.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(stored, command):
    run = stored.run(command, "-h")

    assert run.returncode == 0
    assert "xample" in run.stdout
    assert "scrapy " + command in run.stdout


def test_a_page_that_cannot_be_fetched_is_one_line_in_the_console(crawl):
    run = crawl.run(
        "shell", "https://sample.example/", SITE_MIRROR="http://127.0.0.1:9"
    )

    assert run.returncode == 1
    assert "scrapy shell: refused: sample.example takes no connection" in run.stderr
    assert "Traceback" not in run.stderr


COMMANDS = {
    "export": ["export"],
    "feeds": ["feeds"],
    "history": ["history", "x"],
    "post": ["post", "page.html"],
    "quarantine": ["quarantine"],
    "replay": ["replay", "--apply"],
    "report": ["report"],
    "verify": ["verify", "--repair"],
}


@pytest.mark.parametrize("args", COMMANDS.values(), ids=COMMANDS)
def test_a_misspelt_setting_is_told_with_the_name_that_was_meant(stored, args):
    run = stored.run(*args, OUTPUT_DI="elsewhere")

    assert run.returncode == 2
    assert "is no setting; did you mean OUTPUT_DIR?" in run.stderr


@pytest.mark.parametrize("args", [["post", "page.html"], ["replay", "--apply"]])
def test_a_body_that_does_not_exist_changes_no_post(stored, args):
    before = [path.read_bytes() for path in stored.documents]

    run = stored.run(*args, POST_BODY="clena")

    assert run.returncode == 2
    assert "POST_BODY=clena: is one of document, clean" in run.stderr
    assert [path.read_bytes() for path in stored.documents] == before
