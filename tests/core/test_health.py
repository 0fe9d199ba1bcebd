"""What is wrong with a feed, and since when."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.core.health import UNKNOWN, Bodies, Known, examine, stale_from
from crawler.core.hosts import Stop
from crawler.core.paging import Hole
from crawler.core.polling import Schedule
from tests.core.feeds import DAY, HOUR, MINUTE, NOON, make_feed

FEED = make_feed(every="10m-2h", quiet="00:30-06:30")
WELL = Schedule(
    polled=NOON,
    next_poll=NOON + HOUR,
    newest=NOON - HOUR,
    silence=30 * MINUTE,
    usual=50,
)


def signs(now=NOON, feed=FEED, **changes):
    """Give what is wrong with a feed that is well but for some changes."""
    kept = ("holes", "bodies", "stop")
    known = {name: changes.pop(name) for name in kept if name in changes}
    problem = changes.pop("problem", "")
    schedule = replace(WELL, **changes)
    found = examine(feed, Known(schedule=schedule, problem=problem, **known), now)
    return {sign.kind: (sign.since, sign.words()) for sign in found}


def test_a_feed_that_is_well_has_no_signs():
    assert signs() == {}


def test_a_feed_that_was_never_polled_or_is_off_has_none():
    off = make_feed(enabled=False, reason="dead")

    assert signs(polled=None, failures=3, since=NOON) == {}
    assert signs(feed=off, failures=3, since=NOON) == {}


def test_a_feed_that_fails_says_why_and_since_when():
    found = signs(failures=2, since=NOON - DAY, trouble="ban", problem="page 1: why")

    assert found == {"failing": (NOON - DAY, "ban, 2 polls in a row: page 1: why")}


@pytest.mark.parametrize(
    ("silence", "allowed"),
    [
        pytest.param(MINUTE, 6 * HOUR, id="a busy feed: six hours"),
        pytest.param(5 * HOUR, 15 * HOUR, id="three times its own silence"),
    ],
)
def test_a_feed_is_stale_when_its_newest_is_older_than_its_rhythm_allows(
    silence, allowed
):
    schedule = replace(WELL, newest=NOON, silence=silence)
    feed = make_feed(quiet="none")

    assert stale_from(feed, schedule) == NOON + allowed
    for minutes, stale in ((0, False), (1, True)):
        now = NOON + allowed + minutes * MINUTE
        found = signs(now=now, feed=feed, newest=NOON, silence=silence)
        assert ("stale" in found) is stale


def test_an_article_that_is_still_to_be_fetched_is_news_all_the_same():
    late = NOON + 20 * HOUR

    assert "stale" in signs(now=late, next_poll=late)
    assert signs(now=late, next_poll=late, times=(late - HOUR,)) == {}


def test_a_night_is_no_sign_of_a_dead_feed():
    evening = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)  # midnight in Beijing

    since = stale_from(FEED, replace(WELL, newest=evening))

    assert since == evening + 12 * HOUR
    found = signs(now=since + MINUTE, newest=evening, next_poll=since)
    assert found == {"stale": (since, "nothing new after 2026-11-02 16:00 UTC")}


def test_a_feed_that_fails_or_is_a_ranking_is_not_called_stale():
    late = NOON + 40 * DAY

    assert "stale" not in signs(now=late, failures=1, since=NOON, trouble="dns")
    assert "stale" not in signs(now=late, feed=make_feed(order="rank"))
    assert "stale" in signs(now=late)


def test_a_list_that_has_shrunk_says_since_when():
    assert signs(shrunk=NOON - DAY) == {
        "shrunk": (NOON - DAY, "less than half of the usual 50 entries")
    }


def test_a_feed_that_nobody_polls_is_told():
    assert signs(now=NOON + 2 * HOUR, newest=NOON) == {}
    [(since, _)] = signs(now=NOON + 4 * HOUR, newest=NOON).values()
    assert since == NOON + HOUR


def test_a_feed_whose_host_is_stopped_waits_for_the_stop_to_end():
    stop = Stop(NOON + 5 * HOUR, NOON, "http 403")
    late = {"newest": NOON + 3 * HOUR, "stop": stop}

    assert signs(now=NOON + 4 * HOUR, **late) == {}
    assert signs(now=NOON + 7 * HOUR, **late) == {}
    [(since, _)] = signs(now=NOON + 7 * HOUR + MINUTE, **late).values()
    assert since == stop.until


def test_a_stop_by_a_clock_that_was_wrong_excuses_nobody():
    stop = Stop(NOON + 40 * DAY, NOON, "http 403")

    assert "not polled" in signs(now=NOON + 4 * HOUR, newest=NOON, stop=stop)


def test_holes_are_told_since_the_first_was_noticed():
    holes = [
        (NOON, Hole("china", NOON - DAY, NOON)),
        (NOON - HOUR, Hole("china", NOON - DAY, NOON)),
    ]

    assert signs(holes=holes) == {
        "hole": (NOON - HOUR, "2 open; see scrapy feeds --holes")
    }


def days(*counts, template="finance-2017", ago=0):
    """Give pages and bare pages of the days up to 2 November, or some days before."""
    last = NOON - ago * DAY
    return [
        Bodies(f"{last - number * DAY:%Y-%m-%d}", template, pages, bare)
        for number, (pages, bare) in enumerate(reversed(counts))
    ]


@pytest.mark.parametrize(
    "bodies",
    [
        pytest.param(days((100, 20)), id="a fifth is no more than a fifth"),
        pytest.param(days((5, 2)), id="two pages are chance"),
        pytest.param(days((9, 9), ago=9), id="long ago"),
        pytest.param(days((9, 9), (90, 0)), id="repaired"),
        pytest.param(
            [*days((20, 0)), *days((4, 4), template=UNKNOWN)], id="few of unknown kind"
        ),
    ],
)
def test_pages_with_bodies_are_no_changed_layout(bodies):
    assert signs(bodies=bodies) == {}


def test_more_than_a_fifth_without_a_body_is_a_changed_layout_since_it_began():
    bodies = [*days((50, 0), (50, 30), (50, 40)), *days((99, 0), template="other")]

    [(since, detail)] = signs(bodies=bodies).values()

    assert since == datetime(2026, 10, 31, 16, tzinfo=UTC)  # 1 November in Beijing
    assert detail == "finance-2017: 70 of 150 pages without a body"


def test_a_template_that_is_well_does_not_hide_one_that_is_not():
    bodies = [*days((5, 5)), *days((900, 0), template="other")]

    assert signs(bodies=bodies)["layout changed"][1].startswith("finance-2017: 5 of 5")


def test_pages_of_no_known_layout_are_measured_against_all():
    bodies = [*days((5, 5), template=UNKNOWN), *days((10, 0))]

    [(_, detail)] = signs(bodies=bodies).values()

    assert detail == "no known layout: 5 of 15 pages without a body"
