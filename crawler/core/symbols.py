"""Stock symbols as Sina writes them, each with where it was seen.

Markets are named as Sina's quote server names them: ``sh``, ``sz``, ``bj``, ``hk``,
``us``, ``futures``, ``forex``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUOTE_ID = re.compile(r"^(?:(?:hk|us)?stock|quote|forex|(?:overseas_)?futures)_(.+)$")
_LINK = re.compile(
    r"realstock/company/((?:sh|sz|bj)\d{6})|hkstock/quotes/(\d{5})"
    r"|usstock/quotes/([A-Za-z.]{1,10})\.html|money/forex/hq/([A-Z]{6})"
    r"|futures/quotes/([A-Za-z]{1,6}\d{0,4})"
)
_EXT_MARKETS = {"us": "usstock", "hk": "hkstock", "cn": "stock", "fx": "forex"}
_COMMENT = re.compile(r"news_keyword_pub,(\w*),(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Symbol:
    """One traded thing an article names."""

    market: str
    """Where it is traded: ``sh``, ``sz``, ``bj``, ``hk``, ``us``, ``futures``,
    ``forex``."""

    code: str
    """Its code there: ``600519``, ``00700``, ``JPM``."""

    why: str
    """What showed it: ``keyword comment``, ``link``, ``quote span`` or ``feed``."""

    @property
    def name(self) -> str:
        """The usual one-word form.

        >>> Symbol("sh", "600519", "link").name, Symbol("us", "JPM", "link").name
        ('sh600519', 'us:JPM')
        """
        joined = self.market in {"sh", "sz", "bj", "hk"}
        return self.market + ("" if joined else ":") + self.code


def parse_symbol(text: str, why: str, market: str = "") -> Symbol | None:
    """Read one symbol.

    Args:
        text: ``sh600519``, ``hk00700``, ``JPM``, ``fx_susdcny`` ...
        why: the reason to note.
        market: Sina's word for the list it stands in (``stock``, ``hkstock``,
            ``usstock``, ``forex``, ``futures``), where known.

    >>> parse_symbol("sh600519", "link")
    Symbol(market='sh', code='600519', why='link')
    """
    text = text.strip(" |")
    match = re.fullmatch(r"(sh|sz|bj)(\d{6})|(hk)(\d{5})", text)
    if match:
        return Symbol(match[1] or match[3], match[2] or match[4], why)
    if market == "hkstock" and re.fullmatch(r"\d{5}", text):
        return Symbol("hk", text, why)
    if market == "usstock" and re.fullmatch(r"[A-Za-z][A-Za-z.]{0,9}", text):
        return Symbol("us", text.upper(), why)
    if text.startswith("fx_s") or market == "forex":
        code = text.removeprefix("fx_s").upper()
        return Symbol("forex", code, why) if re.fullmatch(r"[A-Z]{6}", code) else None
    code = text.removeprefix("hf_")
    if market == "futures" and re.fullmatch(r"[A-Za-z]{1,6}\d{0,4}", code):
        return Symbol("futures", code.upper(), why)
    return None


def symbols_of_comment(comment: str) -> list[Symbol]:
    """Read the comment Sina's publisher leaves at the end of an article's text.

    >>> [s.name for s in symbols_of_comment(" news_keyword_pub,usstock,JPM&BLK ")]
    ['us:JPM', 'us:BLK']
    """
    match = _COMMENT.fullmatch(comment.strip())
    if not match:
        return []
    found = (
        parse_symbol(part, "keyword comment", match[1]) for part in match[2].split("&")
    )
    return [symbol for symbol in found if symbol]


def symbols_of_stocks(stocks: object) -> tuple[Symbol, ...]:
    """Read the list of stocks in a flash's ``ext``; whatever is no symbol is left out.

    >>> symbols_of_stocks([{"market": "cn", "symbol": "sh688036", "key": "x"}, 5])
    (Symbol(market='sh', code='688036', why='feed'),)
    """
    found = []
    for stock in stocks if isinstance(stocks, list) else ():
        symbol = stock.get("symbol") if isinstance(stock, dict) else None
        if isinstance(symbol, str):
            market = _EXT_MARKETS.get(str(stock.get("market")), "futures")
            found.append(parse_symbol(symbol, "feed", market))
    return unique_symbols([symbol for symbol in found if symbol])


def symbol_of_span(identifier: str) -> Symbol | None:
    """Read a symbol from the id of a stock or quote span (``stock_sh600519``)."""
    match = _QUOTE_ID.match(identifier)
    if not match:
        return None
    kind = identifier.partition("_")[0]
    market = "futures" if kind in {"overseas", "futures"} else kind
    return parse_symbol(match[1], "quote span", market)


def symbol_of_link(url: str) -> Symbol | None:
    """Read a symbol from a link to one of Sina's quote pages."""
    match = _LINK.search(url)
    if not match:
        return None
    local, hk, us, forex, futures = match.groups()
    if local:
        return parse_symbol(local, "link")
    if hk:
        return Symbol("hk", hk, "link")
    if us:
        return Symbol("us", us.upper(), "link")
    if forex:
        return Symbol("forex", forex, "link")
    return Symbol("futures", futures.upper(), "link")


def unique_symbols(symbols: list[Symbol]) -> tuple[Symbol, ...]:
    """Keep the first mention of each symbol, in order."""
    first: dict[str, Symbol] = {}
    for symbol in symbols:
        first.setdefault(symbol.name, symbol)
    return tuple(first.values())
