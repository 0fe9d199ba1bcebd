"""What is too much for a parser is refused before one sees it."""

import pytest

from crawler.core.extraction import NoArticle, extract_article
from crawler.core.markup import normalise_body
from crawler.core.markup.bounds import MAX_ATTRIBUTES, too_crowded

URL = "https://finance.sina.com.cn/china/2023-11-15/doc-inaaaaaa1000001.shtml"
FRAME = '<h1 class="main-title">标题</h1><div id="artibody"><p>正文。</p>{}</div>'
MANY = range(30_000)
CROWDED = {
    "distinct": "<p " + " ".join(f"a{n}=1" for n in MANY) + ">x</p>",
    "without values": "<p " + " ".join(f"a{n}" for n in MANY) + ">x</p>",
    "brackets in values": "<p " + " ".join(f'a{n}="<>"' for n in MANY) + ">x</p>",
    "a quote in a name": '<p x" ' + " ".join(f"a{n}" for n in MANY) + ">x</p>",
    "parted by values alone": "<p " + "".join(f'a{n}=""' for n in MANY) + ">x</p>",
    "parted by slashes": "<p/" + "/".join(f"a{n}" for n in MANY) + ">x</p>",
    "unclosed": "<p " + " ".join(f"a{n}=1" for n in MANY),
    "images": "<img src=//n.sinaimg.cn/a.jpg>" * 6_000,
    "nested": "<div>" * 200_000,
    "references": "&amp;" * 250_000,
    "bare ampersands": "&" * 400_000,
    "references in a value": f'<img src=//a.cn/b alt="{"&#38;" * 250_000}">',
    "spaces that become references": "\xa0" * 200_000,
    "signs that become references": "> " * 200_000,
    "tags": "<br>" * 300_001,
    "braces": "{" * 2_000_001,
}


@pytest.mark.parametrize("body", CROWDED.values(), ids=CROWDED)
def test_a_page_of_too_much_is_refused_with_its_reason(body):
    article = extract_article(FRAME.format(body).encode(), URL)

    assert isinstance(article, NoArticle)
    assert article.reason


@pytest.mark.parametrize("body", CROWDED.values(), ids=CROWDED)
def test_a_feed_entry_of_too_much_has_no_body(body):
    assert normalise_body(body, URL).document == ""


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<p>" + "字 " * 60_000, id="much text"),
        pytest.param("<p class=a id=b>字</p>\n" * 20_000, id="many elements"),
        pytest.param("<td>&nbsp;</td>" * 60_000, id="many references in short texts"),
        pytest.param(f'<p title="{"word " * 30_000}">字</p>', id="a long value"),
        pytest.param(
            "<p " + "a=1 " * (MAX_ATTRIBUTES // 2) + ">字" + " " * 50_000, id="some"
        ),
    ],
)
def test_what_is_merely_large_is_not_crowded(html):
    assert too_crowded(html.encode()) == ""


def test_a_name_is_no_longer_than_its_place():
    long = "a " * 50_000
    source = f'<div class="date-source"><a class="source">{long}</a></div>'
    editor = f'<p class="article-editor">责任编辑：{long}</p>'

    article = extract_article((source + FRAME.format(editor)).encode(), URL)

    assert 0 < len(article.source) <= 300
    assert 0 < len(article.editor) <= 300
