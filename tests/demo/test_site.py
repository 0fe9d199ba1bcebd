"""The sample site says what Sina would, and the same thing every time."""

import ast
import gzip
import json
import re
import urllib.request
from pathlib import Path
from sys import stdlib_module_names
from urllib.error import HTTPError
from xml.etree import ElementTree as ET

import pytest
from parsel import Selector

import crawler.demo
from crawler.core.images import read_format
from crawler.demo import DemoSite, expectations
from crawler.demo.pages import page
from crawler.demo.stories import FEEDS, STORIES, Feed, listed, noted, syndicated
from crawler.demo.story import ALL_FINANCE, FINANCE_HOST, Case

ROLL = "/feed.mix.sina.com.cn/api/roll/get"
LIVE = "/zhibo.sina.com.cn/api/zhibo/feed?zhibo_id=152"
RSS = "/rss.sina.com.cn/roll/finance/hot_roll.xml"
FINANCE = next(feed for feed in FEEDS if feed.lid == ALL_FINANCE)
FOREX = next(feed for feed in FEEDS if feed.lid == 2487)


def roll(feed: Feed, poll: int = 1, more: str = "") -> dict:
    query = f"?pageid={feed.pageid}&lid={feed.lid}{more}"
    return json.loads(DemoSite(poll).respond(ROLL + query).body)["result"]


def titles(feed: Feed, poll: int) -> list[str]:
    return [item["title"] for item in roll(feed, poll, "&num=100")["data"]]


# The roll feeds


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.title)
def test_every_feed_lists_an_article(feed):
    assert roll(feed, poll=2)["data"]


def test_every_finance_article_stands_in_the_list_of_all_finance():
    everywhere = {story.id for feed in FEEDS for story in listed(feed.lid, 2)} & {
        story.id for story in STORIES if story.host == FINANCE_HOST
    }

    assert {story.id for story in listed(ALL_FINANCE, 2)} == everywhere


def test_page_one_of_the_smaller_lists_shows_every_article():
    smaller = [feed for feed in FEEDS if feed is not FINANCE]
    shown = {item["docid"] for feed in smaller for item in roll(feed, 2)["data"]}

    assert len(shown) == len({s.id for feed in FEEDS for s in listed(feed.lid, 2)})


def test_items_have_the_types_of_the_real_api():
    for item in roll(FINANCE)["data"]:
        assert re.fullmatch(r"comos:[a-z]{7}\d{7}", item["docid"])
        assert item["author"] == "0"
        assert all(item[name].isdigit() for name in ("ctime", "mtime", "intime"))
        assert json.loads(item["urls"]) == [item["url"]]
        assert item["img"] == [] or item["img"].keys() == {"u", "w", "h"}


def test_some_items_have_a_picture_and_some_have_none():
    pictures = [bool(item["img"]) for item in roll(FINANCE)["data"]]

    assert any(pictures)
    assert not all(pictures)


def test_every_listed_picture_is_served():
    items = roll(FINANCE, 2, "&num=100")["data"]
    addresses = {image["u"] for item in items for image in item["images"]}
    answers = [DemoSite().respond("/" + a.partition("://")[2]) for a in addresses]

    assert len(addresses) > 10
    assert {answer.content_type for answer in answers} == {"image/png"}
    assert len({answer.body for answer in answers}) > 1
    assert [read_format(answer.body)[0] for answer in answers] == ["png"] * len(answers)
    assert DemoSite().respond("/n.sinaimg.cn/none.jpg").status == 404


def test_num_and_page_cut_the_list():
    whole = [item["docid"] for item in roll(FINANCE, more="&num=100")["data"]]
    second = [item["docid"] for item in roll(FINANCE, more="&num=7&page=2")["data"]]

    assert second == whole[7:14]


def test_an_answer_has_fifty_items_unless_told_otherwise():
    assert len(roll(FINANCE)["data"]) == 50
    assert roll(FINANCE)["total"] > 50


def test_a_page_past_the_end_is_empty_and_well():
    result = roll(FINANCE, more="&page=9")

    assert (result["status"]["code"], result["data"]) == (0, [])


def test_an_unknown_list_has_a_status_that_is_not_zero():
    result = roll(Feed(pageid=384, lid=1, title=""))

    assert result["status"]["code"] != 0


def test_items_stand_in_the_order_of_their_creation():
    times = [int(item["ctime"]) for item in roll(FINANCE, 2, "&num=100")["data"]]

    assert times == sorted(times, reverse=True)


def test_a_callback_wraps_the_answer_as_sina_does():
    query = f"?pageid=384&lid={ALL_FINANCE}&num=1&callback=feedCardJsonpCallback"
    body = DemoSite().respond(ROLL + query).body.decode()

    assert body.startswith("try{feedCardJsonpCallback({")
    assert body.endswith("});}catch(e){};")


def test_a_banned_feed_answers_html_at_first():
    site = DemoSite()
    path = f"{ROLL}?pageid={FOREX.pageid}&lid={FOREX.lid}"
    banned = site.respond(path)
    site.poll = 2
    well = site.respond(path)

    assert (banned.status, banned.content_type) == (200, "text/html")
    assert "您的访问过于频繁" in banned.body.decode()
    assert json.loads(well.body)["result"]["data"]


# What changes between the polls


def test_an_edited_text_has_a_new_mtime_and_another_figure():
    story = noted(Case.EDITED_TEXT)[0]
    assert story.edit is not None
    before, after = (
        DemoSite(poll).respond("/" + story.route).body.decode() for poll in (1, 2)
    )

    assert story.at(2).mtime > story.at(1).mtime
    assert f"净利润为{story.edit.old}" in before
    assert f"净利润为{story.edit.new}" in after
    assert 'update_at" content="2026-11-20 18:21:40"' in after


def test_an_edited_headline_keeps_its_mtime():
    story = noted(Case.EDITED_HEADLINE)[0]

    assert story.at(1).mtime == story.at(2).mtime
    assert story.at(1).title in titles(FINANCE, 1)
    assert story.at(2).title in titles(FINANCE, 2)
    assert f">{story.at(2).title}</h1>" in page(story.at(2)).decode()


def test_late_articles_appear_on_top_and_below_known_ones():
    known = {item["docid"] for item in roll(FINANCE, 1, "&num=100")["data"]}
    order = [item["docid"] for item in roll(FINANCE, 2, "&num=100")["data"]]
    late = [place for place, docid in enumerate(order) if docid not in known]

    assert len(late) == expectations().new_at_poll_2 == 4
    assert late[:2] == [0, 1]
    assert late[2] > 2


def test_a_late_article_has_no_page_before_its_time():
    path = "/" + noted(Case.LATE_ON_TOP)[0].route

    assert DemoSite(1).respond(path).status == 404
    assert DemoSite(2).respond(path).status == 200


def test_the_counts_add_up():
    counts = expectations()

    assert counts.fetched == (
        counts.new + counts.duplicates + counts.removed + counts.layout_changed
    )
    assert (counts.duplicates, counts.removed, counts.layout_changed) == (1, 1, 1)
    assert counts.revised_at_poll_2 == 2
    assert DemoSite().expected == counts


# The live feed and the RSS feed


def live(poll: int = 1, more: str = "") -> dict:
    return json.loads(DemoSite(poll).respond(LIVE + more).body)["result"]["data"][
        "feed"
    ]


def test_flashes_have_headlines_but_for_one():
    flashes = [item["rich_text"] for item in live()["list"]]

    assert len(flashes) == expectations().flashes == 8
    assert sum(not flash.startswith("【") for flash in flashes) == 1
    assert any("<INGL.NS>" in flash for flash in flashes)


def test_a_flash_names_its_page_and_its_stocks():
    for item in live()["list"]:
        extra = json.loads(item["ext"])
        assert extra["docurl"].endswith(f"doc-i{extra['docid']}.shtml")
        path = extra["docurl"].removeprefix("https:/")
        assert DemoSite().respond(path).status == 200


def test_page_size_and_page_cut_the_flashes():
    whole = [item["id"] for item in live()["list"]]
    second = live(more="&page_size=3&page=2")

    assert [item["id"] for item in second["list"]] == whole[3:6]
    assert second["page_info"]["totalPage"] == 3


def test_a_flash_is_new_at_poll_2():
    new = expectations().new_flashes_at_poll_2

    assert len(live(poll=2)["list"]) - len(live(poll=1)["list"]) == new == 1


def test_the_rss_feed_carries_whole_bodies():
    items = ET.fromstring(DemoSite().respond(RSS).body).findall("channel/item")
    content = "{http://purl.org/rss/1.0/modules/content/}encoded"

    assert len(items) == expectations().syndicated
    for item, story in zip(items, syndicated(1), strict=True):
        words = "".join(Selector(item.findtext(content, "")).css("*::text").getall())
        assert item.findtext("link", "").endswith(story.url)
        assert all(paragraph in words for paragraph in story.paragraphs)


# Over HTTP, or as good as


def test_an_unknown_address_is_not_found():
    assert DemoSite().respond("/finance.sina.com.cn/none.shtml").status == 404


def test_robots_may_go_everywhere():
    for host in (FINANCE_HOST, "feed.mix.sina.com.cn", "n.sinaimg.cn"):
        answer = DemoSite().respond(f"/{host}/robots.txt")
        assert (answer.status, answer.content_type) == (200, "text/plain")


def test_the_site_answers_on_the_loopback_and_compresses():
    path = "/" + noted(Case.IN_TWO_FEEDS)[0].route
    with DemoSite() as site:
        assert site.url.startswith("http://127.0.0.1:")
        plain = urllib.request.urlopen(site.url + path)
        wanted = urllib.request.Request(
            site.url + path, headers={"Accept-Encoding": "gzip, deflate"}
        )
        packed = urllib.request.urlopen(wanted)
        with plain, packed:
            body = plain.read()
            assert gzip.decompress(packed.read()) == body
            assert packed.headers["Content-Encoding"] == "gzip"
            assert plain.headers["Content-Type"] == "text/html"

    assert body == DemoSite().respond(path).body


def test_a_missing_page_is_missing_over_http_too():
    with DemoSite() as site:
        with pytest.raises(HTTPError) as caught:
            urllib.request.urlopen(site.url + "/finance.sina.com.cn/none.shtml")
        caught.value.close()

    assert caught.value.code == 404


def test_a_closed_site_has_no_address():
    with pytest.raises(RuntimeError, match="not open"):
        _ = DemoSite().url


def test_the_same_request_gets_the_same_bytes():
    paths = ["/" + story.route for story in STORIES] + [LIVE, RSS]

    assert [DemoSite().respond(path) for path in paths] == [
        DemoSite().respond(path) for path in paths
    ]


def test_the_site_needs_the_standard_library_alone():
    folder = Path(crawler.demo.__file__).parent
    trees = [ast.parse(file.read_text("utf-8")) for file in folder.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    names |= {
        alias.name
        for node in nodes
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    foreign = {name for name in names if name.split(".")[0] not in stdlib_module_names}

    assert all(name.startswith("crawler.demo") for name in foreign)
