"""Reading a page in one step: what it becomes, here and after a pickle's journey."""

import pickle
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.core.entries import Entry
from crawler.core.extraction import Article, NoArticle
from crawler.core.prepared import Prepared, prepare
from crawler.demo import DemoSite
from crawler.loaders import Origin
from crawler.reading import FetchedPage, Unfit, read_page
from crawler.storage.catalogue import read_catalogue

PAGES = Path(__file__).resolve().parents[1] / "data" / "templates"
SEVERAL = [(PAGES / f"pages-{number}.html").read_bytes() for number in (1, 2, 3)]
ROUTE = "finance.sina.com.cn/stock/usstock/c/2026-11-18/doc-inkqpstu5027461.shtml"
POST = DemoSite().respond(f"/{ROUTE}").body
FIRST = "https://tech.sina.com.cn/it/2012-06-01/08007000001.shtml"
UNTIMED = f'<title>t</title><div id="artibody"><p>{"字" * 200}</p></div>'.encode()


def page_of(body, **known):
    catalogue = read_catalogue(Path(__file__).parents[2] / "feeds")
    values = {
        "body": body,
        "address": f"https://{ROUTE}",
        "entry": None,
        "origin": Origin.of(catalogue.site_of("china"), catalogue.feed("china")),
        "fetched": datetime(2026, 11, 20, 10, tzinfo=UTC),
    }
    return FetchedPage(**{**values, **known})


CASES = {
    "a post": (POST, f"https://{ROUTE}", Prepared),
    "the first of three pages": (SEVERAL[0], FIRST, Article),
    "no article": (b"<title>x</title><p>x", FIRST, NoArticle),
    "an article that is no post": (UNTIMED, FIRST, Unfit),
    "no page": (b"\xff\x00<", FIRST, NoArticle),
}


@pytest.mark.parametrize(("body", "url", "kind"), CASES.values(), ids=CASES)
def test_a_page_and_what_it_becomes_can_be_pickled(body, url, kind):
    page = page_of(body, address=url)
    read = pickle.loads(pickle.dumps(read_page))
    found = read_page(page)

    assert isinstance(found, kind)
    assert pickle.loads(pickle.dumps(read(pickle.loads(pickle.dumps(page))))) == found


def test_the_last_page_makes_the_post_of_all():
    pages = [page_of(body, address=FIRST) for body in SEVERAL]
    articles = [read_page(page) for page in pages[:2]]
    found = read_page(replace(pages[2], before=tuple(articles)))

    assert isinstance(found, Prepared)
    assert [line[:3] for line in found.post.text.split("\n")] == [
        "第一页",
        "第二页",
        "第三页",
    ]


def test_the_entry_says_which_article_it_is():
    entry = Entry(id="aaaaaaa1234567", url="https://finance.sina.com.cn/a", title="题",
                  feed="china")  # fmt: skip
    found = read_page(page_of(POST, entry=entry))

    assert isinstance(found, Prepared)
    assert (found.post.id, found.post.url) == (entry.id, entry.url)


def test_the_document_has_the_extra_fields_that_were_asked_for():
    found = read_page(page_of(POST), ("editor", "id"))

    assert isinstance(found, Prepared)
    assert found == prepare(found.post, ("editor", "id"))
