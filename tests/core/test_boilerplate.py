"""What a medium adds to a reprint, and what only looks like it."""

import pytest
from hypothesis import given

from crawler.core.boilerplate import drop_boilerplate, split_lead
from tests.core.samples import texts

STORY = "镜湖风筝厂昨日开工。"
NOTICES = (
    *("来源：镜湖晚报", "文章来源：镜湖晚报 2026年3月28日 09:30", "责任编辑：闻小满"),
    *("编辑/闻小满", "原标题：风筝厂开工", "【责编：闻小满】"),
    *("风险提示：投资需谨慎。", "免责声明：本文仅供参考。", "本文来源于镜湖晚报"),
    *("扫码下载客户端", "更多精彩内容，请关注公众号。", "未经授权，不得转载。"),
    *("投资有风险，入市须谨慎。", "海量资讯、精准解读", "版权所有", "举报电话：12345"),
)
LINES_OF_A_STORY = (
    *(
        "记者走进厂房时，竹篾堆到了窗台。",
        "来源于湖底的泥沙正在减少。",
        "更多风筝飞起来了。",
    ),
    *("编辑部搬到了湖边。", "声明发布后，股价回落。", "提示器响了三次。"),
    "来源：" + "这一段说的是泥沙从哪里来，写得很长，是稿件的一部分。" * 8,
)


@pytest.mark.parametrize("notice", NOTICES)
def test_a_notice_is_dropped_wherever_it_stands(notice):
    assert drop_boilerplate(f"{notice}\n{STORY}") == STORY
    assert drop_boilerplate(f"{STORY}\n{notice}") == STORY


@pytest.mark.parametrize("line", LINES_OF_A_STORY)
def test_a_line_of_the_story_stays(line):
    assert drop_boilerplate(f"{line}\n{STORY}") == f"{line}\n{STORY}"


def test_a_note_in_brackets_at_the_end_is_dropped():
    assert drop_boilerplate(f"{STORY}（责任编辑：闻小满）") == STORY
    assert drop_boilerplate(f"{STORY}（高三米）") == f"{STORY}（高三米）"


def test_a_text_of_notices_alone_stays():
    assert drop_boilerplate("来源：镜湖晚报") == "来源：镜湖晚报"


LEADS = (
    *(
        "财联社3月28日电，",
        "新华社北京3月28日电（记者 闻小满）",
        "证券时报网讯 ",
        "【e公司讯】",
    ),
    *(
        "本报讯（记者 闻小满）",
        "镜湖财经讯 3月28日消息，",
        "本报记者 闻小满 北京报道　",
    ),
    *("每经AI快讯，", "格隆汇3月28日丨"),
)
NO_LEADS = (
    *("", "贵州茅台3月28日公告，", "镜湖风筝厂消息，", "3月28日，", "市场传来消息，"),
)


@pytest.mark.parametrize("lead", LEADS)
def test_a_lead_line_is_told_from_the_story(lead):
    assert split_lead(lead + STORY) == (lead, STORY)


@pytest.mark.parametrize("words", NO_LEADS)
def test_the_first_words_of_a_story_stay(words):
    assert split_lead(words + STORY) == ("", words + STORY)


@given(texts)
def test_nothing_is_lost_between_lead_line_and_rest(text):
    assert "".join(split_lead(text)) == text
    assert drop_boilerplate(text) or not text
