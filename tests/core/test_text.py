"""One-line and many-line texts without the characters that break sites."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.text import (
    display_line,
    drop_surrogates,
    drop_unsafe,
    fingerprint_form,
    one_line,
)
from tests.core.samples import texts

UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\ufeff\ufffc\uffff"
    r"\ufdd0\ud800-\udfff\U0001fffe\U0010ffff]"
)

CHARACTERS = {
    "NUL": "\0",
    "bell": "\a",
    "form feed": "\f",
    "vertical tab": "\v",
    "escape": "\x1b",
    "DEL": "\x7f",
    "C1 control": "\x9f",
    "soft hyphen": "\u00ad",
    "zero-width space": "\u200b",
    "right-to-left mark": "\u200f",
    "bidirectional override": "\u202e",
    "word joiner": "\u2060",
    "isolate": "\u2066",
    "byte order mark": "\ufeff",
    "annotation": "\ufff9",
    "object replacement": "\ufffc",
    "non-character": "\uffff",
    "Arabic non-character": "\ufdd0",
    "astral non-character": "\U0001fffe",
    "last non-character": "\U0010ffff",
    "high surrogate": "\ud83d",
    "low surrogate": "\ude00",
    "tag letter": "\U000e0041",
}


@pytest.mark.parametrize("character", CHARACTERS.values(), ids=CHARACTERS)
def test_an_unsafe_character_goes(character):
    assert drop_unsafe(f"甲{character}乙") == "甲乙"


@pytest.mark.parametrize("character", list("\t\n 　\xa0é文\ue000𝕏😀\ufffd"), ids=ascii)
def test_any_other_character_stays(character):
    assert drop_unsafe(f"甲{character}乙") == f"甲{character}乙"


@pytest.mark.parametrize("end", ["\r", "\r\n", "\x85", "\u2028", "\u2029"], ids=ascii)
def test_every_line_break_becomes_one_kind(end):
    assert drop_unsafe(f"甲{end}乙") == "甲\n乙"


@pytest.mark.parametrize(
    "white", ["\t", "\r\n", "\x85", "\u2028", "　", "\xa0 "], ids=ascii
)
def test_white_space_folds_to_one_space(white):
    assert one_line(f"{white}甲{white}{white}乙{white}") == "甲 乙"


DISPLAYED = {
    "nothing": ("", ""),
    "angle brackets": ("净利率<15%，1+1>2", "净利率＜15%，1+1＞2"),
    "less than at the end": ("净利率<15%", "净利率＜15%"),
    "cut tag": ("超30亿港元。<img", "超30亿港元。"),
    "cut tag of one letter": ("7连板。<i", "7连板。"),
    "cut tag with attributes": ('见图<img src="a', "见图"),
    "cut closing tag": ("见图</stron", "见图"),
    "lone bracket": ("见图 <", "见图"),
    "unknown cut word": ("甲<zz", "甲＜zz"),
    "unknown tag with a space": ("比较 a<b 的大小", "比较 a＜b 的大小"),
    "single quotes": ("'摘帽'", "’摘帽’"),
    "double quotes in turn": ('"甲"和"乙', "“甲”和“乙"),
    "ampersand": ("H&H国际 & R&D", "H&H国际 & R&D"),
    "character reference": ("&lt;b&#62; &ampx", "＆lt;b＆#62; ＆ampx"),
    "zero width in front": ("\u200b10月24日", "10月24日"),
    "only a tag": ("<img", ""),
}


@pytest.mark.parametrize(("title", "shown"), DISPLAYED.values(), ids=DISPLAYED)
def test_a_title_is_shown_without_markup(title, shown):
    assert display_line(title) == shown


@given(texts)
def test_a_shown_line_has_nothing_a_theme_would_stumble_over(text):
    shown = display_line(text)

    assert not re.search(r"[<>'\"\s]", shown.replace(" ", ""))
    assert not UNSAFE.search(shown)
    assert shown == shown.strip()


@given(texts)
def test_cleaning_twice_changes_nothing_more(text):
    for clean in (drop_unsafe, drop_surrogates, one_line, display_line):
        assert clean(clean(text)) == clean(text)


@given(texts)
def test_without_surrogates_a_text_can_be_written(text):
    assert drop_surrogates(text).encode() == text.encode(errors="ignore")


SAME = {
    "width": ("１５％", "15%"),
    "white space": (" 甲\u3000乙\n", "甲乙"),
    "zero width": ("甲\u200b乙", "甲乙"),
    "ligature": ("ﬁ", "fi"),
}
OTHER = {"figure": ("15%", "16%"), "case": ("A", "a"), "mark": ("甲！", "甲")}


@pytest.mark.parametrize(("one", "two"), SAME.values(), ids=SAME)
def test_widths_and_white_space_do_not_count(one, two):
    assert fingerprint_form(one) == fingerprint_form(two)


@pytest.mark.parametrize(("one", "two"), OTHER.values(), ids=OTHER)
def test_every_letter_and_figure_counts(one, two):
    assert fingerprint_form(one) != fingerprint_form(two)


NEARLY_FULL_WIDTH = st.text(
    st.one_of(
        st.characters(min_codepoint=0xFF00, max_codepoint=0xFFEF),
        st.characters(min_codepoint=0x300, max_codepoint=0x36F),
        st.sampled_from("\u3000\u3099\u309a\u212b\u2460か1Aé"),
    )
)


@given(st.one_of(texts, NEARLY_FULL_WIDTH))
def test_the_short_way_to_one_form_is_the_long_one(text):
    unified = unicodedata.normalize("NFKC", drop_surrogates(text))

    assert fingerprint_form(text) == fingerprint_form(unified)
    assert unicodedata.is_normalized("NFKC", fingerprint_form(text))


@given(st.one_of(texts, NEARLY_FULL_WIDTH))
def test_a_letter_that_is_not_usual_changes_nothing_about_the_others(text):
    assert fingerprint_form("①" + text) == "1" + fingerprint_form(text)


def test_every_letter_folds_the_same_in_both_ways():
    letters = map(chr, range(0x10000))

    for letter in letters:
        assert fingerprint_form("①" + letter) == "1" + fingerprint_form(letter)
