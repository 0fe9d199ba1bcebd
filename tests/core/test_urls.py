"""One address and one identity for each article."""

import re
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.urls import (
    DOCUMENT_ID,
    MAX_LENGTH,
    absolute,
    canonical,
    document_id,
    host_of,
    is_within,
    mirrored,
    unwrap,
)
from tests.core.samples import texts

PAGE = "https://finance.sina.com.cn/china/2026-11-20/doc-inkqaaaa1234567.shtml"
BASE = "https://finance.sina.com.cn/china/a.shtml"
RSS = "http://go.rss.sina.com.cn/redirect.php?url="
COLUMN = "https://cj.sina.cn/article/norm_detail?url="

ABSOLUTE = {
    "absolute": ("https://a.cn/b", "https://a.cn/b"),
    "other host stays http": ("http://a.cn/b", "http://a.cn/b"),
    "sina becomes https": (
        "http://finance.sina.com.cn/b",
        "https://finance.sina.com.cn/b",
    ),
    "port 80 of sina goes": ("http://a.sina.cn:80/b", "https://a.sina.cn/b"),
    "another port of sina stays": ("http://a.sina.cn:81/b", "http://a.sina.cn:81/b"),
    "no scheme": ("//n.sinaimg.cn/a.png", "https://n.sinaimg.cn/a.png"),
    "from the root": ("/b?c=1", "https://finance.sina.com.cn/b?c=1"),
    "beside": ("b.png", "https://finance.sina.com.cn/china/b.png"),
    "padded": (" \n\u3000https://a.cn/b\u200b ", "https://a.cn/b"),
    "broken over lines": ("https://a.\n\tcn/b", "https://a.cn/b"),
    "capitals": ("HTTPS://A.cn/B", "https://a.cn/B"),
    "space": ("https://a.cn/b c", "https://a.cn/b%20c"),
    "Chinese": ("https://a.cn/甲", "https://a.cn/%E7%94%B2"),
    "Chinese host": ("https://例.cn/", "https://xn--fsq.cn/"),
    "quotes": ("https://a.cn/'\"<>", "https://a.cn/%27%22%3C%3E"),
    "backslash": ("https://a.cn\\@evil.example/", "https://a.cn/@evil.example/"),
}
REFUSED = {
    "nothing": "",
    "white space": " \t\n",
    "javascript": "javascript:alert(1)",
    "javascript with a tab": "java\tscript:alert(1)",
    "javascript after controls": "\x01 javascript:alert(1)",
    "javascript with a host": "javascript://a.cn/%0aalert(1)",
    "data": "data:text/html,x",
    "mail": "mailto:a@a.cn",
    "file": "file:///etc/hostname",
    "no host": "https:///b",
    "only a user": "https://@/b",
    "empty once quoted": "//@\\b",
    "broken brackets": "http://[::1/",
    "port too high": "https://a.cn:99999/",
    "port in letters": "https://a.cn:x/",
    "lone surrogate in the host": "https://\ud800.cn/",
    "unspeakable host": "https://" + "甲" * 300 + ".cn/",
}


@pytest.mark.parametrize(("link", "url"), ABSOLUTE.values(), ids=ABSOLUTE)
def test_a_link_becomes_absolute(link, url):
    assert absolute(link, BASE) == url


@pytest.mark.parametrize("link", REFUSED.values(), ids=REFUSED)
def test_what_is_no_web_address_is_refused(link):
    assert absolute(link, BASE) == ""
    assert canonical(link) == ""


def test_a_relative_link_without_a_base_is_refused():
    assert absolute("/b") == ""


CANONICAL = {
    "as it is": (PAGE, PAGE),
    "http": (PAGE.replace("https", "http"), PAGE),
    "fragment": (PAGE + "#top", PAGE),
    "query of an article file": (PAGE + "?cre=1&a=2", PAGE),
    "port": (PAGE.replace(".cn/", ".cn:443/"), PAGE),
    "user": (PAGE.replace("//", "//user:word@"), PAGE),
    "capitals in the host": (PAGE.replace("finance", "Finance"), PAGE),
    "RSS wrapper": (RSS + PAGE, PAGE),
    "RSS wrapper with more before": (RSS.replace("?", "?a=1&") + PAGE, PAGE),
    "encoded wrapper": (COLUMN + quote(PAGE, safe="") + "&x=1", PAGE),
    "RSS wrapper around an encoded address": (RSS + quote(PAGE, safe=""), PAGE),
    "mobile wrapper": (COLUMN.replace("sina.cn", "sina.com.cn") + quote(PAGE), PAGE),
    "wrapper in a wrapper": (RSS + RSS + PAGE, PAGE),
    "wrapper with a user": (RSS.replace("//", "//u@") + PAGE, PAGE),
    "no path": ("https://a.cn", "https://a.cn/"),
    "tracking": ("https://a.cn/b?utm_source=x&id=7&from=y", "https://a.cn/b?id=7"),
    "encoded tracking": ("https://a.cn/b?utm%5Fsource=x", "https://a.cn/b"),
    "other charset kept": ("https://a.cn/?q=%B2%E2&from=x", "https://a.cn/?q=%B2%E2"),
    "blank value kept": ("https://a.cn/b?x=&y", "https://a.cn/b?x=&y"),
    "port 80 elsewhere": ("http://a.cn:80/b", "http://a.cn/b"),
}


@pytest.mark.parametrize(("url", "one"), CANONICAL.values(), ids=CANONICAL)
def test_an_article_has_one_address(url, one):
    assert canonical(url) == one


def test_a_wrapper_without_end_is_no_address():
    assert canonical(RSS * 50 + PAGE) == ""


def test_an_article_has_no_endless_address():
    longest = "https://a.cn/" + "b" * (MAX_LENGTH - len("https://a.cn/"))

    assert canonical(longest) == longest
    assert canonical(longest + "b") == ""


PIECES = (
    *"http https : / // a.cn sina.com.cn :80 :443 @ u ? # & = %41 % %zz from".split(),
    *"[ ] ::1 \\ ' < 中 .shtml ; . .. javascript: data: 例.cn utm_a".split(),
    *(RSS, COLUMN, "redirect.php?url=", "\t", "\n", '"', "\ud800", "\u3000"),
)
URLS = st.lists(st.sampled_from(PIECES), max_size=10).map("".join)


@given(st.one_of(texts, URLS))
def test_a_canonical_address_is_its_own(url):
    one = canonical(url)

    assert canonical(one) == one
    assert one == "" or re.fullmatch(r"https?://[!-~]+", one)


@given(st.one_of(texts, URLS), st.sampled_from(["", BASE, "http://[", "\ud800"]))
def test_an_absolute_link_is_http_and_its_own(link, base):
    url = absolute(link, base)

    assert absolute(url, base) == url
    assert url == "" or (urlsplit(url).scheme in {"http", "https"} and host_of(url))
    assert not set("<>'\" \n") & set(url)


IDS = {
    "PC page": (PAGE, "", "nkqaaaa1234567"),
    "mobile page": (
        "https://finance.sina.cn/2026-11-20/detail-inkqaaaa1234567.d.html",
        "",
        "nkqaaaa1234567",
    ),
    "page named by id": (
        "http://doc.sina.cn/?id=comos:nkqaaaa1234567",
        "",
        "nkqaaaa1234567",
    ),
    "page named by an encoded id": (
        "https://doc.sina.cn/?id=comos%3Ankqaaaa1234567",
        "",
        "nkqaaaa1234567",
    ),
    "roll API": ("https://a.cn/b", "comos:nkqaaaa1234567", "nkqaaaa1234567"),
    "comment meta": ("https://a.cn/b", "cj:comos-nkqaaaa1234567", "nkqaaaa1234567"),
    "publish id": ("https://a.cn/b", "nkqaaaa1234567", "nkqaaaa1234567"),
    "publish id with the i": ("https://a.cn/b", "inkqaaaa1234567", "nkqaaaa1234567"),
    "id that begins with i": ("https://a.cn/b", "icezuev3218731", "icezuev3218731"),
    "address before the feed": (PAGE, "comos:zzzzzzz7654321", "nkqaaaa1234567"),
}


@pytest.mark.parametrize(("url", "docid", "name"), IDS.values(), ids=IDS)
def test_an_article_keeps_its_own_id(url, docid, name):
    assert document_id(url, docid) == name


@given(texts, texts)
def test_every_article_has_an_id(url, docid):
    name = document_id(url, docid)

    assert DOCUMENT_ID.fullmatch(name)
    assert document_id(url, docid) == name


VIEW = "cj.sina.com.cn/articles/view/1234567890/4996d2d202000abcd"
TWINS = {
    "scheme": ("http://a.cn/1", "https://a.cn/1"),
    "port": ("http://a.cn:80/1", "https://a.cn/1"),
    "tracking": (f"https://{VIEW}?finpagefr=p_104", f"https://{VIEW}"),
    "column host": (f"https://t.{VIEW}", f"https://{VIEW}"),
    "mobile host": (
        "https://k.sina.cn/article_12_ab.html?from=finance",
        "https://k.sina.com.cn/article_12_ab.html",
    ),
    "wrapper": (COLUMN + quote(f"https://{VIEW}", safe=""), f"http://{VIEW}"),
    "mobile page": (PAGE, "https://finance.sina.cn/x/detail-inkqaaaa1234567.d.html"),
    "page named by id": (PAGE, "http://doc.sina.cn/?id=comos:nkqaaaa1234567&wm=3"),
}


@pytest.mark.parametrize(("one", "other"), TWINS.values(), ids=TWINS)
def test_one_article_has_one_id_under_all_its_addresses(one, other):
    assert document_id(canonical(one)) == document_id(canonical(other))


OTHERS = {
    "path": ("https://a.cn/1", "https://a.cn/2"),
    "query": ("https://a.cn/?id=1", "https://a.cn/?id=2"),
    "host": ("https://evilsina.cn/1", "https://evilsina.com.cn/1"),
    "case of the path": ("https://a.cn/a", "https://a.cn/A"),
}


@pytest.mark.parametrize(("one", "other"), OTHERS.values(), ids=OTHERS)
def test_other_articles_have_other_ids(one, other):
    assert document_id(canonical(one)) != document_id(canonical(other))


def test_pages_without_an_id_differ_by_address():
    assert document_id("https://a.cn/1") != document_id("https://a.cn/2")


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("sina.com.cn", True),
        ("a.sina.com.cn", True),
        ("evilsina.com.cn", False),
        ("", False),
    ],
)
def test_a_host_is_within_its_domains_only(host, inside):
    assert is_within(host, ("sina.cn", "sina.com.cn")) is inside


@pytest.mark.parametrize(
    ("url", "host"), [(PAGE, "finance.sina.com.cn"), ("x", ""), ("http://[", "")]
)
def test_a_host_is_read_or_empty(url, host):
    assert host_of(url) == host


@pytest.mark.parametrize("url", ["https://a.cn/b", "", COLUMN.removesuffix("url=")])
def test_what_is_no_wrapper_stays(url):
    assert unwrap(url) == url


@pytest.mark.parametrize(
    ("url", "path"),
    [("https://a.cn/b?c=1", "a.cn/b?c=1"), ("https://a.cn", "a.cn/")],
    ids=["query", "no path"],
)
def test_a_mirror_holds_hosts_as_folders(url, path):
    assert mirrored(url, "http://127.0.0.1:8000/") == f"http://127.0.0.1:8000/{path}"
