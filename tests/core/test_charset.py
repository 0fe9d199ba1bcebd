"""A page is decoded by what its bytes are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.charset import decode_page

TEXT = "新浪财经：缫丝厂转型，机器停了。" * 20

PAGES = {
    "utf-8": (TEXT.encode(), TEXT, "utf-8"),
    "byte order mark": (b"\xef\xbb\xbf" + TEXT.encode(), TEXT, "utf-8"),
    "ascii": (b"plain", "plain", "utf-8"),
    "empty": (b"", "", "utf-8"),
    "gb2312": (TEXT.encode("gb2312"), TEXT, "gb18030"),
    "gbk beyond gb2312": ("阮喆".encode("gbk"), "阮喆", "gb18030"),
    "gb18030 of four bytes": ("㐀𠀀".encode("gb18030"), "㐀𠀀", "gb18030"),
    "one Chinese letter": ("abc中".encode("gbk"), "abc中", "gb18030"),
    "declared wrongly": (
        b'<meta charset="gb2312">' + TEXT.encode(),
        '<meta charset="gb2312">' + TEXT,
        "utf-8",
    ),
    "utf-8 cut in a character": (TEXT.encode()[:-1], TEXT[:-1] + "\ufffd", "utf-8"),
}


@pytest.mark.parametrize(("body", "text", "codec"), PAGES.values(), ids=PAGES)
def test_bytes_say_what_they_are(body, text, codec):
    assert decode_page(body) == (text, codec)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_text_that_can_be_written(body):
    text, codec = decode_page(body)

    assert codec in {"utf-8", "gb18030"}
    assert text.encode().decode() == text


@given(st.text(st.characters(codec="gb18030", exclude_characters="\ufffd")))
def test_a_page_of_the_old_charset_is_never_lost(text):
    page = "缫丝厂转型" + text

    assert decode_page(page.encode("gb18030")) == (page, "gb18030")
