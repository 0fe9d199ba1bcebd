"""Whole crawls of the sample site to which something happens, and the run after it."""

import os
import subprocess
from dataclasses import replace
from random import Random

import pytest

from crawler.core.frontmatter import load
from crawler.demo import DemoSite
from crawler.demo.stories import noted
from crawler.demo.story import Case
from crawler.storage.checks import CHECKS
from crawler.storage.verification import verify

CHINA = ("finance", "-a", "feeds=china")
WELL = {0, 1}
"""How a crawl of the sample site ends: it has a page that is rightly no post."""

KILLS = 3
TWINS = [story.id for story in noted(Case.TWO_IDS)]


@pytest.fixture(scope="module")
def sample():
    """The sample site, as it stands at its second poll."""
    with DemoSite(2) as site:
        yield site


@pytest.fixture
def crawl(crawl, sample):
    """The commands, against the sample site."""
    crawl.mirror = sample.url
    return crawl


@pytest.fixture(scope="module")
def faultless(tmp_path_factory, crawl_into, sample):
    """Every document of a crawl to which nothing happens."""
    crawl = crawl_into(tmp_path_factory.mktemp("faultless"))
    crawl.mirror = sample.url
    check_complete(crawl, crawl("finance"))
    return documents(crawl)


def check_complete(crawl, run):
    """A clean run has read everything, but for a page that is no article."""
    assert run.returncode in WELL, run.stderr
    report = crawl.reports()[-1]
    assert report["counts"]["failed"] == 0, report["failures"]
    unread = [name for name, feed in report["feeds"].items() if feed["status"] != "ok"]
    assert unread == [], report["feeds"]


def documents(crawl):
    """Every document by its id, without its categories, and how many twins there are.

    Several feeds list most articles, and which one is first to do so is chance. So it
    is which of a story's two ids is the post, and which a duplicate of it.
    """
    texts = {each.stem: each.read_text("utf-8") for each in crawl.documents}
    found = {name: replace(load(text), categories=()) for name, text in texts.items()}
    twins = [name for name in TWINS if found.pop(name, None)]
    return {**found, "twins": len(twins)}


def check_healed(crawl, run, wanted=None):
    """A clean run has made the store right; each version was exported once."""
    check_complete(crawl, run)
    found = [
        each.line for each in verify(crawl.output, CHECKS, full=True, repair=False)
    ]
    assert found == []
    exported = [(each["id"], each["revision"]) for each in crawl.records()]
    assert sorted(exported) == sorted(set(exported))
    assert {each for each, _ in exported} == {path.stem for path in crawl.documents}
    if wanted is not None:
        assert documents(crawl) == wanted


def test_a_crawl_killed_again_and_again_ends_as_if_nothing_had_happened(
    crawl, faultless
):
    chance = Random(os.urandom(8))
    for _ in range(KILLS):
        there = len(crawl.documents)
        due = there + chance.randint(0, (len(faultless) - there) // 2)
        command = crawl.command("crawl", "finance")
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            while len(crawl.documents) < due and process.poll() is None:
                os.sched_yield()
            process.kill()

    check_healed(crawl, crawl("finance"), faultless)


def test_two_crawls_at_once_are_one_crawl(crawl, faultless):
    command = crawl.command("crawl", "finance")
    both = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    codes = []
    for process in both:
        process.communicate(timeout=120)
        codes.append(process.returncode)

    # One of them may have started so late that the other was over.
    assert min(codes) in WELL
    assert max(codes) in {75, *WELL}
    check_healed(crawl, crawl("finance"), faultless)


def test_a_crawl_into_a_read_only_store_asks_for_nothing(disk, crawl, server):
    crawl.output, crawl.mirror = disk("ro,size=1m") / "store", server.url

    run = crawl(*CHINA)

    assert run.returncode == 3
    assert "Read-only file system" in run.stderr
    assert server.asked == []


def test_a_crawl_that_fills_the_disk_ends_with_3_and_the_next_completes_it(
    disk, crawl, faultless
):
    crawl.output = disk("size=600k") / "store"

    full = crawl("finance")
    disk("size=50m")

    assert full.returncode == 3, full.stderr
    assert "Traceback" not in full.stderr
    check_healed(crawl, crawl("finance"), faultless)


LIMITS = ["--nofile=12", "--nofile=16", "--as=140000000", "--as=160000000"]


@pytest.mark.parametrize("limit", LIMITS)
def test_a_crawl_under_a_limit_spoils_nothing_and_the_next_completes_it(crawl, limit):
    """Where the limit strikes differs from machine to machine."""
    command = ["prlimit", limit, *crawl.command("crawl", *CHINA)]

    poor = subprocess.run(command, capture_output=True, check=False, timeout=120)

    assert poor.returncode in {1, 3, 4, *WELL}
    check_healed(crawl, crawl(*CHINA))


def test_a_crawl_whose_files_cannot_grow_ends_with_3(crawl):
    command = ["prlimit", "--fsize=60000", *crawl.command("crawl", *CHINA)]

    poor = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120
    )

    assert poor.returncode == 3, poor.stderr
    assert "Traceback" not in poor.stderr
    check_healed(crawl, crawl(*CHINA))
