"""Where a document lies: a path that never changes and is safe everywhere."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given

from crawler.core.errors import OptionError
from crawler.core.paths import DEFAULT_PATH, check_path, post_path, safe_name
from tests.core.samples import post, texts

USABLE = {
    DEFAULT_PATH: "金融/新浪财经/新浪财经－国內/2026/11/20/nkqaaaa1234567.html",
    "{id}.html": "nkqaaaa1234567.html",
    "{feed}/{year}-{month}-{day}-{id}.html": "china/2026-11-20-nkqaaaa1234567.html",
    "posts/{id}/index.html": "posts/nkqaaaa1234567/index.html",
    "{categories}/{id}.html": "金融/新浪财经/新浪财经－国內/nkqaaaa1234567.html",
}
UNUSABLE = {
    "nothing": "",
    "no id": "{year}/index.html",
    "other ending": "{id}.md",
    "absolute": "/{id}.html",
    "leaves the folder": "../{id}.html",
    "leaves it later": "a/../{id}.html",
    "hidden": ".posts/{id}.html",
    "ignored by the generator": "_drafts/{id}.html",
    "home": "~/{id}.html",
    "empty part": "a//{id}.html",
    "space in front": " a/{id}.html",
    "space at an end": "a /{id}.html",
    "dot at an end": "a./{id}.html",
    "backslash": "a\\{id}.html",
    "per cent": "a%/{id}.html",
    "question mark": "a?/{id}.html",
    "hash": "a#/{id}.html",
    "colon": "C:/{id}.html",
    "ampersand": "a&b/{id}.html",
    "control": "a\0/{id}.html",
    "line end": "a\nb/{id}.html",
    "unknown name": "{title}/{id}.html",
    "no name": "{}/{id}.html",
    "number": "{0}/{id}.html",
    "attribute": "{id.__class__}.html",
    "index": "{id[0]}/{id}.html",
    "conversion": "{id!r}.html",
    "format": "{id:>50}.html",
    "name inside a format": "{id:{year}}.html",
    "open brace": "{id.html",
    "lone brace": "}{id}.html",
    "braces": "{{x}}/{id}.html",
}


@pytest.mark.parametrize(("template", "path"), USABLE.items())
def test_a_template_gives_a_path(template, path):
    assert post_path(check_path(template), post()) == path


@pytest.mark.parametrize("template", UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_template_is_refused_with_advice(template):
    with pytest.raises(OptionError, match=r"(?s)^POST_PATH=.*: .*\w") as caught:
        check_path(template)

    assert caught.value.exit_code == 2


@given(texts)
def test_what_passes_as_a_template_gives_a_safe_path(text):
    try:
        path = post_path(check_path(text + "/{id}.html"), post())
    except OptionError:
        path = "a/nkqaaaa1234567.html"

    assert path.endswith("nkqaaaa1234567.html")
    assert not re.search(r"[\\%?#&:*\"<>|\x00-\x1f\x7f\ud800-\udfff]|//|^/", path)


def test_the_day_is_that_of_beijing():
    late = post(published=datetime(2026, 11, 20, 16, 30, tzinfo=UTC))

    assert "/2026/11/21/" in post_path(DEFAULT_PATH, late)


def test_nothing_that_can_change_is_in_the_path():
    changed = post(
        title="改过的标题", text="改过。", source="别家", updated=post().fetched
    )

    assert post_path(DEFAULT_PATH, changed) == post_path(DEFAULT_PATH, post())


def test_a_page_given_by_hand_has_a_folder_too():
    assert post_path("{feed}/{id}.html", post(feed="")).startswith("by-hand/")


NAMES = {
    "plain": ("新浪财经－国內", "新浪财经－国內"),
    "climbing": ("../../etc", "etc"),
    "slash": ("7/24", "7-24"),
    "specials": ("a%b?c#d:e", "a-b-c-d-e"),
    "hidden": (".a", "a"),
    "ignored": ("_a~", "a"),
    "spaces": ("  a  b. ", "a b"),
    "nothing": ("", "other"),
    "nothing safe": ("?\u200b", "other"),
    "too long": ("甲" * 60, "甲" * 33),
    "dot where it is cut": ("a" * 99 + ".b", "a" * 99),
}


@pytest.mark.parametrize(("name", "folder"), NAMES.values(), ids=NAMES)
def test_a_category_becomes_a_folder(name, folder):
    assert safe_name(name) == folder


@given(texts)
def test_every_folder_is_one_safe_name(text):
    folder = safe_name(text)

    assert re.fullmatch(r"[^\s._~\\/%?#:*\"<>|-][^\\/%?#:*\"<>|\0-\x1f]*", folder)
    assert len(folder.encode()) <= 100
    assert folder[-1] not in " ."
