"""Feeds to subscribe to: valid, the same for every reader, hostile texts harmless."""

import html
import json
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from lxml import etree

from crawler.core.dedup import fingerprint
from crawler.core.markup import Image, normalise_body
from crawler.core.records import record_of
from crawler.core.syndication import WRITERS, Channel, channel_id, item_of
from crawler.core.text import typographic
from tests.core.samples import post, texts
from tests.core.test_records import FACTS
from tests.site.payloads import TITLES

SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"
GRAMMARS = {
    name: etree.RelaxNG(etree.parse(SCHEMAS / f"{name}.rng"))
    for name in ("atom", "rss")
}
JSON_FEED = Draft202012Validator(json.loads((SCHEMAS / "jsonfeed.json").read_text()))
CHANGED = "2026-11-21T01:02:03+00:00"
CHANNEL = Channel(
    id=channel_id("china", ""),
    title="新浪财经－国內",
    description="新浪财经－国內（全文）",
    home="https://finance.sina.com.cn/",
    address="https://feeds.example/china",
    updated=datetime(2026, 11, 21, 1, 2, 3, tzinfo=UTC),
)
XML_FORMS = [form for form in WRITERS if form in GRAMMARS]


def item(withdrawn=False, status="new", **changes):
    one = post(**changes)
    facts = FACTS | {"content_hash": fingerprint(one).content, "status": status}
    return item_of(record_of(one, facts), CHANGED, withdrawn=withdrawn)


def problems(form, data):
    """Say what is wrong with a feed by its own rules."""
    if form == "jsonfeed":
        return [error.message for error in JSON_FEED.iter_errors(json.loads(data))]
    grammar = GRAMMARS[form]
    grammar.validate(etree.fromstring(data))
    return [error.message for error in grammar.error_log]


def read(form, *items):
    """Write a feed, hold it against its rules, and read its items with feedparser."""
    data = WRITERS[form](CHANNEL, items)
    assert problems(form, data) == []
    feed = feedparser.parse(data)
    assert not feed.bozo, feed.bozo_exception
    return feed


@pytest.mark.parametrize("form", WRITERS)
def test_a_feed_is_what_it_was(golden, form):
    suffix = "json" if form == "jsonfeed" else "xml"
    body = normalise_body(
        '<p>第一段 &lt;15% &amp; <a href="/a?b=1&amp;c=2">此处</a></p>'
        '<p><img src="//n.sinaimg.cn/a.png" alt="图"></p>',
        "https://finance.sina.com.cn/",
    )
    pictures = (Image("https://n.sinaimg.cn/a.png", "图"),)
    items = [
        item(html=body.clean, text=body.text, images=pictures),
        item(id="nkqbbbb7654321", status="removed", author="闻小满"),
        item(id="nkqcccc7654321", status="removed", withdrawn=True, keywords=()),
    ]

    golden(f"feed-{form}.{suffix}", WRITERS[form](CHANNEL, items).decode())


@pytest.mark.parametrize("form", WRITERS)
def test_a_feed_without_posts_is_valid(form):
    assert problems(form, WRITERS[form](CHANNEL, [])) == []


@pytest.mark.parametrize("form", WRITERS)
@given(data=st.data())
def test_any_text_makes_a_valid_feed(form, data):
    changes = {name: data.draw(texts) for name in ("title", "author", "source", "text")}
    changes["html"] = data.draw(texts)
    changes["keywords"] = (data.draw(texts), data.draw(texts))

    assert problems(form, WRITERS[form](CHANNEL, [item(**changes)])) == []


@pytest.mark.parametrize("title", TITLES)
def test_a_reader_shows_a_hostile_headline_as_the_words_it_is(title):
    title = title.replace("@@", "alert(1)")
    one = item(title=title)

    atom = read("atom", one).entries[0]
    rss = read("rss", one).entries[0]
    [feed] = [json.loads(WRITERS["jsonfeed"](CHANNEL, [one]))]

    assert (atom.title_detail.type, atom.title) == ("text/plain", one.title)
    assert feed["items"][0]["title"] == one.title
    # Read as text or as HTML, it is the same.
    assert rss.title == html.unescape(rss.title) == typographic(one.title)
    assert not set("<>") & set(rss.title)


@pytest.mark.parametrize("form", XML_FORMS)
def test_the_body_arrives_as_it_is(form):
    body = '<p>甲 &lt;b&gt; ]]&gt; &amp;amp;</p><p><a href="https://a.cn/?b=1&amp;c=2">乙</a></p>'

    (content,) = read(form, item(html=body)).entries[0].content

    assert (content.type, content.value) == ("text/html", body)


@pytest.mark.parametrize("form", XML_FORMS)
def test_times_and_addresses_are_those_of_the_post(form):
    entry = read(form, item()).entries[0]

    assert entry.published_parsed[:6] == (2026, 11, 20, 4, 30, 15)
    assert entry.updated_parsed[:6] == (2026, 11, 21, 1, 2, 3)
    assert entry.link == post().url
    assert entry.author == "示例财经"


def test_an_id_is_that_of_the_document_id_alone_for_good():
    ids = {
        item(title=title, url=url).id for title in "甲乙" for url in ("", post().url)
    }

    # Written down: were it ever another, readers would show every post as new.
    assert ids == {"urn:uuid:50b29350-b879-5a76-a725-f5bbd18c3fcc"}
    assert item(id="nkqbbbb7654321").id not in ids
    assert CHANNEL.id == "urn:uuid:a040239b-b0fc-5a9e-a525-506e53ce0c30"


def test_another_selection_is_another_channel():
    selections = [("", ""), ("stock", ""), ("", "stock"), ("china", "")]

    assert len({channel_id(*each) for each in selections}) == 4


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "甲", ""])
def test_what_is_no_address_is_no_link(url):
    one = item(url=url, images=(Image(url, ""),))

    assert (one.url, one.image) == ("", "")
    assert not read("atom", one).entries[0].get("links")


def test_a_withdrawn_post_is_told_without_its_text():
    one = item(withdrawn=True, status="removed")

    assert one.tags[0] == "removed"
    assert "正文" not in one.html + one.summary
    assert one.image == ""
