"""Runs whose clock jumps back a day: at their start, or while they fetch."""

import json

import pytest

from crawler.storage.checks import CHECKS
from crawler.storage.verification import verify

PAGE = "https://finance.sina.com.cn/china/2023-11-15/doc-inaaaaaa100000{}.shtml"
PUBLISHED = "2023-11-14T22:13:20+00:00"
CHINA = ("finance", "-a", "feeds=china")


@pytest.fixture
def serve(server, page, item):
    """Serve articles with these headlines, each text after its headline."""

    def make(**titles: str) -> None:
        for number, title in titles.items():
            url = PAGE.format(number[1:])
            server.serve_page(url, page(url[-20:-6], title, f"{title}的正文。" * 40))
        items = [
            item(PAGE.format(number[1:]), title) for number, title in titles.items()
        ]
        server.serve_roll(items)

    return make


def check_well(crawl, run):
    """The run had no trouble, the store has none, and each version was told once."""
    assert run.returncode == 0, run.stderr
    found = verify(crawl.output, CHECKS, full=True, repair=False)
    assert [each.line for each in found] == []
    told = [(each["id"], each["revision"]) for each in crawl.records()]
    assert sorted(told) == sorted(set(told))


def test_a_clock_that_jumps_back_changes_neither_order_nor_dates(
    clock, server, serve, crawl
):
    serve(n1="甲", n2="乙")
    check_well(crawl, crawl(*CHINA))

    clock.write_text("-1d")
    serve(n1="甲，改", n2="乙", n3="丙")
    check_well(crawl, crawl(*CHINA))

    clock.write_text("+0d")
    serve(n1="甲，再改", n2="乙，改", n3="丙")
    path = PAGE.format(1).partition("://")[2]
    second = server.replies[path]

    def jump() -> object:
        clock.write_text("-1d")
        return second

    server.replies[path] = jump
    check_well(crawl, crawl(*CHINA))

    clock.write_text("+0d")
    check_well(crawl, crawl(*CHINA))
    assert crawl.reports()[-1]["counts"]["revised"] == 0
    exported = [json.loads(line) for line in crawl.run("export").stdout.splitlines()]
    assert [(each["title"], each["revision"]) for each in exported] == [
        ("甲，再改", 3),
        ("乙，改", 2),
        ("丙", 1),
    ]
    assert {each["published"] for each in crawl.records()} == {PUBLISHED}
    first = crawl.run("history", PAGE.format(1), "--revision", "1").stdout
    assert "甲的正文" in first


def test_the_time_zone_of_the_machine_changes_nothing(serve, crawl, monkeypatch):
    serve(n1="甲", n2="乙")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    crawl(*CHINA)
    before = [path.read_bytes() for path in crawl.documents]
    monkeypatch.setenv("TZ", "America/New_York")

    check_well(crawl, crawl(*CHINA, "-a", "force=1"))

    assert crawl.reports()[-1]["counts"]["unchanged"] == len(before) == 2
    crawl.output = crawl.output.with_name("elsewhere")
    crawl(*CHINA)
    assert [path.read_bytes() for path in crawl.documents] == before
