"""The one gate: a post is complete, or every hole is named."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from crawler.core.errors import PostRejected
from crawler.core.markup import Image
from crawler.core.posts import accept
from crawler.core.text import display_line
from crawler.items import PostItem
from tests.core.samples import POST, item, texts

DAY = timedelta(days=1)


def test_a_complete_item_is_its_post():
    assert accept(item()) == POST


OPTIONAL = {
    "texts": ({"source": None, "author": None, "editor": None, "feed": None}, ""),
    "lists": ({"keywords": None, "symbols": None, "images": None}, ()),
}


@pytest.mark.parametrize(("holes", "value"), OPTIONAL.values(), ids=OPTIONAL)
def test_a_hole_that_may_be_is_filled(holes, value):
    post = accept(item(**holes))

    assert {getattr(post, name) for name in holes} == {value}


def test_lists_of_the_item_are_fixed_in_the_post():
    post = accept(item(categories=["甲", "乙"], images=[Image("https://a.cn/b")]))

    assert (post.categories, post.images) == (("甲", "乙"), (Image("https://a.cn/b"),))


KEPT = {
    "picture without words": {"text": "", "images": [Image("https://a.cn/b")]},
    "words without a picture": {"text": "快讯。", "images": []},
    "no time of change": {"updated": None},
    "published a moment after": {"published": POST.fetched + DAY},
    "first day of the site": {"published": datetime(1998, 1, 1, tzinfo=UTC)},
    "id of our own": {"id": "u0123456789abcde"},
    "long title": {"title": "甲" * 1000},
    "one lost character in many": {"text": "甲" * 200 + "\ufffd"},
}


@pytest.mark.parametrize("changes", KEPT.values(), ids=KEPT)
def test_what_is_short_or_odd_but_whole_is_kept(changes):
    post = accept(item(**changes))

    assert all(getattr(post, name) is not None for name in changes if name != "updated")


HOLES = {
    "no id": ({"id": None}, "document id '' has not the form of one"),
    "id of another form": ({"id": "../x"}, "document id '../x' has not the form"),
    "id with a line end": ({"id": "nkqaaaa1234567\n"}, "document id"),
    "no address": ({"url": None}, "no usable URL"),
    "address of another scheme": ({"url": "javascript:alert(1)"}, "no usable URL"),
    "no title": ({"title": None}, "no title"),
    "invisible title": ({"title": "\u200b \u00ad"}, "no title"),
    "only a tag for a title": ({"title": "<img"}, "no title"),
    "text for a title": ({"title": "甲" * 1001}, "title of 1001 characters"),
    "no time": ({"published": None}, "no publication time"),
    "no time of fetching": ({"fetched": None}, "no fetch time"),
    "too old": (
        {"published": datetime(1997, 12, 31, tzinfo=UTC)},
        "published 1997-12-31",
    ),
    "in the future": ({"published": POST.fetched + 2 * DAY}, ".*UTC, in the future"),
    "no body": ({"text": "", "images": []}, "no body: neither text nor image"),
    "no head image": ({"headimg": None}, "no head image"),
    "head image of another scheme": (
        {"headimg": "data:image/png;base64,"},
        "no head image",
    ),
    "no site": ({"site": None}, "no site or category"),
    "no category": ({"categories": []}, "no site or category"),
    "unreadable": ({"text": "甲\ufffd乙"}, ".*unreadable|mojibake"),
}


@pytest.mark.parametrize(("changes", "reason"), HOLES.values(), ids=HOLES)
def test_a_hole_is_named(changes, reason):
    with pytest.raises(PostRejected, match=f"^(?:{reason})") as caught:
        accept(item(**changes))

    assert len(caught.value.problems) == 1
    assert "\n" not in str(caught.value)


def test_every_hole_is_named_at_once():
    with pytest.raises(PostRejected) as caught:
        accept(PostItem())

    assert len(caught.value.problems) == 7
    assert str(caught.value) == "; ".join(caught.value.problems)


@given(texts, texts)
def test_an_accepted_post_has_a_title_to_show(title, text):
    try:
        shown = display_line(accept(item(title=title, text=text)).title)
    except PostRejected as error:
        shown = str(error)

    assert shown
