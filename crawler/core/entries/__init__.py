"""Read a feed's answer into entries: roll JSON, RSS and its kin, 7x24 live.

A reader never raises and never stays silent: whatever cannot be read is a `Problem`
with its position, beside the entries that could be. Staff e-mail addresses, which
the live feed carries, do not leave this module.

The shapes are those of answers seen from 2019 to 2026; fields whose type varies
(``img`` is an object or an empty list, numbers are strings) are checked, not trusted.
"""

from __future__ import annotations

from collections.abc import Callable

from crawler.core.catalogue import Feed
from crawler.core.entries.entry import Entry, FeedAnswer, Problem
from crawler.core.entries.live import read_live
from crawler.core.entries.roll import read_roll
from crawler.core.entries.rss import read_rss

__all__ = ["Entry", "FeedAnswer", "Problem", "read_answer"]


def read_answer(body: bytes, feed: Feed, page: int = 1) -> FeedAnswer:
    """Read one answer of a feed.

    Args:
        body: the answer's bytes, decompressed.
        feed: whose answer it is; its ``format`` chooses the reader.
        page: which list page it is; an empty list is a problem on the first only.

    Returns:
        The entries and every problem; never raises.
    """
    answer = _READERS[feed.format](body, feed)
    unique: dict[str, Entry] = {}
    for entry in answer.entries:
        unique.setdefault(entry.id, entry)
    problems = answer.problems
    if not unique and not problems and page == 1:
        problems = (Problem("empty list", "the whole answer"),)
    return FeedAnswer(tuple(unique.values()), problems, answer.ttl)


_READERS: dict[str, Callable[[bytes, Feed], FeedAnswer]] = {
    "roll": read_roll,
    "live": read_live,
    "rss": read_rss,
}
