"""Whole runs: a rule is changed, and the past is rebuilt from the archive."""

import shutil
import subprocess
from datetime import UTC, datetime
from html.parser import HTMLParser

import feedparser
import pytest

from tests.runs.conftest import PROJECT, TIMEOUT, clean_environment

URL = "https://finance.sina.com.cn/china/doc-inddddd4{:07}.shtml"
TEMPLATE = "crawler/core/templates/finance_2017.py"
OTHER_SOURCE = (".date-source .ent-source", "h1.main-title")
OTHER_BODY = ('body=("#artibody",)', 'body=("h1.main-title",)')
OTHER_NEEDS = ('needs=("h1.main-title", "#artibody")', 'needs=("h1.main-title",)')
STORY_BODY = ('body=("#artibody",)', 'body=("#artibody", "#story")')


@pytest.fixture
def stored(crawl, server, page, item):
    """A store of three posts, and a page that no template reads."""
    for number in range(3):
        server.serve_page(
            URL.format(number), page(f"nddddd4{number:07}", f"第{number}篇")
        )
    odd = page("nddddd40000003", "第3篇").replace('id="artibody"', 'id="story"')
    server.serve_page(URL.format(3), odd.replace('class="article"', ""))
    server.serve_roll([item(URL.format(n), f"第{n}篇") for n in range(4)])
    run = crawl("finance", "-a", "feeds=china")
    assert run.returncode == 1, run.stderr
    assert len(crawl.documents) == 3
    return crawl


@pytest.fixture
def changed(stored, tmp_path):
    """Run a command of a copy of the program with one of its templates changed."""

    def run(edits, *args):
        copy = tmp_path / "changed"
        if not copy.exists():
            for name in ("crawler", "feeds"):
                shutil.copytree(PROJECT / name, copy / name)
            shutil.copy(PROJECT / "scrapy.cfg", copy)
        text = (PROJECT / TEMPLATE).read_text("utf-8")
        for before, after in edits:
            assert before in text
            text = text.replace(before, after)
        (copy / TEMPLATE).write_text(text, encoding="utf-8")
        return subprocess.run(
            stored.command(*args),
            capture_output=True,
            text=True,
            cwd=copy,
            timeout=TIMEOUT,
            check=False,
            env={**clean_environment(), "PYTHONPATH": str(copy)},
        )

    return run


def contents(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in paths}


def test_the_same_code_would_change_nothing(stored):
    run = stored.run("replay", "--diff")

    assert run.returncode == 0, run.stderr
    assert run.stdout == "0 of 3 posts would change\n"


def test_what_would_change_is_told_before_anything_is_written(
    stored, changed, tmp_path
):
    before = contents(stored.output)
    page = tmp_path / "changes.html"

    run = changed([OTHER_SOURCE], "replay", "--diff", "--html", str(page))

    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("3 of 3 posts would change\nfinance-2017: source: 3\n")
    assert "[-样本日报-]{+第0篇+}" in run.stdout
    assert contents(stored.output) == before
    text = page.read_text("utf-8")
    assert "<td>finance-2017</td><td>source</td><td>3</td>" in text
    assert "<del>样本日报</del><ins>第0篇</ins>" in text
    HTMLParser().feed(text)


def test_the_changes_are_revisions_of_a_class_of_their_own(stored, changed):
    run = changed([OTHER_SOURCE], "replay", "--apply")

    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith("done: 3 reprocessed\n")
    latest = [record for record in stored.records() if record["revision"] == 2]
    assert [record["status"] for record in latest] == ["reprocessed"] * 3
    assert sorted(record["source"] for record in latest) == ["第0篇", "第1篇", "第2篇"]
    again = changed([OTHER_SOURCE], "replay", "--diff")
    assert again.stdout == "0 of 3 posts would change\n"
    verified = stored.run("verify", "--full")
    assert verified.returncode == 0, verified.stdout


def test_a_page_that_was_not_understood_becomes_a_post(stored, changed):
    edits = [OTHER_NEEDS, STORY_BODY]
    told = changed(edits, "replay", "--diff")
    assert told.stdout == ("0 of 3 posts would change; 1 articles would become posts\n")

    run = changed(edits, "replay", "--apply")

    assert run.stdout.endswith("done: 1 new\n"), run.stderr
    assert len(stored.documents) == 4
    assert stored.run("verify", "--full").returncode == 0


def test_a_version_that_would_spoil_its_post_is_held_back(stored, changed):
    before = contents(stored.output / "posts")

    run = changed([OTHER_BODY], "replay", "--apply")

    assert run.returncode == 1
    assert run.stdout.endswith("done: 3 held\n"), run.stdout
    assert contents(stored.output / "posts") == before
    assert len(stored.run("quarantine").stdout.splitlines()) == 3


def test_a_post_that_the_site_removed_is_left_out(stored, changed, server):
    del server.replies[URL.format(0).partition("://")[2]]
    stored("recheck", "-a", "force=1")

    run = changed([OTHER_SOURCE], "replay", "--diff")

    assert run.stdout.startswith("2 of 2 posts would change\n"), run.stdout
    assert run.stdout.endswith("left alone: removed by the site: 1\n")
    applied = changed([OTHER_SOURCE], "replay", "--apply")
    assert applied.stdout.endswith("done: 2 reprocessed\n")
    again = changed([OTHER_SOURCE], "replay", "--diff")
    assert again.stdout.startswith("0 of 2 posts would change\n")


def test_posts_whose_pages_are_elsewhere_are_counted(stored, server, page, item):
    archive = stored.output / "archive"
    [first] = archive.iterdir()
    moved = first.rename(stored.output.parent / first.name)
    server.serve_page(URL.format(9), page("nddddd40000009", "第9篇"))
    server.serve_roll([item(URL.format(9), "第9篇")])
    stored("finance", "-a", "feeds=china")

    run = stored.run("replay", "--diff")

    absent = "3 stored posts have no page in these files"
    assert run.stdout == f"0 of 1 posts would change; {absent}\n"
    both = [str(moved), *map(str, archive.iterdir())]
    assert stored.run("replay", "--diff", *both).stdout == "0 of 4 posts would change\n"


def test_a_document_that_alone_would_change_shows_its_lines(stored, tmp_path):
    page = tmp_path / "changes.html"

    run = stored.run("replay", "--diff", "--html", str(page), POST_EXTRA_FIELDS="id")

    assert "finance-2017: document: 3\n" in run.stdout
    assert run.stdout.count("        + id: 'u") == 3
    assert page.read_text("utf-8").count("<ins>id: &#x27;u") == 3


@pytest.mark.parametrize("what", ["--diff", "--apply"])
def test_a_bar_shows_how_far_it_is(stored, what):
    quiet = stored.run("replay", what)
    shown = stored.run("replay", what, PROGRESS="on")

    assert quiet.stderr == ""
    assert "100%" in shown.stderr
    assert quiet.stdout == shown.stdout


def test_the_work_is_done_when_nobody_reads_on(stored):
    command = stored.command("replay", "--apply", POST_EXTRA_FIELDS="id")
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=PROJECT,
        env=clean_environment(),
    ) as run:
        run.stdout.close()
        said = run.stderr.read()

    assert (run.returncode, said) == (0, b"")
    assert [r["status"] for r in stored.records()[3:]] == ["reprocessed"] * 3


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_followers_are_not_told_that_the_publisher_edited_what_was_reprocessed(
    stored, changed, server, page, form
):
    def entries(*args):
        run = stored.run("export", "--format", form, *args)
        return {e.id: e for e in feedparser.parse(run.stdout.encode()).entries}

    before, now = entries(), datetime.now(UTC)
    changed([OTHER_SOURCE], "replay", "--apply")
    after = entries()

    assert len(after) == 3
    assert {i: e.updated for i, e in after.items()} == {
        i: e.updated for i, e in before.items()
    }
    assert all(e.tags[0].term == "reprocessed" for e in after.values())
    assert entries("--changed-since", f"{now:%FT%T}+00:00").keys() == after.keys()

    server.serve_page(URL.format(0), page("nddddd40000000", "改过的标题"))
    stored("recheck", "-a", "force=1")

    edited = {e.title: e for e in entries().values()}["改过的标题"]
    assert edited.updated > after[edited.id].updated
    assert "reprocessed" not in {tag.term for tag in edited.tags}
