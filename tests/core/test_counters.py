"""Clocks and counters of a page are told from its news."""

from datetime import timedelta

import pytest

from crawler.core.counters import CLOCK, COUNTER, RESTLESS, find_idleness
from tests.core.versions import NOON, TEXT, version

LATER = NOON + timedelta(hours=5, minutes=20, seconds=7)

COUNTERS = {
    "reads": ("阅读 1,234", "阅读 98,765"),
    "reads in ten thousands": ("阅读量：3.2万", "阅读量：11万+"),
    "comments": ("评论（5）", "评论（12）"),
    "the figure first": ("1234人参与", "2001人参与"),
    "several": ("阅读12 | 评论3 | 点赞1", "阅读19 | 评论4 | 点赞1"),
    "one that came": ("", "阅读 5"),
    "the time": (
        "北京时间：11月2日 12:00:05",
        "北京时间：11月3日 09:00:00",
    ),
}


@pytest.mark.parametrize(("was", "becomes"), COUNTERS.values(), ids=COUNTERS)
def test_a_paragraph_that_is_a_counter_does_not_count(was, becomes):
    old, new = version(f"{TEXT}\n{was}"), version(f"{TEXT}\n{becomes}", fetched=LATER)

    assert find_idleness([old], new) == COUNTER


NEWS = {
    "a figure of a sentence": ("该片播放量达1.2亿次。", "该片播放量达1.3亿次。"),
    "a figure": ("收3012点", "收3018点"),
    "a toll": ("死亡人数升至12人", "死亡人数升至15人"),
    "a counter and a word": ("阅读 12\n停牌", "阅读 15\n复牌"),
    "a counter and a figure": ("阅读 12\n报3点", "阅读 15\n报4点"),
}


@pytest.mark.parametrize(("was", "becomes"), NEWS.values(), ids=NEWS)
def test_any_other_change_is_news(was, becomes):
    old, new = version(f"{TEXT}\n{was}"), version(f"{TEXT}\n{becomes}", fetched=LATER)

    assert find_idleness([old], new) == ""


def test_a_changed_title_is_news_beside_a_counter():
    old = version(f"{TEXT}\n阅读 12")
    new = version(f"{TEXT}\n阅读 15", title="风筝厂停产")

    assert find_idleness([old], new) == ""


def test_a_hostile_line_is_read_at_once():
    line = "阅读1评论" * 11 + "x"

    assert find_idleness([version(line)], version(line + "y")) == ""


CLOCKS = {
    "to the second": ("打开时12:00:00整", "打开时17:20:07整", CLOCK),
    "a cached page": ("打开时11:58整", "打开时17:12整", CLOCK),
    "with its day": ("11月2日12:00打开", "11月2日17:20打开", CLOCK),
    "not of the visit": ("将于09:00开幕", "将于09:30开幕", ""),
    "of the first visit alone": ("打开时12:00整", "打开时09:30整", ""),
    "no time of day": ("打开时25:61整", "打开时26:62整", ""),
    "and a price": ("12:00报5元", "17:20报6元", ""),
    "a day alone": ("2日开幕", "3日开幕", ""),
}


@pytest.mark.parametrize(("was", "becomes", "why"), CLOCKS.values(), ids=CLOCKS)
def test_figures_that_tell_the_moment_of_the_visit_are_a_clock(was, becomes, why):
    old, new = version(f"{TEXT}{was}"), version(f"{TEXT}{becomes}", fetched=LATER)

    assert find_idleness([old], new) == why


def test_a_clock_goes_on_over_midnight():
    night = NOON.replace(hour=15, minute=58)
    old = version("11月2日23:58打开", fetched=night)
    new = version("11月3日00:01打开", fetched=night + timedelta(minutes=3))

    assert find_idleness([old], new) == CLOCK


# A page that never rests


def visits(*figures, hours=1, **changes):
    """Versions of a page with a figure in its text, fetched one after the other."""
    return [
        version(f"{TEXT}热线{figure}号", fetched=NOON + timedelta(hours=hours * number))
        for number, figure in enumerate(figures)
    ]


def test_a_figure_that_moves_each_time_is_news_three_times():
    versions = visits(3, 8, 5, 9, 7)

    idle = [find_idleness(versions[:n], versions[n]) for n in range(1, 5)]

    assert idle == ["", "", "", RESTLESS]


def test_a_restless_page_has_one_revision_a_day():
    versions = visits(3, 8, 5, 9)
    next_day = NOON + timedelta(hours=3, days=1)

    for fetched, why in (
        (next_day - timedelta(seconds=1), RESTLESS),
        (next_day, ""),
    ):
        new = version(f"{TEXT}热线7号", fetched=fetched)
        assert find_idleness(versions, new) == why


def test_another_figure_of_a_restless_page_is_news():
    new = version(TEXT.replace("12万", "13万") + "热线7号")

    assert find_idleness(visits(3, 8, 5, 9), new) == ""


def test_another_title_on_the_way_makes_a_page_no_restless_one():
    first, *others = visits(3, 8, 5, 9, 7)
    titled = version(first.text, title="别题", fetched=first.fetched)

    assert find_idleness([titled, *others[:3]], others[3]) == ""
