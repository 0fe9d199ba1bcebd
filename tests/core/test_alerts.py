"""What an operator is told of, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.core.alerts import KINDS, Problem, find_news, find_problems
from crawler.core.health import Sign
from crawler.core.hosts import Stop
from crawler.core.report import Tally

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def report_of(outcomes="new " * 20, *, spider="finance", stop="", code=0, lost=""):
    """Make the report of a run over articles of these outcomes."""
    tally = Tally()
    if lost:
        tally.open_feed("rss").lost.append(lost)
    tally.stop, tally.stop_code = stop, code
    for number, outcome in enumerate(outcomes.split()):
        tally.open_article(str(number), "https://a.cn/", "")
        tally.close_article(str(number), outcome)
    return tally.finish("20261124T040000Z", spider, NOW - HOUR, NOW)


def problems_of(report=None, signs=(), stops=None, share=0.2):
    found = {"china": signs}
    return find_problems(report or report_of(), found, stops or {}, share, NOW)


CASES = {
    "stale": ("no new posts", {"signs": [Sign("stale", NOW, "x")]}),
    "layout": ("layout changed", {"signs": [Sign("layout changed", NOW)]}),
    "hole": ("hole", {"signs": [Sign("hole", NOW)]}),
    "hole for good": ("hole", {"report": report_of(lost="a hole is lost")}),
    "failing for long": ("feed", {"signs": [Sign("failing", NOW - 2 * HOUR)]}),
    "shrunk": ("feed", {"signs": [Sign("shrunk", NOW - 2 * HOUR)]}),
    "banned": ("ban", {"stops": {"a.cn": Stop(NOW + HOUR, NOW - HOUR, "403")}}),
    "failures": ("failures", {"report": report_of("new " * 7 + "failed " * 3)}),
    "store": ("store", {"report": report_of("", stop="store: full", code=3)}),
    "usage": ("run", {"report": report_of("", stop="-a x: unknown", code=2)}),
    "nothing fetched": ("run", {"report": report_of("failed")}),
}


@pytest.mark.parametrize(("kind", "facts"), CASES.values(), ids=CASES)
def test_a_problem_is_found(kind, facts):
    [problem] = problems_of(**facts)

    assert problem.kind == kind


def test_a_run_that_fetched_nothing_says_why():
    tally = Tally()
    for feed in ("china", "stock"):
        tally.open_feed(feed).problems.append(f"page 1: http 403 from {feed}.cn")
    report = tally.finish("20261124T040000Z", "finance", NOW - HOUR, NOW)

    [problem] = problems_of(report)

    words = "nothing could be fetched: china: page 1: http 403 from china.cn"
    assert problem.text == f"ended with 4: {words}"


def test_a_page_that_could_not_be_fetched_says_why():
    tally = Tally()
    tally.open_article("1", "https://a.cn/", "")
    tally.close_article("1", "failed", "timeout: a.cn was too slow")
    report = tally.finish("20261124T040000Z", "article", NOW - HOUR, NOW)

    [problem] = problems_of(report)

    assert problem.text.endswith("fetched: timeout: a.cn was too slow")


def test_every_kind_can_be_found():
    assert {kind for kind, _ in CASES.values()} == set(KINDS)


QUIET = {
    "well": {},
    "failing since a poll": {"signs": [Sign("failing", NOW - HOUR / 2)]},
    "stopped once": {"stops": {"a.cn": Stop(NOW - HOUR, NOW - 2 * HOUR, "403")}},
    "few of few articles": {"report": report_of("new failed failed")},
    "a small share": {"report": report_of("new " * 18 + "failed failed")},
    "a share that was allowed": {
        "report": report_of("new " * 10 + "failed " * 10),
        "share": 0.5,
    },
}


@pytest.mark.parametrize("facts", QUIET.values(), ids=QUIET)
def test_what_is_usual_is_no_problem(facts):
    assert problems_of(**facts) == []


BAN = Problem("ban", "a.cn", "403", NOW - HOUR)
FAILED = Problem("failures", "finance", "9 of 20", NOW)


def test_a_problem_is_told_when_it_begins_daily_and_when_it_is_over():
    told, report = {}, report_of()
    heard = []
    for hours in range(60):
        present = [BAN] if hours < 50 else []
        news = find_news(told, present, report, NOW + hours * HOUR)
        told = news.told
        heard += [(hours, line.partition(":")[0]) for line in news.lines()]

    assert heard == [(0, "new"), (24, "still"), (48, "still"), (50, "over")]
    assert told == {}


@pytest.mark.parametrize(
    "report",
    [report_of("new"), report_of(spider="recheck")],
    ids=["too few articles", "another spider"],
)
def test_a_run_that_could_not_show_it_does_not_end_a_problem(report):
    told = find_news({}, [FAILED], report_of(), NOW).told

    assert not find_news(told, [], report, NOW + HOUR)
    assert find_news(told, [], report_of(), NOW + HOUR).over == (FAILED.line,)


@pytest.mark.parametrize("code", [2, 3], ids=["usage", "store"])
def test_a_run_that_could_not_begin_tells_nothing_of_the_feeds(code):
    told = find_news({}, [BAN], report_of(), NOW).told
    broken = report_of("", stop="store: full", code=code)

    assert not find_news(told, [], broken, NOW + HOUR)


def test_a_line_says_what_of_whom_and_since_when():
    assert BAN.line == "ban: a.cn, since 2026-11-24 03:00 UTC, 403"
