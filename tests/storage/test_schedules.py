"""Schedules and stops are read back as they were written."""

import re
import sqlite3
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from crawler.core.hosts import Stop
from crawler.core.polling import Schedule
from crawler.storage.index import MIGRATIONS
from crawler.storage.polls import Polls, read_polls

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
FULL = Schedule(
    next_poll=NOON,
    polled=NOON,
    rhythm=timedelta(minutes=3),
    trouble="ban",
    failures=2,
    since=NOON,
    etag='"a"',
    modified="Mon",
    mark="m",
    anchor=("b", "a"),
    anchored=NOON,
    newest=NOON,
    times=(NOON, NOON - timedelta(hours=1)),
    silence=timedelta(hours=2),
    usual=48.5,
    shrunk=NOON,
    overlap=0,
)


@pytest.mark.parametrize("schedule", [Schedule(), FULL], ids=["empty", "full"])
def test_a_schedule_is_read_back(store, schedule):
    store.schedules.save({"china": schedule, "stock": Schedule()})
    store.schedules.save({"stock": FULL})

    assert store.schedules.read() == {"china": schedule, "stock": FULL}


def test_a_full_schedule_has_every_field():
    empty = Schedule()

    assert [f.name for f in fields(FULL) if getattr(FULL, f.name) == (
        getattr(empty, f.name)
    )] == []  # fmt: skip


def test_a_stop_is_durable_until_the_host_is_well(store, crash, open_store, output):
    stop = Stop(NOON + timedelta(hours=1), NOON, "banned", 3)
    store.schedules.stop("a.example", stop)
    crash(store)

    assert read_polls(output).stops == {"a.example": stop}
    again = open_store("second")
    again.schedules.resume("a.example")
    assert again.schedules.stops() == {}


def test_no_store_has_no_schedules(output):
    assert read_polls(output) == Polls()


def test_a_store_of_an_older_version_has_none_until_a_crawl_opens_it(
    store, make_entry, output, open_store
):
    store.sift([make_entry(number) for number in range(3)])
    store.close()
    made_older(output / "index.sqlite")
    assert read_polls(output) == Polls()

    [schedule] = open_store("second").schedules.read().values()

    assert sorted(schedule.anchor) == sorted(make_entry(n).id for n in range(3))
    assert schedule.next_poll is None


def made_older(path):
    """Take a store back to the schema before schedules."""
    number = next(n for n, script in enumerate(MIGRATIONS) if "schedules" in script)
    with sqlite3.connect(path) as index:
        for table in re.findall(r"CREATE TABLE (\w+)", "".join(MIGRATIONS[number:])):
            index.execute(f"DROP TABLE IF EXISTS {table}")
        index.execute(
            "INSERT INTO polls VALUES ('china', '2026-11-02', 'ok', '', '2026-11-02',"
            " 3, '2026-11-02')"
        )
        index.execute(f"PRAGMA user_version = {number}")
    index.close()
