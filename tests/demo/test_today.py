"""The sample with its times moved: news of the last hours, whenever it is served."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.core.entries import read_answer
from crawler.core.health import stale_from
from crawler.core.ledger import Head, Ledger
from crawler.demo import DemoSite
from crawler.demo.answers import CLOCK
from crawler.demo.stories import FEEDS
from crawler.storage.catalogue import read_catalogue

PROJECT = Path(__file__).resolve().parents[2]
HOUR = timedelta(hours=1)
FEED = "/feed.mix.sina.com.cn/api/roll/get?pageid={0.pageid}&lid={0.lid}&num=100"
LIVE = "/zhibo.sina.com.cn/api/zhibo/feed?zhibo_id=152"


def moments():
    """Every hour of a day, and a day of other years."""
    hours = [datetime(2031, 3, 4, hour, 59, 59, tzinfo=UTC) for hour in range(24)]
    return [
        *hours,
        datetime(2026, 8, 15, 12, tzinfo=UTC),
        datetime(2099, 1, 1, 0, 1, tzinfo=UTC),
    ]


@pytest.mark.parametrize("now", moments(), ids=str)
def test_no_feed_is_stale_for_hours(now):
    site, ledger = DemoSite(2, now), Ledger({})
    feeds = [feed for feed in read_catalogue(PROJECT / "feeds").feeds if feed.enabled]
    for feed in feeds:
        paging = ledger.begin(feed)
        answer = site.respond("/" + feed.page_url(1).partition("://")[2])
        paging.take(read_answer(answer.body, feed, 1))
        ledger.end_read(paging, now, Head())

    schedules = ledger.schedules()
    ends = {feed.id: stale_from(feed, schedules[feed.id]) for feed in feeds}
    assert [name for name, end in ends.items() if end and end < now + 4 * HOUR] == []


@pytest.mark.parametrize("now", moments(), ids=str)
def test_nothing_is_of_the_future_and_the_last_news_is_of_the_last_hours(now):
    site = DemoSite(2, now)
    answers = [json.loads(site.respond(FEED.format(feed)).body) for feed in FEEDS]
    times = [
        datetime.fromtimestamp(int(item[name]), UTC)
        for answer in answers
        for item in answer["result"]["data"]
        for name in ("ctime", "mtime", "intime")
    ]

    assert now - 2 * HOUR < max(times) <= now


def test_every_listed_address_has_its_page_and_the_texts_stay():
    site = DemoSite(2, CLOCK[2] + 31 * 24 * HOUR)
    listed = [json.loads(site.respond(FEED.format(feed)).body) for feed in FEEDS]
    urls = {item["url"] for answer in listed for item in answer["result"]["data"]}
    flashes = json.loads(site.respond(LIVE).body)["result"]["data"]["feed"]["list"]
    urls |= {json.loads(flash["ext"])["docurl"] for flash in flashes}
    pages = [site.respond("/" + url.partition("://")[2]) for url in sorted(urls)]

    assert [page.status for page in pages] == [200] * len(urls)
    assert not [url for url in urls if "2026-11-20" in url]
    assert site.respond(site.sample_url.removeprefix("https:/")).status == 200
    texts = [page.body.decode("gb18030", "replace") for page in pages]
    assert any('update_at" content="2026-12-21 18:21:40"' in text for text in texts)


def test_within_an_hour_it_says_the_same():
    now = datetime(2031, 3, 4, 12, 30, tzinfo=UTC)
    both = [
        DemoSite(1, each).respond(FEED.format(FEEDS[0])).body
        for each in (now, now + HOUR - timedelta(seconds=1))
    ]

    assert both[0] == both[1]
