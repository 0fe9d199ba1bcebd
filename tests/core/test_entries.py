"""Feeds' answers: what can be read is an entry, what cannot is a problem."""

import dataclasses
import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.entries import Entry, read_answer
from crawler.core.entries.entry import Problem
from crawler.core.urls import NO_ADDRESS
from crawler.demo import DemoSite
from tests.core.samples import AWKWARD, feed, texts

ROLL = "/feed.mix.sina.com.cn/api/roll/get?pageid=384&lid=2672&num=4"
LIVE = "/zhibo.sina.com.cn/api/zhibo/feed?zhibo_id=152"
RSS = "/rss.sina.com.cn/roll/finance/hot_roll.xml"
ANSWERS = {
    "roll": ("roll", ROLL),
    "jsonp": ("roll", ROLL + "&callback=feedCardJsonpCallback"),
    "live": ("live", LIVE),
    "rss": ("rss", RSS),
}
ANSWER = DemoSite().respond(ROLL).body
URL = "https://finance.sina.com.cn/a/2026-11-20/doc-inkqaaaa1234567.shtml"
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def as_json(value: object) -> str:
    """Write entries as a golden holds them."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=str)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_of_the_sample_site_is_read_as_ever(name, golden):
    form, path = ANSWERS[name]
    content = "page" if form == "roll" else "entry"
    answer = read_answer(DemoSite().respond(path).body, feed(form, content=content))

    assert answer.problems == ()
    entries = [dataclasses.asdict(entry) for entry in answer.entries]
    golden(f"entries-{name}.json", as_json(entries) + "\n")


def roll(*items: object, code: object = 0) -> bytes:
    """Write a roll answer with these items."""
    return json.dumps({"result": {"status": {"code": code}, "data": items}}).encode()


def roll_item(**changes: object) -> dict[str, object]:
    """Make an item of a roll answer."""
    return {"title": "标题", "url": URL, "ctime": "1795147200"} | changes


def one(body: bytes, form: str = "roll", **changes: object) -> Entry:
    """Read an answer that has one entry and no problem."""
    answer = read_answer(body, feed(form, **changes))
    assert answer.problems == ()
    [entry] = answer.entries
    return entry


@pytest.mark.parametrize("form", ["roll", "live"])
@pytest.mark.parametrize("end", range(0, len(ANSWER), 97))
def test_an_answer_cut_anywhere_is_a_problem(form, end):
    answer = read_answer(ANSWER[:end], feed(form))

    assert answer.entries == ()
    assert answer.problems[0].what in {"not JSON", "empty answer"}


HTML = "<!DOCTYPE html><title>x</title><body>您的访问过于频繁".encode()
BROKEN = {
    "nothing": (b"", "empty answer at byte 0"),
    "white space": (b" \r\n", "empty answer"),
    "only a mark": (b"\xef\xbb\xbf", "not JSON"),
    "page": (HTML, "HTML instead of a feed at byte 0: x 您的访问过于频繁"),
    "page after a mark": (b"\xef\xbb\xbf \n<HTML>x", "HTML instead"),
    "words": (b"param error", "not JSON at line 1, column 1: param error"),
    "bytes": (bytes(range(256)), "not JSON"),
    "array": (b"[]", r"no result at the top of the answer: \[\]"),
    "number": (b"x(3)", "no result"),
    "no result": (b"{}", "no result"),
    "null result": (b'{"result": null}', "no result"),
    "no status": (b'{"result": {"data": []}}', "status at result.status.code: None"),
    "status as text": (b'{"result": {"status": "down"}}', "status .*: None down"),
    "bad status": (roll(code=11), "status at result.status.code: 11"),
    "NaN for a status": (b'{"result": {"status": {"code": NaN}}}', "status .*: None"),
    "data as object": (
        b'{"result": {"status": {"code": 0}, "data": {}}}',
        "no list at",
    ),
    "no item": (roll(), "empty list at the whole answer"),
    "null data": (b'{"result": {"status": {"code": 0}, "data": null}}', "empty list"),
    "deep nesting": (b"[" * 100_000, "not JSON at the whole answer"),
    "deep data": (
        b'{"result":{"status":{"code":0},"data":{"a":'
        + b"[" * 900
        + b"]" * 900
        + b"}}}",
        "no list at result.data",
    ),
    "number too long": (b"[" + b"9" * 5000 + b"]", "not JSON at the whole answer"),
    "open brackets": (b"x(" + b"(" * 5000, "not JSON"),
    "much white space": (b" " * 20_000 + b"x" + b" " * 20_000 + b"(", "not JSON"),
}


@pytest.mark.parametrize(("body", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_is_one_problem(body, message):
    answer = read_answer(body, feed())

    assert (answer.entries, len(answer.problems)) == ((), 1)
    assert re.match(message, str(answer.problems[0]))


def test_a_status_written_as_text_is_well():
    assert one(roll(roll_item(), code="0")).title == "标题"


def test_a_page_past_the_last_has_no_entry_and_no_problem():
    for data in (b"[]", b"null"):
        body = b'{"result": {"status": {"code": 0}, "data": %s}}' % data
        answer = read_answer(body, feed(), page=3)
        assert (answer.entries, answer.problems) == ((), ())


WRAPPERS = (
    *(
        "%s",
        "cb(%s)",
        "cb(%s);",
        "try{cb(%s);}catch(e){};",
        "try { a.b$c ( %s ) ; }catch(e){ }",
    ),
    *("\ufeff%s", "try{ cb(%s);\n}catch(e){}\n", "(%s)", "\n\ncb (%s) ;\n"),
)


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=ascii)
def test_a_callback_is_unwrapped(wrapper):
    plain = roll(roll_item(title="甲)乙;")).decode()

    assert one((wrapper % plain).encode()).title == "甲)乙;"


ITEMS = {
    "text": ("x", "item 2: is no object"),
    "null": (None, "item 2: is no object"),
    "list": ([[1]], "item 2: is no object"),
    "no address": ({"title": "甲"}, f"item 2: url 'None' {NO_ADDRESS}"),
    "script for an address": (roll_item(url="javascript:alert(1)"), "item 2: url"),
    "data for an address": (roll_item(url="data:text/html,x"), "item 2: url"),
    "object for an address": (roll_item(url={"u": URL}), "item 2: url"),
    "no title": (roll_item(title=""), "item 2: title is empty"),
    "null title": (roll_item(title=None), "item 2: title is empty"),
    "invisible title": (roll_item(title="\u200b \u00ad"), "item 2: title is empty"),
    "list for a title": (roll_item(title=["甲"]), "item 2: title is empty"),
}


@pytest.mark.parametrize(("item", "message"), ITEMS.values(), ids=ITEMS)
def test_an_unreadable_item_is_a_problem_beside_the_others(item, message):
    last = roll_item(url=URL.replace("aaaa", "bbbb"))
    answer = read_answer(roll(roll_item(), item, last), feed())

    assert [entry.id for entry in answer.entries] == [
        "nkqaaaa1234567",
        "nkqbbbb1234567",
    ]
    assert [str(problem).partition(message)[1] for problem in answer.problems] == [
        message
    ]


FIELDS = {
    "time": ({"ctime": 1795147200}, "published", NOON),
    "no time": ({"ctime": "0"}, "published", None),
    "NaN for a time": ({"ctime": float("nan")}, "published", None),
    "change": ({"mtime": "1795147200"}, "updated", NOON),
    "medium": ({"media_name": " 示例\t财经 "}, "source", "示例 财经"),
    "no author": ({"author": "0"}, "author", ""),
    "author": ({"author": "某 人\u200b"}, "author", "某 人"),
    "keywords": ({"keywords": "甲,乙，丙;甲|,"}, "keywords", ("甲", "乙", "丙")),
    "keywords as a list": ({"keywords": ["甲"]}, "keywords", ()),
    "no picture": ({"img": [], "images": None}, "image", ""),
    "picture": (
        {"img": {"u": "//n.sinaimg.cn/a.png"}},
        "image",
        "https://n.sinaimg.cn/a.png",
    ),
    "picture of the list": (
        {"img": [], "images": [3, {"u": "data:x"}, {"u": "https://a.cn/b"}]},
        "image",
        "https://a.cn/b",
    ),
    "surrogate in the title": ({"title": "甲\ud800"}, "title", "甲"),
    "markup in the title": ({"title": "15%<甲>&amp;"}, "title", "15%<甲>&amp;"),
    "whole number for a title": ({"title": 2026}, "title", "2026"),
    "id by docid": (
        {"url": "https://a.cn/", "docid": "comos:nkqcccc1234567"},
        "id",
        "nkqcccc1234567",
    ),
}


@pytest.mark.parametrize(("changes", "name", "value"), FIELDS.values(), ids=FIELDS)
def test_a_field_of_the_roll_api_is_checked_not_trusted(changes, name, value):
    assert getattr(one(roll(roll_item(**changes))), name) == value


def test_each_id_is_kept_once_where_and_as_it_first_stood():
    second = roll_item(url=URL.replace("aaaa", "bbbb"))
    again = roll_item(title="再次", url=URL + "?from=x")
    answer = read_answer(roll(roll_item(), second, again), feed())

    assert [(entry.id, entry.title) for entry in answer.entries] == [
        ("nkqaaaa1234567", "标题"),
        ("nkqbbbb1234567", "标题"),
    ]


def test_a_problem_says_what_where_and_how():
    assert str(Problem("status", "")) == "status"
    assert str(Problem("status", "code", "11")) == "status at code: 11"


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                "result status code data title url ctime img images u feed list"
                " rich_text ext id tag name items content_html authors link".split()
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)


@given(VALUES, st.sampled_from(["roll", "live", "rss"]))
def test_no_json_stops_a_reader_or_passes_in_silence(value, form):
    items = {"status": {"code": 0}, "data": [value, {"feed": value}]}
    live = {"status": {"code": 0}, "data": {"feed": {"list": [value]}}}
    for data in (value, {"result": items}, {"result": live}, {"items": [value]}):
        answer = read_answer(json.dumps(data).encode(), feed(form, content="entry"))
        assert answer.entries or answer.problems


@given(
    st.one_of(st.binary(max_size=80), st.lists(st.sampled_from(AWKWARD)).map("".join)),
    st.sampled_from(["roll", "live", "rss"]),
)
def test_no_bytes_stop_a_reader_or_pass_in_silence(body, form):
    data = body if isinstance(body, bytes) else body.encode("utf-8", "replace")
    answer = read_answer(data, feed(form))

    assert answer.entries or answer.problems
