"""Article pages: what they say, or the named reason why they are none."""

import dataclasses
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.catalogue import Catalogue
from crawler.core.charset import decode
from crawler.core.entries import Entry, read_answer
from crawler.core.extraction import Article, NoArticle, extract_article
from crawler.core.extraction.page import Page
from crawler.core.frontmatter import dump
from crawler.core.posts import Post, accept
from crawler.core.templates import TEMPLATES
from crawler.demo import DemoSite
from crawler.loaders import Origin, load_page
from crawler.storage.catalogue import read_catalogue
from tests.core.hostile import SNIPPETS, what_is_active
from tests.core.samples import texts

URL = "https://finance.sina.com.cn/china/2026-11-20/doc-inkqaaaa1234567.shtml"
ROUTES = {
    "finance-2017": "finance.sina.com.cn/stock/usstock/c/2026-11-18/"
    "doc-inkqpstu5027461.shtml",
    "news-2017": "news.sina.com.cn/c/2026-11-17/doc-inkqpghk8845190.shtml",
    "finance-2013": "finance.sina.com.cn/stock/y/20151106/010023691119.shtml",
}
HOSTILE = "finance.sina.com.cn/stock/observe/2026-11-20/doc-inkqtuhy2279450.shtml"
FETCHED = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def catalogue() -> Catalogue:
    return read_catalogue(Path(__file__).parents[2] / "feeds")


def demo(route: str) -> Article:
    """Read a page of the sample site."""
    found = extract_article(DemoSite().respond(f"/{route}").body, f"https://{route}")
    assert isinstance(found, Article)
    return found


def post_of(page: bytes, entry: Entry, feed: str) -> Post:
    """Make the post of a page and the entry that leads to it."""
    found = extract_article(page, entry.url)
    assert isinstance(found, Article)
    shipped = catalogue()
    origin = Origin.of(shipped.site_of(feed), shipped.feed(feed))
    return accept(load_page(found, entry, origin, FETCHED))


def first_entry(answer: bytes, feed: str, part: str = "") -> Entry:
    shipped = catalogue().feed(feed)
    assert shipped is not None
    entries = read_answer(answer, shipped).entries
    return next(entry for entry in entries if part in entry.url)


# Goldens


def test_the_example_page_gives_the_example_document(shared):
    folder = shared / "examples"
    entry = first_entry((folder / "roll.json").read_bytes(), "china")
    made = dump(post_of((folder / "page.html").read_bytes(), entry, "china"))

    assert made.encode() == (folder / "post.md").read_bytes()


def test_a_page_of_the_sample_site_gives_its_document(golden):
    route = ROUTES["finance-2017"]
    feed = "/feed.mix.sina.com.cn/api/roll/get?pageid=384&lid=2672"
    entry = first_entry(DemoSite().respond(feed).body, "us-stock", route)
    page = DemoSite().respond(f"/{route}").body

    golden("document.html", dump(post_of(page, entry, "us-stock")))


@pytest.mark.parametrize("template", ROUTES)
def test_a_template_reads_its_page_as_ever(template, golden):
    article = demo(ROUTES[template])
    fields = dataclasses.asdict(article)
    del fields["body"]["document"]

    assert article.template == template
    text = json.dumps(fields, ensure_ascii=False, indent=2, sort_keys=True, default=str)
    golden(f"page-{template}.json", text + "\n")


@pytest.mark.parametrize("kind", ["document", "clean"])
def test_a_hostile_page_gives_the_same_harmless_body_as_ever(kind, golden):
    body = getattr(demo(HOSTILE).body, kind)

    assert what_is_active(body) == []
    golden(f"hostile-{kind}.html", body)


# Fields

HEAD = '<meta name="weibo: article:create_at" content="2026-11-20 12:30:15">'
TITLE = '<h1 class="main-title">标题</h1>'
DATE = (
    '<div class="date-source"><span class="date">2026年11月20日 12:30</span>'
    '<span class="source ent-source">示例财经</span></div>'
)
BODY = "<p>　　正文第一段，写得足够长，好让谁都看得出来这是一篇稿件。</p>"


def page(
    body: str = BODY,
    head: str = HEAD,
    title: str = TITLE,
    date: str = DATE,
    more: str = "",
) -> bytes:
    """Write a finance page."""
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8>{head}</head><body>{title}"
        f'{date}<div class="article" id="artibody">{body}</div>{more}</body></html>'
    ).encode("utf-8", "replace")


def article(**parts: str) -> Article:
    found = extract_article(page(**parts), URL)
    assert isinstance(found, Article), found
    return found


def meta(name: str, content: str) -> dict[str, str]:
    return {"head": f'{HEAD}<meta name="{name}" content="{content}">'}


def test_a_title_keeps_its_spaces_but_no_control():
    found = article(title="<h1 class=main-title>甲　　乙&#x1b;[31m\u202e&#12;丙</h1>")
    origin = Origin.of(catalogue().site_of("china"), None)

    assert load_page(found, None, origin, FETCHED).title == "甲　　乙[31m丙"


FIELDS = {
    "title": ({}, "title", "标题"),
    "title with markup": (
        {"title": TITLE.replace("标题", "A&amp;B <b>15%</b>")},
        "title",
        "A&B 15%",
    ),
    "title of the page's head": (
        {
            "title": '<h1 class="main-title"> </h1>',
            "head": '<meta property="og:title" content="头中的标题">',
        },
        "title",
        "头中的标题",
    ),
    "to the second": ({}, "created", datetime(2026, 11, 20, 4, 30, 15, tzinfo=UTC)),
    "time shown": (
        {"head": ""},
        "shown_time",
        datetime(2026, 11, 20, 4, 30, tzinfo=UTC),
    ),
    "no time": ({"head": "", "date": ""}, "shown_time", None),
    "medium": ({}, "source", "示例财经"),
    "medium as a link": (
        {"date": DATE.replace('<span class="source', '<a class="source')},
        "source",
        "示例财经",
    ),
    "medium of the page's head": (
        {"date": "", **meta("mediaid", "示例通讯")},
        "source",
        "示例通讯",
    ),
    "empty medium": ({"date": "", **meta("mediaid", "")}, "source", ""),
    "editor": (
        {"body": BODY + '<p class="article-editor">责任编辑：闻小满 SF031 </p>'},
        "editor",
        "闻小满",
    ),
    "no editor": ({}, "editor", ""),
    "keywords": (meta("keywords", "甲，乙,甲"), "keywords", ("甲", "乙")),
    "tags before keywords": (
        {"head": '<meta name=keywords content="甲"><meta name=tags content="丙">'},
        "keywords",
        ("丙",),
    ),
    "title for keywords": (meta("keywords", "标题"), "keywords", ()),
    "site's words for keywords": (meta("keywords", "新浪财经,甲"), "keywords", ("甲",)),
    "id of the address": ({}, "id", "nkqaaaa1234567"),
    "symbols": (
        {
            "body": BODY + "<span id=stock_sh600000>甲</span>"
            "<!-- news_keyword_pub,stock,sh600000&sz009001 -->"
        },
        "symbols",
        ("sh600000", "sz009001"),
    ),
}


@pytest.mark.parametrize(("parts", "name", "value"), FIELDS.values(), ids=FIELDS)
def test_a_field_is_read_from_its_place(parts, name, value):
    found = getattr(article(**parts), name)

    assert (tuple(one.name for one in found) if name == "symbols" else found) == value


def test_each_finding_names_the_rule_that_gave_it():
    found = {finding.field: finding for finding in article().findings}

    assert (found["title"].rule, found["title"].value) == ("h1.main-title", "标题")
    assert found["body"].rule == "#artibody"
    assert all(len(finding.value) <= 80 for finding in found.values())


def test_what_stands_around_the_body_is_not_in_it():
    made = article(more='<div class="article-bottom"><p>相关新闻</p></div>')

    assert made.body.text == BODY[3:-4].strip()


def test_the_address_a_page_was_found_at_is_made_canonical():
    found = extract_article(page(), URL.replace("https", "http") + "?from=x#top")

    assert isinstance(found, Article)
    assert (found.url, found.id) == (URL, "nkqaaaa1234567")


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "gb2312"])
def test_a_page_is_read_in_its_charset(codec):
    found = extract_article(page().decode().encode(codec), URL)

    assert isinstance(found, Article)
    assert found.title == "标题"
    assert found.charset == ("utf-8" if codec == "utf-8" else "gb18030")


SHORT = {
    "one sentence": "<p>某人接受组织调查。</p>",
    "one picture": "<img src=//n.sinaimg.cn/a.png>",
    "no paragraph": "快讯",
}


@pytest.mark.parametrize("body", SHORT.values(), ids=SHORT)
def test_a_short_article_is_an_article(body):
    made = article(body=body).body

    assert made.text or made.images


# Pages that are none

REFUSED = {
    "nothing": (b"", "empty page"),
    "white space": (b" \n", "empty page"),
    "empty body": (b"<html><body></body></html>", "empty page"),
    "frames": (b"<frameset><frame src=x></frameset>", "empty page"),
    "removed": ("<title>页面没有找到</title><p>5秒钟之后".encode(), "the site shows"),
    "removed, in words": (
        "<p>页面没有找到 5秒钟之后将会带您".encode(),
        "the site shows",
    ),
    "banned": ("<p>您的IP存在异常访问，已被新浪安全部门封禁".encode(), "banned"),
    "moved": (
        b'<meta http-equiv="Refresh" content="0;URL=x">',
        "moved: only a meta refresh",
    ),
    "other layout": (b"<body><div id=other>x</div>", "no body: layout changed"),
    "empty container": (page(body="<p> </p>"), "(no|empty) body: layout changed"),
    "too deep": (page(body="<div>" * 20_000), "nested too deeply"),
    "too deep in disguise": (page(body="<div></x>" * 20_000), "nested too deeply"),
}


@pytest.mark.parametrize(("body", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_page_that_is_none_says_why(body, reason):
    found = extract_article(body, URL)

    assert isinstance(found, NoArticle)
    assert re.match(reason, found.reason)


def test_only_the_sites_own_word_makes_an_article_gone():
    gone = extract_article(REFUSED["removed"][0], URL)
    other = extract_article(REFUSED["other layout"][0], URL)

    assert isinstance(gone, NoArticle)
    assert isinstance(other, NoArticle)
    assert (gone.is_gone, other.is_gone) == (True, False)


def test_an_unknown_layout_says_what_each_template_missed():
    found = extract_article(REFUSED["other layout"][0], URL)

    assert isinstance(found, NoArticle)
    assert any(line.startswith("finance-2017: needs") for line in found.tried)


@pytest.mark.parametrize("words", ["页面没有找到", "访问过于频繁"])
def test_an_article_about_missing_pages_is_one(words):
    assert article(body=BODY * 700 + f"<p>{words}</p>").title == "标题"


# Whatever comes

PAGE = DemoSite().respond(f"/{HOSTILE}").body


@pytest.mark.parametrize("end", range(0, len(PAGE), 997))
def test_a_page_cut_anywhere_is_read_or_refused(end):
    found = extract_article(PAGE[:end], f"https://{HOSTILE}")

    assert isinstance(found, Article) or found.reason
    assert not isinstance(found, Article) or what_is_active(found.body.document) == []


@pytest.mark.parametrize("html", SNIPPETS.values(), ids=SNIPPETS)
def test_nothing_active_comes_out_of_a_page(html):
    found = article(body=f"{BODY}{html}")

    assert what_is_active(found.body.document) == []
    assert what_is_active(found.body.clean) == []


@given(
    st.one_of(
        st.binary(max_size=200), texts.map(lambda text: page(body=text, head=text))
    ),
    st.sampled_from([URL, "", "http://[", "javascript:x", "\ud800"]),
)
def test_no_bytes_stop_the_reading_of_pages(body, url):
    found = extract_article(body, url)

    assert isinstance(found, Article) or found.reason


SAMPLES = sorted((Path(__file__).parents[1] / "data/templates").glob("*.html"))
RULES = sorted(
    {
        rule.partition("@")[0].partition("::")[0]
        for template in TEMPLATES
        for field in dataclasses.fields(template)
        if field.type == "Rules"
        for rule in getattr(template, field.name)
    }
    | {"h1.main-title + div", "div.date-source ~ div", "p > a", "#artibody p, a"}
)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_rule_finds_what_the_whole_page_has_of_it(sample):
    text, charset, raw = decode(sample.read_bytes())
    page = Page(text, URL, charset, raw)

    found = {rule: [node.mem_id for node in page.find(rule)] for rule in RULES}

    assert found == {rule: [n.mem_id for n in page.tree.css(rule)] for rule in RULES}
