"""The READMEs are true: their commands run, their tables are those of the code."""

import re
import shlex
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from scrapy.settings import default_settings

from crawler import settings
from crawler.core.catalogue import Feed, Site
from crawler.core.health import Kind
from crawler.core.paths import PLACEHOLDERS
from crawler.core.report import RunReport
from crawler.demo import DemoSite

PROJECT = Path(__file__).resolve().parents[2]
README = (PROJECT / "README.md").read_text("utf-8")
FEEDS_README = (PROJECT / "feeds" / "README.md").read_text("utf-8")
REAL_URL = re.compile(r"https://finance\.sina\.com\.cn/\S+?\.shtml")
NOT_SETTINGS = {"PROJECT_DIR", "DEFAULT_PATH"}


def shell_lines(text):
    """Give every line of the text's shell blocks, without its comment."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = (line.partition(" #")[0] for block in blocks for line in block.split("\n"))
    return [line.strip() for line in lines if line.strip()]


def is_ours(name):
    """Tell whether a setting is this project's, not Scrapy's."""
    return not hasattr(default_settings, name) and name not in NOT_SETTINGS


def scrapy_lines():
    """Give every crawl or look-up the README tells to type."""
    lines = (line.rpartition("&& ")[2] for line in shell_lines(README))
    return [line for line in lines if line.startswith("scrapy ")]


@pytest.fixture(scope="module")
def sample():
    """The sample site, as it stands at its second poll."""
    with DemoSite(2) as site:
        yield site


@pytest.fixture(scope="module")
def stored(tmp_path_factory, crawl_into, sample):
    """A store that the README's commands work on, one after the other."""
    crawl = crawl_into(tmp_path_factory.mktemp("readme"))
    crawl.mirror = sample.url
    crawl("finance", "-a", "feeds=stock")
    crawl("article", "-a", f"url={sample.sample_url}")
    return crawl


@pytest.mark.parametrize("line", scrapy_lines())
def test_every_command_of_the_readme_runs(stored, sample, tmp_path, line):
    pages = tmp_path / "pages.txt"
    pages.write_text(sample.sample_url + "\n", encoding="utf-8")
    line = REAL_URL.sub(sample.sample_url, line.partition(" >")[0])
    line = line.replace("urls=pages.txt", f"urls={pages}")
    line = line.replace("mcwiwss8570247", sample.sample_url)
    (tmp_path / "output").mkdir()
    for place in ("output/again", "output/changes.html"):
        line = line.replace(place, f"{tmp_path}/{place}")
    args = shlex.split(line.replace("blog/", f"{tmp_path}/blog/"))[1:]
    if args[0] == "shell":
        args += ["-c", "post"]
    if args[0] == "browse":
        args.append("--update")  # Else it would serve for ever.

    run = stored.run(*args)

    # The sample site has a page and a removed one that are rightly no posts, and
    # nothing new since November 2026.
    may_fail = args[0] in {"crawl", "feeds"}
    assert run.returncode in ({0, 1} if may_fail else {0}), run.stderr
    assert "Traceback" not in run.stderr


def test_the_two_setup_commands_are_there():
    lines = shell_lines(README)
    assert "pip install -r requirements.txt && scrapy demo" in lines
    assert "pip install -r requirements-dev.txt && pytest" in lines


def test_ci_calls_the_test_command_of_the_readme():
    script = (PROJECT / ".ci" / "run").read_text("utf-8")
    assert "-r requirements-dev.txt && pytest\n" in script


def test_the_command_table_is_the_commands_folder():
    files = {path.stem for path in (PROJECT / "crawler" / "commands").glob("*.py")}
    documented = re.findall(r"^\| `scrapy (\w+)` \|", README, re.MULTILINE)
    assert set(documented) == files - {"__init__"}
    assert len(documented) == len(set(documented))


def test_the_settings_table_is_the_settings():
    table = README.partition("## Settings")[2].partition("## ")[0]
    documented = re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)
    own = {name for name in dir(settings) if name.isupper() and is_ours(name)}
    assert set(documented) == own
    assert len(documented) == len(own)


def test_the_path_placeholders_are_documented():
    table = README.partition("## Settings")[2]
    assert [name for name in PLACEHOLDERS if f"{{{name}}}" not in table] == []


def test_the_spider_arguments_are_documented():
    arguments = re.findall(r"^\| `-a (\w+)=", README, re.MULTILINE)
    assert arguments == ["feeds", "pages", "since", "until", "limit", "force"]


def test_the_states_of_a_feed_are_documented():
    table = README.partition("| state | meaning |")[2].partition("\n\n")[0]
    documented = re.findall(r"^\| `([a-z ]+)` \|", table, re.MULTILINE)
    assert documented == list(get_args(Kind))


def test_the_exit_codes_are_documented():
    table = README.partition("| exit code |")[2].partition("\n\n")[0]
    codes = re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE)
    assert codes == ["0", "1", "2", "3", "4", "75", "130, 143"]


def test_the_keys_of_a_report_are_documented():
    table = README.partition("## Reports\n")[2].partition("\n\nReports and")[0]
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", table, re.MULTILINE)
    documented = [name for row in rows for name in re.findall(r"\w+", row)]
    assert documented == [field.name for field in fields(RunReport)]


@pytest.mark.parametrize(
    ("heading", "model", "internal"),
    [("## Keys of a site\n", Site, {"source"}), ("## Keys of a feed\n", Feed, set())],
    ids=["site", "feed"],
)
def test_the_catalogue_tables_are_the_catalogue_models(heading, model, internal):
    table = FEEDS_README.partition(heading)[2].lstrip("\n").partition("\n\n")[0]
    documented = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert documented == [key for key in model.model_fields if key not in internal]
