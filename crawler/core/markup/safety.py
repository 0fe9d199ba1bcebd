"""What may stand in a body, and what the site generator must not see.

The allow-list is the boundary: whatever the passes before it missed, it drops. Two
facts shape it (measured against Hexo 8): the generator runs its template language
over bodies, so braces are written as entities; and it treats code fences and some
comments as its own.
"""

from __future__ import annotations

import html as html_entities
import re
from collections import Counter
from functools import lru_cache

import nh3
from selectolax.lexbor import LexborHTMLParser

from crawler.core.text import typographic

MAX_DEPTH = 500
"""Elements inside elements; real pages stay below 60, parsers turn quadratic."""

DROPPED = frozenset(
    "script noscript iframe frame frameset object embed applet param form input button"
    " select option optgroup textarea datalist link meta base template svg math"
    " noembed noframes xmp plaintext title head canvas dialog portal".split()
)
"""Elements that go with all they hold."""

_DROPPED = ",".join(sorted(DROPPED))

_TABLE = "table thead tbody tfoot tr td th caption col colgroup".split()
_DOCUMENT_TAGS = {
    *_TABLE,
    *"a abbr b bdi big blockquote br center cite code dd del details div dl dt em"
    " figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s"
    " section article small span strike strong sub summary sup u ul wbr".split(),
}
_ANY = {"class", "id", "style", "cms-style", "align", "title", "data-link"}
_CELL = {"colspan", "rowspan", "width", "height", "valign", "bgcolor", "nowrap"}
_DOCUMENT_ATTRIBUTES = {
    "*": _ANY,
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "referrerpolicy"},
    "font": {"color", "size", "face"},
    "table": {"border", "cellpadding", "cellspacing", "width", "height", "bgcolor"},
    "tr": {"height", "valign", "bgcolor"},
    "td": _CELL,
    "th": _CELL,
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "ol": {"start", "type"},
}
_READING_ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),  # Unnamed, it would be nh3's own choice: lang and title.
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "referrerpolicy"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
_SCHEMES = {"http", "https"}

_document_cleaner = nh3.Cleaner(
    tags=_DOCUMENT_TAGS | {"style"},
    clean_content_tags=set(DROPPED),
    attributes=_DOCUMENT_ATTRIBUTES,
    strip_comments=False,
    link_rel=None,
    url_schemes=_SCHEMES,
    url_relative="deny",
)
_reading_cleaner = nh3.Cleaner(
    tags=_DOCUMENT_TAGS - {"font", "big", "center", "small"},
    clean_content_tags=set(DROPPED) | {"style"},
    attributes=_READING_ATTRIBUTES,
    strip_comments=True,
    link_rel=None,
    url_schemes=_SCHEMES,
    url_relative="deny",
)

# A comment, an element whose content is text, or a tag with its attributes.
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[ \t\n\r\f/>])"
    r".*?(?:</\1\b|\Z)"
    r"|<(/?)([a-z][^ \t\n\r\f/>]*)"
    r"(?:[ \t\n\r\f/]+|=?[^ \t\n\r\f/>=]+(?:[ \t\n\r\f]*=[ \t\n\r\f]*"
    r"(?:\"[^\"]*\"|'[^']*'|[^ \t\n\r\f>\"'][^ \t\n\r\f>]*)?)?|=)*+",
    re.DOTALL | re.IGNORECASE,
)
# Elements that hold nothing or close themselves: they do not nest by themselves.
_SHALLOW = frozenset(
    "area br col embed hr img input link meta source wbr"
    " p li td tr th dd dt option optgroup tbody thead tfoot".split()
)
_OPENING_TAG = re.compile(
    r'<[a-z][a-z0-9]*(?: [^\s=>"]+="[^"]*")* [^\s=>"]+=""(?: [^\s=>"]+="[^"]*")*>'
)
_EMPTY_VALUE = re.compile(r'( [^\s=>"]+=)("[^"]*")')
_TAG = re.compile(r'<[a-z][^<>"]*"[^<>]*>')
_VALUE = re.compile(r' ([a-z-]+)="([^"]+)"')
# What classes are called; themes' scripts read options out of ones like "a.ajax".
_SAFE_NAME = re.compile(r"[\w-]+")
# Numbered pictures and players, and quotes. Any other may be the name of something
# that a theme's script looks for, in the page or among its own variables.
_SAFE_ID = re.compile(r"[A-Za-z]*(?:_?\d|(?:stock|quote)_)\w*", re.ASCII)
# A size, a colour, a side, a font.
_SAFE_VALUE = re.compile(r"[#+-]?[\w.-]+(?:[ ,]+[\w.-]+)*%?")
_OFTEN = 100
"""Shorter tags come again and again, as those of paragraphs and pictures' frames do."""

_FENCE = re.compile(r"`{3,}|~{3,}")
_PROPERTY = re.compile(
    r"\s*(?:background-color|border(?:-[a-z]+)*|clear|color|display|float"
    r"|font(?:-(?:family|size|style|weight))?|height|letter-spacing|line-height"
    r"|list-style-type|margin(?:-[a-z]+)?|max-height|max-width|min-height|min-width"
    r"|overflow|padding(?:-[a-z]+)?|text-align|text-decoration|text-indent"
    r"|vertical-align|white-space|width|word-break|word-wrap)\s*:"
    r"[\w\s.,#%'\"()!\u3000-\uffef-]*",
    re.IGNORECASE,
)
_ACTIVE_VALUE = re.compile(r"url|expression|image|attr|var|calc|env", re.IGNORECASE)
_CLASS_RULES = re.compile(r"(?:\s*\.[\s,.>+~\w-]+\{[^{}@\\<>&]*\})*\s*", re.ASCII)


def too_deep(html: str, few: int = MAX_DEPTH) -> bool:
    """Tell, in linear time, whether elements nest deeper than `MAX_DEPTH`.

    HTML parsers need quadratic time for such input (200,000 nested ``div``: two
    minutes), so it must be refused before the first of them.

    Args:
        html: the text to be parsed.
        few: with so few opening tags it is not looked at more closely.
    """
    if html.count("<") - html.count("</") <= few:
        return False
    depth, opened = 0, Counter[str]()
    for _, closing, written in _TOKEN.findall(html):
        name = written.lower()
        if not name or name in _SHALLOW:
            continue
        # An end tag without its start tag closes nothing.
        step = 1 if not closing else -1 if opened[name] else 0
        opened[name] += step
        depth += step
        if depth > MAX_DEPTH:
            return True
    return False


def drop_elements(tree: LexborHTMLParser) -> None:
    """Take out of a tree, with all they hold, the elements that may never stay.

    A ``marquee`` is only unwrapped, but now: paragraphs and links may stand inside
    each other across it, and what is left of that must be parsed once more.
    """
    tree.unwrap_tags(["marquee"])
    for node in tree.css(_DROPPED):
        node.decompose()


def safe_style(style: str) -> str:
    """Keep the declarations of a ``style`` attribute that only change looks.

    An attribute whose declarations are all safe stays as it is, to the byte.

    >>> safe_style("max-width: 640px;")
    'max-width: 640px;'
    >>> safe_style("color:red;position:fixed;background:url(x)")
    'color:red'
    """
    parts = [part for part in style.split(";") if part.strip()]
    kept = [part for part in parts if is_safe_declaration(part)]
    return style if len(kept) == len(parts) else ";".join(kept).strip()


def is_safe_declaration(declaration: str) -> bool:
    """Tell whether one ``property: value`` can neither load, move nor run anything."""
    return bool(_PROPERTY.fullmatch(declaration)) and not _ACTIVE_VALUE.search(
        declaration.partition(":")[2]
    )


def is_safe_sheet(css: str) -> bool:
    """Tell whether a ``style`` element has only class rules with safe properties."""
    if not _CLASS_RULES.fullmatch(css):
        return False
    declarations = ";".join(re.findall(r"\{([^{}]*)\}", css)).split(";")
    return all(is_safe_declaration(one) for one in declarations if one.strip())


def sanitise_document(html: str) -> str:
    """Apply the document's allow-list; unknown elements are unwrapped."""
    return _document_cleaner.clean(html)


def sanitise_reading(html: str) -> str:
    """Apply the reading version's allow-list: structure only, no comment or class."""
    return _reading_cleaner.clean(html)


def escape_for_generator(html: str) -> str:
    """Write a sanitised body so that no generator finds its own syntax in it.

    Empty attribute values are written bare, braces, code fences and ``]]>`` as
    entities, and so is in attributes what generators and themes look for there. An
    attribute goes whose value is not of the kind that it is there for.

    >>> escape_for_generator('<img alt="">{{ 7*7 }}')
    '<img alt>&#123;&#123; 7*7 &#125;&#125;'
    >>> escape_for_generator('<a id="0" class="a href=x" href="https://a.cn/?b=c">')
    '<a id="0" class="a" href="https://a.cn/?b=c">'
    """
    html = _TAG.sub(_write_tag, html)
    if '=""' in html:
        html = _OPENING_TAG.sub(_write_bare, html)
    if "``" in html or "~~" in html:
        html = _FENCE.sub(lambda run: f"&#{ord(run[0][0])};" * len(run[0]), html)
    html = html.replace("]]>", "]]&gt;")
    return html.replace("{", "&#123;").replace("}", "&#125;")


def _write_tag(tag: re.Match[str]) -> str:
    text = tag[0]
    return _write_again(text) if len(text) < _OFTEN else _write_values(text)


def _write_values(tag: str) -> str:
    return _VALUE.sub(_write_value, tag)


_write_again = lru_cache(4096)(_write_values)


def _write_value(pair: re.Match[str]) -> str:
    # Measured, each of them ran a script: Hexo puts target="_blank" before the first
    # "href=" of a link, wherever it stands, and rewrites the first "rel="; Volantis
    # does the like with "src=" and with "$" patterns in a class; Landscape prints
    # what an alt says, once decoded, as HTML.
    name, value = pair[1], pair[2]
    if name in {"href", "src"}:
        return f' {name}="{value.replace("$", "&#36;")}"'
    if name in {"alt", "title"}:
        value = typographic(html_entities.unescape(value))
        value = value.replace("&", "&amp;").replace("\xa0", "&nbsp;")
    elif name in {"class", "cms-style"}:
        value = _safe_names(value)
    elif name not in {"style", "data-link"}:
        allowed = _SAFE_ID if name == "id" else _SAFE_VALUE
        value = value if allowed.fullmatch(value) else ""
    value = value.replace("=", "&#61;").replace("$", "&#36;")
    return f' {name}="{value}"' if value else ""


def _safe_names(names: str) -> str:
    parts = names.split()
    kept = [part for part in parts if _SAFE_NAME.fullmatch(part)]
    return names if len(kept) == len(parts) else " ".join(kept)


def _write_bare(tag: re.Match[str]) -> str:
    return _EMPTY_VALUE.sub(
        lambda pair: pair[1][:-1] if pair[2] == '""' else pair[0], tag[0]
    )
