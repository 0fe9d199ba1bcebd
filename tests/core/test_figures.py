"""What counts as a figure, and when two texts' figures are at odds."""

import pytest
from hypothesis import given

from crawler.core.figures import differ, figures
from tests.core.samples import texts

FIGURES = {
    "decimal": ("中间价报6.3732元", {"6.3732"}),
    "commas within": ("成交1,234,567手", {"1234567"}),
    "commas between": ("报3，5，7元", {"3", "5", "7"}),
    "per cent": ("下跌-0.52%，上涨３％", {"-0.52%", "3%"}),
    "minus sign": ("变动−0.52", {"-0.52"}),
    "units that count": ("1.5亿与1.5万", {"1.5亿", "1.5万"}),
    "units that do not": ("5家公司，5个项目", {"5"}),
    "date": ("2026年3月28日", {"2026年", "3月", "28日"}),
    "time": ("10：30", {"10:30"}),
    "end of a sentence": ("It rose 5.", {"IT", "ROSE", "5"}),
    "code": ("sz000001与*ST民控", {"SZ000001", "ST"}),
    "Chinese": ("增长二十六倍，第三季度", {"二十六倍", "三季"}),
    "Chinese alone": ("一家公司", set()),
    "weekday": ("周三上半年", {"周三", "上半年"}),
    "none": ("风筝厂开工。", set()),
    "nothing": ("", set()),
}


@pytest.mark.parametrize(("text", "found"), FIGURES.values(), ids=FIGURES)
def test_a_figure_is_found_with_what_changes_its_meaning(text, found):
    assert figures(text) == found


@given(texts)
def test_any_text_has_figures_or_none(text):
    assert "" not in figures(text)


DIFFER = {
    "one each": ({"1", "2"}, {"1", "3"}, True),
    "more": ({"1", "2"}, {"1"}, False),
    "less": ({"1"}, {"1", "2"}, False),
    "none": (set(), {"1"}, False),
    "equal": ({"1"}, {"1"}, False),
}


@pytest.mark.parametrize(("one", "other", "at_odds"), DIFFER.values(), ids=DIFFER)
def test_figures_are_at_odds_when_each_text_has_its_own(one, other, at_odds):
    assert differ(frozenset(one), frozenset(other)) is at_odds
