"""Header, meta and bytes that disagree are settled by what the bytes are."""

import pytest

from crawler.core.charset import damage, decode_page
from crawler.core.extraction import Article, extract_article

URL = "https://finance.sina.com.cn/china/2026-11-20/doc-inkqaaaa1234567.shtml"
TEXT = "临溪讯：缫丝厂转型，机器停了，工人学新手艺。"
CODECS = ("utf-8", "gb2312", "gbk", "gb18030", "utf-8-sig", "utf-16")
CLAIMS = ("", "utf-8", "gb2312", "gbk", "iso-8859-1", "nonsense")


@pytest.mark.parametrize("header", CLAIMS)
@pytest.mark.parametrize("meta", CLAIMS)
@pytest.mark.parametrize("codec", CODECS)
def test_no_claim_turns_a_text_into_another(codec, meta, header):
    source = (
        f'<html><head><meta charset="{meta}"><title>机器停了</title></head><body>'
        f'<h1 class="main-title">机器停了</h1><div id="artibody"><p>{TEXT}</p></div>'
    )

    article = extract_article(source.encode(codec), URL, header)

    assert isinstance(article, Article)
    assert (article.title, article.body.text) == ("机器停了", TEXT)


SHORT = {
    "both claims say gbk": ("gbk", "gbk", "一"),
    "nobody says so": ("", "", "\u04bb"),
    "they disagree": ("gbk", "utf-8", "\u04bb"),
}


@pytest.mark.parametrize(("meta", "header", "text"), SHORT.values(), ids=SHORT)
def test_bytes_that_are_valid_both_ways_are_what_both_claims_say(meta, header, text):
    body = f'<meta charset="{meta}">'.encode() + "一".encode("gbk")

    assert decode_page(body, header)[0].endswith(text)


SOUND = (
    "",
    TEXT,
    "Plain English, café and résumé, a naïve façade.",
    "净利率<15%，1+1>2",
    "100·200×300°",
    "㐀𠀀",
)


@pytest.mark.parametrize("text", SOUND)
def test_a_sound_text_has_no_damage(text):
    assert damage(text) == ""


BROKEN = {
    "utf-8 as gb18030": TEXT.encode().decode("gb18030", "replace"),
    "utf-8 as gbk, lossy": TEXT.encode().decode("gbk", "ignore"),
    "utf-8 as latin-1": TEXT.encode().decode("latin-1"),
    "gbk as latin-1": TEXT.encode("gbk").decode("latin-1"),
    "utf-8 as cp1252": TEXT.encode().decode("cp1252", "replace"),
    "twice lost": "今日锟斤拷开盘",
    "one character lost": TEXT + "\ufffd",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_text_that_went_through_the_wrong_codec_is_seen(text):
    assert damage(text)
