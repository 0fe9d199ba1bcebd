"""The 7x24 feed: flashes with and without a headline, and no staff address."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given

from crawler.core.entries import FeedAnswer, read_answer
from crawler.core.text import one_line
from crawler.demo import DemoSite
from tests.core.samples import feed, texts

PAGE = "https://finance.sina.com.cn/7x24/2026-11-20/doc-inkqaaaa1234567.shtml"
STAFF = "someone@staff.example"


def flash(text: object, **changes: object) -> dict[str, object]:
    """Make an item of a 7x24 answer."""
    return {
        "id": 4500001,
        "rich_text": text,
        "create_time": "2026-11-20 12:00:05",
        "update_time": "2026-11-20 12:01:05",
        "creator": STAFF,
        "mender": STAFF,
        "check_user": STAFF,
        "ext": json.dumps({"docurl": PAGE, "docid": "nkqaaaa1234567"}),
        "docurl": "https://finance.sina.cn/7x24/2026-11-20/detail-inkqaaaa1234567.d.html",
        **changes,
    }


def read(*items: object) -> FeedAnswer:
    result = {"status": {"code": 0}, "data": {"feed": {"list": items}}}
    body = json.dumps({"result": result}).encode()
    return read_answer(body, feed("live", content="entry"))


FLASHES = {
    "headline": ("【标题】正文一句。", "标题", "<p>正文一句。</p>\n"),
    "headline alone": ("【标题】", "标题", "<p>标题</p>\n"),
    "headline and white space": (" 【 标题 】\n正文。", "标题", "<p>正文。</p>\n"),
    "no headline": ("第一句话。第二句。", "第一句话", "<p>第一句话。第二句。</p>\n"),
    "no headline, a line": (
        "第一行字\n第二行",
        "第一行字",
        "<p>第一行字</p>\n<p>第二行</p>\n",
    ),
    "no sentence end": ("甲" * 80, "甲" * 60, "<p>" + "甲" * 80 + "</p>\n"),
    "short": ("涨。", "涨。", "<p>涨。</p>\n"),
    "unclosed bracket": ("【标题很长。正文。", "标题很长", "<p>标题很长。正文。</p>\n"),
    "empty headline": ("【 】正文一句话。", "】正文一句话", "<p>】正文一句话。</p>\n"),
    "second bracket": ("【标题】甲【乙】丙", "标题", "<p>甲【乙】丙</p>\n"),
    "ticker in angle brackets": (
        "【靛青航空<INGL.NS>跌6%】股价<INGL.NS>收跌。",
        "靛青航空<INGL.NS>跌6%",
        "<p>股价&lt;INGL.NS&gt;收跌。</p>\n",
    ),
    "title of a notice": (
        "关于印发<办法>的通知。",
        "关于印发<办法>的通知",
        "<p>关于印发&lt;办法&gt;的通知。</p>\n",
    ),
    "ampersand": ("【H&H】H&H国际&amp;", "H&H", "<p>H&amp;H国际&amp;amp;</p>\n"),
    "script": (
        "【甲】<script>alert(1)</script>",
        "甲",
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n",
    ),
    "lines": ("【甲】乙\n\n 丙 \n", "甲", "<p>乙</p>\n<p>丙</p>\n"),
    "surrogate": ("【甲\ud800】乙\udfff", "甲", "<p>乙</p>\n"),
}


@pytest.mark.parametrize(("text", "title", "html"), FLASHES.values(), ids=FLASHES)
def test_a_flash_has_a_title_and_its_text(text, title, html):
    answer = read(flash(text))

    assert answer.problems == ()
    assert [(entry.title, entry.html) for entry in answer.entries] == [(title, html)]


WITHOUT = {
    "no text": (flash(""), "rich_text is empty"),
    "null text": (flash(None), "rich_text is empty"),
    "invisible text": (flash("\u200b\n"), "rich_text is empty"),
    "brackets only": (flash("【【"), "rich_text has brackets only"),
    "no address and no id": (flash("甲", ext="", docurl="", id=None), "has neither"),
    "odd number for an id": (flash("甲", ext="", docurl="", id="²"), "has neither"),
    "no object": ("甲", "is no object"),
}


@pytest.mark.parametrize(("item", "message"), WITHOUT.values(), ids=WITHOUT)
def test_an_unreadable_flash_is_a_problem_beside_the_others(item, message):
    answer = read(item, flash("【标题】正文。"))

    assert [entry.title for entry in answer.entries] == ["标题"]
    assert [problem.detail.startswith(message) for problem in answer.problems] == [True]


ADDRESSES = {
    "in ext": ({}, PAGE, "nkqaaaa1234567"),
    "beside ext": (
        {"ext": "{}"},
        "https://finance.sina.cn/7x24/2026-11-20/detail-inkqaaaa1234567.d.html",
        "nkqaaaa1234567",
    ),
    "number alone": (
        {"ext": "", "docurl": ""},
        "https://finance.sina.com.cn/7x24/?id=4500001",
        "uf117265d260dfc2",
    ),
    "id in ext alone": (
        {"ext": '{"docid": "icezuev3218731"}', "docurl": ""},
        "https://finance.sina.com.cn/7x24/?id=4500001",
        "icezuev3218731",
    ),
}
BROKEN_EXT = (None, "", "x", "[]", "null", "[" * 5000, {"docurl": PAGE}, "9" * 200_000)


@pytest.mark.parametrize(("changes", "url", "name"), ADDRESSES.values(), ids=ADDRESSES)
def test_a_flash_has_an_address_and_an_id(changes, url, name):
    [entry] = read(flash("【标题】正文。", **changes)).entries

    assert entry.url == url
    assert entry.id == name


@pytest.mark.parametrize("ext", BROKEN_EXT, ids=lambda ext: repr(ext)[:9])
def test_a_broken_ext_leaves_the_rest(ext):
    [entry] = read(flash("【标题】正文。", ext=ext)).entries

    assert (entry.id, entry.symbols) == ("nkqaaaa1234567", ())


def test_times_are_beijing_times():
    [entry] = read(flash("【标题】正文。")).entries

    assert entry.published == datetime(2026, 11, 20, 4, 0, 5, tzinfo=UTC)
    assert entry.updated == datetime(2026, 11, 20, 4, 1, 5, tzinfo=UTC)


STOCKS = [
    {"market": "cn", "symbol": "sh600000"},
    {"market": "us", "symbol": "boan"},
    {"market": "hk", "symbol": "00700"},
    {"market": "fx", "symbol": "EURUSD"},
    {"market": "global", "symbol": "hf_CL"},
    {"market": "cn", "symbol": None},
    "sh600001",
]


@pytest.mark.parametrize(
    ("stocks", "names"),
    [
        (STOCKS, ["sh600000", "us:BOAN", "hk00700", "forex:EURUSD", "futures:CL"]),
        ({}, []),
        (None, []),
    ],
    ids=["list", "object", "null"],
)
def test_stocks_are_read_from_ext(stocks, names):
    ext = json.dumps({"stocks": stocks, "docurl": PAGE})
    [entry] = read(flash("【标题】正文。", ext=ext)).entries

    assert [symbol.name for symbol in entry.symbols] == names


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        ([{"id": "1", "name": "宏 观"}, {"name": ""}, 3], ("宏 观",)),
        ({}, ()),
        (None, ()),
    ],
    ids=["list", "object", "null"],
)
def test_tags_are_keywords(tags, names):
    [entry] = read(flash("【标题】正文。", tag=tags)).entries

    assert entry.keywords == names


SHAPES = (None, [], {}, {"feed": None}, {"feed": []}, {"feed": {"list": {}}}, "x", 3)


@pytest.mark.parametrize("data", SHAPES, ids=repr)
def test_an_answer_without_its_list_is_a_problem(data):
    body = json.dumps({"result": {"status": {"code": 0}, "data": data}}).encode()
    answer = read_answer(body, feed("live"))

    assert [problem.what for problem in answer.problems] == ["no list"]


def test_staff_addresses_never_leave_the_reader():
    body = DemoSite().respond("/zhibo.sina.com.cn/api/zhibo/feed?zhibo_id=152").body
    answers = (
        read_answer(body, feed("live", content="entry")),
        read(flash("【甲】乙")),
    )

    assert STAFF.encode() in body
    assert all("staff" not in repr(answer) for answer in answers)


@given(texts)
def test_every_flash_has_a_title_or_a_problem(text):
    answer = read(flash(text))

    assert len(answer.entries) + len(answer.problems) == 1
    assert all(one_line(entry.title) for entry in answer.entries)
