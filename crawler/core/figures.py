"""Find the figures, dates and codes of a text: what makes one form letter another.

``6.3732``, ``-0.5%``, ``1.5亿``, ``28日``, ``SH600519``, ``二十六``, ``周三``. Commas
within numbers and the width of signs do not count. Units that change what a number
means belong to it; those that only name what is counted (``家``, ``股``) do not, since
editors change them.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt

_NUMERALS = "一二三四五六七八九十百千两零〇"
_UNITS = "年月日时点分万亿千百倍成季度"
_FIGURE = re.compile(
    rf"-?[0-9A-Z](?:[0-9A-Z.,:]*[0-9A-Z])?[%‰{_UNITS}]?"
    rf"|[{_NUMERALS}](?:[{_NUMERALS}]+[{_UNITS}]?|[{_UNITS}期届])"
    r"|周[一二三四五六日天]|[上下]半?[年季月周]"
)
_SIGNS = f"-.,:%‰{_NUMERALS}{_UNITS}期届周天上下半"
_SPACE = ord(" ")


def figures(text: str) -> frozenset[str]:
    """Return the distinct figures of a text, each with its unit.

    >>> sorted(figures("增长１,000.50万元，报6.3％，第三季度，sz000001"))
    ['1000.50万', '6.3%', 'SZ000001', '三季']
    """
    points = np.frombuffer(text.encode("utf-32-le", "replace"), "<u4")
    signs = _sign_table().take(points, mode="clip")
    # A figure is a small part of a text: look for it in what may belong to one.
    marked = signs != _SPACE
    marked[1:] |= marked[:-1]
    found = _FIGURE.findall(signs[marked].tobytes().decode("utf-32-le"))
    return frozenset("\n".join(found).replace(",", "").split("\n")) - {""}


def differ(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether each has a figure that the other has not.

    A cut text only lacks figures, and a reprint with a date line only has more.

    >>> differ(frozenset({"3%", "28日"}), frozenset({"3%", "29日"}))
    True
    >>> differ(frozenset({"3%", "28日"}), frozenset({"3%"}))
    False
    """
    return not (one <= other or other <= one)


@cache
def _sign_table() -> npt.NDArray[np.uint32]:
    # What a code point counts as in a figure; all that is in none is a space.
    table = np.full(0x10000, _SPACE, np.uint32)
    for sign in map(ord, _SIGNS):
        table[sign] = sign
    for first, last in ((0x30, 0x39), (0x41, 0x5A)):
        table[first : last + 1] = np.arange(first, last + 1)
        table[first + 0xFEE0 : last + 0xFEE1] = np.arange(first, last + 1)
    table[0x61:0x7B] = table[0xFF41:0xFF5B] = np.arange(0x41, 0x5B)
    for wide, narrow in zip("％．：－−", "%.:--", strict=True):
        table[ord(wide)] = ord(narrow)
    return table
