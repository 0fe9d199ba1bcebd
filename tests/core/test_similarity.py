"""Shapes and sketches: what they leave out, and that they mean the same for ever."""

from datetime import UTC, datetime

import pytest
from hypothesis import given

from crawler.core.similarity import (
    BANDS,
    Sketch,
    Tally,
    draw,
    mark_common,
    rank,
    shape_of,
)
from tests.core.samples import texts
from tests.core.stories import LONG, PARAGRAPHS, SHORT

NOON = datetime(2026, 3, 28, 4, tzinfo=UTC)


def shape(text):
    return shape_of("", text, NOON)


def sketch(text):
    return draw(shape(text))


PINNED = {
    "long": (
        LONG,
        Sketch(
            (
                207335447414655,
                245571152696678,
                131808542111895,
                87893972823254,
                92338085578970,
                179818657333810,
                168825382210329,
                141506892616805,
                128116770677346,
                197381812371148,
                169074556038408,
                146875852491034,
                78655465419226,
            ),
            Tally(2348241437622249092, 106304108407),
        ),
    ),
    "few figures": (
        "风从湖面吹来，孩子们跑过堤岸Ａｂ。" * 30,
        Sketch(
            (
                248496201226529,
                239058865534662,
                20588681062944,
                273648635034766,
                136576253328576,
                205038332366579,
                210639334964170,
                158612840893520,
                240227897710097,
                95390336277687,
                160625438437857,
                277293533520272,
            ),
            Tally(4096, 5107174407),
        ),
    ),
    "short": ("报6.3732元。", Sketch((), Tally(72057594037927936, 8088077468))),
}


@pytest.mark.parametrize(("text", "drawn"), PINNED.values(), ids=PINNED)
def test_a_sketch_is_the_same_for_ever(text, drawn):
    assert sketch(text) == drawn, (
        "Stored sketches no longer match. If that is wanted, add a migration that"
        " empties the tables sketches and buckets, and pin the new numbers here."
    )


SAME_SHAPE = {
    "white space": LONG.replace("\n", " \n\u3000"),
    "marks": LONG.replace("，", ",").replace("、", " "),
    "width": LONG.replace("6", "６"),
    "notices": "来源：镜湖晚报\n" + LONG + "\n责任编辑：闻小满",
    "lead line": "财联社讯，" + LONG,
}


@pytest.mark.parametrize("text", SAME_SHAPE.values(), ids=SAME_SHAPE)
def test_what_does_not_count_leaves_no_trace(text):
    assert sketch(text) == sketch(LONG)
    assert shape(text).words == shape(LONG).words


def test_letters_are_capital_ascii_and_without_marks():
    assert shape("Ａb-ｃ１。２％ é、の 😀𠀀").words == "ABC12%éの𠀀"


def test_a_cut_text_shares_buckets_and_another_shares_none():
    whole = set(sketch(LONG).buckets)

    assert len(whole) == BANDS + 1
    assert whole & set(sketch("\n".join(PARAGRAPHS[:-2])).buckets)
    assert not whole & set(sketch(SHORT * 4).buckets)


def test_issues_of_one_form_share_few_buckets():
    form = "中间价报{}元，较前一日变动{}点，成交{}亿元，最高{}元，最低{}元。" + "".join(
        PARAGRAPHS[1:2] * 3
    )
    issues = [form.format(*(f"{n}.{n + at}" for at in range(5))) for n in range(10, 20)]
    shared = [len(set(sketch(one).buckets) & set(sketch(issues[0]).buckets))
              for one in issues[1:]]  # fmt: skip

    assert sum(shared) < len(shared)


TALLIES = {
    "other figure": ("报5元", "报6元", True),
    "one more": ("报5元", "报5元和6元", False),
    "equal": ("报5元和6元", "报6元和5元", False),
    "none": ("报价", "报5元", False),
    "one other of several": ("1、2、3、4", "1、2、3、5", True),
    "more and others": ("1、2、3、4", "1、2、5、6、7", True),
}


@pytest.mark.parametrize(("one", "other", "differ"), TALLIES.values(), ids=TALLIES)
def test_a_tally_tells_figures_apart(one, other, differ):
    assert sketch(one).tally.differs(sketch(other).tally) is differ
    assert sketch(other).tally.differs(sketch(one).tally) is differ


@given(texts, texts)
def test_a_tally_never_tells_apart_what_agrees(one, other):
    ours, theirs = shape(one), shape(one + "\n" + other)
    if ours.figures <= theirs.figures:
        assert not draw(ours).tally.differs(draw(theirs).tally)


@given(texts)
def test_any_text_has_a_sketch_that_the_index_can_hold(text):
    for drawn in (sketch(text), sketch(LONG + text)):
        assert all(0 <= bucket < 2**48 for bucket in drawn.buckets)
        assert all(-(2**63) <= number < 2**63 for number in drawn.tally)


def test_common_runs_are_marked_in_the_order_of_the_text():
    marks = mark_common(shape("甲乙丙丁戊己庚"), shape("子丑乙丙丁戊己寅"))

    assert marks.tolist() == [False, True, False]
    assert mark_common(shape("甲乙丙丁戊己庚"), shape("甲")).tolist() == [False] * 3


def test_who_shares_most_buckets_comes_first_and_then_the_newest():
    assert rank([[1, 2], [2, 3], [], [4]]) == [2, 4, 3, 1]
