"""Tell a page's clocks and counters from its news.

Pages print how often they were read, what time it is, how many comments there are. A
version that differs in nothing else is the same version. Three rules, each of which
looks at figures alone; with any other word changed it is news:

1. A paragraph that is nothing but a counter or a clock (``阅读 1,234``, ``北京时间
   12:30:05``) does not count.
2. Figures that tell in both versions the very moment at which each was fetched are a
   clock, wherever they stand.
3. Where the same figures have changed three times running and nothing else, a page
   gets one such revision a day and no more. That may be a counter no rule knows, or
   an index that is written anew all day; so nothing is lost for good.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from crawler.core.changes import Version, moved_figures
from crawler.core.dates import BEIJING
from crawler.core.text import fingerprint_form

MEMORY = 4
"""How many of the latest versions the third rule looks at."""

COUNTER = "only a counter or clock moved"
CLOCK = "only the time of the visit moved"
RESTLESS = "only figures moved that always do"

_REST = timedelta(days=1)
_LAG = timedelta(minutes=10)
_LONGEST_LINE = 60
_WHAT = (
    "阅读|浏览|点击|访问|播放|观看|评论|跟贴|回复|参与|点赞|赞|转发|收藏|分享|热度|人气"
)
_COUNT = r"\d[\d,.]*[万亿]?\+?"
_COUNTER_LINE = re.compile(
    rf"(?:(?:(?:{_WHAT})(?:量|数|人数|次数)?[:(]?{_COUNT}[次人条]?\)?"
    rf"|{_COUNT}[次人条个]?已?(?:{_WHAT})(?:过|量|数)?)[|,·/]?)+"
)
_CLOCK_LINE = re.compile(
    r"(?:现在|当前|北京|系统)(?:时间|是)?[:]?[\d年月日/:星期一二三四五六.-]*\d"
)
_TIME_OF_DAY = re.compile(r"(\d{1,2}):(\d\d)(?::\d\d)?")


def find_idleness(versions: Sequence[Version], new: Version) -> str:
    """Tell why a changed version is no revision, or ``""`` when it is one.

    Args:
        versions: the stored versions, oldest first, at least the last; more than
            `MEMORY` are of no use.
        new: the version just fetched; its text differs from the last one's.
    """
    old = versions[-1]
    if fingerprint_form(old.title) != fingerprint_form(new.title):
        return ""
    before, after = _without_counters(old.text), _without_counters(new.text)
    moved = moved_figures(before, after)
    if moved is None:
        return ""
    if not moved:
        return COUNTER
    if _is_clock(moved, old, new):
        return CLOCK
    return RESTLESS if _is_restless(versions[-MEMORY:], new) else ""


def _without_counters(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not _is_counter(line))


def _is_counter(line: str) -> bool:
    if len(line) > _LONGEST_LINE:
        return False
    form = fingerprint_form(line)
    return bool(_COUNTER_LINE.fullmatch(form) or _CLOCK_LINE.fullmatch(form))


def _is_clock(moved: dict[int, tuple[str, str]], old: Version, new: Version) -> bool:
    shown = [
        _tells(was, old.fetched) and _tells(now, new.fetched)
        for was, now in moved.values()
    ]
    has_time = any(_TIME_OF_DAY.fullmatch(was) for was, _ in moved.values())
    return has_time and all(shown)


def _tells(figure: str, fetched: datetime) -> bool:
    """Tell whether a figure is the time of the fetch, or a part of its day's date."""
    there = fetched.astimezone(BEIJING)
    match = _TIME_OF_DAY.fullmatch(figure)
    if match is None:
        parts = {there.year, there.month, there.day}
        return figure.isascii() and figure.isdigit() and int(figure) in parts
    hour, minute = int(match[1]), int(match[2])
    if hour > 23 or minute > 59:
        return False
    shown = there.replace(hour=hour, minute=minute)
    return min(abs(shown - there), timedelta(days=1) - abs(shown - there)) <= _LAG


def _is_restless(versions: Sequence[Version], new: Version) -> bool:
    if len(versions) < MEMORY or new.fetched - versions[-1].fetched >= _REST:
        return False
    steps = zip([*versions], [*versions[1:], new], strict=True)
    moves = [
        moved_figures(f"{one.title}\n{one.text}", f"{other.title}\n{other.text}")
        for one, other in steps
    ]
    *earlier, last = [set(move or ()) for move in moves]
    return all(each and last <= each for each in earlier)
