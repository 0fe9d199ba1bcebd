"""Layouts as data: named, ordered, and written in selectors that parse."""

import dataclasses

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.core.extraction import Article, extract_article
from crawler.core.templates import TEMPLATES, Template

NAMES = [template.name for template in TEMPLATES]
RULES = [
    (template.name, rule)
    for template in TEMPLATES
    for field in dataclasses.fields(Template)
    if field.type == "Rules"
    for rule in getattr(template, field.name)
]
TIME = "2015年11月06日 01:00"
PAGES = {
    "finance-2017": '<h1 class="main-title">标题</h1><div class="date-source">'
    f'<span class="date">{TIME}</span></div><div id="artibody"><p>正文。</p></div>',
    "news-2017": '<h1 class="channel-logo">台标</h1><h1 class="main-title">标题</h1>'
    f'<div class="date-source"><span class="date">{TIME}</span></div>'
    '<div id="article"><p>正文。</p></div>',
    "finance-2013": '<h1 id="artibodyTitle">标题</h1><span class="time-source">'
    f'{TIME}</span><div id="artibody"><p>正文。</p></div>',
    "containers": '<h1 id="j_title">标题</h1><span class="titer">'
    f'{TIME}</span><div class="article"><p>正文。</p></div>',
}


def test_names_are_unique():
    assert len(set(NAMES)) == len(NAMES)


def test_the_widest_template_comes_last():
    assert NAMES[-1] == "containers"


@pytest.mark.parametrize(("name", "rule"), RULES)
def test_every_rule_is_a_selector(name, rule):
    selector = rule.partition("@")[0].partition("::own")[0]

    assert LexborHTMLParser("<p>x</p>").css(selector) is not None, f"mend it in {name}"


@pytest.mark.parametrize("name", PAGES)
def test_a_template_recognises_its_smallest_page(name):
    url = "https://sports.sina.com.cn/a/20151106/010023691119.shtml"
    found = extract_article(PAGES[name].encode(), url)

    assert isinstance(found, Article)
    assert (found.template, found.title, found.body.text) == (name, "标题", "正文。")
    assert found.shown_time is not None


def test_a_container_without_content_is_passed_over():
    html = PAGES["finance-2013"].replace("<p>正文。</p>", "")
    found = extract_article(f'{html}<div class="article">别处。</div>'.encode(), "")

    assert isinstance(found, Article)
    assert (found.template, found.body.text) == ("containers", "别处。")
