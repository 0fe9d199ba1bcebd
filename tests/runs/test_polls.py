"""A real day of one feed: every article once, every edited headline a revision."""

import gzip
import html
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from crawler.core.text import fingerprint_form

PROJECT = Path(__file__).resolve().parents[2]
POLLS = Path(__file__).with_name("polls.py")
IDENTIFIER = re.compile(r"doc-i([a-z]{7}\d{7})")


@pytest.fixture
def polls(shared):
    """The successive answers of one feed on one day: URL and title of 50 items."""
    path = shared / "corpus" / "roll_polls.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line)["items"] for line in file]


@pytest.fixture
def day(server, polls, page, item):
    """Serve the day: each time ``/next`` is asked for, the next poll's state."""
    states = iter(polls)

    def move_on():
        items = next(states)
        for url, title in items:
            identifier = IDENTIFIER.search(url)[1]
            server.serve_page(url, page(identifier, html.escape(title)))
        # The corpus has no mtime: only the headline tells that something was edited.
        server.serve_roll([item(url, title, mtime="0") for url, title in items])

    server.replies["next"] = move_on
    return server


def versions_due(polls):
    """Count each id's versions: its first headline and every later change of it."""
    latest, versions = {}, Counter()
    for url, title in (entry for items in polls for entry in items):
        identifier = IDENTIFIER.search(url)[1]
        form = fingerprint_form(title)
        versions[identifier] += latest.get(identifier) != form
        latest[identifier] = form
    return versions


def test_a_real_day_gives_every_article_once_and_every_edit_as_a_revision(
    day, polls, crawl
):
    command = [sys.executable, str(POLLS), str(crawl.output), day.url, str(len(polls))]
    run = subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]

    due = versions_due(polls)
    assert Counter(record["id"] for record in crawl.records()) == due
    assert len(crawl.documents) == len(due)
    latest = {record["id"]: record["title"] for record in crawl.records()}
    assert latest == {
        IDENTIFIER.search(url)[1]: title for items in polls for url, title in items
    }


def test_no_page_is_fetched_again_unless_its_headline_changed(day, polls, crawl):
    few = 12
    command = [sys.executable, str(POLLS), str(crawl.output), day.url, str(few)]
    subprocess.run(command, cwd=PROJECT, timeout=120, check=True)

    assert len(day.asked_pages()) == versions_due(polls[:few]).total()
