"""Everything the sample site tells: its feeds, its articles, and what to expect.

``listed`` is the one place that knows which article a feed shows at which poll;
the answers are made from it and the expectations are counted with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from crawler.demo.cases import CASES
from crawler.demo.flashes import FLASHES
from crawler.demo.headlines import HEADLINES
from crawler.demo.hostile import HOSTILE
from crawler.demo.legacy import LEGACY
from crawler.demo.newsroom import NEWSROOM
from crawler.demo.routine import ROUTINE
from crawler.demo.story import ALL_FINANCE, Case, Story, Template

__all__ = [
    "BANNED",
    "FEEDS",
    "NOT_MOVED",
    "STORIES",
    "Expected",
    "Feed",
    "Story",
    "expectations",
    "listed",
    "noted",
    "syndicated",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A roll feed, by the two numbers that the API takes."""

    pageid: int
    lid: int
    title: str


FEEDS: tuple[Feed, ...] = tuple(
    Feed(pageid=pageid, lid=lid, title=title)
    for pageid, lid, title in (
        (384, ALL_FINANCE, "财经"),
        (384, 2671, "股市"),
        (384, 2672, "美股"),
        (384, 2673, "中国概念股"),
        (384, 2674, "港股"),
        (384, 2675, "研究报告"),
        (384, 2676, "全球市场"),
        (384, 2487, "外汇"),
        (155, 1686, "国内滚动"),
        (155, 1687, "宏观经济"),
        (155, 1688, "地方经济"),
        (155, 1689, "部委动态"),
        (155, 1690, "金融新闻"),
        (155, 3231, "今日财经TOP10"),
        (164, 1693, "产经"),
        (164, 1694, "公司新闻"),
        (164, 1695, "产业新闻"),
        (166, 1703, "消费"),
        (186, 1746, "券商"),
        (205, 1789, "新股"),
    )
)
"""The roll feeds that the sample site answers."""

BANNED: frozenset[tuple[int, int]] = frozenset({(1, 2487)})
"""The (poll, lid) pairs that answer with a ban page instead of JSON."""

STORIES: tuple[Story, ...] = (
    *CASES,
    *HEADLINES,
    HOSTILE,
    *LEGACY,
    *NEWSROOM,
    *ROUTINE,
)
"""Every article of the sample, as it stands at poll 1."""

NOT_MOVED = timedelta(0)
"""The sample at its own times."""


def noted(case: Case) -> tuple[Story, ...]:
    """Return the articles that are in the sample for one case."""
    return tuple(story for story in STORIES if story.note is case)


def listed(lid: int, poll: int, by: timedelta = NOT_MOVED) -> tuple[Story, ...]:
    """Return what a list carries at a poll, the newest first, its times moved.

    Articles stand in the order of their creation, wherever they are released, so
    one that appears later can stand below others. An unknown list is empty.
    """
    stories = [story.later(by) for story in _there(poll) if lid in story.lids]
    return tuple(sorted(stories, key=lambda story: story.ctime, reverse=True))


def syndicated(poll: int, by: timedelta = NOT_MOVED) -> tuple[Story, ...]:
    """Return what the RSS feed carries at a poll, the newest first."""
    stories = [story.later(by) for story in _there(poll) if story.in_rss]
    return tuple(sorted(stories, key=lambda story: story.ctime, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a faultless crawl of every feed, twice, makes of the sample site."""

    fetched: int
    """Articles that the roll feeds list at poll 1, each id once."""
    new: int
    """Those of them that become posts."""
    duplicates: int
    """Those that repeat the text of another."""
    removed: int
    """Those whose page says that it is gone."""
    layout_changed: int
    """Those whose page has nothing in the body container."""
    new_at_poll_2: int
    """Articles that become posts at poll 2."""
    revised_at_poll_2: int
    """Posts of poll 1 whose text or headline differs at poll 2."""
    flashes: int
    """Flashes of the live feed at poll 1; they stand in no other feed."""
    new_flashes_at_poll_2: int
    syndicated: int
    """Articles of the RSS feed, the same at both polls; in no other feed."""


def expectations() -> Expected:
    """Count, from the articles themselves, what a crawl should find."""
    before = _from_roll_feeds(1)
    after = _from_roll_feeds(2)
    posts_before = {id_: story for id_, story in before.items() if _is_post(story)}
    posts_after = {id_: story for id_, story in after.items() if _is_post(story)}
    templates = [story.template for story in before.values()]
    return Expected(
        fetched=len(before),
        new=len(posts_before),
        duplicates=sum(bool(story.copy_of) for story in before.values()),
        removed=templates.count(Template.REMOVED),
        layout_changed=templates.count(Template.BARE),
        new_at_poll_2=len(posts_after.keys() - posts_before.keys()),
        revised_at_poll_2=sum(
            posts_after[id_] != story for id_, story in posts_before.items()
        ),
        flashes=sum(flash.since == 1 for flash in FLASHES),
        new_flashes_at_poll_2=sum(flash.since > 1 for flash in FLASHES),
        syndicated=len(syndicated(1)),
    )


def _there(poll: int) -> Iterator[Story]:
    return (story.at(poll) for story in STORIES if story.since <= poll)


def _from_roll_feeds(poll: int) -> dict[str, Story]:
    return {
        story.id: story
        for feed in FEEDS
        if (poll, feed.lid) not in BANNED
        for story in listed(feed.lid, poll)
    }


def _is_post(story: Story) -> bool:
    gone = story.template in {Template.REMOVED, Template.BARE}
    return not gone and not story.copy_of
