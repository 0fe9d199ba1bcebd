"""Stock symbols in the spellings of Sina's pages and feeds."""

import pytest
from hypothesis import given

from crawler.core.symbols import (
    Symbol,
    parse_symbol,
    symbol_of_link,
    symbol_of_span,
    symbols_of_comment,
    unique_symbols,
)
from tests.core.samples import texts

WRITTEN = {
    "Shanghai": ("sh600000", "", "sh600000"),
    "Shenzhen": ("sz009001", "stock", "sz009001"),
    "Beijing": ("bj830001", "", "bj830001"),
    "Hong Kong": ("hk00700", "", "hk00700"),
    "Hong Kong by list": ("00700", "hkstock", "hk00700"),
    "New York": ("boan", "usstock", "us:BOAN"),
    "New York with a dot": ("BRK.A", "usstock", "us:BRK.A"),
    "currency pair": ("fx_susdcny", "", "forex:USDCNY"),
    "currency pair by list": ("EURUSD", "forex", "forex:EURUSD"),
    "future": ("hf_CL", "futures", "futures:CL"),
    "dated future": ("rb2605", "futures", "futures:RB2605"),
    "stray bar": ("sh600000 |", "stock", "sh600000"),
}
NO_SYMBOLS = {
    "nothing": ("", "stock"),
    "word": ("甲", "usstock"),
    "too long": ("sh6000001", "stock"),
    "short code": ("0070", "hkstock"),
    "half a pair": ("fx_susd", "forex"),
    "list unknown": ("JPM", "quote"),
}


@pytest.mark.parametrize(("text", "market", "name"), WRITTEN.values(), ids=WRITTEN)
def test_a_symbol_is_read(text, market, name):
    symbol = parse_symbol(text, "feed", market)

    assert symbol is not None
    assert (symbol.name, symbol.why) == (name, "feed")


@pytest.mark.parametrize(("text", "market"), NO_SYMBOLS.values(), ids=NO_SYMBOLS)
def test_what_is_no_symbol_is_none(text, market):
    assert parse_symbol(text, "feed", market) is None


COMMENTS = {
    "list": (" news_keyword_pub,usstock,BOAN&XGLI&甲 ", ["us:BOAN", "us:XGLI"]),
    "local": ("news_keyword_pub,stock,sh600000&sz009001", ["sh600000", "sz009001"]),
    "empty": (" news_keyword_pub,stock, ", []),
    "stray bar": ("news_keyword_pub,hkstock,hk00700|", ["hk00700"]),
    "other words": (" 行情图begin ", []),
    "words before": ("x news_keyword_pub,stock,sh600000", []),
}


@pytest.mark.parametrize(("comment", "names"), COMMENTS.values(), ids=COMMENTS)
def test_the_publishers_comment_lists_symbols(comment, names):
    found = symbols_of_comment(comment)

    assert [symbol.name for symbol in found] == names
    assert {symbol.why for symbol in found} <= {"keyword comment"}


SPANS = {
    "stock": ("stock_sh600000", "sh600000"),
    "quote": ("quote_sz009001", "sz009001"),
    "Hong Kong": ("hkstock_hk00700", "hk00700"),
    "New York": ("usstock_BOAN", "us:BOAN"),
    "currency": ("forex_fx_susdcny", "forex:USDCNY"),
    "future": ("futures_AU0", "futures:AU0"),
    "foreign future": ("overseas_futures_hf_CL", "futures:CL"),
    "quote without a market": ("quote_BOAN", None),
    "other id": ("artibody", None),
}


@pytest.mark.parametrize(("identifier", "name"), SPANS.values(), ids=SPANS)
def test_a_span_names_a_symbol(identifier, name):
    symbol = symbol_of_span(identifier)

    assert (symbol.name if symbol else None) == name


LINKS = {
    "local": (
        "https://finance.sina.com.cn/realstock/company/sh600000/nc.shtml",
        "sh600000",
    ),
    "Hong Kong": ("//stock.finance.sina.com.cn/hkstock/quotes/00700.html", "hk00700"),
    "New York": ("//stock.finance.sina.com.cn/usstock/quotes/boan.html", "us:BOAN"),
    "currency": (
        "https://finance.sina.com.cn/money/forex/hq/USDCNY.shtml",
        "forex:USDCNY",
    ),
    "future": (
        "https://finance.sina.com.cn/futures/quotes/rb2605.shtml",
        "futures:RB2605",
    ),
    "other page": ("https://finance.sina.com.cn/", None),
}


@pytest.mark.parametrize(("url", "name"), LINKS.values(), ids=LINKS)
def test_a_link_to_a_quote_names_a_symbol(url, name):
    symbol = symbol_of_link(url)

    assert (symbol.name if symbol else None) == name


def test_a_symbol_is_kept_once_with_its_first_reason():
    first, again = Symbol("us", "BOAN", "link"), Symbol("us", "BOAN", "feed")
    other = Symbol("sh", "600000", "feed")

    assert unique_symbols([first, other, again]) == (first, other)


@given(texts)
def test_no_text_stops_the_reading_of_symbols(text):
    read = [symbol_of_span(text), symbol_of_link(text), parse_symbol(text, "feed")]

    assert all(symbol is None or symbol.code for symbol in read)
    assert symbols_of_comment(f"news_keyword_pub,,{text}") is not None
