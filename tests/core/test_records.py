"""The record: one JSON line a version, described by its schema."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from crawler.core.dedup import fingerprint
from crawler.core.errors import PostRejected
from crawler.core.markup import Image
from crawler.core.posts import Post, accept
from crawler.core.records import FIELDS, record_line, record_of, record_schema
from crawler.core.symbols import Symbol
from tests.core.samples import POST, item, texts

SCHEMA = record_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
FACTS = {
    "path": "金融/新浪财经/2026/11/20/nkqaaaa1234567.html",
    "revision": 1,
    "status": "new",
    "content_hash": fingerprint(POST).content,
    "first_seen": "2026-11-20T05:00:00+00:00",
    "feeds": ["china", "roll"],
    "duplicates": ["zzzzzzz7654321"],
    "listed": [{"feed": "china", "since": "2026-11-20T05:00:00+00:00"}],
    "copies": [
        {
            "id": "zzzzzzz7654321",
            "url": "https://finance.sina.com.cn/x/doc-izzzzzzz7654321.shtml",
            "kept": False,
            "similarity": 0.97,
            "differs": "beginning",
            "first_seen": "2026-11-21T05:00:00+00:00",
        }
    ],
}
KEYS = (
    "id url title source author editor published updated feed feeds categories keywords"
    " symbols images headimg html text path revision status content_hash first_seen"
    " fetched template duplicates listed copies removed removal_confirmed restored"
).split()


def test_the_keys_stand_in_their_fixed_order():
    assert list(record_of(POST, FACTS)) == list(FIELDS) == KEYS


def test_a_record_says_what_the_post_does():
    record = record_of(POST, FACTS)

    assert (record["title"], record["categories"]) == (
        POST.title,
        list(POST.categories),
    )
    assert (record["published"], record["updated"]) == (
        "2026-11-20T04:30:15+00:00",
        None,
    )
    assert record["symbols"] == [{"market": "sh", "code": "600000", "why": "link"}]
    assert record["images"] == [
        {"url": "https://n.sinaimg.cn/a.png", "caption": "图一"}
    ]


def test_a_fact_of_the_store_that_is_missing_is_an_error():
    with pytest.raises(KeyError, match="path"):
        record_of(POST, {key: value for key, value in FACTS.items() if key != "path"})


def test_the_schema_is_sound_and_explains_every_key():
    Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert sorted(SCHEMA["required"]) == sorted(KEYS)
    assert all(entry["description"] for entry in SCHEMA["properties"].values())


ITEMS = st.builds(
    item,
    title=texts,
    source=st.none() | texts,
    author=texts,
    editor=texts,
    html=texts,
    text=texts,
    template=texts,
    keywords=st.none() | st.lists(texts, max_size=2),
    categories=st.lists(texts, max_size=2),
    symbols=st.lists(st.builds(Symbol, texts, texts, texts), max_size=2),
    images=st.lists(st.builds(Image, texts, texts), max_size=2),
    updated=st.none() | st.just(datetime(2026, 11, 20, tzinfo=UTC)),
    feed=st.none() | st.just("china"),
)


def accepted(loaded: object) -> Post:
    """Accept an item, or give the sample post where it is refused."""
    try:
        return accept(loaded)
    except PostRejected:
        return POST


@given(ITEMS.map(accepted))
def test_every_accepted_post_has_a_valid_record(post):
    record = record_of(post, FACTS)

    assert [error.message for error in VALIDATOR.iter_errors(record)] == []


@given(ITEMS.map(accepted))
def test_a_record_comes_back_from_its_line(post):
    record = record_of(post, FACTS)
    line = record_line(record)

    assert json.loads(line) == record
    assert line.encode().decode() == line
    assert line.splitlines(keepends=True) == [line]


def test_a_line_is_not_ascii_escaped():
    assert record_line({"title": "标题😀 A&B"}) == '{"title":"标题😀 A&B"}\n'


@pytest.mark.parametrize(
    "mark", ["\x7f", "\x85", "\u2028", "\u2029", "\ud800"], ids=ascii
)
def test_what_ends_a_line_or_no_file_can_hold_is_escaped(mark):
    line = record_line({"title": f"甲{mark}"})

    assert line == f'{{"title":"甲\\u{ord(mark):04x}"}}\n'


WRONG = {
    "unknown key": {"extra": 1},
    "other id": {"id": "x"},
    "revision 0": {"revision": 0},
    "other status": {"status": "unchanged"},
    "naive time": {"published": "2026-11-20T04:30:15"},
    "other zone": {"fetched": "2026-11-20T12:30:15+08:00"},
    "null title": {"title": None},
    "symbol without a reason": {"symbols": [{"market": "sh", "code": "600000"}]},
    "image as text": {"images": ["https://a.cn/b"]},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_the_schema_refuses_what_is_no_record(changes):
    assert list(VALIDATOR.iter_errors(record_of(POST, FACTS) | changes))


def test_the_schema_refuses_a_record_with_a_key_missing():
    for key in KEYS:
        record = record_of(POST, FACTS)
        del record[key]
        assert list(VALIDATOR.iter_errors(record)), f"{key} may be missing"
