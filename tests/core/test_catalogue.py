"""The shipped catalogue, and every mistake in one reported where it is."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given

from crawler.core.catalogue import Catalogue, parse_site
from crawler.core.errors import CatalogueError
from crawler.storage.catalogue import read_catalogue
from tests.core.samples import texts

SHIPPED = read_catalogue(Path(__file__).parents[2] / "feeds")
CHANNELS = {
    384: (2519, 2671, 2672, 2673, 2674, 2675, 2676, 2487),
    155: (1686, 1687, 1688, 1689, 1690, 3231),
    164: (1693, 1694, 1695),
    166: (1703,),
    186: (1746,),
    205: (1789,),
}
PAIRS = [(page, lid) for page, lids in CHANNELS.items() for lid in lids]
NATIVE = (
    "roll/finance/hot_roll.xml news/allnews/finance.xml finance/jsy.xml"
    " finance/fund.xml roll/stock/hot_roll.xml finance/financial.xml"
    " finance/usstock.xml finance/hkstock.xml finance/future.xml"
).split()


def feeds_at(part: str) -> list:
    return [feed for feed in SHIPPED.feeds if part in feed.url]


@pytest.mark.parametrize(("page", "lid"), PAIRS)
def test_every_known_channel_is_shipped_and_polled(page, lid):
    feeds = feeds_at(f"pageid={page}&lid={lid}&")

    assert [(feed.format, feed.enabled) for feed in feeds] == [("roll", True)]
    assert feeds[0].is_paged
    assert "num=50" in feeds[0].page_url(1)


@pytest.mark.parametrize(
    ("name", "page", "lid", "title"),
    [("china", 155, 1686, "新浪财经－国內"), ("stock", 384, 2671, "新浪财经－股市")],
)
def test_well_known_feeds_keep_their_ids_and_titles(name, page, lid, title):
    feed = SHIPPED.feed(name)

    assert feed is not None
    assert (feed.title, f"pageid={page}&lid={lid}&" in feed.url) == (title, True)


@pytest.mark.parametrize(
    ("titles", "short"),
    [
        (["新浪财经－股市", "新浪财经－外汇"], ["股市", "外汇"]),
        (["新浪财经－股市", "雪球－股市"], ["新浪财经－股市", "雪球－股市"]),
        (["新浪财经－股市", "股市"], ["新浪财经－股市", "股市 (b)"]),
        (["股市", "股市"], ["股市 (a)", "股市 (b)"]),
        (["股市", "财经－"], ["股市", "财经－"]),
    ],
)
def test_no_two_feeds_have_one_short_title(titles, short):
    site = SHIPPED.sites[0]
    feeds = [
        site.feeds[0].model_copy(update={"id": name, "title": title})
        for name, title in zip("ab", titles, strict=True)
    ]
    catalogue = Catalogue((site.model_copy(update={"feeds": tuple(feeds)}),))

    assert list(catalogue.short_titles().values()) == short


@pytest.mark.parametrize("path", NATIVE)
def test_a_native_rss_feed_is_off_and_says_why(path):
    [feed] = feeds_at("rss.sina.com.cn/" + path)

    assert (feed.format, feed.enabled) == ("rss", False)
    assert feed.reason


def test_the_live_feed_carries_its_articles_whole():
    [feed] = [feed for feed in SHIPPED.feeds if feed.format == "live"]

    assert (feed.content, feed.enabled) == ("entry", True)
    assert "zhibo_id=152" in feed.page_url(3)
    assert "page=3" in feed.page_url(3)


def test_feeds_differ_by_title_and_address():
    feeds = SHIPPED.feeds

    assert len({feed.title for feed in feeds}) == len(feeds)
    assert len({feed.url for feed in feeds}) == len(feeds)


def test_a_feed_leads_to_its_site_and_a_host_to_the_site_that_serves_it():
    site = SHIPPED.site_of("china")

    assert (site.name, site.categories) == ("新浪财经", ("金融", "新浪财经"))
    assert SHIPPED.site_for("finance.sina.com.cn") is site
    assert SHIPPED.site_for("evilsina.com.cn") is None


def test_an_unknown_feed_is_none_and_has_no_site():
    assert SHIPPED.feed("no-such-feed") is None
    with pytest.raises(KeyError):
        SHIPPED.site_of("no-such-feed")


GOOD = """\
name: 示例站
categories: [示例]
hosts: [a.example]
placeholder: https://a.example/p.png
feeds:
  - id: one
    title: 示例－一
    url: https://a.example/list?page={page}
    format: roll
  - id: two
    title: 示例－二
    url: https://a.example/rss
    format: rss
"""


def test_a_small_catalogue_has_the_defaults():
    one, two = parse_site(GOOD, "site.yaml").feeds

    assert (one.pages, one.content, one.enabled, one.referer) == (2, "page", True, None)
    assert (two.is_paged, two.page_url(1)) == (False, "https://a.example/rss")


WRONG = {
    "unknown key of the site": ("name:", "nome:", "nome: unknown key; there are name"),
    "extra key of the site": ("name:", "lang: zh\nname:", "lang: unknown key"),
    "key of our own": ("name:", "source: x\nname:", "source: unknown key"),
    "number for a key": ("name:", "1: x\nname:", "1: Keys should be strings"),
    "empty name": ("示例站", "''", "name: must be one line"),
    "quotes in the name": ("示例站", "示'例", "name: must be one line"),
    "name without a letter": ("[示例]", "[..]", "categories.0: must be a name"),
    "name of an object's own": ("[示例]", "[constructor]", "categories.0: must be a"),
    "name too long for a folder": ("示例站", "名" * 34, "name: must be a name"),
    "no category": ("[示例]", "[]", "categories: .*at least 1"),
    "category of two lines": ("[示例]", '["a\\nb"]', "categories.0: must be one line"),
    "category as text": ("[示例]", "示例", "categories: .*valid tuple"),
    "host with a scheme": (
        "[a.example]",
        "[https://a.example]",
        "hosts: 'https://a.example' is not",
    ),
    "host without a dot": ("[a.example]", "[localhost]", "hosts: 'localhost' is not"),
    "placeholder of another scheme": (
        "https://a.example/p.png",
        "data:x",
        ("placeholder: must be an http"),
    ),
    "feeds as a mapping": ("feeds:\n", "feeds: {}\nx:\n", "x: unknown key"),
    "feed as text": (
        "  - id: two",
        "  - x\n  - id: two",
        "feed number 2: .*valid dict",
    ),
    "feed without id": (
        "  - id: two\n    title",
        "  - title",
        "feed number 2: id: Field",
    ),
    "id in capitals": ("id: two", "id: Two", "feed Two: id: String should match"),
    "id used twice": ("id: two", "id: one", "feed one: id: is used twice"),
    "format unknown": (
        "format: rss",
        "format: atom",
        "feed two: format: .*'roll', 'rss'",
    ),
    "address of another scheme": (
        "https://a.example/rss",
        "ftp://a/",
        ("feed two: url: must be an http"),
    ),
    "unknown key of a feed": (
        "format: rss",
        "format: rss\n    lang: zh",
        ("feed two: lang: unknown key; there are id"),
    ),
    "pages without a place": (
        "format: rss",
        "format: rss\n    pages: 3",
        ("feed two: pages needs {page} in url"),
    ),
    "one page only": (
        "format: roll",
        "format: roll\n    pages: 1",
        ("feed one: pages must be at least 2"),
    ),
    "too many pages": (
        "format: roll",
        "format: roll\n    pages: 99",
        ("feed one: pages: Input should be less than or equal to 50"),
    ),
    "off without a reason": (
        "format: rss",
        "format: rss\n    enabled: false",
        ("feed two: enabled: false needs a reason"),
    ),
    "content unknown": (
        "format: rss",
        "format: rss\n    content: all",
        "feed two: content",
    ),
    "key written twice": (
        "format: rss",
        "format: rss\n    id: x",
        ("line 14: is not YAML: key 'id' is written twice"),
    ),
    "cut in a list": ("[示例]", "[示例", "line 3: is not YAML"),
    "a list for a key": ("name:", "? [a]\n: b\nname:", "line 1: is not YAML"),
    "a list taken for a mapping": (
        "name: 示例站",
        "name: !!map [a]",
        "line 1: is not YAML",
    ),
    "a day that does not exist": ("示例站", "2026-13-45", "is not YAML: month must be"),
    "a number that is none": ("示例站", "!!int x", "is not YAML: invalid literal"),
    "a tag that runs code": (
        "示例站",
        "!!python/object:os.system x",
        "line 1: is not YAML",
    ),
    "a control": ("示例站", "\0", "is not YAML: unacceptable character"),
    "a nesting without end": ("[示例]", "[" * 1000, "is not YAML"),
}


@pytest.mark.parametrize(("old", "new", "message"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_reported_with_file_feed_and_key(old, new, message):
    with pytest.raises(CatalogueError) as caught:
        Catalogue((parse_site(GOOD.replace(old, new, 1), "site.yaml"),))

    assert re.match(f"site.yaml: (?:{message})", str(caught.value))
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["", "- a", "text", "3", "null"], ids=repr)
def test_a_file_that_is_no_mapping_says_what_it_must_be(text):
    with pytest.raises(CatalogueError, match="must be a mapping with name, hosts"):
        parse_site(text, "site.yaml")


@given(texts)
def test_no_text_gets_past_as_a_catalogue(text):
    with pytest.raises(CatalogueError, match=r"site\.yaml: "):
        parse_site(text, "site.yaml")


@given(texts)
def test_a_name_is_clean_or_refused(text):
    data = yaml.safe_load(GOOD) | {"name": text}
    written = yaml.safe_dump(data, allow_unicode=False)
    try:
        name = parse_site(written, "site.yaml").name
    except CatalogueError:
        name = "refused"

    assert not set(name) & set("<>'\"\n\0\ud800")
