"""Posts, feeds and texts that the tests of the core are fed with."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from crawler.core.catalogue import Feed
from crawler.core.markup import Image
from crawler.core.posts import Post
from crawler.core.symbols import Symbol
from crawler.items import PostItem

URL = "https://finance.sina.com.cn/china/2026-11-20/doc-inkqaaaa1234567.shtml"
PUBLISHED = datetime(2026, 11, 20, 4, 30, 15, tzinfo=UTC)
POST = Post(
    id="nkqaaaa1234567",
    url=URL,
    title="一篇用来试验的稿件",
    source="示例财经",
    author="",
    editor="闻小满",
    published=PUBLISHED,
    updated=None,
    feed="china",
    site="新浪财经",
    categories=("金融", "新浪财经", "新浪财经－国內"),
    keywords=("试验", "稿件"),
    symbols=(Symbol("sh", "600000", "link"),),
    images=(Image("https://n.sinaimg.cn/a.png", "图一"),),
    headimg="https://n.sinaimg.cn/a.png",
    document="<p>正文一段。</p>",
    html="<p>正文一段。</p>",
    text="正文一段。",
    template="finance-2017",
    fetched=datetime(2026, 11, 20, 5, 0, tzinfo=UTC),
)


def post(**changes: Any) -> Post:
    """Give the sample post with some fields changed."""
    return dataclasses.replace(POST, **changes)


def item(**changes: Any) -> PostItem:
    """Give the sample post as a loaded item, with some fields changed."""
    values = {
        field.name: getattr(POST, field.name) for field in dataclasses.fields(POST)
    }
    return PostItem(**values | changes)


def feed(form: str = "roll", **changes: Any) -> Feed:
    """Give a feed of a format."""
    values = {"id": "sample", "title": "示例", "url": "https://a.example/", **changes}
    return Feed.model_validate(values | {"format": form})


AWKWARD = (
    *("'", '"', "\\", "\n", "\r", "\t", "\0", "\x1f", "\x7f", "\x85", "\xa0", "\xad"),
    *("\u200b", "\u2028", "\u2029", "\u202e", "\ufeff", "\ufffc", "\uffff", "\ud800"),
    *("\udfff", "\U0001f600", "\U0001fffe", ": ", " #", "- ", "? ", "* ", "&a ", "!b "),
    *("| ", "> ", "% ", "@", "`", "{a: b}", "[c]", "---", "\n---\n", "...", "~", "<<"),
    *("null", "yes", "0x1F", "1e3", "2026-11-20", "12:30:45", "</div>", "<div>   \n"),
    *(
        "  \n</div>\n            ",
        "<img",
        "<b>",
        "{{ 7*7 }}",
        "{% raw %}",
        "]]>",
        "```",
    ),
    *("&amp;", "&#123;", "\n---\n\n<div>   \n", "title: x", "　　", "－", "新浪财经"),
)
"""Pieces of text that break YAML, HTML, files or the site generator."""

texts = st.lists(
    st.one_of(st.sampled_from(AWKWARD), st.characters(), st.text(max_size=4)),
    max_size=8,
).map("".join)
"""Any text at all, lone surrogates and controls among it."""
