"""Reprints are told from other news of nearly the same words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from benchmarks.similarity_set import ArticleSet
from crawler.core.comparison import SHORT as SHORT_LENGTH
from crawler.core.comparison import Comparison, compare
from crawler.core.similarity import TOO_SHORT, shape_of
from tests.core.samples import texts
from tests.core.stories import LONG, PARAGRAPHS, SHORT, TITLE

NOON = datetime(2026, 3, 28, 4, tzinfo=UTC)


def read(text, other, title=TITLE, *, codes=(), later=timedelta(0)) -> Comparison:
    """Compare a text with another one that came before it."""
    new = shape_of(title, text, NOON + later, frozenset(codes))
    return compare(new, shape_of(TITLE, other, NOON, frozenset({"sh600519"})))


def test_the_samples_have_the_lengths_that_the_rules_are_about():
    long, short = (shape_of("", text, NOON).letters.size for text in (LONG, SHORT))

    assert long > SHORT_LENGTH > short > TOO_SHORT


REPRINTS = {
    "nothing": (LONG, ("notices",)),
    "lead line": ("证券时报网3月28日讯（记者 闻小满）" + LONG, ("notices",)),
    "another lead line": ("本报讯 " + LONG, ("notices",)),
    "an unknown lead line": ("湖滨社区公众平台今晨发布 " + LONG, ("beginning",)),
    "source line": ("来源：镜湖晚报 3月29日 10:30\n" + LONG, ("notices",)),
    "editor": (LONG + "\n责任编辑：闻小满", ("notices",)),
    "editor in brackets": (LONG + "（编辑：闻小满）", ("notices",)),
    "disclaimer": (LONG + "\n免责声明：本文仅供参考，2026年3月。", ("notices",)),
    "an unknown disclaimer": (
        LONG + "\n本平台对内容的真实与完整不作任何保证，读者请自行核实。",
        ("ending",),
    ),
    "cut ending": ("\n".join(PARAGRAPHS[:-2]), ("ending",)),
    "other marks": (LONG.replace("，", ",").replace("。", "．"), ("notices",)),
    "full width": (LONG.replace("128.6", "１２８．６"), ("notices",)),
    "one paragraph": (LONG.replace("\n", ""), ("notices",)),
    "two words": (
        LONG.replace("连夜赶来", "纷纷赶到").replace("嫌工序", "怕工序"),
        ("2 passages",),
    ),
    "a word and its end": (
        "\n".join(PARAGRAPHS[:-2]).replace("连夜赶来", "纷纷赶到"),
        ("ending", "1 passage"),
    ),
    "a character": (LONG.replace("嫌工序", "闲工序"), ("1 passage",)),
    "a sentence dropped": (LONG.replace(PARAGRAPHS[1] + "\n", ""), ("1 passage",)),
    "a figure dropped": (LONG.replace("，营业收入4.52亿元", ""), ("1 passage",)),
    "a paragraph added": (
        LONG + "\n截至发稿，该厂股价报12.35元，上涨1.2%。",
        ("ending",),
    ),
    "all of it": (
        "来源：湖滨网\n湖滨网3月28日讯，"
        + "\n".join(PARAGRAPHS[:-1]).replace("连夜赶来", "纷纷赶到")
        + "\n编辑：闻小满",
        ("ending", "1 passage"),
    ),
}


@pytest.mark.parametrize(("text", "differs"), REPRINTS.values(), ids=REPRINTS)
def test_a_reprint_is_the_same_story(text, differs):
    found = read(text, LONG)

    assert (found.same, found.differs) == (True, differs)
    assert 0.8 < found.similarity <= 1


@pytest.mark.parametrize("text", [text for text, _ in REPRINTS.values()], ids=REPRINTS)
def test_it_does_not_matter_which_came_first(text):
    assert read(LONG, text).same


OTHER_NEWS = {
    "figure": (LONG.replace("128.6", "131.2"), "figures: 128.6万 / 131.2万"),
    "one digit": (LONG.replace("4.52亿", "4.53亿"), "figures"),
    "a digit more": (LONG.replace("4.52亿", "14.52亿"), "figures"),
    "unit": (LONG.replace("4.52亿", "4.52万"), "figures"),
    "sign": (LONG.replace("增长6.3%", "增长-6.3%"), "figures"),
    "date": (LONG.replace("28日", "29日"), "figures"),
    "figures exchanged": (
        LONG.replace("2.1%", "#").replace("9.7%", "2.1%").replace("#", "9.7%"),
        "figures",
    ),
    "a figure that stands elsewhere": (LONG.replace("9.7%", "2.1%"), "figures"),
    "Chinese figure": (LONG.replace("十二个国家", "十三个国家"), "figures"),
    "one Chinese figure": (LONG.replace("五月", "六月"), "figures"),
    "numeral": (LONG.replace("三个集装箱", "四个集装箱"), "meaning: 三 / 四"),
    "direction": (LONG.replace("纸张价格上涨", "纸张价格下跌"), "meaning"),
    "denial": (LONG.replace("扩建不会", "扩建将会"), "meaning"),
    "name in the text": (LONG.replace("梅望舒", "柳如烟"), "names: 柳如烟 / 梅望舒"),
    "part of a name": (LONG.replace("风筝", "风车"), "names: 车 / 筝"),
    "a name that stands once": (LONG.replace("智利", "秘鲁"), "names: 秘鲁 / 智利"),
    "a word and nothing else": (LONG.replace("连夜赶来", "纷纷赶到"), "names"),
    "names exchanged": (
        LONG.replace("梅望舒", "#").replace("樊小楼", "梅望舒").replace("#", "樊小楼"),
        "names",
    ),
    "half of it": ("\n".join(PARAGRAPHS[:3]), "length"),
    "another beginning": (
        "湖边的茶馆换了主人，新主人把二楼改成书房，早上不开门，傍晚才点灯，老客人都说"
        "不习惯。" * 3 + "\n" + "\n".join(PARAGRAPHS[3:]),
        "",
    ),
    "another text": ("风从湖面吹来，孩子们跑过堤岸。" * 30, ""),
}


@pytest.mark.parametrize(("text", "why"), OTHER_NEWS.values(), ids=OTHER_NEWS)
def test_what_differs_in_what_counts_is_other_news(text, why):
    for found in (read(text, LONG), read(LONG, text)):
        assert not found.same
        assert found.differs[0].startswith(why.partition(":")[0])


FORM = LONG.replace("嫌工序", "在{}边办事处的人嫌工序")
KINDS = {
    "season": ("春", "秋"),
    "direction": ("南", "北"),
    "two directions": ("东南", "西北"),
    "order": ("甲", "丙"),
    "rank": ("冠", "亚"),
    "in or out": ("入", "出"),
    "size": ("大", "小"),
    "year": ("今年", "明年"),
    "part of a month": ("上旬", "中旬"),
    "week": ("本周", "下周"),
    "weather": ("晴", "雨"),
    "warning": ("橙", "黄"),
    "market": ("沪", "深"),
    "metal": ("铜", "铝"),
}


@pytest.mark.parametrize(("one", "other"), KINDS.values(), ids=KINDS)
def test_texts_that_differ_in_a_letter_of_one_class_are_two(one, other):
    for new, old in ((one, other), (other, one)):
        found = read(FORM.format(new), FORM.format(old))
        assert not found.same
        assert found.differs[0].startswith("meaning")
    edited = FORM.format(other).replace("连夜赶来", "纷纷赶到")
    assert not read(edited, FORM.format(one)).same


@pytest.mark.parametrize(
    ("one", "other"),
    [("东", "湖"), ("股东", "南方"), ("大", "新建的小"), ("今年", "在")],
)
def test_letters_of_one_class_in_other_words_prove_nothing(one, other):
    edited = FORM.format(other).replace("连夜赶来", "纷纷赶到")

    assert read(edited, FORM.format(one)).same


def test_other_codes_are_other_news():
    assert read(LONG, LONG, codes={"sh600519", "sz000001"}).same
    assert read(LONG, LONG, codes=()).same
    assert read(LONG, LONG, codes={"sz000001"}).differs == ("codes",)


def test_a_name_that_only_the_headlines_tell_apart_is_other_news():
    changed = LONG.replace("智利", "秘鲁").replace("连夜赶来", "纷纷赶到")

    assert read(changed, LONG).same
    new = shape_of("远销秘鲁", changed, NOON)
    assert not compare(new, shape_of("远销智利", LONG, NOON)).same


def test_pieces_of_another_hour_are_other_news():
    new = shape_of("收评：风筝股走强", LONG, NOON)
    old = shape_of("午评：风筝股走强", LONG, NOON)

    assert compare(new, old).differs == ("kind in the headline",)


def test_two_lead_lines_of_other_days_are_other_news():
    assert read("财联社3月28日电，" + LONG, "本报3月28日讯 " + LONG).same
    assert not read("财联社3月28日电，" + LONG, "财联社3月29日电，" + LONG).same


def test_how_much_a_text_adds_is_told():
    cut = "\n".join(PARAGRAPHS[:-3])

    assert read(LONG, cut).says_more
    assert not read(cut, LONG).says_more
    assert not read(LONG + "\n责任编辑：闻小满", LONG).says_more


SHORT_REPRINTS = {
    "nothing": SHORT,
    "lead line": "财联社3月28日电，" + SHORT,
    "editor": SHORT + "（编辑：闻小满）",
    "ending": SHORT + "更多报价陆续公布。",
    "marks": SHORT.replace("：", " "),
}
SHORT_OTHERS = {
    "figure": SHORT.replace("0.81396", "0.81397"),
    "date": SHORT.replace("28日", "29日"),
    "word": SHORT.replace("授权外汇", "委托外汇"),
    "a word more": SHORT.replace("公布", "正式公布", 1),
    "beginning": "记者获悉的消息称，" + SHORT,
    "a figure less": SHORT.replace("，1新西兰元对人民币4.4354元", ""),
    "a long ending": SHORT + "这一天湖面上没有风，" * 5,
}


@pytest.mark.parametrize("text", SHORT_REPRINTS.values(), ids=SHORT_REPRINTS)
def test_a_flash_is_reprinted_almost_word_for_word(text):
    assert read(text, SHORT).same
    assert read(SHORT, text).same


@pytest.mark.parametrize("text", SHORT_OTHERS.values(), ids=SHORT_OTHERS)
def test_of_short_texts_every_word_counts(text):
    assert not read(text, SHORT).same
    assert not read(SHORT, text).same


def test_a_flash_is_not_a_reprint_of_one_of_another_day():
    assert read(SHORT, SHORT, later=timedelta(hours=23)).same
    assert not read(SHORT, SHORT, later=timedelta(hours=25)).same
    assert read(LONG, LONG, later=timedelta(days=900)).same


def test_a_very_short_text_is_nobodys_reprint():
    assert read(SHORT[:TOO_SHORT], SHORT[:TOO_SHORT]).differs == ("too short",)


@given(texts, texts)
def test_any_two_texts_can_be_compared(one, other):
    for piece in (one, LONG[:200] + one + LONG[200:]):
        found = compare(shape_of(one, piece, NOON), shape_of(other, LONG, NOON))
        assert 0 <= found.similarity <= 1
        assert found.differs


def test_no_two_form_letters_are_one_and_most_reprints_are():
    families, known, found = {}, {}, []
    for article in ArticleSet(600, seed=7):
        shape = shape_of(article.title, article.text, NOON)
        if article.kind in {"form", "named"}:
            family = families.setdefault(article.story.rsplit(" ", 1)[0], [])
            merged = [story for story, old in family if compare(shape, old).same]
            assert merged == [], f"{article.story} was taken for {merged}"
            family.append((article.story, shape))
        elif article.story in known and "20" not in article.kind:
            found.append(compare(shape, known[article.story]).same)
        known.setdefault(article.story, shape)
    assert sum(found) >= 0.95 * len(found) > 0
