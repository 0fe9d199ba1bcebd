"""Two clean bodies, a text and images; nothing of the page can run in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.markup import Body, Image, normalise_body, too_deep
from crawler.core.markup.safety import MAX_DEPTH
from tests.core.hostile import (
    SNIPPETS,
    what_is_active,
    what_is_more_than_structure,
)
from tests.core.samples import AWKWARD, texts

BASE = "https://finance.sina.com.cn/china/a.shtml"


def body(html: str) -> Body:
    return normalise_body(html, BASE)


# Hostile markup


@pytest.mark.parametrize("html", SNIPPETS.values(), ids=SNIPPETS)
def test_nothing_active_survives(html):
    made = body("<p>前文</p>" + html)

    assert what_is_active(made.document) == []
    assert what_is_active(made.clean) == []
    assert what_is_more_than_structure(made.clean) == []
    assert made.text.startswith("前文")


def test_the_check_itself_sees_what_is_active():
    seen = [name for name, html in SNIPPETS.items() if what_is_active(html)]

    assert len(seen) > 110


PIECES = st.lists(
    st.one_of(
        st.sampled_from(list(SNIPPETS.values())),
        st.sampled_from(
            "<p> </p> <div> </div> <b> </b> <a> </a> <style> </style> <!-- --> --!> ]]>"
            " <![CDATA[ <svg> </svg> <math> <mtext> <table> </table> <tr> <td> <option>"
            " <select> <template> </template> <noscript> </noscript> <title> </title>"
            " <xmp> <pre> <li> <h1> </h2> <marquee> <form> <br> </br> <plaintext>"
            " <body> <frameset> <? < > & &lt; &gt; &#0; &amp; ' = /".split()
        ),
        st.sampled_from(AWKWARD),
        st.text(max_size=3),
    ),
    max_size=20,
).map("".join)


@given(PIECES, st.sampled_from([BASE, "", "http://[", "javascript:x"]))
def test_nothing_active_survives_any_mixture(html, base):
    made = normalise_body(html, base)

    assert what_is_active(made.document) == []
    assert what_is_active(made.clean) == []
    assert what_is_more_than_structure(made.clean) == []


ATTRIBUTES = st.sampled_from(
    "class id style cms-style align title data-link href src alt width height color"
    " size face border bgcolor valign colspan nowrap start type lang name".split()
)
VALUES = st.lists(
    st.sampled_from(
        "javascript: data:text/html, url( expression( fancybox.ajax location cookie"
        " l_main quote_ color:red position:fixed //a.cn/b ../ %22 %3Cb%3E onclick=x"
        " href= $& ; : = ( ) < > & &lt; &amp;lt; &#123; { } ` ' 1 a 甲 \n".split(" ")
    )
).map("".join)


@given(st.sampled_from("a img p td font ol".split()), ATTRIBUTES, VALUES)
def test_no_attribute_holds_what_it_is_not_for(tag, name, value):
    quoted = value.replace('"', "&quot;")
    made = body(f'<img src="//a.cn/b"><{tag} {name}="{quoted}">甲')

    assert what_is_active(made.document) == []
    assert what_is_active(made.clean) == []
    assert what_is_more_than_structure(made.clean) == []


@given(PIECES)
def test_the_text_of_a_body_holds_no_control(html):
    made = body(html)

    assert not set(made.text) & set("\0\r\x0b\x0c\ufffc\ufeff\u200b\ud800")
    assert "\n\n" not in made.text
    assert made.text == made.text.strip()


# A document's document is the same, but for three things with a reason: braces in a
# style sheet stay entities there, white space goes from the start once more, and an
# unknown element between two headings was all that kept one out of the other.
STABLE = st.recursive(
    st.one_of(
        texts.map(lambda t: t.replace("<", "&lt;")), st.just('<img src="a.png">')
    ),
    lambda inner: st.tuples(
        st.sampled_from("div b i span font ul blockquote table center del".split()),
        st.lists(inner, max_size=3),
    ).map(lambda made: f"<{made[0]} class='x' id>{''.join(made[1])}</{made[0]}>"),
    max_leaves=8,
)


@given(STABLE)
def test_the_document_of_a_document_is_the_same(html):
    once = body(html).document.strip()

    assert body(once).document.strip() == once


@given(STABLE)
def test_a_clean_body_is_clean_already(html):
    once = body(html)

    assert body(once.clean).text == once.text


# What stays, and how it is written

DOCUMENT = {
    "paragraph": '<p cms-style="font-L">　　甲</p>',
    "bold": '<font cms-style="font-L strong-Bold color210">甲</font>',
    "wrapper": '<div class="img_wrapper"><span class="img_descr"></span></div>',
    "safe style": '<p style="text-align: center; color: #333;">甲</p>',
    "table": '<table border="1" cellspacing="0"><tbody><tr><td colspan="2">甲</td></tr>'
    "</tbody></table>",
    "link": '<a href="https://a.cn/b?c=1&amp;d=2">甲</a>',
    "empty values": "<p class id>甲</p>",
    "harmless comment": "<!-- 正文下iframe -->",
    "keyword comment": "<!-- news_keyword_pub,stock,sh600000&sz009001 -->",
    "entities": "甲 &amp; 乙 &lt;15% &nbsp;",
    "line ends": "甲\n\n\n   乙",
    "two backticks": "``甲`` ~~乙~~",
}


@pytest.mark.parametrize("html", DOCUMENT.values(), ids=DOCUMENT)
def test_the_sources_markup_stays_as_it_is(html):
    assert body(html).document == html


WRITTEN = {
    "white space first": (" \n<p>甲</p>", "<p>甲</p>"),
    "white space around a script": ("甲\n\n<script></script>\n乙", "甲\n\n\n乙"),
    "unknown element": (
        "<article><x-y><p>甲</p></x-y></article>",
        "<article><p>甲</p></article>",
    ),
    "unquoted attributes": ("<p class=x id=y1>甲", '<p class="x" id="y1">甲</p>'),
    "quote in a style": (
        "<p style='font-family:\"a b\"'>甲</p>",
        '<p style="font-family:&quot;a b&quot;">甲</p>',
    ),
    "id that is a script's variable": ("<p id=location>甲</p>", "<p>甲</p>"),
    "id that is a theme's": ("<p id=u-search>甲</p>", "<p>甲</p>"),
    "id of a quote": (
        "<b id=quote_sh600000>甲</b>",
        '<b id="quote_sh600000">甲</b>',
    ),
    "class with an option": ('<p class="a b.ajax\nc">甲</p>', '<p class="a c">甲</p>'),
    "address for a class": ("<p class=javascript:x>甲</p>", "<p>甲</p>"),
    "words for a size": ('<hr align="1;x">甲', "<hr>甲"),
    "font": (
        '<font face="Times New Roman, 宋体" size="+1" color="#F00">甲</font>',
        '<font face="Times New Roman, 宋体" size="+1" color="#F00">甲</font>',
    ),
    "relative data-link": (
        '<p data-link="/c">甲</p>',
        '<p data-link="https://finance.sina.com.cn/c">甲</p>',
    ),
    "processing instruction": ("甲<?xml version=1?>乙<?a --!?>丙", "甲乙丙"),
    "markup in a caption": (
        "<p title='<b>&amp;lt; \"a\" &amp; b'>甲</p>",
        '<p title="＜b＞＆lt; “a” &amp; b">甲</p>',
    ),
    "what a generator rewrites": (
        '<a title="href=$&amp;" href="/?a=b">甲</a>',
        '<a title="href&#61;&#36;&amp;" href="https://finance.sina.com.cn/?a=b">甲</a>',
    ),
    "unsafe style part": (
        '<p style="color:red;position:fixed">甲</p>',
        '<p style="color:red">甲</p>',
    ),
    "unsafe style": ('<p style="position:fixed">甲</p>', "<p>甲</p>"),
    "relative link": (
        '<a href="/b">甲</a>',
        '<a href="https://finance.sina.com.cn/b">甲</a>',
    ),
    "dead link": ('<a href="javascript:;">甲</a>', "<a>甲</a>"),
    "empty data-link": ("<p data-link>甲</p>", "<p data-link>甲</p>"),
    "picture": (
        '<img id="0" src="//n.sinaimg.cn/a" alt="">',
        '<img id="0" src="https://n.sinaimg.cn/a" alt referrerpolicy="no-referrer">',
    ),
    "http picture of sina": (
        "<img src=http://n.sinaimg.cn/a.png>",
        '<img src="https://n.sinaimg.cn/a.png" referrerpolicy="no-referrer">',
    ),
    "picture with a policy": (
        '<img referrerpolicy="unsafe-url" src="https://a.cn/b">',
        '<img src="https://a.cn/b" referrerpolicy="no-referrer">',
    ),
    "picture without an address": ('甲<img src=" "><img alt="x">', "甲"),
    "class sheet": (
        "<style>.a{float:left}</style>",
        "<style>.a&#123;float:left&#125;</style>",
    ),
    "empty sheet rule": ("<style>.a .b{}</style>", "<style>.a .b&#123;&#125;</style>"),
    "fences": ("```\n~~~~", "&#96;&#96;&#96;\n&#126;&#126;&#126;&#126;"),
    "nested paragraphs": (
        "<p><marquee><p>甲</marquee>",
        "<p></p><p>甲</p><p></p>",
    ),
}


@pytest.mark.parametrize(("html", "document"), WRITTEN.values(), ids=WRITTEN)
def test_what_must_change_is_changed(html, document):
    assert body(html).document == document


@pytest.mark.parametrize("name", ["data-src", "data-original", "real_src"])
def test_a_lazy_picture_gets_its_address(name):
    made = body(f'<img src="data:image/gif;base64,R0" {name}="//n.sinaimg.cn/a.png">')

    assert made.images == (Image("https://n.sinaimg.cn/a.png"),)


# The reading version

CLEAN = {
    "bold by the desk": (
        '<p><font cms-style="strong-Bold"><b>甲</b>乙</font></p>',
        "<p><strong><b>甲</b>乙</strong></p>",
    ),
    "font": ('<p class="x"><font color="red">甲</font></p>', "<p>甲</p>"),
    "language and title": ("<p lang=zh title=乙>甲</p>", "<p>甲</p>"),
    "comment": ("<p>甲</p><!-- 乙 -->", "<p>甲</p>"),
    "sheet": ("<style>.a{float:left}</style><p>甲</p>", "<p>甲</p>"),
    "blank paragraphs": ("<p>　　</p><p>\n&nbsp;</p>甲<p><b> </b><i> </i></p>", "甲"),
    "picture alone": (
        "<p><img src=//a.cn/b></p>",
        '<p><img src="https://a.cn/b" referrerpolicy="no-referrer"></p>',
    ),
    "picture with words": (
        (
            '<div class="img_wrapper"><img src=//a.cn/b alt="丙">'
            '<span class="img_descr"> 图注 </span></div>'
        ),
        (
            '<figure><img src="https://a.cn/b" alt="丙" referrerpolicy="no-referrer">'
            "<figcaption>图注</figcaption></figure>"
        ),
    ),
    "picture without words": (
        '<div class="img_wrapper"><img src=//a.cn/b><b class="img_descr"></b></div>',
        '<figure><img src="https://a.cn/b" referrerpolicy="no-referrer"></figure>',
    ),
    "two pictures in one": (
        '<div class="img_wrapper"><img src=//a.cn/b><img src=//a.cn/c></div>',
        (
            '<figure><img src="https://a.cn/b" referrerpolicy="no-referrer">'
            '<img src="https://a.cn/c" referrerpolicy="no-referrer"></figure>'
        ),
    ),
    "lines": ("<p>甲</p>  \n\n \n  <p>乙</p>\n", "<p>甲</p>\n<p>乙</p>"),
    "stock": (
        (
            "<p><span id=stock_sh600000><a href=//a.cn/x class=keyword>甲</a></span>"
            "<span id=quote_sh600000>(1.5, 2%)</span>涨</p>"
        ),
        '<p><span><a href="https://a.cn/x">甲</a></span>涨</p>',
    ),
}


@pytest.mark.parametrize(("html", "clean"), CLEAN.values(), ids=CLEAN)
def test_the_reading_version_keeps_structure_alone(html, clean):
    assert body(html).clean == clean


JUNK = {
    "app code": '<div class="clearfix appendQr_wrap"><img src=//a.cn/qr>乙</div>',
    "account code": '<div class="x-kaihu-y">乙</div>',
    "fund code": "<p class=finance_web_x>乙</p>",
    "advertisement": '<div id="ad_44099">乙</div>',
    "sponsor": '<ins class="sinaads">乙</ins>',
    "chart in a chart": '<p class="ct_hqimg"><b class="hqimg_wrapper">乙</b></p>',
    "lead box": '<div class="new_style_article">乙</div>',
    "forum": '<p data-sudaclick="suda_1028_guba">乙</p>',
    "disclaimer": '<p><span style="color:red">免责声明：不代表本站</span></p>',
    "editor": '<p class="article-editor">责任编辑：乙</p>',
}


@pytest.mark.parametrize("html", JUNK.values(), ids=JUNK)
def test_junk_stays_out_of_the_reading_version(html):
    made = body(f"<p>甲</p>{html}<p>丙</p>")

    assert made.clean == "<p>甲</p><p>丙</p>"
    assert (made.text, made.images) == ("甲\n丙", ())


KEPT = {
    "class that only sounds so": '<p class="lead shadow readmore gradient">乙</p>',
    "kai type without a disclaimer": '<p><span style="font-family:KaiTi">乙</span></p>',
    "disclaimer as prose": "<p>免责声明：乙</p>",
    "quotation": "<blockquote>乙</blockquote>",
}


@pytest.mark.parametrize("html", KEPT.values(), ids=KEPT)
def test_what_only_sounds_like_junk_is_kept(html):
    assert "乙" in body(f"<p>甲</p>{html}").text


TEXTS = {
    "paragraphs": ("<p>　　甲</p><p>乙</p>", "甲\n乙"),
    "line ends in a paragraph": ("<p>甲\n乙</p>", "甲 乙"),
    "breaks": ("甲<br>乙<br/>丙<hr>丁", "甲\n乙\n丙\n丁"),
    "cells": (
        "<table><tr><th>甲</th><td>乙</td></tr><tr><td>丙</td></tr></table>",
        "甲\t乙\n丙",
    ),
    "list": ("<ul><li>甲</li><li>乙</li></ul>", "甲\n乙"),
    "inline": ("<p>甲<b>乙</b><a href=//a.cn>丙</a></p>", "甲乙丙"),
    "signs": ("<p>15% &lt; 20% &amp; {甲}</p>", "15% < 20% & {甲}"),
    "escaped markup": ("<p>&lt;b&gt;甲&lt;/b&gt;</p>", "<b>甲</b>"),
    "caption": (
        '<p class="img_wrapper"><img src=//a.cn/b><b class="img_descr">图注</b></p>甲',
        "甲",
    ),
}


@pytest.mark.parametrize(("html", "text"), TEXTS.values(), ids=TEXTS)
def test_the_text_is_one_paragraph_a_line(html, text):
    assert body(html).text == text


PICTURES = {
    "caption": (
        '<img src=//a.cn/b alt="丙"><span class="img_descr">图注</span>',
        "图注",
    ),
    "alt for a caption": ('<img src=//a.cn/b alt=" 丙 ">', "丙"),
    "neither": ("<img src=//a.cn/b>", ""),
    "lines": (
        "<img src=//a.cn/b><b class=img_descr>图注\n\t一\u2028二</b>",
        "图注 一 二",
    ),
    "lines in alt": ("<img src=//a.cn/b alt='丙\n丁'>", "丙 丁"),
}


@pytest.mark.parametrize(("html", "caption"), PICTURES.values(), ids=PICTURES)
def test_a_picture_has_its_caption(html, caption):
    made = body(f'<div class="img_wrapper">{html}</div>')

    assert made.images == (Image("https://a.cn/b", caption),)


def test_pictures_are_in_order_and_junk_has_none():
    html = "<img src=//a.cn/1><p class=wx-qr><img src=//a.cn/2></p><img src=//a.cn/3>"

    assert [image.url[-1] for image in body(html).images] == ["1", "3"]


# Nesting

DEEP = {
    "one element": "<div>" * 2000,
    "wrong end tags": "<div></x>" * 2000,
    "end tags in attributes": '<div title="</div>">' * 2000,
    "end tags in unquoted attributes": "<div title=</div>" * 2000,
    "end tags in comments": "<div><!--</div>-->" * 2000,
    "end tags in titles": "<div><textarea></div></textarea>" * 2000,
    "unclosed bold in paragraphs": "<p><b class=x></p>" * 2000,
    "lists": "<ul><li>" * 2000,
}
FLAT = {
    "paragraphs": "<p>甲" * 2000,
    "closed elements": "<div><b>甲</b></div>" * 2000,
    "rows": "<table>" + "<tr><td>甲<td>乙" * 2000,
    "breaks": "<br>" * 2000,
    "text of a script": "<script>x='" + "<div>" * 2000 + "'</script>",
    "comment": "<!--" + "<div>" * 2000 + "-->",
    "signs": "<" * 2000 + "甲",
    "deep enough": "<div>" * MAX_DEPTH + "</div>" * MAX_DEPTH,
}


@pytest.mark.parametrize("html", DEEP.values(), ids=DEEP)
def test_a_nesting_that_parsers_choke_on_is_refused(html):
    assert too_deep(html)
    assert body(html) == Body("", "", "", ())


@pytest.mark.parametrize("html", FLAT.values(), ids=FLAT)
def test_a_long_page_is_not_taken_for_a_deep_one(html):
    assert not too_deep(html)
