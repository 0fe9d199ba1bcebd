"""Read two texts side by side: is one a reprint of the other, and what differs.

What makes other news of nearly the same words, in the order it is looked for: other
traded things, other figures, another kind in the headline (收评 and 午评), another
opening, and in a passage that both have: another figure, a word of opposite meaning,
or another name. A name is known by this: the same words are exchanged more than once,
or each headline has its own of them, or nothing else in the text was changed. Whatever
is in doubt is other news, since a reprint kept twice does less harm than news that is
lost.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from crawler.core.figures import differ
from crawler.core.similarity import RUN, TOO_SHORT, Shape, mark_common

SHORT = 300
"""Below this many letters only the lead line, notices and the last words may differ."""

SHORT_LIVED = timedelta(days=1)
"""Short texts that are published further apart are not one."""

ALIKE = 0.6
"""So much of the shorter text must stand in the longer one."""

ALIKE_WHEN_SHORT = 0.85
"""The same for short texts."""

CUT = 0.5
"""The shorter text is at least this share of the longer one."""

MUCH_MORE = 0.25
"""A text of which more than this share is not in the other says more than it."""

_SLOT = 12
_FIGURE_LENGTH = 20
_SHORT_ENDING = 40
_FIGURE = re.compile(r"[0-9A-Z%]+")
_ENDS_IN_FIGURE = re.compile(r"[0-9A-Z%]+$")
_OPPOSITES = (
    *("一二三四五六七八九十百千两零〇半", "涨跌升降增减扩缩高低多空", "买卖购售"),
    *("盈亏赚赔", "上下", "早午晚", "开收", "前后", "松紧宽", "快慢", "强弱", "好坏"),
    *("胜败输赢", "进出"),
)
"""Classes of letters; a passage with one for another of its class says otherwise."""

_CLASSES = (
    *("春夏秋冬", "东南西北", "甲乙丙丁戊", "首末", "冠亚季", "先后", "左右", "内外"),
    *("出入", "升贬", "好空", "供需", "存贷", "顺逆", "正负", "大小", "长短", "轻重"),
    *("新旧", "难易", "真假", "冷热", "远近", "男女", "晴阴雨雪", "红橙黄蓝"),
    *("沪深港", "铜铝锌铅镍锡"),
)
"""Classes of letters that many a word has in another sense: only where nothing but
such a letter stands for another one do they tell."""

_TIME = re.compile("[前去今明后]年|[上本下][周月季]|[上中下]旬")
_GROUP = {letter: group for group in _OPPOSITES for letter in group}
_NOT = frozenset("不未无没非否")
_MEANT = re.compile("[{}]".format("".join((*_OPPOSITES, *sorted(_NOT)))))
_NAME = re.compile("[\u4e00-\u9fff]{2,4}")
_KIND = re.compile(
    "[早午收晚尾日周月季年]评|[早午晚周月季年]报|[早午尾开收]盘|盘[前中后]|[上中下]篇"
    "|[（(][一二三四五六七八九十上中下0-9]+[）)]"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What reading two texts side by side has shown."""

    same: bool
    """One is a reprint of the other."""

    differs: tuple[str, ...]
    """What differs: of reprints the places, of other news what makes it other."""

    similarity: float = 0.0
    """How much of the shorter text stands in the longer one, from 0 to 1; 0 where
    that did not need to be known."""

    adds: float = 0.0
    """How much of the first text the second has not, from 0 to 1."""

    @property
    def says_more(self) -> bool:
        """The first text is more than a reprint: a good part of it is its own."""
        return self.adds > MUCH_MORE


class _Passage(NamedTuple):
    """Some letters of a text that the other text has not at that place."""

    before: int
    """The hash of the run before it, by which it is found in the other; 0: none."""

    start: int
    stop: int

    words: str
    """The letters; empty where only the other text has some."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One of two texts, and where it differs from the other."""

    words: str

    passages: list[_Passage]

    def times(self, passage: _Passage) -> list[str]:
        """Find a passage's words for times, which may begin or end beside it."""
        start = max(0, passage.start - 1)
        return _TIME.findall(self.words[start : passage.stop + 1])

    def whole_figures(self, passage: _Passage) -> frozenset[str]:
        """Find a passage's figures, of which the first and last may reach beyond it."""
        if not passage.words:
            return frozenset()
        before = self.words[max(0, passage.start - _FIGURE_LENGTH) : passage.start]
        after = self.words[passage.stop : passage.stop + _FIGURE_LENGTH]
        left, right = _ENDS_IN_FIGURE.search(before), _FIGURE.match(after)
        whole = (left[0] if left else "") + passage.words + (right[0] if right else "")
        return frozenset(_FIGURE.findall(whole))


def compare(new: Shape, old: Shape) -> Comparison:
    """Compare a text with one that is stored."""
    reason = _other_news(new, old)
    if reason:
        return Comparison(same=False, differs=(reason,))
    ours, theirs = mark_common(new, old), mark_common(old, new)
    shares = float(ours.mean()), float(theirs.mean())
    similarity = round(shares[new.runs.size > old.runs.size], 4)
    length = min(new.letters.size, old.letters.size)
    if similarity < (ALIKE if length >= SHORT else ALIKE_WHEN_SHORT):
        reason = "text"
    elif max(_opening(ours), _opening(theirs)) < 0.5:
        reason = "opening"
    if reason:
        return Comparison(same=False, differs=(reason,), similarity=similarity)
    mine, others = _read(new, ours), _read(old, theirs)
    tell = _differ_when_short if length < SHORT else _differ_in_passages
    reason = tell(new, old, mine, others)
    return Comparison(
        same=not reason,
        differs=(reason,) if reason else _places(mine, others),
        similarity=similarity,
        adds=1 - shares[0],
    )


def _other_news(new: Shape, old: Shape) -> str:
    # What can be told without looking for what they have in common.
    shorter, longer = sorted((new.letters.size, old.letters.size))
    if shorter < TOO_SHORT:
        return "too short"
    if shorter < CUT * longer:
        return "length"
    if new.codes and old.codes and not new.codes & old.codes:
        return "codes"
    for ours, theirs in ((new.figures, old.figures), (new.dated, old.dated)):
        if differ(ours, theirs):
            return f"figures: {min(ours - theirs)} / {min(theirs - ours)}"
    if shorter < SHORT and abs(new.published - old.published) > SHORT_LIVED:
        return "day"
    kinds = set(_KIND.findall(new.title)), set(_KIND.findall(old.title))
    if all(kinds) and kinds[0] != kinds[1]:
        return "kind in the headline"
    return ""


def _opening(common: npt.NDArray[np.bool_]) -> float:
    third = max(1, common.size // 3)
    return float(np.count_nonzero(common[:third])) / third


def _read(shape: Shape, common: npt.NDArray[np.bool_]) -> _Reading:
    turns = (np.flatnonzero(common[1:] != common[:-1]) + 1).tolist()
    if not common[0]:
        turns.insert(0, 0)
    if len(turns) % 2:
        turns.append(common.size)
    words = shape.words
    firsts, lasts = turns[::2], turns[1::2]
    found = []
    befores = shape.runs[np.array(firsts, np.int64) - 1].tolist()
    for first, last, before in zip(firsts, lasts, befores, strict=True):
        start = first + RUN - 1 if first else 0
        stop = max(start, last if last < common.size else len(words))
        passage = _Passage(before if first else 0, start, stop, words[start:stop])
        found.append(passage)
    return _Reading(words, found)


def _pairs(mine: _Reading, others: _Reading) -> list[tuple[_Passage, _Passage]]:
    # Passages that stand after the same run of letters, in the order of the texts.
    waiting: dict[int, list[_Passage]] = {}
    for passage in others.passages:
        waiting.setdefault(passage.before, []).append(passage)
    return [
        (passage, waiting[passage.before].pop(0))
        for passage in mine.passages
        if waiting.get(passage.before)
    ]


def _differ_in_passages(
    new: Shape, old: Shape, mine: _Reading, others: _Reading
) -> str:
    figures = _differ_in_context(mine.words, others.words)
    if figures:
        return f"figures: {figures}"
    exchanged: Counter[tuple[str, str]] = Counter()
    for one, other in _pairs(mine, others):
        if _FIGURE.search(one.words + other.words):
            here, there = mine.whole_figures(one), others.whole_figures(other)
            if differ(here, there):
                return f"figures: {min(here - there)} / {min(there - here)}"
        if max(len(one.words), len(other.words)) > _SLOT:
            continue
        now, then = mine.times(one), others.times(other)
        if (now and then and now != then) or _mean_other(one.words, other.words):
            return f"meaning: {one.words} / {other.words}"
        if one.words and other.words:
            exchanged[one.words, other.words] += 1
    return _differ_in_names(new, old, mine, others, exchanged) or _in_doubt(
        mine, others
    )


def _differ_in_names(
    new: Shape,
    old: Shape,
    mine: _Reading,
    others: _Reading,
    exchanged: Counter[tuple[str, str]],
) -> str:
    for (here, there), times in exchanged.items():
        if _is_own(here, new.title, old.title) and _is_own(there, old.title, new.title):
            return f"names: {here} / {there}"
        if (there, here) in exchanged:
            return f"names: {here} / {there}"
        if times > 1 and here not in others.words and there not in mine.words:
            return f"names: {here} / {there}"
    return ""


def _in_doubt(mine: _Reading, others: _Reading) -> str:
    # Who edits a text changes it at more than one place; a form is filled in at one.
    if len(mine.passages) != 1 or len(others.passages) != 1:
        return ""
    for reading in (mine, others):
        [passage] = reading.passages
        is_within = passage.start and passage.stop < len(reading.words)
        if not is_within or not _NAME.fullmatch(passage.words):
            return ""
    return f"names: {mine.passages[0].words} / {others.passages[0].words}"


def _differ_in_context(mine: str, others: str) -> str:
    # The same figures may stand at other places: what stands after the same letters?
    first, second = _FIGURE.findall(mine), _FIGURE.findall(others)
    fewer = min(len(first), len(second))
    if first[:fewer] == second[:fewer]:
        return ""
    ours, theirs = _by_context(mine), _by_context(others)
    for context in ours.keys() & theirs.keys():
        here, there = ours[context], theirs[context]
        if here == there:
            continue
        if len(here) == len(there) or differ(frozenset(here), frozenset(there)):
            return f"{context}{here[0]} / {context}{there[0]}"
    return ""


def _by_context(words: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for figure in _FIGURE.finditer(words):
        start = figure.start()
        found.setdefault(words[max(0, start - 4) : start], []).append(figure[0])
    return found


def _differ_when_short(new: Shape, old: Shape, mine: _Reading, others: _Reading) -> str:
    for figure in new.figures ^ old.figures:
        return f"figures: {figure}"
    for reading in (mine, others):
        for passage in reading.passages:
            ending = passage.stop == len(reading.words)
            if not ending or len(passage.words) > _SHORT_ENDING:
                return f"text: {passage.words}"
    return ""


def _is_own(words: str, title: str, other: str) -> bool:
    return words in title and words not in other


def _mean_other(here: str, there: str) -> bool:
    return _is_opposite(here, there) or _is_of_one_class(here, there)


def _is_opposite(here: str, there: str) -> bool:
    if not _MEANT.search(here + there):
        return False
    if bool(_NOT.intersection(here)) != bool(_NOT.intersection(there)):
        return True
    ours, theirs = _by_group(here), _by_group(there)
    return any(ours[group] != theirs[group] for group in ours.keys() & theirs.keys())


def _by_group(words: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for letter in words:
        if letter in _GROUP:
            found.setdefault(_GROUP[letter], []).append(letter)
    return found


def _is_of_one_class(here: str, there: str) -> bool:
    if len(here) != len(there):
        return False
    differing = [pair for pair in zip(here, there, strict=True) if pair[0] != pair[1]]
    return bool(differing) and all(
        any(one in each and other in each for each in (*_OPPOSITES, *_CLASSES))
        for one, other in differing
    )


def _places(mine: _Reading, others: _Reading) -> tuple[str, ...]:
    inner = 0
    places: set[str] = set()
    for reading in (mine, others):
        within = 0
        for passage in reading.passages:
            if passage.start == 0:
                places.add("beginning")
            elif passage.stop == len(reading.words):
                places.add("ending")
            else:
                within += 1
        inner = max(inner, within)
    named = sorted(places)
    if inner:
        named.append(f"{inner} passage{'s' if inner > 1 else ''}")
    return tuple(named) or ("notices",)
