"""Find texts that are nearly the same, and tell reprints from form letters.

Three steps, each cheaper than the next is exact:

1. A text's *shape* is its letters and figures without punctuation, white space and
   what media add to reprints, and the hashes of its runs of five letters.
2. A *sketch* is drawn from the shape: twelve buckets, by one-permutation MinHash (the
   range of hashes is divided into 36 parts, and of each the least hash is taken). Texts
   that share most runs share a bucket. A bucket rests on two runs and one figure, so
   that a thousand issues of one daily form do not fill one bucket; in a text of few
   figures, on three runs. A thirteenth bucket is that of texts with the same figures.
3. `compare` reads both texts. Figures decide first: where each text has one that the
   other has not, or the same place holds another, it is other news however alike the
   words are.

The arithmetic is on 64-bit integers and on fixed ranges of letters, so that a sketch
means the same on every machine and in every year. No library's does: rensa's and
datasketch's depend on the hash and the random numbers of their version. A change here
that alters sketches needs a migration that empties the index's ``sketches`` and
``buckets``; the store then draws them anew.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from crawler.core.boilerplate import drop_boilerplate, split_lead
from crawler.core.figures import figures

RUN = 5
"""How many letters stand in a run."""

BANDS = 12
"""How many buckets a sketch has."""

TOO_SHORT = 120
"""Texts of fewer letters are too common to be called reprints: they get no buckets."""

BUCKET = 16
"""So many of a bucket are looked at, the newest ones."""

CANDIDATES = 4
"""So many texts are read to be compared with one, those that share most buckets."""

Hashes = npt.NDArray[np.uint64]

_BITS = 48
_FEW_FIGURES = 4
_ODD = 0x9E3779B97F4A7C15
_POWERS = np.array([pow(_ODD, n + 1, 2**64) for n in range(RUN)], np.uint64)
_STIR = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)
_PARTS = np.arange(3 * BANDS, dtype=np.uint64) * np.uint64(2**64 // (3 * BANDS))
_SEEDS = np.array([pow(_ODD, n + 11, 2**64) for n in range(BANDS)], np.uint64)
_SEEDS |= np.uint64(1)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A text as it is compared with others."""

    title: str
    """The headline."""

    letters: npt.NDArray[np.uint32]
    """Code points of the letters and figures, ASCII in capitals."""

    runs: Hashes
    """A hash of each run of letters, in the order of the text."""

    ordered: Hashes
    """The same hashes from the least to the greatest."""

    order: npt.NDArray[np.int64]
    """Where each of those stands in the text."""

    figures: frozenset[str]
    """The distinct figures, without those of the lead line."""

    dated: frozenset[str]
    """The figures of the lead line: its date, if it has one."""

    published: datetime
    """When it was published."""

    codes: frozenset[str]
    """The traded things the article names, or none."""

    @property
    def words(self) -> str:
        """The letters as a string."""
        return self.letters.tobytes().decode("utf-32-le")


class Tally(NamedTuple):
    """The figures of a text in two numbers of 64 bits, to tell two texts apart."""

    bits: int
    """One bit for each figure, by its hash; signed."""

    total: int
    """How many there are times 2**32, and the sum of their hashes."""

    def differs(self, other: Tally) -> bool:
        """Tell that each text has a figure the other has not.

        ``True`` is certain; ``False`` is not, since figures share bits.
        """
        if self.total >> 32 == other.total >> 32:
            return self.total != other.total
        return bool(self.bits & ~other.bits) and bool(other.bits & ~self.bits)


class Sketch(NamedTuple):
    """What the index keeps of a shape."""

    buckets: tuple[int, ...]
    """Up to thirteen numbers below 2**48; two texts that share one may be alike."""

    tally: Tally
    """Its figures."""


def shape_of(
    title: str,
    text: str,
    published: datetime,
    codes: frozenset[str] = frozenset(),
) -> Shape:
    """Make the shape of a text.

    Args:
        title: the headline.
        text: the plain text, one paragraph a line.
        published: when it was published.
        codes: the traded things it names, as ``sh600519``.
    """
    lead, core = split_lead(drop_boilerplate(text))
    points = np.frombuffer(core.encode("utf-32-le", "replace"), "<u4")
    letters = _letter_table().take(points, mode="clip")
    letters = letters[letters > 0]
    runs = _hash_runs(letters)
    order = np.argsort(runs)
    return Shape(
        title=title,
        letters=letters,
        runs=runs,
        ordered=runs[order],
        order=order,
        figures=figures(core),
        dated=figures(lead) if lead else frozenset(),
        published=published,
        codes=codes,
    )


def draw(shape: Shape) -> Sketch:
    """Draw the sketch of a shape; without buckets when it is too short."""
    hashes = [zlib.crc32(figure.encode()) for figure in shape.figures]
    bits = 0
    for mark in hashes:
        bits |= 1 << (mark >> 26)
    total = len(hashes) << 32 | sum(hashes) % 2**32
    tally = Tally(bits - (bits >> 63 << 64), total)
    if shape.letters.size < TOO_SHORT:
        return Sketch((), tally)
    # The least hash of each part of their range; of an empty part, that of the next.
    least = shape.ordered.take(np.searchsorted(shape.ordered, _PARTS), mode="wrap")
    one, two, three = least.reshape(3, BANDS)
    if len(hashes) >= _FEW_FIGURES:
        marks = np.array(hashes, np.uint64)
        three = _stir(marks[:, None] * _SEEDS).min(axis=0)
    buckets = _stir(one + two * _POWERS[1] + three * _POWERS[2] + _SEEDS)
    numbers = (buckets >> np.uint64(64 - _BITS)).tolist()
    if len(hashes) >= _FEW_FIGURES:
        numbers.append((total * _ODD % 2**64) >> (64 - _BITS))
    return Sketch(tuple(numbers), tally)


def rank(found: Sequence[Sequence[int]]) -> list[int]:
    """Order what stands in a sketch's buckets: who shares most first, then the newest.

    >>> rank([[4, 9], [4], [7]])
    [4, 9, 7]
    """
    times = Counter(number for bucket in found for number in bucket)
    return sorted(times, key=lambda number: (-times[number], -number))


def mark_common(one: Shape, other: Shape) -> npt.NDArray[np.bool_]:
    """Tell of each run of the first text, in its order, whether the other has it."""
    if not other.runs.size:
        return np.zeros(one.runs.size, np.bool_)
    places = np.searchsorted(other.ordered, one.ordered)
    common = np.empty(one.runs.size, np.bool_)
    common[one.order] = other.ordered.take(places, mode="clip") == one.ordered
    return common


def _hash_runs(letters: npt.NDArray[np.uint32]) -> Hashes:
    count = letters.size - RUN + 1
    if count <= 0:
        return np.empty(0, np.uint64)
    wide = letters.astype(np.uint64)
    runs = wide[:count] * _POWERS[0]
    for place in range(1, RUN):
        runs += wide[place : count + place] * _POWERS[place]
    return _stir(runs)


def _stir(numbers: Hashes) -> Hashes:
    numbers = (numbers ^ (numbers >> _HALF)) * _STIR
    return numbers ^ (numbers >> _HALF)


@cache
def _letter_table() -> npt.NDArray[np.uint32]:
    # What a code point counts as: itself, its capital, its ASCII twin, or nothing.
    # Ranges are written out, since Python's own idea of a letter grows with Unicode.
    table = np.zeros(0x40000, np.uint32)
    for first, last in (
        *((0x30, 0x39), (0x41, 0x5A), (0xC0, 0x24F), (0x370, 0x52F), (0x3041, 0x30FF)),
        *((0x3005, 0x3007), (0x3400, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF)),
        (0x20000, 0x3FFFD),
    ):
        table[first : last + 1] = np.arange(first, last + 1)
    table[0x61:0x7B] = np.arange(0x41, 0x5B)
    table[0xFF10:0xFF1A] = np.arange(0x30, 0x3A)
    table[0xFF21:0xFF3B] = table[0xFF41:0xFF5B] = np.arange(0x41, 0x5B)
    table[[0x25, 0xFF05]] = 0x25
    return table
