"""A real Hexo publishes every document, and a real browser runs nothing of them."""

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from html import unescape
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.site.building import is_front

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
FAILURE = re.compile(r"Process failed|\b(?:ERROR|FATAL)\b.*")
# Where the themes fetch their own styles, scripts and fonts.
THEME_HOSTS = {"cdn.jsdelivr.net", "gcore.jsdelivr.net", "unpkg.com"}
# What links get by the generator, and images by a theme that loads them late.
SITES_OWN = {"target", "rel", "class", "srcset", "data-srcset"}


def squeeze(text):
    """Drop all white space, which themes set as they like."""
    return "".join(text.split())


def body_text(html):
    """Read a body's text as a browser's `textContent` gives it."""
    return squeeze(LexborHTMLParser(html, is_fragment=True).text())


def elements(html):
    """List a body's elements, each with its attributes, as a page must have them."""
    page = LexborHTMLParser(f"<div>{html}</div>")
    found = [[node.tag, node.attributes] for node in page.css("body *")]
    return [[tag, bare({k: v or "" for k, v in own.items()})] for tag, own in found]


def bare(attributes):
    """Drop what the generator and the themes set; volantis also misplaces a class."""
    return {
        key: value.removesuffix(" lazyload")
        for key, value in attributes.items()
        if key not in SITES_OWN
    }


@pytest.fixture
def looks(readings, visits):
    """All that was seen: every page as it is parsed, and the opened ones."""
    return [*readings, *visits]


@pytest.fixture
def post_looks(site, looks):
    """What was seen of the posts' pages, each with the post's document."""
    ids = {address: id_ for id_, address in site.pages().items()}
    return [
        (site.documents[ids[seen["path"]]], seen)
        for seen in looks
        if seen["path"] in ids
    ]


def test_the_build_ends_well_and_drops_no_post(site):
    assert FAILURE.findall(site.log) == []
    assert site.exit_code == 0
    assert sorted(site.pages()) == sorted(site.documents)


def test_nothing_is_written_outside_of_public(site):
    assert site.strays == []


def test_a_page_lies_under_the_documents_path_and_beijing_day(site):
    wrong = {
        id_: (address, site.paths[id_])
        for id_, address in site.pages().items()
        if unquote(address) != expected_address(site.paths[id_])
    }

    assert wrong == {}


def expected_address(path):
    """Tell where a document's page must be: its folders name its Beijing day."""
    day = re.search(r"/(\d{4}/\d\d/\d\d)/[^/]+$", path)[1]
    return f"/{day}/{path.removesuffix('.html')}/"


def test_the_atom_feed_is_whole(site):
    entries = ET.parse(site.public / "atom.xml").getroot().findall(f"{ATOM}entry")

    titles = sorted(entry.findtext(f"{ATOM}title") for entry in entries)
    assert titles == sorted(document.title for document in site.documents.values())


def test_the_atom_feed_tells_when_the_posts_were_published(site):
    entries = ET.parse(site.public / "atom.xml").getroot().findall(f"{ATOM}entry")

    for key in ("published", "updated"):
        times = [entry.findtext(f"{ATOM}{key}") for entry in entries]
        shown = sorted(map(datetime.fromisoformat, times))
        dates = [document.date for document in site.documents.values()]
        assert shown == sorted(map(parsedate_to_datetime, dates))


def test_the_search_index_is_whole(site):
    entries = ET.parse(site.public / "search.xml").getroot().findall("entry")

    titles = sorted(entry.findtext("title").strip() for entry in entries)
    assert titles == sorted(document.title for document in site.documents.values())
    if site.theme == "volantis":
        posts = json.loads((site.public / "content.json").read_bytes())["posts"]
        assert len(posts) == len(site.documents)


def test_the_sitemap_is_whole(site):
    root = ET.parse(site.public / "sitemap.xml").getroot()

    places = [urlsplit(loc.text).path for loc in root.iter(f"{SITEMAP}loc")]
    assert set(map(unquote, site.pages().values())) <= set(map(unquote, places))


def test_every_xml_and_json_file_can_be_parsed(site):
    for file in site.public.rglob("*.xml"):
        ET.parse(file)
    for file in site.public.rglob("*.json"):
        json.loads(file.read_bytes())


def test_every_page_was_read_and_the_chosen_ones_were_opened(site, readings, visits):
    assert [seen["path"] for seen in readings] == site.addresses()
    assert {seen["make"] for seen in readings} == {
        seen["make"]
        for seen in readings
        if seen["path"] in {opened["path"] for opened in visits}
    }


def test_every_post_brings_its_own_elements_and_no_others(site, readings):
    ids = {address: id_ for id_, address in site.pages().items()}
    wrong = [
        seen["path"]
        for seen in readings
        if seen["path"] in ids
        and [[tag, bare(own)] for tag, own in seen["body"]]
        != elements(site.documents[ids[seen["path"]]].body)
    ]

    assert wrong == []


def test_no_script_of_a_post_runs_or_waits_for_a_click(looks):
    harmed = [
        (seen["path"], seen["canary"], seen["armed"], seen["dialogs"])
        for seen in looks
        if seen["canary"] is not None or seen["armed"] or seen["dialogs"]
    ]

    assert harmed == []


def test_no_post_breaks_a_script_of_the_theme(visits):
    broken = [
        (seen["path"], error)
        for seen in visits
        for error in seen["errors"]
        if error.startswith("SyntaxError")
    ]

    assert broken == []


def test_no_page_leads_away_or_asks_others_for_more_than_pictures(visits):
    asked = [
        (seen["path"], kind, url)
        for seen in visits
        for kind, url in seen["requests"]
        if not is_expected(kind, url)
    ]

    assert asked == []
    assert [seen["path"] for seen in visits if seen["url"] != seen["path"]] == []


def is_expected(kind, url):
    """Tell whether a page may ask for this: pictures, and what the theme needs."""
    parts = urlsplit(url)
    if parts.scheme == "data":
        return kind in {"image", "font"}
    known = kind == "image" or parts.hostname in THEME_HOSTS
    return known and parts.scheme in {"http", "https"}


def test_every_post_shows_its_title_as_the_document_has_it(post_looks):
    wrong = [
        (seen["path"], seen["heading"], seen["title"])
        for document, seen in post_looks
        if (seen["heading"] or "").strip() != document.title
        or document.title not in seen["title"]
    ]

    assert wrong == []


def test_every_opened_post_shows_its_title_to_the_reader(site, visits):
    posts = set(site.pages().values())
    opened = [seen for seen in visits if seen["path"] in posts]

    assert opened
    assert [seen["path"] for seen in opened if not seen["visible"]] == [], (
        "is the README's script for the theme still right?"
    )


def test_the_lists_show_every_title_as_the_documents_have_it(site, visits):
    front = [seen for seen in visits if is_front(seen["path"])]

    shown = sorted(title for seen in front for title in seen["titles"])
    assert shown == sorted(document.title for document in site.documents.values())


def test_every_post_shows_its_text_inside_the_page(post_looks):
    wrong = [
        seen["path"]
        for document, seen in post_looks
        if not seen["whole"] or body_text(document.body) not in squeeze(seen["text"])
    ]

    assert wrong == []


def test_every_post_shows_its_head_image(site, post_looks):
    if site.theme != "volantis":
        pytest.skip("of the two themes, only volantis shows head images")
    wrong = [
        (document.headimg, seen["images"])
        for document, seen in post_looks
        if not is_shown_twice(document.headimg, seen["images"])
    ]

    assert wrong == []


def is_shown_twice(url, images):
    """Look for head image and thumbnail; the theme prints them raw."""
    return max(images.count(url), images.count(unescape(url))) >= 2
