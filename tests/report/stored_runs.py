"""Invent a store as it looks after many days of runs: reports, posts, hostile words."""

import json
import math
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.core.dates import BEIJING
from crawler.core.paging import Hole
from crawler.core.polling import Schedule
from crawler.core.report import Circumstances, Outcome, Tally
from crawler.storage.catalogue import read_catalogue
from crawler.storage.index import open_index, transaction
from crawler.storage.posts import PostStore
from tests.storage.conftest import PROJECT, build_post

HOSTILE = "<script>window.__canary=1</script><img src=x onerror=window.__canary=1>'\"{{"
HOSTS = ("feed.mix.sina.com.cn", "finance.sina.com.cn", "zhibo.sina.com.cn")
_OUT = range(5, 8)
REASONS: tuple[tuple[Outcome, str], ...] = (
    ("failed", "timeout: finance.sina.com.cn was too slow"),
    ("failed", "http 502 from finance.sina.com.cn"),
    ("rejected", "empty body: layout changed?"),
    ("quarantined", "has lost most of its text"),
    ("removed", "the site shows its page-not-found page"),
    ("rejected", HOSTILE),
)


def feed_ids() -> list[str]:
    """The feeds of the catalogue."""
    return [feed.id for feed in read_catalogue(PROJECT / "feeds").feeds]


def fill(folder: Path, now: datetime, days: int, every: timedelta) -> int:
    """Fill a new store and return how many runs it has had until ``now``."""
    chance = random.Random(days)
    _keep_newest(folder, now)
    index = open_index(folder / "index.sqlite", writable=True)
    with closing(index), transaction(index, folder):
        index.executemany(
            "INSERT INTO posts VALUES (?, ?, ?, ?, ?, '', '', ?, 1, ?)",
            _posts(chance, now, days),
        )
    _note_signs(folder, now)
    starts = [now - every * n for n in range(1, int(timedelta(days=days) / every))]
    for start in starts:
        age = (now - start).days
        name, report = _run(chance, start, forex=start != starts[0] and age not in _OUT)
        (folder / "runs" / f"{name}.json").write_text(report, encoding="utf-8")
    return len(starts)


def _note_signs(folder: Path, now: datetime) -> None:
    """Let some feeds answer well and be unwell all the same."""
    hour, day = timedelta(hours=1), timedelta(days=1)
    well = Schedule(polled=now, next_poll=now + hour, newest=now - hour, usual=50)
    with closing(PostStore(folder, "second")) as store:
        schedules = store.schedules
        schedules.save(
            {
                "stock": replace(well, newest=now - 2 * day),
                "us-stock": replace(well, shrunk=now - day),
                "macro": replace(well, newest=now - 9 * day),
                "hk-stock": well,
                "industries": well,
            }
        )
        schedules.holes.add(
            [Hole("hk-stock", now - day, now - 9 * hour)], now - 9 * hour
        )
        today = now.astimezone(BEIJING).date()
        bare = [("industries", "finance-2017", str(number)) for number in range(9)]
        schedules.bodies.add(today, Counter(), bare)


def _keep_newest(folder: Path, now: datetime) -> None:
    (folder / "runs").mkdir(parents=True)
    with closing(PostStore(folder, "first")) as store:
        for number, title in enumerate(["央行开展逆回购操作 利率不变", HOSTILE]):
            post = build_post(number, title=title, source=HOSTILE)
            published = now - timedelta(minutes=20 + number)
            store.keep(replace(post, published=published, fetched=now))


def _posts(chance: random.Random, now: datetime, days: int) -> Iterator[tuple]:
    for number, feed in enumerate(feed_ids() * 20 * days):
        ago = timedelta(hours=chance.uniform(0, 24 * days))
        published = now - ago
        night = (published.hour + 8) % 24 < 6
        if night and chance.random() < 0.85:
            continue
        delay = timedelta(minutes=chance.lognormvariate(2.2, 0.7))
        if chance.random() < 0.02:
            delay += timedelta(days=9)
        times = [f"{t:%Y-%m-%dT%H:%M:%S+00:00}" for t in (published, published + delay)]
        unique = f"qrstuvw{number:07d}"
        yield unique, f"https://a.cn/{unique}", unique, feed, times[0], unique, times[1]


def _run(chance: random.Random, start: datetime, *, forex: bool) -> tuple[str, str]:
    tally, number = Tally(), 0
    for feed in feed_ids():
        counts = tally.open_feed(feed)
        counts.done, counts.listed, counts.known = True, 50, 47
        if (feed == "forex" and not forex) or chance.random() < 0.0005:
            counts.problems.append(f"page 1: http 403 from {HOSTS[0]} {HOSTILE}")
            counts.listed = 0
        fitting = [("new", "")] * 6 + [("duplicate", ""), ("revised", "")]
        if chance.random() < 0.01:
            fitting = list(REASONS)
        for _ in range(chance.choice((0, 0, 1, 1, 2))):
            number += 1
            outcome, reason = chance.choice(fitting)
            url = f"https://finance.sina.com.cn/{number}.shtml"
            tally.open_article(url, url, feed)
            tally.close_article(url, outcome, reason)
    slow = 1 + math.sin(start.timestamp() / 1e5) ** 2
    hosts = {
        host: {
            "responses": 20 + at,
            "failures": 0,
            "mean_seconds": 0.1 * (at + 1) * slow,
            "slowest_seconds": 0.6 * (at + 1) * slow,
        }
        for at, host in enumerate(HOSTS)
    }
    name = f"{start.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-finance"
    end = start + timedelta(seconds=chance.uniform(20, 90))
    about = Circumstances(traffic={}, hosts=hosts, versions={}, settings={})
    report = tally.finish(name, "finance", start, end, about)
    return name, json.dumps(report.as_dict(), ensure_ascii=False, indent=2)
