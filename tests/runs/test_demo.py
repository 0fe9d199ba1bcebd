"""`scrapy demo`: what a newcomer sees first."""

import json
import re
from html.parser import HTMLParser

import jsonschema
import pytest
import yaml

from crawler.core.frontmatter import load


@pytest.fixture(scope="module")
def demo(tmp_path_factory, crawl_into):
    """A finished first demo and everything it wrote."""
    crawl = crawl_into(tmp_path_factory.mktemp("demo"))
    run = crawl.run("demo", SITE_MIRROR="")
    crawl.output = crawl.output / "demo"
    return run, crawl


def test_the_demo_ends_well_and_shows_a_table(demo):
    run, _ = demo
    assert run.returncode == 0, run.stdout + run.stderr
    assert "what became of the articles" in run.stdout
    assert "Not as expected" not in run.stdout


def test_every_document_is_yaml_and_html(demo):
    _, crawl = demo
    assert len(crawl.documents) > 60
    for path in crawl.documents:
        text = path.read_text("utf-8")
        head = yaml.safe_load(text.split("---")[1])
        assert head["title"] == load(text).title, path
        assert list(head)[:2] == ["title", "categories"], path
        HTMLParser().feed(load(text).body)


def test_every_record_validates_against_the_printed_schema(demo):
    _, crawl = demo
    schema = json.loads(crawl.run("export", "--schema").stdout)
    validator = jsonschema.Draft202012Validator(schema)
    records = crawl.records()
    assert len(records) > 60
    for record in records:
        validator.validate(record)


def test_nothing_hostile_reaches_a_document(demo):
    _, crawl = demo
    texts = [path.read_text("utf-8") for path in crawl.documents]
    for sign in ("<script", "javascript:", "onerror", "{{", "{%", "\ufffc", "<iframe"):
        assert not [text for text in texts if sign in load(text).body.lower()], sign


def test_the_demo_works_on_any_day_and_its_news_is_of_that_day(
    clock, crawl, monkeypatch
):
    monkeypatch.delenv("FAKETIME_NO_CACHE")  # Slow, and for clocks that jump.
    runs = []
    for day in ("@2025-08-15 20:10:00", "@2039-01-02 03:50:00"):
        clock.write_text(day)
        runs += [crawl.run("demo"), feeds_of(crawl)]

    assert [run.returncode for run in runs] == [0] * 4, "".join(r.stdout for r in runs)
    assert "Nothing new" not in runs[0].stdout
    assert "Nothing new" in runs[2].stdout
    assert "stale" not in runs[1].stdout + runs[3].stdout


def feeds_of(crawl):
    """What `scrapy feeds` says of the demo's store."""
    return crawl.run("feeds", OUTPUT_DIR=str(crawl.output / "demo"))


@pytest.fixture(scope="module")
def given(tmp_path_factory, crawl_into):
    """A demo with settings of its user's."""
    crawl = crawl_into(tmp_path_factory.mktemp("given"))
    settings = {"POST_BODY": "clean", "IMAGES_MIRROR": "True"}
    run = crawl.run("demo", CATALOGUE_DIR="nowhere", **settings)
    crawl.output = crawl.output / "demo"
    return run, crawl


def test_the_demo_crawls_with_the_settings_it_is_given(demo, given):
    run, folder = given[0], given[1].output

    assert run.returncode == 0, run.stdout + run.stderr
    assert f"Next:      scrapy feeds -s OUTPUT_DIR={folder}\n" in run.stdout
    assert bodies(folder).keys() == bodies(demo[1].output).keys()
    assert "责任编辑" not in "".join(bodies(folder).values())
    assert "责任编辑" in "".join(bodies(demo[1].output).values())


def bodies(folder):
    """The bodies of a store's documents by their ids."""
    paths = (folder / "posts").rglob("*.html")
    return {path.stem: load(path.read_text("utf-8")).body for path in paths}


def test_the_pictures_of_the_demo_can_be_kept(given):
    _, crawl = given

    images = crawl.reports()[0]["images"]
    shown = "".join(bodies(crawl.output).values())
    # Those of the hostile page, which nobody serves.
    assert images["reasons"] == {"refused by our rules": 1, "http 404": 1}
    names = re.findall(r'src="/(images/\S+?)"', shown)
    assert [each for each in names if not (crawl.output / each).is_file()] == []
    assert len(names) == images["stored"] > 10
    assert not re.findall(r'[^-]src="https?://[a-z]+\.sinaimg\.cn', shown)


def test_a_setting_that_cannot_be_used_is_told_by_the_demo(crawl):
    run = crawl.run("demo", POST_BODY="short")

    assert run.returncode == 2
    assert "POST_BODY=short: is one of document, clean" in run.stderr


def test_a_second_demo_writes_nothing_new_and_says_so(demo):
    _, crawl = demo
    before = {path: path.read_bytes() for path in crawl.documents}
    records = len(crawl.records())

    again = crawl.run("demo", SITE_MIRROR="", OUTPUT_DIR=str(crawl.output.parent))

    assert again.returncode == 0, again.stdout + again.stderr
    assert "Nothing new" in again.stdout
    assert {path: path.read_bytes() for path in crawl.documents} == before
    assert len(crawl.records()) == records
