"""An article of several pages is one post in order, or none."""

from pathlib import Path

import pytest

from crawler.core.extraction import (
    Article,
    extract_article,
    find_url,
    incomplete,
    join_pages,
)

PAGES = Path(__file__).resolve().parents[1] / "data" / "templates"


def pages():
    bodies = [(PAGES / f"pages-{number}.html").read_bytes() for number in (1, 2, 3)]
    return [extract_article(body, find_url(body)) for body in bodies]


def test_each_page_names_the_next_and_the_last_none():
    first, second, third = pages()

    assert first.next_page == second.url
    assert second.next_page == third.url
    assert third.next_page == ""


def test_joined_pages_are_one_article_in_order():
    joined = join_pages(pages())

    assert isinstance(joined, Article)
    assert joined.next_page == ""
    assert [line[:3] for line in joined.body.text.split("\n")] == [
        "第一页",
        "第二页",
        "第三页",
    ]
    assert len(joined.body.images) == 3
    assert (joined.id, joined.title) == (pages()[0].id, "一篇分成三页的长稿")


def test_no_id_stands_twice_in_a_joined_document():
    document = join_pages(pages()).body.document

    assert document.count(' id="part1"') == 1
    assert document.count(' id="0"') == 1


LINKS = {
    "another host": ('<p class="page"><a href="http://evil.example/2.html">', False),
    "another folder": ('<p class="page"><a href="/other/2.shtml">', False),
    "itself": ('<p class="page"><a href="#top">', False),
    "outside the pager": ('<p><a href="doc_2.shtml">', False),
    "the next page": ('<p class="page"><a href="doc_2.shtml">', True),
}


@pytest.mark.parametrize(("link", "wanted"), LINKS.values(), ids=LINKS)
def test_only_a_pager_leads_on(link, wanted):
    source = (
        '<h1 id="artibodyTitle">题</h1><div class="artInfo">2012年6月1日 08:00</div>'
        f'<div id="artibody"><p>正文。</p></div>{link}下一页</a></p>'
    )
    article = extract_article(source.encode(), "http://tech.sina.com.cn/a/doc.shtml")

    assert bool(article.next_page) is wanted


def test_a_missing_page_is_named():
    reason = incomplete(2, "http 404 from tech.sina.com.cn").reason

    assert reason == "incomplete: page 2 of 2 or more: http 404 from tech.sina.com.cn"
