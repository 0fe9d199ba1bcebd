"""What an editor changed: its kind, its size and the words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.changes import (
    KINDS,
    compare,
    moved_figures,
    version_in,
    version_of,
    word_diff,
)
from crawler.core.records import record_of
from crawler.core.text import fingerprint_form
from tests.core.samples import post, texts
from tests.core.versions import TEXT, version

EDITS = {
    "nothing": (TEXT, ()),
    "white space": (TEXT.replace("，", "， \u3000"), ()),
    "paragraphs joined": (TEXT.replace("\n", ""), ()),
    "widths": (TEXT.replace("12", "１２").replace("%", "％"), ()),
    "a figure": (TEXT.replace("3.5%", "3.6%"), ("figures",)),
    "a figure's sign": (TEXT.replace("3.5%", "-3.5%"), ("figures",)),
    "two figures": (TEXT.replace("12", "13").replace("3.5", "4"), ("figures",)),
    "a Chinese figure": (TEXT.replace("12万", "12亿"), ("figures",)),
    "a wrong character": (TEXT.replace("帐", "账"), ("typo",)),
    "a mark": (TEXT.replace("宣布，", "宣布："), ("typo",)),
    "a character more": (TEXT.replace("今日", "今日的"), ("typo",)),
    "a sense turned": (TEXT.replace("充足", "不充足"), ("text",)),
    "growth made a fall": (TEXT.replace("增长", "下降"), ("text",)),
    "a figure and a word": (TEXT.replace("12万只", "13万架"), ("text",)),
    "a word for a figure": (TEXT.replace("12万", "许多"), ("text",)),
    "a sentence more": (TEXT + "\n公告全文见交易所网站。", ("text",)),
    "a paragraph less": (TEXT.partition("\n")[0], ("text",)),
    "all of it": ("今日休市，另行通知。", ("text",)),
    "no text": ("", ("text",)),
}


@pytest.mark.parametrize(("text", "kinds"), EDITS.values(), ids=EDITS)
def test_an_edit_of_the_text_has_its_kind(text, kinds):
    assert compare(version(), version(text)).kinds == kinds


@pytest.mark.parametrize(
    ("was", "becomes", "kind"),
    [
        ("the Goverment said", "the Government said", "typo"),
        ("the Government said", "the Parliament said", "text"),
    ],
)
def test_a_misspelt_word_is_a_typo_and_another_word_is_none(was, becomes, kind):
    assert compare(version(was), version(becomes)).kinds == (kind,)


def test_many_small_edits_are_no_typo():
    text = "。".join(f"{mark}家公司今日复牌" for mark in "甲乙丙丁戊己庚辛壬癸子丑寅卯")

    assert compare(version(text), version(text.replace("复", "停"))).kinds == ("text",)


def test_what_changes_together_is_told_together_in_one_order():
    changed = version(TEXT.replace("12", "13"), title="改题", source="他报")

    kinds = compare(version(), changed).kinds

    assert kinds == ("title", "figures", "source")
    assert [kind for kind in KINDS if kind in kinds] == list(kinds)


@pytest.mark.parametrize(
    ("changes", "added", "removed"),
    [
        ({}, 0, 0),
        ({"text": TEXT + "\n　完。"}, 2, 0),
        ({"text": TEXT.replace("略有", "")}, 0, 2),
        ({"text": TEXT.replace("3.5%", "13.5%")}, 5, 4),
        ({"title": "风筝厂交货大增"}, 2, 2),
        ({"source": "他报"}, 0, 0),
    ],
)
def test_the_size_is_what_came_and_went(changes, added, removed):
    change = compare(version(), version(**changes))

    assert (change.added, change.removed) == (added, removed)


def test_a_post_and_its_record_are_the_same_version():
    facts = {"path": "a.html", "revision": 1, "status": "new", "content_hash": ""}
    facts |= {"first_seen": "", "feeds": [], "duplicates": [], "listed": []}
    facts |= {"copies": []}

    assert version_in(record_of(post(), facts)) == version_of(post())


# The word diff

MARKS = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}


def marked(old, new):
    return "".join(
        MARKS[piece.mark].format(piece.text) for piece in word_diff(old, new)
    )


DIFFS = {
    "a figure is a word": ("跌1.25%至3,012点", "跌1.52%至3,102点"),
    "paragraphs": ("甲段。\n乙段。\n丙段。", "甲段。\n丙段。\n丁段。"),
    "English": ("Shares of Kite fell.", "Shares of Kite Inc. fell."),
    "large changes are joined": ("厂方今日披露将停牌", "厂长周三说拟复牌"),
    "white space": ("甲 乙\n\n　丙", "甲乙\n丙"),
    "from nothing": ("", "甲"),
    "to nothing": ("甲", ""),
}
READ = {
    "a figure is a word": "跌[-1.25%-]{+1.52%+}至[-3,012-]{+3,102+}点",
    "paragraphs": "甲段。\n[-乙段。\n-]丙段。\n{+丁段。+}",
    "English": "Shares of Kite {+Inc. +}fell.",
    "large changes are joined": "厂[-方今日披露将停-]{+长周三说拟复+}牌",
    "white space": "甲乙\n丙",
    "from nothing": "{+甲+}",
    "to nothing": "[-甲-]",
}


@pytest.mark.parametrize("name", DIFFS)
def test_a_diff_reads_well(name):
    assert marked(*DIFFS[name]) == READ[name]


@given(texts, texts)
def test_a_diff_holds_both_texts(old, new):
    pieces = word_diff(old, new)

    for mark, whole in (("-", old), ("+", new)):
        text = "".join(piece.text for piece in pieces if piece.mark in {"=", mark})
        assert fingerprint_form(text) == fingerprint_form(whole)


@given(texts)
def test_a_text_has_no_difference_from_itself(text):
    assert all(piece.mark == "=" for piece in word_diff(text, text))


LONG = "一二" * 3000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LONG + "甲", "二三一" * 2000 + "乙"),
        ("甲\n" + "一\n" * 20_000 + "乙", "丙\n" + "一\n" * 19_000 + "丁"),
    ],
    ids=["one paragraph", "many paragraphs"],
)
def test_what_is_too_large_to_compare_counts_as_replaced(old, new):
    change = compare(version(old), version(new))

    assert change.kinds == ("text",)
    assert change.removed == len(old.replace("\n", ""))


def test_a_long_text_is_compared_paragraph_by_paragraph():
    old = "".join(f"第{n}段，{'风筝纸竹'[n % 4]}厂今日说明情况。\n" for n in range(200))
    new = old.replace("今日", "昨日")

    assert compare(version(old), version(new)).removed == 200


# Figures alone


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        ("报12点", "报12点", {}),
        ("报12点", "报13点，", None),
        ("报12点", "收13点", None),
        ("报12点，跌3%", "报14点，跌3%", {1: ("12", "14")}),
        ("现在09:30:00", "现在 １０：３１：００", {2: ("09:30:00", "10:31:00")}),
    ],
)
def test_figures_that_moved_are_told_by_their_place(old, new, moved):
    assert moved_figures(old, new) == moved


@given(st.lists(st.integers(0, 10**6), min_size=1), st.data())
def test_any_figures_may_move(figures, data):
    size = len(figures)
    others = data.draw(st.lists(st.integers(0, 10**6), min_size=size, max_size=size))

    moved = moved_figures(
        "点".join(map(str, figures)) + "点", "点".join(map(str, others)) + "点"
    )

    assert len(moved) == sum(a != b for a, b in zip(figures, others, strict=True))
