"""What a run's polls make of the schedules."""

import pytest

from crawler.core.ledger import LEFT_OPEN, Head, Ledger
from crawler.core.polling import Schedule
from crawler.core.report import OUTCOMES
from tests.core.feeds import DAY, HOUR, MINUTE, NOON, make_answer, make_feed

FEED = make_feed(url="https://a.example/rss")
LAST = Schedule(anchor=("id3",), anchored=NOON - HOUR, newest=NOON - DAY)


@pytest.fixture
def ledger():
    """A run that has read one feed, which led to one article."""
    ledger = Ledger({"china": LAST})
    paging = ledger.begin(FEED)
    paging.take(make_answer(1, 2, 3))
    ledger.end_read(paging, NOON, Head(etag="one", modified="two"))
    ledger.open_article("https://a.example/1", "china")
    return ledger


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_list_is_seen_when_its_articles_have_come_to_an_end(ledger, outcome):
    ledger.close_article("https://a.example/1", outcome)

    new = ledger.schedules()["china"]
    assert (new.etag == "one") is (outcome not in LEFT_OPEN)
    assert ("id1" in new.anchor) is (outcome not in LEFT_OPEN)
    assert new.next_poll > NOON


def test_a_run_that_was_stopped_leaves_its_feeds_due(ledger):
    new = ledger.schedules()["china"]

    assert (new.next_poll, new.etag, new.anchor) == (None, "", ("id3",))


def test_a_feed_that_was_cut_short_is_due(ledger):
    ledger.close_article("https://a.example/1", "new")
    ledger.cut("china")

    assert ledger.schedules()["china"].next_poll is None


def test_articles_of_nobody_are_nobodys(ledger):
    ledger.close_article("https://a.example/elsewhere", "failed")
    ledger.close_article("https://a.example/1", "new")

    assert ledger.schedules()["china"].etag == "one"


def test_a_gap_is_told_and_kept():
    ledger = Ledger({"china": Schedule(anchor=("gone",), newest=NOON - DAY)})
    paging = ledger.begin(FEED)
    paging.take(make_answer(1, 2, 3))

    hole = ledger.end_read(paging, NOON, Head())

    assert hole in ledger.holes
    assert (hole.start, hole.end) == (NOON - DAY, NOON - 3 * MINUTE)
    assert ledger.schedules()["china"].anchor == ("id1", "id2", "id3")


def test_a_gap_that_is_lost_is_told_once_even_if_an_article_fails():
    rss = make_feed(url="https://a.example/rss", format="rss")
    known = {"china": Schedule(anchor=("gone",), anchored=NOON, newest=NOON - DAY)}
    told = []
    for number in (0, 1):
        ledger = Ledger(known)
        paging = ledger.begin(rss)
        paging.take(make_answer(1 - number, 2, 3))
        told.append(ledger.end_read(paging, NOON, Head()))
        ledger.open_article("https://a.example/2", "china")
        ledger.close_article("https://a.example/2", "failed")
        known = ledger.schedules()

    assert (told[0].is_lost, told[1]) == (True, None)


def test_a_failure_counts_and_keeps_what_was_known(ledger):
    ledger.end_failed(FEED, "dns", NOON)

    new = Ledger({"china": LAST})
    new.end_failed(FEED, "dns", NOON)
    failed = new.schedules()["china"]
    assert (failed.trouble, failed.failures, failed.anchor) == ("dns", 1, ("id3",))


def test_an_unchanged_feed_keeps_its_validators():
    ledger = Ledger({"china": Schedule(etag="one", mark="m")})
    ledger.end_same(FEED, NOON)

    new = ledger.schedules()["china"]
    assert (new.etag, new.mark, new.polled) == ("one", "m", NOON)
