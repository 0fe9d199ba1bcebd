"""RSS, Atom and JSON Feed, in the shapes Sina and others write."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.entries import Entry, read_answer
from crawler.demo import DemoSite
from tests.core.samples import feed

PAGE = "https://finance.sina.com.cn/a/2026-11-20/doc-inkqaaaa1234567.shtml"
NOON = datetime(2026, 11, 20, 4, 0, 5, tzinfo=UTC)
ITEM = f"<item><title>标题</title><link>{PAGE}</link></item>"


def rss(items: str, head: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    """Write an RSS feed with these items."""
    spaces = (
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:media="http://search.yahoo.com/mrss/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    title = "<title>站</title>"
    return f'{head}<rss version="2.0"{spaces}><channel>{title}{items}</channel></rss>'


def one(text: str, content: str = "entry") -> Entry:
    """Read an answer that has one entry and no problem."""
    answer = read_answer(text.encode(), feed("rss", content=content))
    assert answer.problems == ()
    [entry] = answer.entries
    return entry


def item(inside: str) -> Entry:
    return one(rss(ITEM.replace("</item>", inside + "</item>")))


LINKS = {
    "plain": PAGE,
    "wrapped": f"http://go.rss.sina.com.cn/redirect.php?url={PAGE}",
    "wrapped http": "http://go.rss.sina.com.cn/redirect.php?url="
    + PAGE.replace("https", "http"),
    "padded": f"\n\t\t{PAGE}\n\t",
    "in CDATA": f"<![CDATA[{PAGE}]]>",
}


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_a_link_is_unwrapped(link):
    entry = one(rss(f"<item><title>标题</title><link>{link}</link></item>"))

    assert (entry.url, entry.id) == (PAGE, "nkqaaaa1234567")


def test_a_guid_stands_in_for_a_link():
    assert one(rss(f"<item><title>甲</title><guid>{PAGE}</guid></item>")).url == PAGE


TITLES = {
    "padded CDATA": ("\n\t\t<![CDATA[\n\t标题 A&B\n]]>\n\t\t", "标题 A&B"),
    "escaped": ("A&amp;B 15%&lt;20%", "A&B 15%<20%"),
    "escaped twice": ("A&amp;amp;B", "A&B"),
    "CDATA in two": ("<![CDATA[甲]]]]><![CDATA[>乙]]>", "甲]]>乙"),
    "character reference": ("&#30002;", "甲"),
}


@pytest.mark.parametrize(("written", "title"), TITLES.values(), ids=TITLES)
def test_a_title_is_trimmed_and_read_once(written, title):
    entry = one(rss(f"<item><title>{written}</title><link>{PAGE}</link></item>"))

    assert entry.title == title


TIMES = {
    "GMT": ("<pubDate>Fri, 20 Nov 2026 04:00:05 GMT</pubDate>", NOON),
    "offset": ("<pubDate>Fri, 20 Nov 2026 12:00:05 +0800</pubDate>", NOON),
    "naive": ("<pubDate>Fri, 20 Nov 2026 12:00:05</pubDate>", NOON),
    "naive and numeric": ("<pubDate>2026-11-20 12:00:05</pubDate>", NOON),
    "Dublin Core": ("<dc:date>2026-11-20T12:00:05+08:00</dc:date>", None),
    "no time": ("<pubDate>昨天</pubDate>", None),
    "before the site": ("<pubDate>Fri, 20 Nov 1970 12:00:05 GMT</pubDate>", None),
    "none": ("", None),
}


@pytest.mark.parametrize(("written", "instant"), TIMES.values(), ids=TIMES)
def test_a_naive_time_is_beijing_time(written, instant):
    assert item(written).published == instant


def test_a_feed_without_a_time_of_change_has_none():
    assert item(TIMES["GMT"][0]).updated is None
    assert item(TIMES["Dublin Core"][0]).updated == NOON


@pytest.mark.parametrize("codec", ["gb2312", "gbk", "gb18030", "utf-8", "utf-16"])
def test_bytes_are_decoded_as_declared(codec):
    text = rss(ITEM, f'<?xml version="1.0" encoding="{codec}"?>')
    answer = read_answer(text.encode(codec), feed("rss"))

    assert [entry.title for entry in answer.entries] == ["标题"]
    assert answer.problems == ()


AUTHORS = {
    "site": ("<author>WWW.SINA.COM.CN</author>", ""),
    "mail": ("<author>someone@staff.example (某人)</author>", ""),
    "person": ("<dc:creator> 某 人 </dc:creator>", "某 人"),
}


@pytest.mark.parametrize(("written", "author"), AUTHORS.values(), ids=AUTHORS)
def test_an_author_is_a_person_without_an_address(written, author):
    assert item(written).author == author


IMAGES = {
    "thumbnail": '<media:thumbnail url="//n.sinaimg.cn/a.png"/>',
    "media": '<media:content url="https://n.sinaimg.cn/a.png" medium="image"/>',
    "enclosure": '<enclosure url="https://n.sinaimg.cn/a.png" type="image/png"/>',
    "after a film": '<enclosure url="https://a.cn/v" type="video/mp4"/>'
    '<enclosure url="https://n.sinaimg.cn/a.png" type="image/png"/>',
}


@pytest.mark.parametrize("written", IMAGES.values(), ids=IMAGES)
def test_a_picture_of_an_entry_is_found(written):
    assert item(written).image == "https://n.sinaimg.cn/a.png"


@pytest.mark.parametrize("kind", ["video/mp4", ""])
def test_what_is_no_picture_is_not_taken_for_one(kind):
    assert item(f'<enclosure url="https://a.cn/v" type="{kind}"/>').image == ""


def test_categories_are_keywords():
    written = "<category>甲</category><category>\n<![CDATA[乙 ]]></category><category/>"

    assert item(written).keywords == ("甲", "乙")


FULL = "<content:encoded><![CDATA[<p>第一段。</p><p>第二段。</p>]]></content:encoded>"


def test_the_longest_body_is_the_article():
    entry = item("<description>第一段....</description>" + FULL)

    assert entry.html == "<p>第一段。</p><p>第二段。</p>"
    assert item("<description>第一段</description>").html == "第一段"


def test_a_feed_whose_articles_are_pages_keeps_no_body():
    text = rss(ITEM.replace("</item>", FULL + "</item>"))

    assert one(text, content="page").html == ""


ATOM = f"""\
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>站</title>
<entry><title type="html">A&amp;amp;B</title><link href="{PAGE}"/>
<id>urn:x:1</id><published>2026-11-20T12:00:05+08:00</published>
<updated>2026-11-20T04:00:05Z</updated><author><name>某人</name></author>
<content type="html">&lt;p&gt;正文。&lt;/p&gt;</content></entry></feed>"""


def test_an_atom_feed_is_read():
    entry = one(ATOM)

    assert (entry.title, entry.url, entry.author) == ("A&B", PAGE, "某人")
    assert entry.published == entry.updated == NOON
    assert entry.html == "<p>正文。</p>"


JSON_ITEM = {
    "id": "1",
    "url": PAGE,
    "title": "标题",
    "content_html": "<p>正文。</p>",
    "date_published": "2026-11-20T12:00:05+08:00",
    "authors": [{"name": "某人"}],
    "tags": ["甲", 3, None],
    "image": "//n.sinaimg.cn/a.png",
}


def json_feed(**changes: object) -> Entry:
    """Read a JSON Feed of one item with some keys changed."""
    return one(json.dumps({"version": "1", "items": [JSON_ITEM | changes]}))


def test_a_json_feed_is_read():
    entry = json_feed()

    assert (entry.url, entry.title, entry.author) == (PAGE, "标题", "某人")
    assert (entry.published, entry.updated) == (NOON, None)
    assert (entry.keywords, entry.html) == (("甲", "3"), "<p>正文。</p>")
    assert entry.image == "https://n.sinaimg.cn/a.png"


JSON_FIELDS = {
    "author of version 1": (
        {"authors": None, "author": {"name": "甲"}},
        "author",
        "甲",
    ),
    "authors of a wrong kind": ({"authors": ["甲"]}, "author", ""),
    "other address": ({"url": None, "external_url": PAGE}, "url", PAGE),
    "id for an address": ({"url": None, "id": PAGE}, "url", PAGE),
    "banner": (
        {"image": [], "banner_image": "https://a.cn/b"},
        "image",
        "https://a.cn/b",
    ),
    "no image": ({"image": None}, "image", ""),
    "plain text": ({"content_html": "", "content_text": "a<b"}, "html", "a&lt;b"),
    "body of a wrong kind": ({"content_html": ["<p>"]}, "html", ""),
}


@pytest.mark.parametrize(
    ("changes", "name", "value"), JSON_FIELDS.values(), ids=JSON_FIELDS
)
def test_a_field_of_a_json_feed_is_checked(changes, name, value):
    assert getattr(json_feed(**changes), name) == value


BROKEN = {
    "nothing": ("", "empty list"),
    "words": ("no feed", "not a feed"),
    "page": (
        "<html><body>封禁</body></html>",
        "HTML instead of a feed at byte 0: 封禁",
    ),
    "empty feed": (rss(""), "empty list at the whole answer"),
    "cut in the first item": (
        rss(ITEM)[:-60].partition("<item>")[0],
        "not a feed at line",
    ),
    "a charset that never decodes": (
        rss(ITEM, '<?xml version="1.0" encoding="undefined"?>'),
        "not a feed at the whole answer: UnicodeError",
    ),
    "a chapter without a start": (
        rss(
            "<item><c:chapters xmlns:c='http://podlove.org/simple-chapters'>"
            "<c:chapter/></c:chapters></item>"
        ),
        "not a feed at the whole answer: TypeError",
    ),
    "a place without a point": (
        '<feed xmlns:g="http://www.opengis.net/gml"><entry><g:posList>1</g:posList>',
        "not a feed at the whole answer: KeyError",
    ),
    "a word without an end": (
        rss(f"<item><author>{'a' * 60_000}</author></item>"),
        "not a feed at the whole answer: words without an end",
    ),
    "a word of references": (
        rss(f"<item><author>{'&#97;' * 60_000}</author></item>"),
        "not a feed at the whole answer: words without an end",
    ),
    "a long entity": (
        rss(ITEM, f'<!DOCTYPE r [<!ENTITY a "{"a" * 1000}">]>'),
        "not a feed at the whole answer: an entity of more than 64",
    ),
    "many short entities": (
        rss(
            f"<item><author>{'&a;' * 600}</author></item>",
            f'<!DOCTYPE r [<!ENTITY a "{"a" * 50}">]>',
        ),
        "not a feed at the whole answer: words without an end",
    ),
    "too many attributes": (
        rss("<item " + " ".join(f"a{n}='1'" for n in range(30_000)) + "/>"),
        "not a feed at the whole answer: an element with more than",
    ),
    "no address": (
        rss("<item><title>甲</title></item>"),
        "unreadable at item 1: link ''",
    ),
    "script for an address": (
        rss("<item><title>甲</title><link>javascript:alert(1)</link></item>"),
        "unreadable at item 1: link 'javascript",
    ),
    "no title": (
        rss(f"<item><link>{PAGE}</link></item>"),
        "unreadable at item 1: title",
    ),
    "JSON without items": ("{}", "no list at items"),
    "JSON with odd items": ('{"items": {}}', "no list at items"),
    "JSON cut": ('{"items": [', "not JSON at line 1"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_feed_is_a_problem(text, message):
    answer = read_answer(text.encode(), feed("rss"))

    assert answer.entries == ()
    assert [str(found).startswith(message) for found in answer.problems] == [True]


IMPOSSIBLE = ("&#xD800;", "&#xdfff", "&#1114112;", "&#x110000;", "&#" + "9" * 5000)


@pytest.mark.parametrize("reference", IMPOSSIBLE, ids=lambda text: text[:12])
def test_a_reference_to_no_character_costs_no_entry(reference):
    assert one(rss(ITEM.replace("标题", f"标{reference}题"))).title == "标题"


GARBAGE = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *("<item>", "</item>", "<title>", "</title>", "<![CDATA[", "]]>", "&"),
                *("&#xD800;", "&#0;", "&a;", "<!DOCTYPE a [", "<!ENTITY a 'b'>", "<?"),
                *("<link>http://[", "<pubDate>99", "<width>", "<enclosure url='/'/>"),
                *("<content mode='base64'>@", "<content type='xhtml'><p>", "\0", "<a"),
                *("<dc:date>-1</dc:date>", "<media:content/>", " xmlns='x'", "</rss>"),
            ]
        ),
        st.text(max_size=3),
    ),
    max_size=8,
).map("".join)


@given(GARBAGE, GARBAGE, st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_any_feed_is_read_or_refused(before, inside, codec):
    text = before + rss(ITEM.replace("</item>", inside + "</item>")) + before

    answer = read_answer(text.encode(codec, "replace"), feed("rss", content="entry"))

    assert answer.entries or answer.problems


def test_a_feed_cut_later_gives_what_there_is_and_a_problem():
    answer = read_answer(rss(ITEM + ITEM)[:-60].encode(), feed("rss"))

    assert [entry.title for entry in answer.entries] == ["标题"]
    assert "cut short" in [problem.what for problem in answer.problems]


def test_a_feed_with_a_wrong_entity_is_still_read():
    entry = item("<description>甲&nbsp;乙 & 丙</description>")

    assert entry.html.startswith("甲")


ANSWER = DemoSite().respond("/rss.sina.com.cn/roll/finance/hot_roll.xml").body


@pytest.mark.parametrize("end", range(0, len(ANSWER) - 20, 97))
def test_a_feed_cut_anywhere_says_so(end):
    assert read_answer(ANSWER[:end], feed("rss")).problems


def test_a_body_that_names_a_file_opens_nothing(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_text(rss(ITEM), encoding="utf-8")

    for body in (str(path), path.as_uri(), f"{path}\n"):
        assert read_answer(body.encode(), feed("rss")).entries == ()


def test_an_entity_that_names_a_file_is_not_resolved(tmp_path):
    (tmp_path / "secret").write_text("geheim", encoding="utf-8")
    uri = (tmp_path / "secret").as_uri()
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "{uri}">]>'
    item = f"<item><title>甲&x;</title><link>{PAGE}</link></item>"

    assert "geheim" not in repr(read_answer(rss(item, head).encode(), feed("rss")))


def test_entities_that_grow_are_not_expanded():
    laughs = (
        '<!ENTITY a "'
        + "ha" * 200
        + '">'
        + "".join(
            f'<!ENTITY {new} "{f"&{old};" * 50}">'
            for old, new in zip("abcdef", "bcdefg", strict=True)
        )
    )
    head = f'<?xml version="1.0"?><!DOCTYPE rss [{laughs}]>'
    item = f"<item><title>甲&g;</title><link>{PAGE}</link></item>"

    assert len(repr(read_answer(rss(item, head).encode(), feed("rss")))) < 10_000
