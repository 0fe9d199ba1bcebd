"""Harm that is planted into a page is seen when it is read, opened, or both."""

import pytest

from tests.site.building import Site, choose, is_front, read, visit

RUNS = {
    "script": "<script>window.__canary=1</script>",
    "handler": "<img src=x onerror='window.__canary=1'>",
    "late": "<script>requestIdleCallback(() => { window.__canary=1 })</script>",
    "frame": "<iframe srcdoc='<script>parent.__canary=1</script>'></iframe>",
}
WAITS = {
    "click": "<p onclick='window.__canary=1'>甲</p>",
    "link": "<a href=' \x01JaVaScRiPt:window.__canary=1'>甲</a>",
    "data": "<a href='data:text/html,甲'>甲</a>",
    "json": '<script type="application/ld+json">{"a": "甲</script>',
    "template": "<svg><a xlink:href='javascript:window.__canary=1'>甲</a></svg>",
}
HARMLESS = {
    "text": "<p>&lt;img src=x onerror=window.__canary=1&gt; javascript:甲</p>",
    "value": "<p title='onclick=window.__canary=1 javascript:甲'>甲</p>",
    "json-text": '<script type="application/ld+json">{"a": "__canary"}</script>',
}
HIDDEN = {"hidden": '<h1 hidden itemprop="headline">甲</h1>'}
SHOWN = {"shown": '<h1 itemprop="headline">甲</h1>'}
PLANTED = {**RUNS, **WAITS, **HARMLESS, **HIDDEN, **SHOWN}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A site of pages with one thing each."""
    folder = tmp_path_factory.mktemp("planted")
    for name, html in PLANTED.items():
        page = folder / "public" / name / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"<!DOCTYPE html><title>甲</title>{html}", encoding="utf-8")
    return Site("", folder, {}, {}, 0, "", [])


@pytest.fixture(scope="module")
def read_pages(planted, browser):
    return {seen["path"].strip("/"): seen for seen in read(planted, browser)}


@pytest.fixture(scope="module")
def opened_pages(planted, browser):
    seen = visit(planted, browser, planted.addresses())
    return {page["path"].strip("/"): page for page in seen}


def test_reading_a_page_finds_what_would_run_and_runs_nothing(read_pages):
    armed = {name for name, seen in read_pages.items() if seen["armed"]}

    assert armed == {*WAITS, "script", "handler", "late"}
    assert [name for name, seen in read_pages.items() if seen["canary"]] == []


def test_opening_a_page_finds_what_ran_and_what_waits(opened_pages):
    ran = {name for name, seen in opened_pages.items() if seen["canary"]}
    armed = {name for name, seen in opened_pages.items() if seen["armed"]}

    assert ran == set(RUNS)
    assert set(WAITS) <= armed
    assert not armed & {*HARMLESS, *HIDDEN, *SHOWN}


def test_a_hidden_title_is_not_taken_for_a_visible_one(opened_pages):
    assert opened_pages["shown"]["visible"] is True
    assert opened_pages["hidden"]["visible"] is False


def test_a_small_site_is_opened_whole_of_a_large_one_every_kind_of_page():
    front = ["/", *(f"/page/{number}/" for number in range(2, 9))]
    posts = [f"/2026/11/02/{number}/" for number in range(200)]
    rare = {"/2026/11/02/101/", "/2026/11/02/151/"}
    readings = [
        {"path": path, "make": path if path in rare else "usual"}
        for path in [*front, *posts]
    ]
    chosen = choose(readings)

    assert {*front, *rare} <= chosen
    assert 30 < len(chosen) < 50
    assert choose(readings[:100]) == {seen["path"] for seen in readings[:100]}
    assert not is_front("/archives/page/2/")
