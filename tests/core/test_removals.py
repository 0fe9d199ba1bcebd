"""What is a removal, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.removals import is_outage, read_redirect, usable_validator

URL = "https://finance.sina.com.cn/china/2026-11-20/doc-inkqaaaa1234567.shtml"
OLD = "https://finance.sina.com.cn/stock/20151106/010023691119.shtml"
HOSTS = ("sina.com.cn", "sina.cn")
REDIRECTS = {
    "the home page": (URL, "https://www.sina.com.cn/", "front page"),
    "no path": (URL, "https://finance.sina.com.cn", "front page"),
    "a channel": (URL, "https://finance.sina.com.cn/stock/", "front page"),
    "a channel's index": (
        URL,
        "http://finance.sina.com.cn/stock/index.shtml",
        "front page",
    ),
    "relative": (URL, "/", "front page"),
    "a folder of it": (URL, "./", "front page"),
    "a page named 404": (URL, "https://www.sina.com.cn/404.html", "front page"),
    "an error page": (URL, "//news.sina.com.cn/notfound.shtml?u=1", "front page"),
    "https": (URL, URL.replace("https", "http"), "same"),
    "tracking": (URL, URL + "?from=wap&utm_source=a#top", "same"),
    "its mobile twin": (
        URL,
        "https://finance.sina.cn/2026-11-20/detail-inkqaaaa1234567.d.html",
        "same",
    ),
    "another channel": (
        URL,
        "https://news.sina.com.cn/o/2026-11-20/doc-inkqaaaa1234567.shtml",
        "same",
    ),
    "an old page itself": (OLD, OLD.replace("https", "http"), "same"),
    "another article": (URL, URL.replace("4567", "4568"), "elsewhere"),
    "another old article": (OLD, OLD.replace("1119", "1120"), "elsewhere"),
    "a front page that asks": (URL, "https://www.sina.com.cn/?u=1", "elsewhere"),
    "a search": (URL, "https://search.sina.com.cn/news?q=a", "elsewhere"),
    "a login": (URL, "https://passport.sina.com.cn/", "elsewhere"),
    "a visitor's gate": (
        URL,
        "https://passport.weibo.com/visitor/visitor",
        "elsewhere",
    ),
    "a captcha": (URL, "https://finance.sina.com.cn/captcha/", "elsewhere"),
    "a safety check": (URL, "https://security.sina.com.cn/", "elsewhere"),
    "a foreign home page": (URL, "https://www.example.org/", "elsewhere"),
    "no address": (URL, "", "elsewhere"),
    "a script": (URL, "javascript:alert(1)", "elsewhere"),
    "a file": (URL, "file:///etc/passwd", "elsewhere"),
    "nonsense": (URL, "http://[", "elsewhere"),
}


@pytest.mark.parametrize(
    ("url", "location", "meaning"), REDIRECTS.values(), ids=REDIRECTS
)
def test_a_redirect_has_a_meaning(url, location, meaning):
    assert read_redirect(url, location, HOSTS) == meaning


@given(st.text(max_size=60))
def test_no_redirect_breaks_the_reader(location):
    assert read_redirect(URL, location, HOSTS) in {"same", "front page", "elsewhere"}


OUTAGES = {
    "one of many": (1, 20, False),
    "four of five": (4, 1, False),
    "one, another is there": (1, 1, False),
    "five of ten": (5, 5, False),
    "five of nine": (5, 4, True),
    "most of many": (60, 40, True),
    "one, and nothing else is there": (1, 0, True),
}


@pytest.mark.parametrize(("gone", "there", "outage"), OUTAGES.values(), ids=OUTAGES)
def test_many_pages_gone_at_once_are_an_outage(gone, there, outage):
    assert is_outage(gone, there, proof=True) is outage


def test_the_only_page_of_a_host_is_believed():
    assert not is_outage(1, 0, proof=False)
    assert is_outage(5, 0, proof=False)


@pytest.mark.parametrize(
    ("value", "usable"),
    [
        (b'"5f-1a"', True),
        (b'W/"5f-1a"', True),
        (b"Mon, 23 Nov 2026 10:00:00 GMT", True),
        (b"x" * 200, True),
        (b"x" * 201, False),
        (b"", False),
        (None, False),
        (b"a\r\nCookie: b", False),
        (b"a\x00b", False),
        ("“引号”".encode(), False),
    ],
    ids=str,
)
def test_a_validator_is_visible_ascii(value, usable):
    assert usable_validator(value) == (value.decode() if usable else "")
