"""Pictures: told by their bytes, shown from here, and traced back to the site."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.errors import OptionError
from crawler.core.frontmatter import dump, load
from crawler.core.images import (
    check_prefix,
    image_name,
    image_path,
    is_image_name,
    is_named_after,
    localise,
    names_in,
    original_of,
    read_format,
    referer_for,
)
from crawler.core.markup import normalise_body
from tests.core.pictures import GIF, HTML, JPG, PICTURES, SVG, WEBP, png
from tests.core.samples import post

NAME = image_name(b"a", "png")
OTHER = image_name(b"b", "jpg")
URL = "https://n.sinaimg.cn/a.png?x=1&y={2}"


def document(body, headimg="https://n.sinaimg.cn/head.png"):
    normal = normalise_body(body, "https://finance.sina.com.cn/")
    images = normal.images
    head = images[0].url if images else headimg
    return images, dump(post(document=normal.document, images=images, headimg=head))


@pytest.mark.parametrize(("ending", "data"), PICTURES.items())
def test_a_whole_picture_is_told_by_its_bytes(ending, data):
    assert read_format(data) == (ending, "")


@pytest.mark.parametrize(("ending", "data"), PICTURES.items())
def test_half_a_picture_is_none(ending, data):
    assert read_format(data[: len(data) * 2 // 3]) == (
        "",
        f"cut: half a {ending} picture",
    )


@pytest.mark.parametrize(
    "data", [SVG, HTML, b"", b"BM" + b"\0" * 99, b"\xff\xd8", GIF[3:]]
)
def test_what_is_no_picture_is_refused(data):
    ending, problem = read_format(data)

    assert ending == ""
    assert problem.startswith(("no picture: ", "cut: "))


@given(st.binary(max_size=99))
def test_any_bytes_are_a_picture_or_not(data):
    for begin in (b"", JPG[:20], WEBP[:16], png()[:16], GIF[:6]):
        ending, problem = read_format(begin + data)
        assert bool(ending) != bool(problem)


def test_a_picture_is_named_after_its_bytes():
    assert is_image_name(NAME)
    assert is_named_after(NAME, b"a")
    assert not is_named_after(NAME, b"b")
    assert not is_image_name("../" + NAME)
    assert not is_image_name(NAME.replace(".png", ".svg"))


def test_a_document_shows_what_is_kept_and_tells_where_it_came_from():
    (image,), text = document(f'<p>甲<img src="{html.escape(URL)}" alt="图"></p>')

    local = localise(text, {image.url: NAME}, "/images/")

    body = load(local).body
    assert f'src="/images/{image_path(NAME)}" data-original="' in body
    assert load(local).headimg == f"/images/{image_path(NAME)}"
    assert names_in(local) == {NAME}
    assert original_of(f"/images/{image_path(NAME)}", body) == image.url


def test_a_document_made_again_from_one_with_local_pictures_is_the_first():
    body = f'<p>甲</p><p><img src="{html.escape(URL)}" alt="图" width="5"></p><p>乙</p>'
    (image,), text = document(body)
    local = load(localise(text, {image.url: NAME}, "/images/")).body

    again = normalise_body(local, "https://finance.sina.com.cn/")

    assert again.document == load(text).body
    assert again.images == (image,)


@pytest.mark.parametrize(
    "body",
    [
        '<p>甲<img src="https://n.sinaimg.cn/other.png"></p>',
        '<p>甲 https://n.sinaimg.cn/a.png src="x"</p>',
        '<p><img src="https://n.sinaimg.cn/b.png" alt="x src=&quot;https://n.sinaimg.cn/a.png&quot;"></p>',
        '<p><a href="https://n.sinaimg.cn/a.png">甲</a></p>',
    ],
)
def test_nothing_but_the_picture_itself_is_changed(body):
    _, text = document(body)

    assert localise(text, {"https://n.sinaimg.cn/a.png": NAME}, "/images/") == text


def test_without_kept_pictures_a_document_stays_to_the_byte():
    _, text = document('<p><img src="https://n.sinaimg.cn/a.png"></p>')

    assert localise(text, {}, "/images/") == text


def test_a_page_cannot_pretend_to_show_a_local_picture():
    hostile = (
        f'<img src="/images/{image_path(OTHER)}" data-original="https://evil.cn/a.png">'
    )
    _, text = document(f"<p>甲{hostile} {image_path(OTHER)}</p>")

    assert names_in(text) == set()


@pytest.mark.parametrize(
    "prefix", ["/", "/images/", "/blog/img/", "https://a.cn/", "https://a.cn:8/i/"]
)
def test_a_prefix_is_a_path_from_the_root_or_an_address(prefix):
    assert check_prefix(prefix) == prefix


@pytest.mark.parametrize(
    "prefix", ["", "images/", "/images", "//a.cn/", "javascript:/", '/"/', "/a b/"]
)
def test_any_other_prefix_is_refused(prefix):
    with pytest.raises(OptionError, match="IMAGES_URL"):
        check_prefix(prefix)


def test_weibo_pictures_are_asked_for_as_weibo_does():
    site = "https://finance.sina.com.cn/"

    assert (
        referer_for("https://wx1.sinaimg.cn/large/a.jpg", site) == "https://weibo.com/"
    )
    assert referer_for("https://n.sinaimg.cn/a.jpg", site) == site
