"""A month of polls of the sample site: intervals adapt, and nothing is missed.

The clock is an argument. Each list is what the sample's articles would be if they were
published again and again: often by day, hardly at night, more rarely at weekends.
"""

from bisect import insort
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from statistics import median

import pytest

from crawler.core.catalogue import Feed
from crawler.core.dates import BEIJING
from crawler.core.entries import Entry, FeedAnswer
from crawler.core.health import Known, examine
from crawler.core.ledger import Head, Ledger
from crawler.core.polling import Schedule, is_due, spread
from crawler.demo.stories import STORIES

START = datetime(2026, 11, 1, 16, 0, tzinfo=UTC)  # midnight in Beijing
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONTH, PAGE = 30 * DAY, 50
ASLEEP = (START + 9 * DAY + 9 * HOUR, START + 9 * DAY + 18 * HOUR)
"""The crawler's machine is down."""

BUSY = (START + 15 * DAY + 10 * HOUR, START + 15 * DAY + 13 * HOUR)
"""The site answers 503."""

RATES = {"busy": 30, "middling": 3, "slow": 0.3}
"""Articles an hour by day."""

FEEDS = {
    name: Feed(
        id=name, title=name, url=f"https://a.example/{name}?{{page}}", format="roll"
    )
    for name in RATES
}


def publish(name, chance):
    """Give a month of a feed's articles with when each is listed, in that order.

    One in ten is listed half an hour late, below others.
    """
    articles, now = [], START - 9 * DAY
    while now < START + MONTH:
        here = now.astimezone(BEIJING)
        night = (
            timedelta(minutes=30) <= here - here.replace(hour=0, minute=0) < 6.5 * HOUR
        )
        rate = RATES[name] / (20 if night else 1) / (3 if here.weekday() >= 5 else 1)
        now += chance.expovariate(rate) * HOUR
        story = STORIES[len(articles) % len(STORIES)]
        late = 30 * MINUTE * (chance.random() < 0.1)
        entry = Entry(
            id=f"{name}-{len(articles)}",
            url=story.url,
            title=story.title,
            feed=name,
            published=now,
        )
        articles.append((now + late, entry))
    return sorted(articles, key=lambda each: each[0])


@dataclass
class Month:
    """What a month of polls has seen and done."""

    schedules: dict[str, Schedule] = field(default_factory=dict)
    seen: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    polls: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    shown: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    requests: int = 0
    holes: list = field(default_factory=list)
    signs: list = field(default_factory=list)

    def show(self, name, now, articles):
        """Give a feed's list as it stands now, the latest published first."""
        while articles and articles[0][0] <= now:
            entry = articles.popleft()[1]
            insort(self.shown[name], entry, key=lambda each: each.published)
        del self.shown[name][:-1000]
        return self.shown[name][::-1]

    def poll(self, name, now, articles):
        """Poll a feed as the spider does."""
        ledger = Ledger(self.schedules)
        self.polls[name].append(now)
        if BUSY[0] <= now < BUSY[1]:
            self.requests += 1
            ledger.end_failed(FEEDS[name], "server error", now)
        else:
            listed = self.show(name, now, articles)
            paging, goes_on, page = ledger.begin(FEEDS[name]), True, 0
            while goes_on:
                answer = listed[page * PAGE : (page + 1) * PAGE]
                self.seen[name] |= {each.id for each in answer}
                paging.take(FeedAnswer(tuple(answer)))
                page, goes_on = page + 1, paging.goes_on()
            self.requests += page
            ledger.end_read(paging, now, Head())
        self.holes += ledger.holes
        return ledger.schedules()[name]


@pytest.fixture(scope="module")
def articles():
    chance = Random(20261102)
    return {name: publish(name, chance) for name in RATES}


@pytest.fixture
def month(articles, open_store, crash):
    """Call the crawl once a minute for a month; its store is opened anew at times."""
    month, chance, today, now = Month(), Random(7), START, START
    coming = {name: deque(listed) for name, listed in articles.items()}
    while now < START + MONTH:
        for name, feed in FEEDS.items():
            if is_due(month.schedules.get(name, Schedule()), now):
                new = month.poll(name, now, coming[name])
                month.schedules[name] = spread(new, now, chance.random())
                known = Known(schedule=month.schedules[name])
                month.signs += [(now, sign.kind) for sign in examine(feed, known, now)]
        if now - today > 5 * DAY:
            today = now
            store = open_store(f"{now}")
            store.schedules.save(month.schedules)
            crash(store)
            store = open_store(f"{now} again")
            month.schedules = store.schedules.read()
            crash(store)
        soonest = min(each.next_poll for each in month.schedules.values())
        now = max(soonest, now + MINUTE)
        if ASLEEP[0] <= now < ASLEEP[1]:
            now = ASLEEP[1]
    return month


def intervals(month, name, hours):
    """Give the times between polls that began in these hours of Beijing's day."""
    polls = month.polls[name]
    return [b - a for a, b in pairwise(polls) if a.astimezone(BEIJING).hour in hours]


def test_a_month_of_polls_misses_nothing_and_adapts(month, articles):
    for name, listed in articles.items():
        last = month.polls[name][-1]
        due = {each.id for since, each in listed if START - HOUR <= since <= last}
        assert due - month.seen[name] == set(), name
    assert month.holes == []

    day, night = range(9, 18), range(1, 4)
    by_day = {name: median(intervals(month, name, day)) for name in RATES}
    assert by_day["busy"] < 12 * MINUTE
    assert 20 * MINUTE < by_day["middling"] < 80 * MINUTE
    assert by_day["slow"] > 110 * MINUTE
    for name in RATES:
        assert median(intervals(month, name, night)) > 110 * MINUTE, name
    fixed = len(FEEDS) * 2 * MONTH / (10 * MINUTE)
    assert month.requests < fixed / 3

    # Unwell while the site was, and for as long again at most; else at no time.
    assert {kind for _, kind in month.signs} == {"failing"}
    assert all(BUSY[0] <= now < BUSY[1] + 3 * HOUR for now, _ in month.signs)
