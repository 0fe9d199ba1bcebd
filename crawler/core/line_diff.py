"""A short comparison of two documents, line by line, for people to read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher

from crawler.core.changes import Piece
from crawler.core.text import one_line

_SHOWN = {True: 3, False: 2}
"""How many lines with a text, and without, are shown of those that went or came."""

_LONGEST = 120
_WORK = 400_000
"""Pairs of lines compared: a second where difflib is at its slowest."""

_MARKUP = re.compile(r"<[^<>]*>|\s")


def line_diff(old: str, new: str) -> tuple[Piece, ...]:
    """Compare two documents line by line.

    A line whose markup alone differs stands beside what it was.

    Returns:
        The first lines that went and that came, cut to what fits; the last piece tells
        how many others there are, or that white space alone differs.

    >>> [piece.mark + piece.text for piece in line_diff("a\\n<p>b", "a\\n<b>b\\nc")]
    ['-<p>b', '+<b>b', '+c']
    """
    shown: list[Piece] = []
    counts: Counter[tuple[str, bool]] = Counter()
    for piece in _changed(_lines(old), _lines(new)):
        kind = piece.mark, bool(_text_of(piece.text))
        counts[kind] += 1
        if counts[kind] <= _SHOWN[kind[1]]:
            shown.append(Piece(piece.mark, _short(piece.text)))
    rest = counts.total() - len(shown)
    if not counts and old != new:
        return (Piece("=", "white space alone"),)
    return (*shown, *([Piece("=", f"… {rest} more lines")] if rest else []))


def _lines(text: str) -> list[str]:
    return list(filter(None, map(one_line, text.splitlines())))


def _changed(old: list[str], new: list[str]) -> Iterator[Piece]:
    head = _common(old, new)
    old, new = old[head:], new[head:]
    tail = _common(old[::-1], new[::-1])
    old, new = old[: len(old) - tail], new[: len(new) - tail]
    if len(old) * len(new) > _WORK:
        yield from _replaced(old, new)
        return
    ours, theirs = list(map(_text_of, old)), list(map(_text_of, new))
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    for tag, i, k, j, m in matcher.get_opcodes():
        if tag != "equal":
            yield from _replaced(old[i:k], new[j:m])
            continue
        for went, came in zip(old[i:k], new[j:m], strict=True):
            if went != came:
                yield from _replaced([went], [came])


def _text_of(line: str) -> str:
    return _MARKUP.sub("", line)


def _common(old: list[str], new: list[str]) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))


def _replaced(old: list[str], new: list[str]) -> Iterator[Piece]:
    yield from (Piece("-", line) for line in old)
    yield from (Piece("+", line) for line in new)


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST else line[: _LONGEST - 2] + " …"
