"""Feeds, entries and answers to poll with."""

from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.core.catalogue import Feed
from crawler.core.entries import Entry, FeedAnswer

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def make_feed(**changes: Any) -> Feed:
    values = {
        "id": "china",
        "title": "国内",
        "url": "https://a.example/?page={page}",
        "format": "roll",
    }
    return Feed(**{**values, **changes})


def make_answer(*numbers: int, **changes: Any) -> FeedAnswer:
    """Make a list; article n is published n minutes before noon."""
    return FeedAnswer(
        tuple(
            Entry(
                id=f"id{number}",
                url=f"https://a.example/{number}",
                title=f"第{number}篇",
                feed="china",
                published=NOON - number * MINUTE,
                **changes,
            )
            for number in numbers
        )
    )
