"""What an editor changed between two versions: its kind, its size and the words.

Texts are compared in the form of `crawler.core.text.fingerprint_form`, first paragraph
by paragraph, then word by word inside the paragraphs that differ. A Chinese character
is a word; so are a figure with its separators and a run of Latin letters.

The comparison is difflib's, in limits: what is too large to be compared word by word
counts as replaced in one piece, so that no page makes it slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal

from crawler.core.posts import Post
from crawler.core.text import drop_unsafe, fingerprint_form

Kind = Literal["title", "figures", "typo", "text", "source"]
KINDS: dict[Kind, str] = {
    "title": "the headline",
    "figures": "nothing in the text but its figures",
    "typo": "a few characters of the text, no figure, and no word that turns a sense",
    "text": "anything else in the text",
    "source": "the medium's name",
}
"""What can change, in the order it is told; of a text, one of three."""

_TOKEN = re.compile(
    r"[+\-−]?\d+(?:[.,:/．：／]\d+)*[%％]?\s*|[A-Za-z]+(?:['’&.-][A-Za-z]+)*\s*|.\s*",
    re.DOTALL,
)
_FIGURE = re.compile(r"[+\-−]?\d[\d.,:/]*%?|[零〇一二三四五六七八九十百千万亿两]")
_TURNS = frozenset("不未无非没否涨跌升降增减买卖盈亏多空")
"""One of these more or less says something else, however few characters it takes."""

_TYPO_STRETCH = 3
_TYPO_TOTAL = 12
_ISLAND = 2  # Characters that stayed between
_SHORE = 4  # so many that went and came, figures apart, on either side.
_WORK = 400_000
"""Pairs of words compared for one text: a second where difflib is at its slowest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a post: what it is compared with another one by."""

    title: str
    """The headline."""

    text: str
    """The plain text, one paragraph a line."""

    source: str
    """The medium's name, or ``""``."""

    images: int
    """How many pictures it has."""

    template: str
    """The template that read it."""

    fetched: datetime
    """When it was fetched, UTC."""


@dataclass(frozen=True, slots=True)
class Change:
    """How much two versions differ."""

    kinds: tuple[Kind, ...]
    """What changed, in the order of `KINDS`; ``()`` where only white space did."""

    added: int
    """Characters that came, in headline and text, without white space."""

    removed: int
    """Characters that went."""

    def __str__(self) -> str:
        """Tell it in short: ``title, figures +3 -2``."""
        kinds = ", ".join(self.kinds) or "none"
        return f"{kinds} +{self.added} -{self.removed}"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a word diff."""

    mark: Literal["=", "-", "+"]
    """Stayed, went or came."""

    text: str
    """The words, with the white space after them."""


@dataclass(slots=True)
class _Stretch:
    """Tokens that stayed, or that were replaced by others."""

    same: bool
    old: list[str]
    new: list[str]


def version_of(post: Post) -> Version:
    """Take from a post what versions are compared by."""
    return Version(
        title=post.title,
        text=post.text,
        source=post.source,
        images=len(post.images),
        template=post.template,
        fetched=post.fetched,
    )


def version_in(record: dict[str, Any]) -> Version:
    """Take from a record what versions are compared by."""
    return Version(
        title=record["title"],
        text=record["text"],
        source=record["source"],
        images=len(record["images"]),
        template=record["template"],
        fetched=datetime.fromisoformat(record["fetched"]),
    )


def compare(old: Version, new: Version) -> Change:
    """Tell what changed from one version to the next, and how much."""
    titles, texts = _compare(old.title, new.title), _compare(old.text, new.text)
    kinds: list[Kind] = ["title"] if _differ(old.title, new.title) else []
    if _differ(old.text, new.text):
        kinds.append(_kind_of([each for each in texts if not each.same]))
    if _differ(old.source, new.source):
        kinds.append("source")
    changed = [each for each in [*titles, *texts] if not each.same]
    added = sum(len(fingerprint_form("".join(each.new))) for each in changed)
    removed = sum(len(fingerprint_form("".join(each.old))) for each in changed)
    return Change(tuple(kinds), added, removed)


def word_diff(old: str, new: str) -> tuple[Piece, ...]:
    """Compare two texts word by word, for people to read.

    Returns:
        What stayed, went and came, in order; of what stayed, the new text's form. All
        but what went is the new text, each line without white space around it.

    >>> [piece.mark + piece.text for piece in word_diff("下跌1.2%。", "下跌1.5%。")]
    ['=下跌', '-1.2%', '+1.5%', '=。']
    """
    marked: list[tuple[Literal["=", "-", "+"], str]] = []
    for each in _join_islands(_compare(old, new)):
        if each.same:
            marked += [("=", "".join(each.new))]
        else:
            marked += [("-", "".join(each.old)), ("+", "".join(each.new))]
    runs = groupby((one for one in marked if one[1]), key=lambda one: one[0])
    return tuple(Piece(mark, "".join(text for _, text in run)) for mark, run in runs)


def moved_figures(old: str, new: str) -> dict[int, tuple[str, str]] | None:
    """Compare two texts that may differ in nothing but figures.

    Returns:
        The figures that differ, old and new, by their place among the text's words;
        ``None`` when anything else differs.

    >>> moved_figures("阅读12次", "阅读15次")
    {2: ('12', '15')}
    >>> moved_figures("阅读12次", "阅读15遍") is None
    True
    """
    ours, theirs = list(_keys(old)), list(_keys(new))
    if len(ours) != len(theirs):
        return None
    moved = {
        place: pair
        for place, pair in enumerate(zip(ours, theirs, strict=True))
        if pair[0] != pair[1]
    }
    figures = all(_is_figure(one) for pair in moved.values() for one in pair)
    return moved if figures else None


# -- comparing ---------------------------------------------------------------------


def _differ(old: str, new: str) -> bool:
    return fingerprint_form(old) != fingerprint_form(new)


def _compare(old: str, new: str) -> list[_Stretch]:
    a, b = _lines(old), _lines(new)
    work = _WORK
    stretches = []
    for same, (i, k), (j, m) in _opcodes(_forms(a), _forms(b), work):
        if same:
            stretches.append(_Stretch(True, a[i:k], b[j:m]))
            continue
        for ours, theirs in _blocks(a[i:k], b[j:m], work):
            stretches += _compare_tokens(ours, theirs, work)
            work -= min(work, len(ours) * len(theirs))
    return stretches


def _blocks(
    old: list[str], new: list[str], work: int
) -> Iterator[tuple[list[str], list[str]]]:
    """Make of paragraphs the words to be compared: all at once where that is no work.

    Else paragraph by paragraph, where there are as many on both sides.
    """
    ours, theirs = _tokens("".join(old)), _tokens("".join(new))
    if len(ours) * len(theirs) <= work or len(old) != len(new):
        yield ours, theirs
        return
    for one, other in zip(old, new, strict=True):
        yield _tokens(one), _tokens(other)


def _compare_tokens(old: list[str], new: list[str], work: int) -> Iterator[_Stretch]:
    for same, (i, k), (j, m) in _opcodes(_forms(old), _forms(new), work):
        yield _Stretch(same, old[i:k], new[j:m])


def _opcodes(
    a: Sequence[str], b: Sequence[str], work: int
) -> Iterator[tuple[bool, tuple[int, int], tuple[int, int]]]:
    """Yield the parts of two sequences: whether they agree, from and to in each.

    What stands between a common head and tail is compared when that takes no more
    than ``work`` steps, roughly; else it counts as replaced.
    """
    head = _common(a, b)
    tail = _common(a[head:][::-1], b[head:][::-1])
    ends = len(a) - tail, len(b) - tail
    if head:
        yield True, (0, head), (0, head)
    middle = a[head : ends[0]], b[head : ends[1]]
    if len(middle[0]) * len(middle[1]) <= work:
        matcher = SequenceMatcher(None, *middle, autojunk=False)
        for tag, i, k, j, m in matcher.get_opcodes():
            yield tag == "equal", (head + i, head + k), (head + j, head + m)
    else:
        yield False, (head, ends[0]), (head, ends[1])
    if tail:
        yield True, (ends[0], len(a)), (ends[1], len(b))


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    pairs = enumerate(zip(a, b, strict=False))
    return next((n for n, pair in pairs if pair[0] != pair[1]), min(len(a), len(b)))


def _lines(text: str) -> list[str]:
    lines = (line.strip() for line in drop_unsafe(text).split("\n"))
    kept = [line for line in lines if fingerprint_form(line)]
    return [line + "\n" for line in kept[:-1]] + kept[-1:]


def _tokens(text: str) -> list[str]:
    return [token for token in _TOKEN.findall(text) if _form(token)]


def _forms(parts: Iterable[str]) -> list[str]:
    return [_form(part) for part in parts]


def _keys(text: str) -> Iterator[str]:
    return filter(None, map(_form, _TOKEN.findall(drop_unsafe(text))))


@lru_cache(maxsize=4096)
def _form(part: str) -> str:
    return fingerprint_form(part)  # Of few different words, many times.


# -- judging -----------------------------------------------------------------------


def _is_figure(key: str) -> bool:
    return _FIGURE.fullmatch(key) is not None


def _kind_of(changed: list[_Stretch]) -> Kind:
    keys = [key for each in changed for key in _forms([*each.old, *each.new])]
    if all(map(_is_figure, keys)):
        return "figures"
    if any(map(_is_figure, keys)):
        return "text"
    edits = [_edit_of(each) for each in changed]
    small = all(len(edit) <= _TYPO_STRETCH for pair in edits for edit in pair)
    total = sum(max(map(len, pair)) for pair in edits)
    turned = any(_TURNS & {*edit} for pair in edits for edit in pair)
    return "typo" if small and total <= _TYPO_TOTAL and not turned else "text"


def _edit_of(stretch: _Stretch) -> tuple[str, str]:
    """Give what was replaced by what, without what both begin and end with."""
    old = fingerprint_form("".join(stretch.old))
    new = fingerprint_form("".join(stretch.new))
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    return old[head : len(old) - tail], new[head : len(new) - tail]


def _join_islands(stretches: list[_Stretch]) -> list[_Stretch]:
    """Join large changes that a character or two which chanced to agree part."""
    joined: list[_Stretch] = []
    for number, each in enumerate(stretches):
        around = [*joined[-1:], *stretches[number + 1 : number + 2]]
        island = each.same and len("".join(each.new)) <= _ISLAND and len(around) == 2
        if island:
            island = all(not one.same and _is_large(one) for one in around)
        goes_on = not each.same and joined and not joined[-1].same
        if island or goes_on:
            joined[-1].old += each.old
            joined[-1].new += each.new
        else:
            joined.append(_Stretch(each.same, [*each.old], [*each.new]))
    return joined


def _is_large(stretch: _Stretch) -> bool:
    words = [key for key in _forms([*stretch.old, *stretch.new]) if not _is_figure(key)]
    return len("".join(words)) >= _SHORE
