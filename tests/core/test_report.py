"""What a run did, and the verdict on it."""

import json
from datetime import UTC, datetime

import pytest

from crawler.core.report import OUTCOMES, RunReport, Tally

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
END = datetime(2026, 11, 20, 10, 5, 3, tzinfo=UTC)


def finish(tally: Tally) -> RunReport:
    return tally.finish("20261120-finance", "finance", START, END)


def tally_of(outcomes: str, *, feed: str = "ok") -> Tally:
    """Make the tally of a run over one feed with articles of these outcomes."""
    tally = Tally()
    counts = tally.open_feed("china")
    counts.done, counts.listed = feed == "ok", 0 if feed == "failed" else 5
    if feed != "ok":
        counts.problems.append("not JSON at line 1")
    for number, outcome in enumerate(outcomes.split()):
        tally.open_article(f"id{number}", f"https://a.cn/{number}", "china")
        if outcome != "open":
            tally.close_article(f"id{number}", outcome)
    return tally


VERDICTS = {
    "all well": ("new new", "ok", 0),
    "nothing new": ("unchanged duplicate", "ok", 0),
    "nothing at all": ("", "ok", 0),
    "removed by the site": ("new removed", "ok", 0),
    "one revised": ("revised", "ok", 0),
    "one rejected": ("new rejected", "ok", 1),
    "one quarantined": ("new quarantined", "ok", 1),
    "one failed": ("new failed", "ok", 1),
    "one lost": ("new open", "ok", 1),
    "feed read in part": ("new", "partial", 1),
    "feed failed, articles came": ("new", "failed", 1),
    "feed failed": ("", "failed", 4),
    "feed and articles failed": ("failed failed", "failed", 4),
    "articles failed, feed came": ("failed", "ok", 1),
}


@pytest.mark.parametrize(("outcomes", "feed", "code"), VERDICTS.values(), ids=VERDICTS)
def test_a_run_ends_with_its_verdict(outcomes, feed, code):
    assert finish(tally_of(outcomes, feed=feed)).exit_code == code


def test_a_run_over_nothing_is_well():
    assert finish(Tally()).exit_code == 0


@pytest.mark.parametrize("code", [3, 130, 143])
def test_a_stop_has_its_own_code(code):
    tally = tally_of("new failed", feed="failed")
    tally.stop, tally.stop_code = "signal", code

    assert (finish(tally).exit_code, finish(tally).stop) == (code, "signal")


STATUSES = {
    "well": ([], 5, True, "ok"),
    "well and empty": ([], 0, True, "ok"),
    "problem but entries": (["x"], 5, True, "partial"),
    "not finished": ([], 5, False, "partial"),
    "nothing read": (["x"], 0, True, "failed"),
    "never answered": ([], 0, False, "failed"),
}


@pytest.mark.parametrize(
    ("problems", "listed", "done", "status"), STATUSES.values(), ids=STATUSES
)
def test_a_feed_has_a_status(problems, listed, done, status):
    feed = Tally().open_feed("china")
    feed.problems, feed.listed, feed.done = problems, listed, done

    assert feed.status == status


def test_every_article_ends_in_one_outcome():
    report = finish(tally_of(" ".join(OUTCOMES) + " open open"))

    assert report.counts == dict.fromkeys(OUTCOMES, 1) | {"failed": 3}
    assert list(report.counts) == list(OUTCOMES)


def test_an_article_is_counted_once_while_it_is_open():
    tally = Tally()

    assert tally.open_article("a", "https://a.cn/", "china")
    assert not tally.open_article("a", "https://a.cn/", "stock")
    assert (tally.scheduled, tally.finished) == (1, 0)


def test_an_article_not_open_is_not_counted():
    tally = tally_of("new")
    tally.close_article("id0", "failed", "late")
    tally.close_article("unknown", "failed", "late")

    assert (tally.finished, tally.failures) == (1, [])


def test_progress_counts_feeds_and_articles():
    tally = tally_of("new open")
    tally.open_feed("stock")

    assert (tally.polled, tally.scheduled, tally.finished) == (1, 2, 1)
    assert tally.open_feed("china").done


@pytest.mark.parametrize(
    ("stop", "reason"), [("", "dropped on the way"), ("signal 15", "stopped before")]
)
def test_what_never_came_to_an_end_is_a_failure_with_a_reason(stop, reason):
    tally = tally_of("open")
    tally.stop = stop
    [failure] = finish(tally).failures

    assert failure["reason"].startswith(reason)
    assert (failure["url"], failure["outcome"]) == ("https://a.cn/0", "failed")


@pytest.mark.parametrize(
    ("stop", "reason"), [("", "dropped on the way"), ("signal 15", "not polled")]
)
def test_a_feed_without_an_answer_says_why(stop, reason):
    tally = Tally()
    tally.open_feed("china")
    tally.stop = stop

    assert finish(tally).feeds["china"]["problems"][0].startswith(reason)


def test_failures_are_spelt_out_up_to_a_limit_and_all_counted():
    tally = Tally()
    for number in range(600):
        tally.open_article(str(number), "https://a.cn/", "")
        tally.close_article(str(number), "failed", "timeout")
    report = finish(tally)

    assert (len(report.failures), report.counts["failed"]) == (500, 600)


def test_a_report_is_plain_data_with_its_times():
    data = json.loads(json.dumps(finish(tally_of("new")).as_dict()))

    assert (data["started"], data["finished"]) == (
        "2026-11-20T10:00:00+00:00",
        "2026-11-20T10:05:03+00:00",
    )
    assert data["feeds"]["china"] == {
        "status": "ok",
        "pages": 0,
        "listed": 5,
        "known": 0,
        "counts": {"new": 1},
        "problems": [],
        "lost": [],
        "same": False,
    }
    assert (data["format"], data["seconds"]) == (1, 303.0)


def test_every_reason_is_counted_by_its_kind():
    tally = Tally()
    reasons = ["timeout: a.cn was slow", "timeout: b.cn was slow", "http 403 from a.cn"]
    reasons += [f"odd {number}" for number in range(200)]
    for number, reason in enumerate(reasons):
        tally.open_article(str(number), "https://a.cn/", "")
        tally.close_article(str(number), "failed", reason)
    kinds = finish(tally).reasons["failed"]

    assert (kinds["timeout"], kinds["http 403"]) == (2, 1)
    assert sum(kinds.values()) == len(reasons)
    assert len(kinds) == 51
