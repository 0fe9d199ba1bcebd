"""Clean one-line and many-line texts of characters that break sites and files.

Zero-width characters, soft hyphens and controls make two equal headlines unequal;
U+FFFC and controls break the site generator's whole feed; bidirectional overrides
make a text read as what it is not.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

_UNSAFE = (
    # Controls, but not tab, line feed, carriage return and next line.
    *((0x00, 0x08), (0x0B, 0x0C), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F)),
    *((0xAD, 0xAD), (0x180E, 0x180E), (0x200B, 0x200F), (0x202A, 0x202E)),
    *((0x2060, 0x206F), (0xD800, 0xDFFF), (0xFDD0, 0xFDEF), (0xFEFF, 0xFEFF)),
    *((0xFFF9, 0xFFFC), (0xFFFE, 0xFFFF)),
    *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0x10000, 0xE0000, 0x10000)),
    *((0xDFFFE, 0xE007F), (0xEFFFE, 0xEFFFF)),
    *((0xFFFFE, 0xFFFFF), (0x10FFFE, 0x10FFFF)),
)


def _none_of_the_others() -> str:
    # The class of the unsafe, said as "not one of these ranges": the engine answers
    # that five times as fast for the letters that texts are made of.
    ranges, start = [], 0
    for first, last in (*_UNSAFE, (0x110000, 0x110000)):
        if first > start:
            ranges.append(f"\\U{start:08x}-\\U{first - 1:08x}")
        start = last + 1
    return "[^" + "".join(ranges) + "]"


_UNSAFE_RUN = re.compile(_none_of_the_others() + "+")
_WHITE_RUN = re.compile(r"[\s\u0085\u2028\u2029]+")
_LINE_BREAKS = re.compile(r"\r\n?|[\u0085\u2028\u2029]")
_SURROGATES = re.compile(r"[\ud800-\udfff]+")
_TAGS = (
    "a b br center div em font h1 h2 h3 i iframe img li p script span strong style"
    " table td tr u ul video".split()
)
# A headline cut by length may end inside a tag, even inside the tag's name; real
# text such as "净利率<15%" must stay.
_CUT_TAG = re.compile(r"</?([a-z][a-z0-9]*)?(\s(?:[a-z][^<>]*)?)?/?$")
_REFERENCE = re.compile(r"&#?\w+;?")
_FULL_WIDTH = ((0x3000, 0x3000), (0xFF01, 0xFF5E))
"""The compatibility forms that Chinese texts are full of."""

_USUAL = (
    *((0x09, 0x0D), (0x20, 0x7E), (0xA0, 0xA0), (0x2010, 0x2027), (0x2030, 0x205E)),
    *((0x3001, 0x3029), (0x3041, 0x3096), (0x30A1, 0x30FA), (0x3400, 0x4DBF)),
    (0x4E00, 0x9FFF),
)
"""The other letters and marks that they are full of."""

_UNUSUAL = 0xFFFF

_TYPOGRAPHIC = str.maketrans({"<": "＜", ">": "＞", "'": "’"})


def drop_unsafe(text: str) -> str:
    """Remove the characters no document may hold, and make every line break ``\\n``.

    Controls, DEL, zero-width and soft hyphens, bidirectional overrides,
    non-characters, U+FFFC and lone surrogates go; tabs and line breaks stay.

    >>> drop_unsafe("a\\u200bb\\r\\nc\\ufffc")
    'ab\\nc'
    """
    # Most texts have none of them, and looking is cheaper than replacing.
    if _is_clean(text):
        return text
    text = _UNSAFE_RUN.sub("", text)
    if any(mark in text for mark in "\r\u0085\u2028\u2029"):
        text = _LINE_BREAKS.sub("\n", text)
    return text


def drop_surrogates(text: str) -> str:
    """Remove lone surrogates, which no UTF-8 file can hold; all else stays."""
    return _SURROGATES.sub("", text)


def one_line(text: str) -> str:
    """Fold a text to one clean line: unsafe characters go, white space runs fold.

    >>> one_line(" a\\t\\n b\\u2028c\\u00ad ")
    'a b c'
    """
    # Fold first: U+0085 is white space here, not a control to be dropped.
    folded = " ".join(text.split())
    clean = _UNSAFE_RUN.sub("", folded)
    return clean if len(clean) == len(folded) else " ".join(clean.split())


def display_line(text: str) -> str:
    """Make a text safe where themes print it raw: no ``<``, ``>``, ``'`` or ``"``.

    They become their full-width or typographic twins, double quotes opening and
    closing in turn; a tag cut off at the end goes.

    >>> display_line("*ST示例：'摘帽' \\"三无\\" <15%？<img")
    '*ST示例：’摘帽’ “三无” ＜15%？'
    """
    return typographic(_drop_cut_tag(one_line(text)))


def typographic(text: str) -> str:
    """Write what HTML would act upon as its full-width or typographic twin.

    Themes and their scripts print titles and captions raw, and some do so twice. So
    an ``&`` that begins a character reference is written in full width as well.

    >>> typographic('R&D &lt;b&gt; <b title="x">')
    'R&D ＆lt;b＆gt; ＜b title=“x”＞'
    """
    line = _REFERENCE.sub(_spell_out, text).translate(_TYPOGRAPHIC)
    pieces = line.split('"')
    marks = ("“", "”")
    return pieces[0] + "".join(
        marks[index % 2] + piece for index, piece in enumerate(pieces[1:])
    )


def fingerprint_form(text: str) -> str:
    """Reduce a text to what its meaning rests on, to compare two versions.

    Compatibility forms are unified (``１５％`` is ``15%``) and all white space and
    invisible characters go; every letter, figure and mark stays.

    >>> fingerprint_form("　　增长１５％ \\n") == fingerprint_form("增长15%")
    True
    """
    folded = _fold_usual(text)
    return _fold_any(text) if folded is None else folded


def holds_lines(text: str, lines: str) -> bool:
    """Tell whether every line of a text stands in another, in the same order.

    >>> holds_lines("一、 甲\\n广告\\n二、乙", "一、甲\\n二、乙")
    True
    >>> holds_lines("一、甲\\n二、乙", "二、乙\\n一、甲")
    False
    """
    whole, at = fingerprint_form(text), 0
    for line in map(fingerprint_form, lines.split("\n")):
        found = whole.find(line, at)
        if found < 0:
            return False
        at = found + len(line)
    return True


def _is_clean(text: str) -> bool:
    """Tell, in a third of the time of a pattern, that nothing would be dropped.

    ``False`` is not certain: it is given for every letter beyond the first plane.
    """
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
    return not _dirty_units().take(units).any()


@cache
def _dirty_units() -> npt.NDArray[np.bool_]:
    table = np.zeros(0x10000, np.bool_)
    for first, last in _UNSAFE:
        table[first : last + 1] = True
    table[[0x0D, 0x85, 0x2028, 0x2029]] = True
    return table


def _fold_any(text: str) -> str:
    text = _UNSAFE_RUN.sub("", text)
    return _WHITE_RUN.sub("", unicodedata.normalize("NFKC", text))


def _fold_usual(text: str) -> str | None:
    """Fold a text as `_fold_any` does, in a tenth of the time.

    Returns:
        ``None`` where a letter is not one of the usual ones.
    """
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
    found = _folding_table().take(units)
    if found.max(initial=0) == _UNUSUAL:
        return None
    return found[found > 0].tobytes().decode("utf-16-le")


@cache
def _folding_table() -> npt.NDArray[np.uint16]:
    # What each of the letters that texts are made of is folded to, 0 for nothing. None
    # of them acts upon its neighbours, as accents do.
    table = np.full(0x10000, _UNUSUAL, "<u2")
    for first, last in (*_USUAL, *_FULL_WIDTH):
        for code in range(first, last + 1):
            letter = unicodedata.normalize("NFKC", chr(code))
            if len(letter) == 1:
                table[code] = 0 if letter.isspace() else ord(letter)
    for first, last in _UNSAFE:
        if last < 0xFFFF and first != 0xD800:  # Halves of letters beyond the table.
            table[first : last + 1] = 0
    return table


def _spell_out(reference: re.Match[str]) -> str:
    whole = reference[0]
    return whole if html.unescape(whole) == whole else "＆" + whole[1:]


def _drop_cut_tag(line: str) -> str:
    match = _CUT_TAG.search(line)
    if not match:
        return line
    name = match[1] or ""
    complete = match[2] is not None
    known = name in _TAGS if complete else any(t.startswith(name) for t in _TAGS)
    return line[: match.start()].rstrip() if known else line
