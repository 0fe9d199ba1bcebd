"""A page that is no article is refused by name, and never becomes a post."""

import pytest

from crawler.core.extraction import Article, NoArticle, extract_article
from crawler.core.extraction import article as outcomes

URL = "https://finance.sina.com.cn/china/2026-11-20/doc-inkqaaaa1234567.shtml"
TEXT = "临溪市财政局二十日公布前十个月收支情况，收入同比增长。" * 8


def page(body="", head="<title>一条新闻_新浪财经_新浪网</title>"):
    return f"<html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"


def article(text=TEXT, title="一条新闻"):
    return page(
        f'<h1 class="main-title">{title}</h1><div class="date-source">'
        '<span class="date">2026年11月20日 10:00</span></div>'
        f'<div id="artibody"><p>{text}</p></div>'
    )


REFUSED = {
    "no bytes": ("", "empty page"),
    "white space": (" \n\t ", "empty page"),
    "empty body": (page(), "empty page"),
    "removed": (
        page("页面没有找到 5秒钟", "<title>页面没有找到</title>"),
        outcomes.REMOVED,
    ),
    "removed, by its text": (
        page("<p>页面没有找到 5秒钟之后将会带您</p>"),
        outcomes.REMOVED,
    ),
    "ban": (
        page("你的 IP 存在异常访问(例如: 爬虫/攻击/探测 等), 已被新浪安全部门封禁"),
        "banned",
    ),
    "ban, short": (page("<p>您的访问过于频繁，请稍后再试。</p>"), "banned"),
    "captcha": (page("<p>为保障访问安全，请输入验证码后继续。</p>"), "banned"),
    "refresh": (
        page("", '<META HTTP-EQUIV="Refresh" CONTENT="0;URL=http://a.cn/">'),
        "moved: only a meta refresh",
    ),
    "refresh with a line": (
        page("如果没有跳转请点击", '<meta http-equiv="refresh" content="0;url=/">'),
        "moved: only a meta refresh",
    ),
    "json": ('{"result":{"status":{"code":0}}}', outcomes.NOT_A_PAGE),
    "jsonp": ("try{feedCard({});}catch(e){};", outcomes.NOT_A_PAGE),
    "empty container": (article(""), "empty body: layout changed?"),
    "container with script": (
        article("<script>var a=1</script><style>.x{}</style>"),
        "empty body: layout changed?",
    ),
    "no container": (page("<p>短</p>"), "no body: layout changed?"),
    "lost characters": (
        article(TEXT + "\ufffd"),
        "unreadable: 1 unreadable character: wrong charset or damaged page",
    ),
    "mojibake": (
        article(TEXT.encode().decode("gb18030", "replace").replace("\ufffd", "?")),
        outcomes.UNREADABLE.format("mojibake: UTF-8 that was read as gb18030"),
    ),
    "mojibake in the headline": (
        article(title="临溪市财政局公布收支情况".encode().decode("latin-1")),
        outcomes.UNREADABLE.format("mojibake: bytes that were read as latin-1"),
    ),
}


@pytest.mark.parametrize(("source", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_page_that_is_no_article_says_why(source, reason):
    refused = extract_article(source.encode(), URL)

    assert isinstance(refused, NoArticle)
    assert refused.reason == reason


def test_a_refused_layout_names_every_template_that_was_tried():
    refused = extract_article(page("<p>短</p>").encode(), URL)

    assert isinstance(refused, NoArticle)
    assert refused.is_worth_study
    assert any(line.startswith("finance-2017: needs") for line in refused.tried)
    assert refused.tried[-1].startswith("generic: ")


@pytest.mark.parametrize(
    "words", ["页面没有找到", "异常访问", "访问过于频繁", "输入验证码"]
)
def test_an_article_about_a_refusal_is_none(words):
    said = extract_article(article(f"网站称{words}，{TEXT}").encode(), URL)

    assert isinstance(said, Article)


DEEP = {
    "divs in the body": '<div id="artibody">' + "<div>" * 3000 + TEXT,
    "far too many": "<div>" * 100_000,
    "fonts": '<div id="artibody">' + "<b><font>" * 3000 + TEXT,
}


@pytest.mark.parametrize("source", DEEP.values(), ids=DEEP)
def test_a_nesting_that_parsers_choke_on_is_refused(source):
    assert isinstance(extract_article(page(source).encode(), URL), NoArticle)


def test_an_unknown_layout_is_read_by_guessing_where_that_is_installed():
    pytest.importorskip("trafilatura")
    paragraphs = "".join(f"<p>第{n}段：{TEXT}</p>" for n in range(4))
    head = (
        "<title>没有见过的版式_新浪财经_新浪网</title>"
        '<meta name="weibo: article:create_at" content="2026-11-20 11:22:33">'
    )

    said = extract_article(page(f"<main>{paragraphs}</main>", head).encode(), URL)

    assert isinstance(said, Article)
    assert said.template == "generic"
    assert said.title == "没有见过的版式"
    assert "第3段" in said.body.text
