"""Sites built by a real Hexo of the sample site's posts and of hostile ones."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.site.building import (
    Browser,
    Site,
    build,
    choose,
    install,
    read,
    run_scrapy,
    visit,
)
from tests.site.hostile import build_store

THEMES = ("landscape", "volantis")
OLDEST_NODE = 20


def need(there: object, what: str) -> None:
    """Skip where a tool is not there; in CI all of them must be."""
    if not there:
        if os.environ.get("CI"):
            pytest.fail(f"{what} must be installed in CI: see .ci/run")
        pytest.skip(f"needs {what}")


@pytest.fixture(scope="session")
def modules() -> Path:
    """The installed packages of package-lock.json."""
    node = shutil.which("node") and shutil.which("npm")
    need(node, "node and npm")
    version = subprocess.check_output(["node", "--version"], text=True)
    major = int(version.removeprefix("v").partition(".")[0])
    need(major >= OLDEST_NODE, f"node {OLDEST_NODE} or later, not {version.strip()}")
    return install()


@pytest.fixture(scope="session")
def browser(modules: Path) -> Browser:
    """The browser, and what drives it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    need(path, "chromium (apt-get install chromium)")
    return Browser(str(path), modules)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of ``scrapy demo``."""
    folder = tmp_path_factory.mktemp("demo")
    run_scrapy("demo", "-s", f"OUTPUT_DIR={folder}")
    return folder / "demo"


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of several hundred hostile posts."""
    folder = tmp_path_factory.mktemp("hostile")
    assert build_store(folder) >= 300
    return folder


SITES = [(store, theme) for store in ("demo", "hostile") for theme in THEMES]


@pytest.fixture(
    scope="session", params=[pytest.param(each, id="-".join(each)) for each in SITES]
)
def site(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    modules: Path,
) -> Site:
    """A store's posts, built with a theme."""
    store, theme = request.param
    root = tmp_path_factory.mktemp(f"{store}-{theme}")
    return build(root, theme, request.getfixturevalue(store), modules)


@pytest.fixture(scope="session")
def readings(site: Site, browser: Browser) -> list[dict[str, Any]]:
    """What a browser's parser finds on every page of the site, running nothing."""
    return read(site, browser)


@pytest.fixture(scope="session")
def visits(
    site: Site, browser: Browser, readings: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What a browser saw on the pages that it opened."""
    return visit(site, browser, choose(readings))
