"""What `scrapy verify` says and mends, as a process, in a store with an archive."""

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from crawler.demo import DemoSite
from crawler.storage.index import MIGRATIONS
from tests.runs.conftest import PROJECT, Crawl, clean_environment

START = datetime.now(UTC)


@pytest.fixture(scope="module")
def crawled(crawl_into, tmp_path_factory):
    """A store of two polls of the sample site and visits that found pages gone."""
    crawl = crawl_into(tmp_path_factory.mktemp("crawled"))
    with DemoSite() as site:
        crawl.mirror = site.url
        crawl("finance", "-a", "feeds=china")
        site.poll = 2
        crawl("finance", "-a", "feeds=all")
        for hours in (2, 30):
            now = START + timedelta(hours=hours)
            crawl("recheck", "-a", "limit=40", "-a", f"now={now.isoformat()}")
    return crawl.output


@pytest.fixture
def store(crawled, tmp_path):
    """A copy of it, to be damaged."""
    shutil.copytree(crawled, tmp_path / "output")
    return Crawl(tmp_path / "output", "")


def dump(folder, *tables):
    """Read an index as SQL, or some tables of it."""
    with closing(sqlite3.connect(folder / "index.sqlite")) as index:
        if not tables:
            return "\n".join(index.iterdump())
        return [
            sorted(index.execute(f"SELECT * FROM {table}").fetchall())
            for table in tables
        ]


def mend(store, code=0):
    run = store.run("verify", "--repair")
    assert run.returncode == code, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    return run.stdout.splitlines()


def is_well(store):
    run = store.run("verify", "--full")
    return (run.returncode, run.stdout) == (0, "")


def cut_index(path):
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 3 * 4096)


def as_folder(path):
    path.unlink()
    path.mkdir()


LOST = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "cut": cut_index,
    "a folder": as_folder,
}


@pytest.mark.parametrize("lose", LOST.values(), ids=LOST)
def test_a_lost_index_comes_back_from_the_archive_as_it_was(store, crawled, lose):
    lose(store.output / "index.sqlite")

    [line] = mend(store)

    assert line.endswith("; rebuilt from the archive")
    assert "restore" not in line
    assert dump(store.output) == dump(crawled)
    assert is_well(store)
    assert not (store.output / ".rebuilding").exists()


def test_what_was_edited_or_lost_beside_the_index_is_mended_with_it(store, crawled):
    first, second, *_ = store.documents
    before = [first.read_bytes(), second.read_bytes()]
    first.write_bytes(before[0][:-40])
    second.unlink()
    (store.output / "index.sqlite").unlink()

    lines = mend(store)

    assert lines[0].endswith("; rebuilt from the archive")
    assert [first.read_bytes(), second.read_bytes()] == before
    assert dump(store.output) == dump(crawled)
    assert is_well(store)


FACTS = ("captures", "sources", "polls", "schedules", "bodies", "sightings", "visits")


def test_of_an_archive_read_otherwise_today_the_facts_are_taken(store, crawled):
    path = min((store.output / "feeds").glob("*.jsonl"))
    first, *lines = path.read_bytes().splitlines(keepends=True)
    record = {**json.loads(first), "editor": "甲"}
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(b"".join([text.encode() + b"\n", *lines]))
    (store.output / "index.sqlite").unlink()

    told = mend(store)

    assert f"as the archive makes another feeds/{path.name}; " in told[0]
    assert dump(store.output, *FACTS) == dump(crawled, *FACTS)
    held = "(SELECT id, of, url, first_seen, known, similarity FROM links)"
    assert dump(store.output, held) == dump(crawled, held)
    listed = "(SELECT feed, id, first_listed, last_listed FROM listings)"
    assert dump(store.output, listed) == dump(crawled, listed)
    assert is_well(store)


def test_without_its_archive_an_index_is_rebuilt_and_learns_of_it_later(store, crawled):
    [archive] = (store.output / "archive").glob("*.warc.gz")
    away = archive.rename(archive.with_name("away"))
    (store.output / "index.sqlite").unlink()

    told = mend(store)

    assert "as there is no archive; " in told[0]
    posts = "(SELECT id, url, path, revision FROM posts)"
    assert dump(store.output, posts) == dump(crawled, posts)
    away.rename(archive)
    mend(store)
    pages = ("captures", "sources")
    assert dump(store.output, *pages) == dump(crawled, *pages)
    assert is_well(store)


def test_an_archive_that_begins_later_than_its_store_makes_no_index(store):
    [archive] = (store.output / "archive").glob("*.warc.gz")
    archive.rename(archive.with_name("away"))
    with DemoSite(2) as site:
        store.mirror = site.url
        store("finance", "-a", "feeds=all", "-a", "force=1")
    captures = dump(store.output, "(SELECT * FROM captures WHERE file LIKE '%-002%')")
    (store.output / "index.sqlite").unlink()

    told = mend(store)

    assert "as the archive begins later than the store; " in told[0]
    found = dump(store.output, "captures")[0]
    assert [row[1:] for row in found] == [row[1:] for row in captures[0]]
    assert is_well(store)


def test_a_repair_nobody_listens_to_is_finished(store):
    for path in store.documents:
        path.unlink()
    command = store.command("verify", "--repair")
    repair = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )

    repair.stdout.readline()
    repair.stdout.close()
    said = repair.stderr.read().decode()
    repair.stderr.close()

    assert repair.wait() == 0
    assert said.startswith("scrapy verify: all is well, ")
    assert is_well(store)


def test_an_index_that_is_a_folder_is_told_with_advice(store):
    as_folder(store.output / "index.sqlite")

    run = store.run("verify")

    assert run.returncode == 3
    assert "the index is a folder; restore a backup or run" in run.stdout


def test_an_older_index_is_brought_up_to_date_by_a_repair(store):
    with closing(sqlite3.connect(store.output / "index.sqlite")) as index:
        index.execute(f"PRAGMA user_version = {len(MIGRATIONS) - 1}")

    run = store.run("verify")
    assert run.returncode == 3
    assert "the index is older; scrapy verify --repair brings it up" in run.stderr

    assert mend(store) == []
    assert is_well(store)


@pytest.mark.parametrize("has_lock", [True, False])
def test_a_backup_that_cannot_be_written_is_read_all_the_same(
    crawled, crawl_into, disk, has_lock
):
    crawl = crawl_into(disk("size=20m"))
    shutil.copytree(crawled, crawl.output)
    if not has_lock:
        (crawl.output / ".lock").unlink()
    disk("ro")

    run = crawl.run("verify", "--full")
    repair = crawl.run("verify", "--repair")

    assert (run.returncode, run.stdout) == (0, "")
    assert ("without a lock" in run.stderr) == (not has_lock)
    assert repair.returncode == 3
    assert "cannot be written" in repair.stderr
