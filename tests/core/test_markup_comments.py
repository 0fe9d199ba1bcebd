"""Which comments of a body may stay, and that none is missed that must not."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from crawler.core.markup import normalise_body
from crawler.core.markup.source import may_be_active

PIECES = (
    *("<", "!", "-", "--", ">", "<!--", "-->", "--!>", "<!", "<?", "</", "</ ", "/>"),
    *(" more ", "正文", "{{x}}", "[if IE]", "`", "~", "php", "a", "\n", "\x00", "&lt;"),
    *("<p>", "</p>", "<title>", "</title>", "<style>", "</style>", "<svg>", "</svg>"),
    *("<textarea>", "<![CDATA[", "]]>", '<a title="', '">', "<!DOCTYPE html>"),
)
SOURCES = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
ACTIVE = {
    "excerpt": "<!-- more -->",
    "mark behind white space": "<!-- !x-->",
    "template": "<!-- {{ 7*7 }} -->",
    "condition": "<!--[if IE]>甲<![endif]-->",
    "instruction": "<?php 甲 ?>",
    "end tag of nothing": "</ 甲 {{ 7*7 }}>",
    "declaration": "<!甲 {{ 7*7 }}>",
    "closed at once": "<!-->甲{{ 7*7 }}-->",
    "closed oddly": "<!-- 甲 --!> {{ 7*7 }} -->",
    "without an end": "<!-- 甲 {{ 7*7 }}",
}


@given(SOURCES)
@example("<!--\n!-->")
def test_no_comment_that_must_go_is_overlooked(source):
    if may_be_active(source):
        return
    root = LexborHTMLParser(source, is_fragment=True).root
    nodes = root.traverse(include_text=True) if root else ()
    comments = [node.comment_content or "" for node in nodes if node.is_comment_node]

    assert not [words for words in comments if may_be_active(f"<!--{words}-->")]


@given(SOURCES)
def test_no_instruction_is_overlooked(source):
    if may_be_active(source):
        return
    root = LexborHTMLParser(source, is_fragment=True).root
    nodes = root.traverse(include_text=True) if root else ()

    assert all(
        node.is_text_node or node.is_element_node or node.is_comment_node
        for node in nodes
    )


@pytest.mark.parametrize("source", ACTIVE.values(), ids=ACTIVE)
def test_what_would_be_acted_upon_is_found(source):
    assert may_be_active(source)
    assert not may_be_active(normalise_body(f"<p>乙</p>{source}", "").document)


def test_what_names_a_place_of_the_page_stays():
    source = "<p>乙</p><!-- 正文 end --><!-- news_keyword_pub,stock,sh600000 -->"

    assert not may_be_active(source)
    assert normalise_body(source, "").document == source
