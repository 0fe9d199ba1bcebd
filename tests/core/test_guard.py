"""What may follow a stored version, and what is held back."""

import re

import pytest

from crawler.core.dedup import Duplicate, New, Poorer, Revision, Unchanged
from crawler.core.guard import MIN_IMAGES, MIN_LOSS, find_loss, judge
from tests.core.versions import TEXT, version

LONG = TEXT * 20
CUT = LONG[: len(LONG) // 3]
REVISION = Revision(4, "text")

LOSSES = {
    "no text": ({}, {"text": ""}, "no text where"),
    "much shorter": ({"text": LONG}, {"text": CUT}, "characters where"),
    "a short text": ({"text": "甲" * 150}, {"text": "甲" * 54}, "54 .* where 150"),
    "a flash": ({"text": "甲" * 60}, {"text": "甲" * 20}, "20 .* where 60"),
    "a ban": ({}, {"text": "您的访问过于频繁，请稍后再试。"}, "notice.*banned"),
    "not found": ({}, {"text": "页面没有找到，5秒后返回"}, "notice.*not-found"),
    "guessed": ({}, {"template": "generic"}, "guessing.*finance-2017"),
    "no picture": ({"images": MIN_IMAGES}, {"images": 0}, "no picture where 3"),
}
NONE = {
    "longer": ({"text": CUT}, {"text": LONG}),
    "a little shorter": ({"text": LONG}, {"text": LONG[: len(LONG) * 2 // 3]}),
    "a short text cut": ({"text": "甲" * MIN_LOSS}, {"text": "甲"}),
    "a short text halved": ({"text": "甲" * 60}, {"text": "甲" * 30}),
    "a picture less": ({"images": MIN_IMAGES}, {"images": 1}),
    "two pictures less": ({"images": MIN_IMAGES - 1}, {"images": 0}),
    "guessed again": ({"template": "generic"}, {"template": "generic"}),
    "no longer guessed": ({"template": "generic", "text": LONG}, {"text": CUT}),
    "another template": ({"template": "portal-2008"}, {}),
    "a notice that is news": (
        {"text": "微博称访问过于频繁的账号将受限。"},
        {"text": "微博称，访问过于频繁的账号将受限。"},
    ),
    "nothing had a text": ({"text": ""}, {"text": "", "title": "改"}),
}


@pytest.mark.parametrize(("old", "new", "why"), LOSSES.values(), ids=LOSSES)
def test_a_poorer_version_is_held_back_with_its_reason(old, new, why):
    decision = judge(REVISION, 3, [version(**old)], version(**new))

    assert isinstance(decision, Poorer)
    assert re.search(why, decision.why)


@pytest.mark.parametrize(("old", "new"), NONE.values(), ids=NONE)
def test_other_versions_lack_nothing(old, new):
    assert find_loss(version(**old), version(**new)) == ""
    assert find_loss(version(), version()) == ""


def test_a_real_revision_stays_one():
    new = version(TEXT.replace("平稳", "大增") + "完。")

    assert judge(REVISION, 3, [version()], new) == REVISION


def test_a_counter_that_moved_is_no_revision():
    old, new = (version(f"{TEXT}\n阅读 {count}") for count in (5, 9))

    assert judge(REVISION, 3, [old], new) == Unchanged("only a counter or clock moved")


@pytest.mark.parametrize(
    ("was", "becomes", "decision"),
    [
        ("镜湖晚报", "中国风筝网", Revision(4, "source")),
        ("镜湖晚报", "镜湖 晚报", Unchanged()),
        ("镜湖晚报", "", Unchanged()),
        ("", "镜湖晚报", Unchanged()),
    ],
)
def test_a_medium_replaced_by_another_is_a_revision(was, becomes, decision):
    judged = judge(Unchanged(), 3, [version(source=was)], version(source=becomes))

    assert judged == decision


@pytest.mark.parametrize("decision", [New(), Duplicate("abcdefg0000001", "same text")])
def test_what_is_no_version_of_a_stored_post_is_not_judged(decision):
    assert judge(decision, 3, [version()], version("")) == decision
