"""Articles as pages: a story in, the bytes of its page out.

Each template of Sina's is a function; all of them share the values that
``_values`` derives from the story. Titles and texts are escaped as HTML; only a
``Raw`` block goes into the page as it is.
"""

from collections.abc import Callable
from datetime import timedelta
from html import escape

from crawler.demo import templates
from crawler.demo.story import Picture, Raw, Story, Strong, Symbol, Table, Template

INDENT = "\u3000\u3000"
"""The two blanks that begin a paragraph at Sina."""

PLACEHOLDER = (
    "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
)
"""The ``src`` of a picture that is loaded late."""

_QUOTES = {
    "sh": "https://finance.sina.com.cn/realstock/company/sh{code}/nc.shtml",
    "sz": "https://finance.sina.com.cn/realstock/company/sz{code}/nc.shtml",
    "hk": "https://stock.finance.sina.com.cn/hkstock/quotes/{code}.html",
    "us": "https://stock.finance.sina.com.cn/usstock/quotes/{code}.html",
}
_MARKETS = {"sh": "stock", "sz": "stock", "hk": "hkstock", "us": "usstock"}


def page(story: Story) -> bytes:
    """Return the page of an article, in the template and charset it is kept in."""
    return _PAGES[story.template](story)


def body(story: Story) -> str:
    """Return the text of an article as the editors wrote it, in HTML.

    Each symbol is linked where its name first stands in a plain paragraph.
    """
    unlinked = list(story.symbols)
    bold = "strong" if story.template is Template.NEWS else "font"
    parts = []
    for block in story.body:
        match block:
            case str():
                parts.append(_paragraph(_linked(block, unlinked), story))
            case Strong(text):
                parts.append(_paragraph(_BOLD[bold].format(escape(text, False)), story))
            case Picture():
                parts.append(_picture(block, story.pictures.index(block)))
            case Table(rows):
                parts.append(_table(rows))
            case Raw(html):
                parts.append(html)
    return "\n".join(parts)


def finance_page(story: Story) -> bytes:
    """Return the page of an article in today's finance template."""
    values = _values(story)
    inside = templates.FINANCE_BODY.substitute(values)
    return templates.FINANCE.substitute(values, body=inside).encode()


def news_page(story: Story) -> bytes:
    """Return the page of an article in the template of news.sina.com.cn."""
    return templates.NEWS.substitute(_values(story)).encode()


def legacy_page(story: Story) -> bytes:
    """Return the page of an article in the older finance template, in gb2312.

    As on real pages, a character that gb2312 lacks is written in gbk.
    """
    shown = story.ctime.strftime("%Y年%m月%d日%H:%M")
    return templates.LEGACY.substitute(_values(story), shown=shown).encode("gbk")


def removed_page(_: Story) -> bytes:
    """Return what stands at the address of an article that was taken down."""
    return templates.REMOVED.encode()


def bare_page(story: Story) -> bytes:
    """Return a page of today's finance template with an empty body container."""
    return templates.FINANCE.substitute(_values(story), body="\n").encode()


_PAGES: dict[Template, Callable[[Story], bytes]] = {
    Template.FINANCE: finance_page,
    Template.NEWS: news_page,
    Template.LEGACY: legacy_page,
    Template.REMOVED: removed_page,
    Template.BARE: bare_page,
}

_BOLD = {
    "strong": "<strong>{}</strong>",
    "font": '<font cms-style="font-L strong-Bold">{}</font>',
}


def _values(story: Story) -> dict[str, str]:
    """Return what the templates ask for; the same for all of them."""
    market, symbols = _symbol_list(story.symbols)
    tags = "http://tags.finance.sina.com.cn/"
    time = "%Y-%m-%d %H:%M:%S"
    return {
        "id": story.id,
        "url": story.url,
        "mobile_url": mobile_url(story),
        "path": story.path,
        "day": story.day,
        "title": escape(story.title, quote=False),
        "title_attribute": escape(story.title),
        "source": escape(story.source),
        "editor": escape(story.editor),
        "keywords": escape(",".join(story.keywords)),
        "keywords_bar": escape("|".join(story.keywords)),
        "keywords_or_title": escape(",".join(story.keywords) or story.title),
        "keyword_links": " ".join(
            f'<a href="{tags}{escape(word)}" target="_blank">{escape(word)}</a>'
            for word in story.keywords
        ),
        "image": escape(story.pictures[0].url) if story.pictures else "",
        "created": story.ctime.strftime(time),
        "updated": story.mtime.strftime(time),
        "published": (story.ctime + timedelta(seconds=12)).isoformat(),
        "shown": story.ctime.strftime("%Y年%m月%d日 %H:%M"),
        "market": market,
        "symbols": symbols,
        "text": body(story),
    }


def mobile_url(story: Story) -> str:
    """Return the address of an article's mobile twin, which is not served."""
    host = story.host.replace(".com.cn", ".cn")
    return f"https://{host}/{story.day}/detail-i{story.id}.d.html"


def _paragraph(html: str, story: Story) -> str:
    if story.template is Template.FINANCE:
        return f'<p cms-style="font-L">{INDENT}{html}</p>'
    return f"<p>{INDENT}{html}</p>"


def _linked(text: str, unlinked: list[Symbol]) -> str:
    """Escape a paragraph, linking and taking off the list the symbols it names."""
    html = escape(text, quote=False)
    for symbol in tuple(unlinked):
        if symbol.name in html:
            html = html.replace(symbol.name, _link(symbol), 1)
            unlinked.remove(symbol)
    return html


def _link(symbol: Symbol) -> str:
    code = _listed_code(symbol)
    span = f"{_MARKETS[symbol.market]}_{code}"
    href = _QUOTES[symbol.market].format(code=symbol.code)
    return (
        f'<span id={span}><a href={href} class="keyword" target=_blank>'
        f"{symbol.name}</a></span><span id=quote_{code}></span>"
    )


def _listed_code(symbol: Symbol) -> str:
    return symbol.code if symbol.market == "us" else symbol.market + symbol.code


def _symbol_list(symbols: tuple[Symbol, ...]) -> tuple[str, str]:
    if not symbols:
        return "stock", ""
    market = _MARKETS[symbols[0].market]
    return market, "&".join(_listed_code(symbol) for symbol in symbols)


def _picture(picture: Picture, number: int) -> str:
    url, caption = escape(picture.url), escape(picture.caption)
    source = f'src="{url}"'
    if picture.lazy:
        source = f'src="{PLACEHOLDER}" {picture.lazy}="{url}"'
    return (
        f'<div class="img_wrapper"><img id="{number}" {source} alt="{caption}">'
        f'<span class="img_descr">{caption}</span></div>'
    )


def _table(rows: tuple[tuple[str, ...], ...]) -> str:
    lines = [
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    ]
    return '<table border="1" cellspacing="0">\n' + "\n".join(lines) + "\n</table>"
