"""What a run leaves behind of itself and its feeds."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from crawler.core.errors import StoreError
from crawler.core.report import Tally
from crawler.storage.index import MIGRATIONS
from crawler.storage.polls import Poll, Polls, read_polls

START = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)


@pytest.fixture
def end_run(open_store, make_post, make_entry):
    """Do a run over one feed that lists some posts and has some problems; end it."""

    def ended(run, numbers=(), problems=()):
        store = open_store(run)
        for number in numbers:
            store.sift([make_entry(number)])
            store.keep(make_post(number), make_entry(number))
        tally = Tally()
        feed = tally.open_feed("china")
        feed.listed, feed.problems, feed.done = len(numbers), list(problems), True
        end = START + timedelta(hours=int(run))
        store.close(tally.finish(run, "finance", START, end))

    return ended


def test_a_poll_is_read_back(end_run, output):
    end_run("1", numbers=[7, 9, 8])

    assert read_polls(output).last == {
        "china": Poll(
            last="2026-11-03T03:00:00+00:00",
            status="ok",
            problem="",
            last_ok="2026-11-03T03:00:00+00:00",
            newest="2026-11-02T04:09:00+00:00",
        )
    }


@pytest.mark.parametrize("version", [0, 1], ids=["not yet made", "older"])
def test_an_index_that_the_next_crawl_completes_knows_nothing(version, output):
    output.mkdir(exist_ok=True)
    with closing(sqlite3.connect(output / "index.sqlite")) as index:
        if version:
            index.executescript(MIGRATIONS[0])
        index.execute(f"PRAGMA user_version = {version}")

    assert read_polls(output) == Polls()


def test_an_empty_index_beside_posts_is_refused(end_run, output):
    end_run("1", numbers=[7])
    (output / "index.sqlite").write_bytes(b"")

    with pytest.raises(StoreError, match="missing or empty"):
        read_polls(output)


def test_a_failed_poll_keeps_the_newest_post_it_had(end_run, output):
    end_run("1", numbers=[7])
    end_run("2", problems=["page 1: status 503", "page 2: timeout"])

    poll = read_polls(output).last["china"]
    assert (poll.status, poll.last) == ("failed", "2026-11-03T04:00:00+00:00")
    assert poll.problem == "page 1: status 503; page 2: timeout"
    assert poll.newest == "2026-11-02T04:07:00+00:00"


def test_a_failed_poll_keeps_when_the_feed_was_well(end_run, output):
    end_run("1", numbers=[7])
    end_run("2", problems=["page 1: status 503"])

    assert read_polls(output).last["china"].last_ok == "2026-11-03T03:00:00+00:00"


def test_a_feed_without_a_stored_post_has_no_newest(end_run, output):
    end_run("1", problems=["page 1: not JSON"])

    assert read_polls(output).last["china"].newest == ""


def test_a_feeds_newest_post_is_the_newest_it_lists(
    end_run, open_store, make_post, output
):
    end_run("1", numbers=[3, 4])
    other = open_store("2")
    other.keep(make_post(90))
    other.close()
    end_run("3", numbers=[2])

    assert read_polls(output).last["china"].newest == "2026-11-02T04:04:00+00:00"


def test_a_run_leaves_its_report(end_run, output):
    end_run("1", numbers=[7])

    report = json.loads((output / "runs/1.json").read_text("utf-8"))
    assert report["feeds"]["china"]["status"] == "ok"
    assert report["exit_code"] == 0


def test_an_ended_run_is_finished_and_lets_go(end_run, open_store, rows):
    end_run("1", numbers=[7])

    finished = rows(open_store("2"), "SELECT finished IS NULL FROM runs ORDER BY run")
    assert finished == [0, 1]
