"""New, changed, the same, or a copy."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.dedup import (
    DISTINCTIVE,
    Duplicate,
    Known,
    Likeness,
    New,
    Revision,
    Unchanged,
    decide,
    fingerprint,
)
from crawler.core.markup import Image
from tests.core.samples import post, texts

LONG = "这是一句足够长的话，用来把正文写到能够独自作证的长度。" * 10
STORED = fingerprint(post())
KNOWN = Known(STORED, 1)


def test_a_first_post_is_new():
    assert decide(STORED, None, None) == New()


def test_the_same_story_under_another_id_is_a_duplicate():
    assert decide(STORED, None, "zzzzzzz7654321") == Duplicate(
        "zzzzzzz7654321", "same text"
    )


LIKE = Likeness("zzzzzzz7654321", 0.9, "beginning")
MORE = Likeness("zzzzzzz7654321", 0.9, "ending", says_more=True)
REPRINTS = {
    "linked": (LIKE, True, Duplicate(LIKE.of, "nearly the same text", LIKE)),
    "kept": (LIKE, False, New("a reprint", LIKE)),
    "says more": (MORE, True, New("a reprint that says more", MORE)),
    "says more, kept": (MORE, False, New("a reprint", MORE)),
}


@pytest.mark.parametrize(("like", "link", "decision"), REPRINTS.values(), ids=REPRINTS)
def test_a_reprint_is_linked_or_kept_with_its_evidence(like, link, decision):
    assert decide(STORED, None, None, like, link=link) == decision


@pytest.mark.parametrize("link", [True, False])
def test_an_equal_text_is_a_duplicate_whatever_becomes_of_reprints(link):
    decision = decide(STORED, None, "zzzzzzz7654321", LIKE, link=link)

    assert decision == Duplicate("zzzzzzz7654321", "same text")


def test_a_stored_post_is_never_made_a_reprint():
    assert decide(STORED, KNOWN, None, LIKE) == Unchanged()


CHANGES = {
    "title": ({"title": "改过的标题"}, Revision(4, "title")),
    "text": ({"text": "改过的正文。"}, Revision(4, "text")),
    "both": ({"title": "改", "text": "改"}, Revision(4, "title and text")),
    "figure": ({"text": "正文二段。"}, Revision(4, "text")),
    "white space": ({"text": " 正文\u3000一段。\n"}, Unchanged()),
    "width": ({"title": "一篇用来试验的稿件\u200b"}, Unchanged()),
    "source": ({"source": "别家", "editor": "别人", "keywords": ()}, Unchanged()),
    "picture": ({"images": (), "headimg": "https://a.cn/b"}, Unchanged()),
    "time": ({"published": post().fetched}, Unchanged()),
}


@pytest.mark.parametrize(("changes", "decision"), CHANGES.values(), ids=CHANGES)
def test_a_stored_post_is_revised_only_when_it_reads_otherwise(changes, decision):
    assert decide(fingerprint(post(**changes)), Known(STORED, 3), None) == decision


def test_a_changed_title_is_a_revision():
    assert decide(fingerprint(post(title="改")), KNOWN, None) == Revision(2, "title")


def test_a_stored_id_is_never_made_a_duplicate():
    changed = fingerprint(post(text="改过的正文。"))

    assert decide(STORED, KNOWN, "zzzzzzz7654321") == Unchanged()
    assert decide(changed, KNOWN, "zzzzzzz7654321") == Revision(2, "text")


@given(texts, texts)
def test_a_post_is_unchanged_against_itself(title, text):
    mark = fingerprint(post(title=title, text=text))

    assert decide(mark, Known(mark, 1), None) == Unchanged()
    assert decide(mark, Known(mark, 1), "zzzzzzz7654321") == Unchanged()


def test_the_threshold_is_where_a_text_speaks_for_itself():
    assert len(LONG) > DISTINCTIVE > len(post().text)


LONG_COPIES = {
    "another id and address": {"id": "zzzzzzz7654321", "url": "https://a.cn/"},
    "another title": {"title": "别的标题"},
    "another day": {"published": post().published - timedelta(days=3)},
    "other pictures": {"images": (Image("https://a.cn/c.png"),)},
    "other white space": {"text": "\u3000" + LONG},
}


@pytest.mark.parametrize("changes", LONG_COPIES.values(), ids=LONG_COPIES)
def test_a_long_text_is_one_story_whatever_else_differs(changes):
    one, two = post(text=LONG), post(**{"text": LONG} | changes)

    assert fingerprint(one).story == fingerprint(two).story


SHORT_OTHERS = {
    "title": {"title": "别的标题"},
    "day": {"published": post().published - timedelta(days=1)},
    "picture": {"images": (Image("https://a.cn/c.png"),)},
    "text": {"text": "正文两段。"},
}


@pytest.mark.parametrize("changes", SHORT_OTHERS.values(), ids=SHORT_OTHERS)
def test_a_short_text_alone_proves_nothing(changes):
    assert fingerprint(post()).story != fingerprint(post(**changes)).story


def test_a_short_copy_agrees_in_title_day_and_pictures():
    image = Image("https://n.sinaimg.cn/a.png?w=9", "别的图注")
    copy = post(id="zzzzzzz7654321", images=(image,), source="别家")

    assert fingerprint(copy).story == STORED.story


@given(st.text(min_size=1), st.text(min_size=1))
def test_title_and_text_are_not_mixed_up(one, two):
    mark = fingerprint(post(title=one, text=two))

    assert (mark.content == fingerprint(post(title=two, text=one)).content) == (
        mark.title == mark.text
    )
