"""What `scrapy replay` takes, what it refuses, and how it says so."""

import re

import pytest

from crawler import resuming
from crawler.core.catalogue import Catalogue
from crawler.replay_selection import Selection
from crawler.storage.catalogue import read_catalogue
from tests.runs.conftest import PAGE, PROJECT, Server

URL = "https://finance.sina.com.cn/china/2023-11-15/doc-iabcdefg000000{}.shtml"


def entry(number):
    return {
        "docid": f"comos:abcdefg000000{number}",
        "title": f"第{number}篇",
        "url": URL.format(number),
        "ctime": "1700000000",
        "mtime": "1700000060",
    }


@pytest.fixture(scope="module")
def stored(crawl_into, tmp_path_factory):
    """A store of two runs, each of another feed with one post; not to be changed."""
    server = Server()
    crawl = crawl_into(tmp_path_factory.mktemp("stored"))
    crawl.mirror = server.url
    for number, feed, lid in ((1, "china", 1686), (2, "macro", 1687)):
        text = f"第{number}号公司今日披露经营情况，各项数据见下文。" * 6
        html = PAGE.format(
            id=f"abcdefg000000{number}", title=f"第{number}篇", body=text, extra=""
        )
        server.serve_page(URL.format(number), html)
        server.serve_roll([entry(number)], lid=lid)
        run = crawl("finance", "-a", f"feeds={feed}")
        assert run.returncode == 0, run.stderr
    server.close()
    return crawl


@pytest.fixture
def replay(stored, crawl_into, tmp_path):
    """Replay into a folder; the ids of the posts there, and the run."""

    def replayed(*args, **settings):
        into = crawl_into(tmp_path)
        into.output = tmp_path / "into"
        run = stored.run("replay", *args, "--into", str(into.output), **settings)
        return [record["id"] for record in into.records()], run

    return replayed


def since(stored):
    return ["--since", stored.reports()[1]["started"]]


def to_come(_):
    return ["--since", "2999-01-01"]


PARTS = [
    pytest.param(since, ["abcdefg0000002"], id="since"),
    pytest.param(lambda _: ["--feed", "macro"], ["abcdefg0000002"], id="feed"),
    pytest.param(lambda _: ["--id", "abcdefg0000001"], ["abcdefg0000001"], id="id"),
    pytest.param(lambda _: ["--id", URL.format(2)], ["abcdefg0000002"], id="address"),
]
NOTHING = [
    pytest.param(to_come, id="since"),
    pytest.param(lambda _: ["--feed", "stock"], id="feed"),
    pytest.param(lambda _: ["--id", "nosuch"], id="id"),
    pytest.param(lambda _: ["--id", URL.format(3)], id="address"),
]


@pytest.mark.parametrize(("part", "due"), PARTS)
def test_a_part_is_replayed_alone(stored, replay, part, due):
    found, run = replay(*part(stored))

    assert run.returncode == 0, run.stdout + run.stderr
    assert found == due


@pytest.mark.parametrize("part", NOTHING)
def test_a_part_that_is_empty_is_said_to_be_so(stored, replay, part):
    found, run = replay(*part(stored))

    assert run.returncode == 1
    assert run.stderr == "scrapy replay: nothing was found there\n"
    assert found == []


@pytest.mark.parametrize(("part", "_"), PARTS)
def test_a_part_is_surveyed_alone(stored, part, _):
    run = stored.run("replay", "--diff", *part(stored))

    assert run.returncode == 0, run.stderr
    assert run.stdout == "0 of 1 posts would change\n"


@pytest.mark.parametrize("part", NOTHING)
def test_a_survey_of_nothing_ends_with_1(stored, part):
    run = stored.run("replay", "--diff", *part(stored))

    assert run.returncode == 1
    assert run.stderr == "scrapy replay: nothing was found there\n"


def test_a_file_without_posts_ends_with_1(replay, tmp_path):
    (tmp_path / "empty").mkdir()

    _, run = replay(str(tmp_path / "empty"))

    assert run.returncode == 1
    assert run.stderr == "scrapy replay: nothing was found there\n"


@pytest.mark.parametrize(
    ("args", "settings", "problem"),
    [
        (["--feed", "nonsense"], {}, "--feed=nonsense: is not one of "),
        (["--html", "a.html"], {}, "--html=a.html: goes with --diff or --apply"),
        ([], {"POST_BODY": "clean"}, "-s POST_BODY=clean: goes with --diff or --apply"),
    ],
)
def test_what_would_count_for_nothing_is_refused(
    replay, tmp_path, args, settings, problem
):
    _, run = replay(*args, **settings)

    assert run.returncode == 2
    assert run.stderr.startswith(f"scrapy replay: {problem}")
    assert not (tmp_path / "into").exists()


def test_no_store_is_made_within_the_store(stored):
    into = stored.output / "posts" / "again"
    run = stored.run("replay", "--into", str(into))

    assert run.returncode == 2
    assert re.fullmatch(
        r"scrapy replay: --into=\S+: lies in the store \S+\n", run.stderr
    )
    assert not into.exists()


def test_a_stopped_replay_goes_on_with_the_same_rules_only(tmp_path):
    catalogue = read_catalogue(PROJECT / "feeds")
    fewer = Catalogue(())

    def begin(*about):
        resuming.begin(tmp_path / "into", resuming.describe(*about))

    begin(["a"], Selection(), catalogue, {"body": "document"})
    for about, name in (
        ((["b"], Selection(), catalogue, {"body": "document"}), "files"),
        ((["a"], Selection(id="x"), catalogue, {"body": "document"}), "selection"),
        ((["a"], Selection(), fewer, {"body": "document"}), "catalogue"),
        ((["a"], Selection(), catalogue, {"body": "clean"}), "settings"),
    ):
        with pytest.raises(resuming.OptionError, match=f"other {name}$"):
            begin(*about)
    begin(["a"], Selection(), catalogue, {"body": "document"})
