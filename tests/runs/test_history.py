"""The commands that look back: history, quarantine and exports of the past."""

import json

import pytest

ONE = "https://finance.sina.com.cn/a/doc-inaaaaaa1000001.shtml"
ID = "naaaaaa1000001"
CHINA = ("finance", "-a", "feeds=china", "-a", "pages=1")
TEXT = "镜湖风筝厂今日宣布，本季度交货12万只，同比增长3.5%。纸价略有回落。" * 8
CUT = "镜湖风筝厂今日宣布撤回公告。"


@pytest.fixture
def publish(server, page, item, crawl):
    """Publish a version of the article and crawl it."""
    minutes = iter(range(100))

    def published(title, text):
        server.serve_page(ONE, page(ID, title, text))
        stamp = str(1700000100 + 60 * next(minutes))
        server.serve_roll([item(ONE, title, mtime=stamp)])
        return crawl(*CHINA)

    return published


@pytest.fixture
def revised(publish, crawl):
    """A store with an article in two versions; the first one's document."""
    publish("交货平稳", TEXT)
    first = crawl.documents[0].read_bytes()
    publish("交货\x1b[31m大增", TEXT.replace("3.5%", "3.6%", 1))
    return first


def test_history_lists_the_versions_with_what_changed(revised, crawl):
    run = crawl.run("history", ID)

    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert lines[-2].split()[0] == "1"
    assert lines[-2].endswith("new")
    assert lines[-1].endswith("title, figures +10 -6")


def test_history_shows_the_words_and_no_colours_in_a_pipe(revised, crawl):
    run = crawl.run("history", ONE, "--diff")

    assert "  交货[-平稳-]{+[31m大增+}" in run.stdout
    assert "[-3.5%-]{+3.6%+}" in run.stdout
    assert "\x1b" not in run.stdout


def test_history_gives_an_old_document_back_to_the_byte(revised, crawl):
    run = crawl.run("history", ID, "--revision", "1")
    latest = crawl.run("history", ID, "--revision", "2")

    assert run.stdout.encode() == revised
    assert latest.stdout.encode() == crawl.documents[0].read_bytes()


def test_history_gives_the_records_as_json(revised, crawl):
    run = crawl.run("history", ID, "--json")

    one, two = map(json.loads, run.stdout.splitlines())
    assert [one["record"], two["record"]] == crawl.records()
    assert (one["kinds"], two["kinds"]) == ([], ["title", "figures"])
    assert one["known"] <= one["last_seen"] <= two["known"]


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["zzzzzzz9999999"], 2, "is no post of this store"),
        ([ID, "--revision", "3"], 2, "is not one of 1 to 2"),
        ([ID, "--revision", "x"], 2, "is not one of 1 to 2"),
        ([], 2, "name one post"),
    ],
    ids=str,
)
def test_history_of_what_is_not_there_says_so(revised, crawl, args, code, words):
    run = crawl.run("history", *args)

    assert run.returncode == code
    assert words in run.stderr + run.stdout


def test_an_export_of_the_past_knows_no_later_version(revised, crawl):
    lines = crawl.run("history", ID, "--json").stdout.splitlines()
    one, two = (json.loads(line)["known"] for line in lines)

    before = crawl.run("export", "--as-of", two)

    titles = [json.loads(line)["title"] for line in before.stdout.splitlines()]
    # Both runs may fall into one second.
    assert titles == (["交货平稳"] if one < two else [])
    assert crawl.run("export", "--as-of", "2026-01-01").stdout == ""


@pytest.mark.parametrize("time", ["soon", "9999-01-01"])
def test_an_export_as_of_no_past_time_is_code_2(crawl, time):
    run = crawl.run("export", "--as-of", time)

    assert run.returncode == 2
    assert "--as-of" in run.stderr


def test_a_gutted_page_waits_in_quarantine_and_the_run_says_so(publish, crawl):
    publish("交货平稳", TEXT)
    document = crawl.documents[0].read_bytes()

    run = publish("撤回", CUT)

    report = crawl.reports()[-1]
    assert run.returncode == 1
    assert report["counts"]["quarantined"] == 1
    assert "characters where" in report["failures"][0]["reason"]
    assert crawl.documents[0].read_bytes() == document
    assert ID in crawl.run("quarantine").stdout


def test_a_gutted_page_is_shown_and_accepted_with_one_command(publish, crawl):
    publish("交货平稳", TEXT)
    publish("撤回", CUT)

    shown = crawl.run("quarantine", ID)
    done = crawl.run("quarantine", "--accept", ONE)
    again = crawl(*CHINA)

    assert "{+撤回+}" in shown.stdout
    assert (done.returncode, again.returncode) == (0, 0), done.stderr
    assert "revision 2" in done.stdout
    assert crawl.records()[-1]["title"] == "撤回"
    assert "nothing waits" in crawl.run("quarantine").stderr


def test_each_version_that_waits_is_listed_and_shown(publish, crawl):
    publish("交货平稳", TEXT)
    publish("撤回", CUT)
    publish("再撤", CUT)

    listed, shown = crawl.run("quarantine"), crawl.run("quarantine", ID)
    done = crawl.run("quarantine", "--accept", ID)

    assert listed.stdout.count(f"{ID}  waiting") == 2
    assert shown.stdout.index("{+撤回+}") < shown.stdout.index("{+再撤+}")
    assert done.returncode == 0
    assert crawl.records()[-1]["title"] == "再撤"
    assert crawl.run("quarantine", "--all").stdout.count("passed") == 1


def test_a_dropped_version_leaves_the_next_runs_well(publish, crawl):
    publish("交货平稳", TEXT)
    publish("撤回", CUT)

    assert crawl.run("quarantine", "--drop", ID).returncode == 0
    run = publish("撤回", CUT)  # Its time has changed, so it is fetched again.

    assert run.returncode == 0
    assert crawl.reports()[-1]["counts"]["unchanged"] == 1
    assert "dropped" in crawl.run("quarantine", "--all").stdout


@pytest.mark.parametrize("args", [[ID], ["--accept", ID], ["--drop", ID], ["--drop"]])
def test_quarantine_of_what_is_not_there_is_code_2(revised, crawl, args):
    run = crawl.run("quarantine", *args)

    assert run.returncode == 2
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("args", [["history", ID], ["quarantine"]], ids=str)
def test_looking_back_without_a_store_is_code_3_and_makes_none(crawl, args):
    run = crawl.run(*args)

    assert run.returncode == 3
    assert not crawl.output.exists()
