"""A generated, labelled set of Chinese articles: originals, copies and form letters.

Words are invented out of common characters and drawn as unevenly as a language draws
them, so that texts share as much by chance as real ones do. Every article follows
from the seed and its number alone, so none needs to be kept.

* ``edit N``: an original of which N % was edited, one half of them by other words all
  over the text, the other half sentence by sentence (reworded, dropped, added).
* ``reprint N``: the same, and another headline, lead line, source line, editor,
  disclaimer, and an ending cut by up to 30 %.
* ``form``: letters of one form that differ in their figures, some in a single one, some
  in two that are exchanged; ``named``: those that differ in a name and nothing else,
  some in one that stands but once and in no headline.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, combinations
from random import Random

LEVELS = (2, 5, 10, 20)
"""The shares of an article that are edited, in per cent."""

_LENGTH = 1100
_WORDS = 6000
# Without numerals, opposites and negations, which a drawn word would use senselessly.
_MEANT = frozenset(
    "一二三四五六七八九十百千两万亿半上下不未无没非否周季年月日时点分倍成度期届天"
    "涨跌升降增减扩缩高低多空买卖购售盈亏赚赔早午晚开收前后松紧宽快慢强弱好坏胜败输赢进出"
)
_LETTERS = "".join(
    letter for letter in map(chr, range(0x4E00, 0x4E00 + 2500)) if letter not in _MEANT
)
_MEDIA = ("财联社", "证券时报网", "新华社北京", "中新社", "镜湖财经", "每日纸鸢报")
_FORM_SIZE = 40


@dataclass(frozen=True, slots=True)
class Article:
    """One article with its label."""

    kind: str
    """``original``, ``edit 10``, ``reprint 10``, ``form`` or ``named``."""

    story: str
    """Articles of one story are copies of each other; no others are."""

    title: str
    text: str


class ArticleSet:
    """Articles of one seed, in an order in which copies come after their originals.

    Args:
        count: how many articles.
        seed: what all of them follow from.
    """

    def __init__(self, count: int, seed: int) -> None:
        self.count = count
        self._seed = seed
        random = Random(f"{seed} words")
        self._words = [
            "".join(random.choices(_LETTERS, k=random.choice((1, 2, 2, 2, 3))))
            for _ in range(_WORDS)
        ]
        self._weights = list(accumulate(1 / (rank + 8) for rank in range(_WORDS)))

    def __iter__(self) -> Iterator[Article]:
        """Yield the articles in order."""
        for kind, number in self._order():
            yield self._make(kind, number)

    def _order(self) -> list[tuple[str, int]]:
        originals = self.count * 55 // 100
        each = self.count * 30 // 100 // (2 * len(LEVELS) + 1)
        kinds = ["reprint 0"]
        kinds += [f"{way} {level}" for way in ("edit", "reprint") for level in LEVELS]
        forms = self.count - originals - each * len(kinds)
        random = Random(f"{self._seed} order")
        placed = [(random.random(), "original", n) for n in range(originals)]
        when = [place for place, _, _ in placed]
        for kind in kinds:
            copied = random.sample(range(originals), each)
            placed += [(random.uniform(when[n], 1), kind, n) for n in copied]
        for number in range(forms):
            kind = "named" if number % (5 * _FORM_SIZE) < _FORM_SIZE else "form"
            placed.append((random.random(), kind, number))
        return [(kind, number) for _, kind, number in sorted(placed)]

    def _make(self, kind: str, number: int) -> Article:
        if kind in {"form", "named"}:
            return self._form(kind, number)
        random = Random(f"{self._seed} original {number}")
        title, sentences = self._title(random), self._story(random, _LENGTH)
        random = Random(f"{self._seed} {kind} {number}")
        way, _, level = kind.partition(" ")
        if level and int(level):
            edit = self._reword if random.random() < 0.5 else self._edit
            sentences = edit(random, sentences, int(level) / 100)
        paragraphs = _paragraphs(sentences)
        if way == "reprint":
            title = self._title(random)
            paragraphs = self._dress(random, paragraphs)
        return Article(kind, f"story {number}", title, "\n".join(paragraphs))

    def _word(self, random: Random) -> str:
        return self._words[bisect(self._weights, random.random() * self._weights[-1])]

    def _title(self, random: Random) -> str:
        return "".join(self._sentence(random, plain=True)[:10])

    def _sentence(self, random: Random, *, plain: bool = False) -> list[str]:
        words = [self._word(random) for _ in range(random.randint(8, 18))]
        if not plain and random.random() < 0.6:
            words.insert(random.randrange(len(words)), _figure(random))
        return [*words, "。"]

    def _story(self, random: Random, length: int) -> list[list[str]]:
        sentences: list[list[str]] = []
        while length > 0:
            sentences.append(self._sentence(random))
            length -= sum(map(len, sentences[-1]))
        return sentences

    def _reword(
        self, random: Random, sentences: list[list[str]], level: float
    ) -> list[list[str]]:
        # Other words in place of so many, all over the text; figures stay.
        return [
            [
                self._word(random)
                if word.isalpha() and random.random() < level
                else word
                for word in sentence
            ]
            for sentence in sentences
        ]

    def _edit(
        self, random: Random, sentences: list[list[str]], level: float
    ) -> list[list[str]]:
        # So many sentences are dropped, written anew around their figures, or added.
        edited: list[list[str]] = []
        touched = set(
            random.sample(range(len(sentences)), round(len(sentences) * level))
        )
        for number, sentence in enumerate(sentences):
            way = random.choice(("drop", "rewrite", "add")) if number in touched else ""
            if way == "rewrite":
                kept = [word for word in sentence if not word.isalpha()]
                edited.append([*self._sentence(random, plain=True)[:-1], *kept])
            elif way != "drop":
                edited.append(sentence)
            if way == "add":
                edited.append(self._sentence(random, plain=True))
        return edited

    def _dress(self, random: Random, paragraphs: list[str]) -> list[str]:
        # What another medium puts around a text, and what it cuts.
        medium = random.choice(_MEDIA)
        name = "".join(random.sample(_LETTERS, 3))
        if random.random() < 0.5:
            paragraphs = paragraphs[
                : max(1, round(len(paragraphs) * random.uniform(0.7, 1)))
            ]
        first, *rest = paragraphs
        leads = (
            f"{medium}讯，",
            f"{medium}3月28日电（记者 {name}）",
            f"【{medium}】",
            f"本报讯（记者 {name}）",
            "",
        )
        dressed = [random.choice(leads) + first, *rest]
        if random.random() < 0.5:
            dressed.insert(0, f"来源：{medium}　{random.randint(1, 12)}月28日 09:30")
        notices = (
            f"责任编辑：{name}",
            f"（编辑：{name}）",
            "免责声明：本文仅供参考，不构成投资建议，据此操作，风险自担。",
            f"更多精彩内容，请关注{medium}公众号。",
            "".join(self._sentence(random, plain=True)),
        )
        return [*dressed, *random.sample(notices, random.randint(0, 2))]

    def _form(self, kind: str, number: int) -> Article:
        family, member = divmod(number, _FORM_SIZE)
        random = Random(f"{self._seed} form {family}")
        short = kind == "form" and family % 5 == 4
        sentences = self._story(random, 220 if short else _LENGTH)
        name = "".join(random.sample(_LETTERS, 4))
        places = [
            (row, column)
            for row, sentence in enumerate(sentences)
            for column, word in enumerate(sentence)
            if not word[0].isalpha() and word != "。"
        ]
        pairs = [
            pair
            for pair in combinations(places, 2)
            if _at(sentences, pair[0]) != _at(sentences, pair[1])
        ]
        random.shuffle(pairs)
        own = Random(f"{self._seed} form {family} {member}")
        if kind == "named":
            name = "".join(own.sample(_LETTERS, own.randint(2, 4)))
        elif family % 5 == 1 and len(pairs) >= _FORM_SIZE:
            # Two figures are exchanged: the same figures at other places.
            (r1, c1), (r2, c2) = pairs[member]
            sentences[r1][c1], sentences[r2][c2] = sentences[r2][c2], sentences[r1][c1]
        elif family % 5 in {2, 4}:
            # A single figure, the same one in each letter of the family.
            row, column = random.choice(places or [(0, 0)])
            sentences[row][column] = f"{member + 1}.{own.randint(10, 99)}%"
        else:
            for row, column in places:
                sentences[row][column] = _figure(own)
        title = name + "公告"
        if kind == "named" and family % 10:
            title = "公告"
            sentences[len(sentences) // 2].insert(3, name)
        else:
            for row in range(0, len(sentences), 4):
                sentences[row].insert(0, name)
        story = f"form {family} {member}"
        return Article(kind, story, title, "\n".join(_paragraphs(sentences)))


def _at(sentences: list[list[str]], place: tuple[int, int]) -> str:
    return sentences[place[0]][place[1]]


def _figure(random: Random) -> str:
    value = random.choice((random.uniform(0, 100), random.uniform(0, 9999)))
    unit = random.choice(("%", "亿元", "万元", "元", "点"))
    return random.choice(
        (f"{value:.2f}{unit}", f"{random.randint(1, 12)}月{random.randint(1, 28)}日")
    )


def _paragraphs(sentences: list[list[str]]) -> list[str]:
    return [
        "".join(word for sentence in sentences[at : at + 3] for word in sentence)
        for at in range(0, len(sentences), 3)
    ]
