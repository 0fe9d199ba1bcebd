"""The articles are what their notes say, and their pages have Sina's shapes."""

import re
from html import unescape
from itertools import combinations

import pytest
from parsel import Selector

from crawler.demo import DemoSite
from crawler.demo.pages import page
from crawler.demo.stories import STORIES, noted
from crawler.demo.story import Case, Story, Template


def selector(story: Story) -> Selector:
    charset = "gbk" if story.template is Template.LEGACY else "utf-8"
    return Selector(page(story).decode(charset))


def container(story: Story) -> Selector:
    return selector(story).css("#artibody, #article")


def text(part: Selector) -> str:
    return "".join(part.css("*::text").getall())


def only(case: Case) -> Story:
    (story,) = noted(case)
    return story


def articles() -> list[Story]:
    return [story for story in STORIES if story.body]


# The articles


@pytest.mark.parametrize("case", Case)
def test_every_case_has_an_article(case):
    assert noted(case)


def test_there_are_about_sixty_articles():
    assert 55 <= len(STORIES) <= 70


def test_ids_and_addresses_are_unique():
    assert len({story.id for story in STORIES}) == len(STORIES)
    assert len({story.route for story in STORIES}) == len(STORIES)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.id)
def test_an_id_is_seven_letters_and_seven_digits(story):
    assert re.fullmatch(r"[a-z]{7}\d{7}", story.id)


def test_articles_have_three_to_eight_paragraphs():
    assert {len(story.paragraphs) for story in articles()} <= set(range(3, 9))


def test_no_two_articles_read_alike_but_for_the_one_under_two_ids():
    grams = {story.id: set(_grams("".join(story.paragraphs))) for story in articles()}
    alike = [
        {one, other}
        for one, other in combinations(grams, 2)
        if len(grams[one] & grams[other]) / len(grams[one] | grams[other]) > 0.35
    ]

    assert alike == [{story.id for story in noted(Case.TWO_IDS)}]


def _grams(words: str) -> list[str]:
    return [words[start : start + 4] for start in range(len(words) - 3)]


# The pages


@pytest.mark.parametrize("story", articles(), ids=lambda story: story.id)
def test_a_page_holds_every_paragraph_of_its_article(story):
    words = text(container(story))

    assert all(paragraph in words for paragraph in story.paragraphs)


@pytest.mark.parametrize("story", articles(), ids=lambda story: story.id)
def test_a_page_shows_its_title(story):
    heading = selector(story).css("h1.main-title::text, h1#artibodyTitle::text")

    assert heading.get() == story.title


def test_pages_name_no_charset_in_their_header():
    kinds = {DemoSite().respond("/" + story.route).content_type for story in STORIES}

    assert kinds == {"text/html"}


def test_older_pages_are_gb2312_by_their_meta_and_not_utf8():
    for story in noted(Case.GB2312):
        assert b"charset=gb2312" in page(story)
        with pytest.raises(UnicodeDecodeError):
            page(story).decode()
        assert re.search(r"/\d{8}/\d{12}\.shtml$", story.url)
        shown = selector(story).css("span.time-source::text").get()
        assert re.match(r"\d{4}年\d\d月\d\d日\d\d:\d\d", shown)


def test_one_older_page_needs_more_than_gb2312():
    plain, wider = (page(story) for story in noted(Case.GB2312))

    assert plain.decode("gb2312")
    with pytest.raises(UnicodeDecodeError):
        wider.decode("gb2312")


def test_news_pages_have_a_logo_heading_before_the_title():
    for story in noted(Case.NEWS):
        headings = selector(story).css("h1::attr(class)").getall()
        assert headings == ["channel-logo", "main-title"]
        assert selector(story).css("#keywords::attr(data-wbkey)").get()
        assert container(story).css("p.show_author")


def test_a_stock_is_linked_with_unquoted_attributes():
    story = only(Case.EDITED_TEXT)
    link = (
        "<span id=stock_sz009311><a href=https://finance.sina.com.cn/realstock/"
        'company/sz009311/nc.shtml class="keyword" target=_blank>砺锋动力</a></span>'
        "<span id=quote_sz009311></span>"
    )

    assert page(story).decode().count(link) == 1
    assert "<!-- news_keyword_pub,stock,sz009311 -->" in page(story).decode()


def test_an_article_without_stocks_has_an_empty_symbol_comment():
    assert b"<!-- news_keyword_pub,stock, -->" in page(only(Case.NO_SYMBOLS))


def test_an_ad_comment_repeats_a_paragraph():
    story = only(Case.AD_COMMENT)
    html = page(story).decode()
    advert = re.search(r"<!--article_adlist\[<p>(.*?)</p>\]article_adlist-->", html)

    assert advert
    assert advert[1].strip() in story.paragraphs


def test_pictures_come_in_every_spelling():
    html = "".join(page(story).decode() for story in noted(Case.PICTURES))

    assert 'src="//n.sinaimg.cn' in html
    assert 'src="http://k.sinaimg.cn' in html
    assert 'data-src="https://' in html
    assert 'data-original="http://' in html
    assert 'src="data:image/gif' in html
    assert "<table" in html
    assert "strong-Bold" in html


def test_a_removed_page_answers_with_status_200():
    answer = DemoSite().respond("/" + only(Case.REMOVED).route)

    assert answer.status == 200
    assert "<title>页面没有找到</title>" in answer.body.decode()


def test_a_page_whose_layout_changed_has_an_empty_container():
    assert not text(container(only(Case.BARE))).strip()


def test_awkward_titles_are_plain_in_the_feed_and_escaped_on_the_page():
    awkward = noted(Case.AWKWARD_TITLE)
    joined = "".join(story.feed_title or story.title for story in awkward)

    for mark in ("*ST", '"', "'", "<15%", "1+1>2", "\u200b", ": ", " #", "<img"):
        assert mark in joined
    for mark in ("\u00a0", "[视频]", "&", "{{ name }}"):
        assert mark in joined
    for story in awkward:
        heading = re.search(r'main-title">(.*)</h1>', page(story).decode())
        assert heading
        assert unescape(heading[1]) == story.title
        assert "<" not in heading[1]
