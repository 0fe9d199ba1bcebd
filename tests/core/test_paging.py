"""One poll of a feed: how far it goes, and the gap it may leave."""

import pytest

from crawler.core.entries import FeedAnswer
from crawler.core.paging import GAP_PAGES, Hole, Paging, Range
from crawler.core.polling import Schedule
from tests.core.feeds import DAY, MINUTE, NOON, make_answer, make_feed

LAST = Schedule(anchor=("id30", "id31", "id32"), newest=NOON - 30 * MINUTE)
EMPTY = FeedAnswer()


def read(paging, *answers):
    """Give a poll these pages for as long as it goes on; how many it read."""
    for number, answer in enumerate(answers, 1):
        paging.take(answer)
        if not paging.goes_on():
            return number
    raise AssertionError("the poll wants another page")


def pages(size=5, start=0):
    """Give pages without an end, each older than the one before."""
    return [make_answer(*range(n, n + size)) for n in range(start, 3000, size)]


def test_a_first_poll_reads_two_pages_and_has_no_overlap():
    paging = Paging(make_feed(), Schedule())

    assert read(paging, *pages()) == 2
    assert paging.overlap is None
    assert paging.hole() is None


def test_a_poll_with_an_overlap_reads_two_pages_and_counts_it():
    paging = Paging(make_feed(), LAST)

    assert read(paging, make_answer(28, 29, 30, 31), make_answer(32, 33)) == 2
    assert paging.overlap == 3


def test_a_poll_without_one_goes_on_past_what_the_last_one_listed():
    paging = Paging(make_feed(), LAST)

    assert read(paging, *pages()) == 8
    assert paging.overlap == 3
    assert paging.hole() is None


def test_a_poll_goes_on_until_it_meets_the_time_of_the_last_one():
    last = Schedule(anchor=("gone",), newest=LAST.newest)
    paging = Paging(make_feed(), last)

    assert read(paging, *pages()) == 8
    assert paging.hole() is None


def test_one_old_article_among_new_ones_does_not_end_the_search():
    last = Schedule(anchor=("gone",), newest=NOON - 30 * MINUTE)
    paging = Paging(make_feed(), last)

    paging.take(make_answer(0, 1, 2, 99))
    paging.take(make_answer(3, 4, 5, 98))

    assert paging.goes_on()


def test_what_is_too_far_away_is_a_hole():
    last = Schedule(anchor=("gone",), newest=NOON - DAY)
    paging = Paging(make_feed(), last)

    assert read(paging, *pages()) == GAP_PAGES

    oldest = NOON - (GAP_PAGES * 5 - 1) * MINUTE
    assert paging.hole() == Hole("china", NOON - DAY, oldest)
    assert "could not be closed" in str(paging.hole())


@pytest.mark.parametrize("url", ["https://a.example/rss", "https://a.example/{page}"])
@pytest.mark.parametrize("form", ["roll", "live"])
def test_a_list_that_ends_before_the_last_poll_leaves_a_hole(url, form):
    paging = Paging(make_feed(url=url, format=form), LAST)

    read(paging, make_answer(1, 2), EMPTY)

    # Of a roll feed single days can be asked for: they go back further.
    is_lost = form != "roll"
    assert paging.hole() == Hole("china", LAST.newest, NOON - 2 * MINUTE, is_lost)
    assert ("is lost" in str(paging.hole())) is is_lost


def test_a_list_that_goes_on_where_a_poll_gives_up_has_lost_nothing():
    last = Schedule(anchor=("gone",), newest=NOON - DAY)
    paging = Paging(make_feed(format="live"), last)

    read(paging, *pages())

    assert not paging.is_at_end
    assert not paging.hole().is_lost


def test_a_ranking_has_no_gaps():
    paging = Paging(make_feed(order="rank"), LAST)

    assert read(paging, *pages()) == 2
    assert paging.hole() is None


@pytest.mark.parametrize("count", [1, 2, 5])
def test_so_many_pages_are_read_as_were_asked_for(count):
    paging = Paging(make_feed(), LAST, Range(pages=count))

    assert read(paging, *pages()) == count
    assert paging.hole() is None


def test_a_poll_goes_back_to_the_day_that_was_asked_for():
    paging = Paging(make_feed(), LAST, Range(since=NOON - 22 * MINUTE))

    assert read(paging, *pages()) == 6


def test_a_list_that_repeats_itself_is_at_its_end():
    paging = Paging(make_feed(), LAST)

    assert read(paging, make_answer(1, 2), make_answer(2, 1)) == 2


def seen(answer, **changes):
    """Give the schedule after a poll that saw a list and kept all of it."""
    paging = Paging(make_feed(), Schedule())
    paging.take(answer)
    return Schedule(mark=paging.found().mark, anchor=("id1",), **changes)


def test_a_list_that_has_not_changed_is_read_no_further():
    paging = Paging(make_feed(), seen(make_answer(1, 2)))

    assert read(paging, make_answer(1, 2)) == 1
    assert paging.is_same


@pytest.mark.parametrize(
    "answer",
    [
        make_answer(2, 1),
        make_answer(1, 2, 3),
        make_answer(1, 2, updated=NOON),
        make_answer(0, 1, 2),
    ],
    ids=["order", "one more below", "changed", "one more above"],
)
def test_a_list_that_has_changed_at_all_is_read_on(answer):
    paging = Paging(make_feed(), seen(make_answer(1, 2)))
    paging.take(answer)

    assert paging.goes_on()
    assert not paging.is_same


def test_whoever_asks_for_pages_gets_them_unchanged_or_not():
    paging = Paging(make_feed(), seen(make_answer(1, 2)), Range(pages=2))
    paging.take(make_answer(1, 2))

    assert paging.goes_on()
    assert not paging.is_same
