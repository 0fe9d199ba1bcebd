"""``scrapy browse`` in a real browser: search, links, and nothing hostile runs."""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from contextlib import closing
from urllib.parse import quote, urlsplit

import pytest

from crawler.core.text import one_line
from crawler.storage.posts import PostStore
from tests.runs.conftest import PROJECT, clean_environment
from tests.site.payloads import LINKS, TITLES
from tests.storage.conftest import build_post

SCRIPT = "window.__canary=1"
HOSTILE = [title.replace("@@", SCRIPT) for title in TITLES if one_line(title)]
ADDRESSES = [link.replace("@@", SCRIPT) for link in LINKS]
PAYLOAD = f"<img src=x onerror={SCRIPT}><script>{SCRIPT}</script>"
BODY = f'<p>贵州茅台。{PAYLOAD}<a id="x" href="javascript:{SCRIPT}">甲</a></p>'


@pytest.fixture(scope="module")
def stored(tmp_path_factory, crawl_into):
    """A store of posts that are as hostile as if nothing had been made safe."""
    pytest.importorskip("datasette")
    crawl = crawl_into(tmp_path_factory.mktemp("browse"))
    store = PostStore(crawl.output, "first", spider="finance")
    posts = [
        build_post(
            number,
            title=title,
            text=f"第{number}篇讲贵州茅台。" * 9 + title,
            source=title[:200],
            url=ADDRESSES[number % len(ADDRESSES)],
            document=BODY,
        )
        for number, title in enumerate(HOSTILE, 1)
    ]
    store.keep_all([(post, None) for post in posts])
    store.keep(build_post(1, title="茅台提价", document="<p>第二版</p>"))
    store.close()
    return crawl


@pytest.fixture(scope="module")
def origin(stored):
    """The address where the store is served."""
    process = subprocess.Popen(
        stored.command("browse", "--port", "0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env=clean_environment(),
    )
    with process:
        line = process.stdout.readline()
        address = re.match(r"http://127\.0\.0\.1:\d+", line)
        assert address, process.stderr.read()
        yield address[0]
        process.send_signal(signal.SIGINT)
        assert "Traceback" not in process.stderr.read()
        assert process.wait() == 0


@pytest.fixture(scope="module")
def page(origin):
    """A tab of a browser that reaches nothing but this machine."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        assert not os.environ.get("CI"), "chromium must be installed in CI: see .ci/run"
        pytest.skip("needs chromium (apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api")
    flags = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        tab = browser.new_page()
        tab.problems = []
        tab.on("pageerror", lambda error: tab.problems.append(str(error)))
        tab.on("dialog", lambda dialog: tab.problems.append(dialog.message))
        yield tab
        browser.close()


@pytest.fixture
def visit(page, origin):
    """Open a page; it must run nothing of what it shows."""

    def visited(path):
        page.problems.clear()
        response = page.goto(origin + path)
        assert page.evaluate("window.__canary") is None
        assert page.problems == []
        links = page.eval_on_selector_all("[href]", "all => all.map(one => one.href)")
        assert {urlsplit(link).scheme for link in links} <= {"http", "https", "data"}
        assert not [
            link for link in links if link.startswith("data:") and link != "data:,"
        ]
        return response.status

    return visited


def titles(page):
    return page.locator("td.col-title").all_inner_texts()


@pytest.mark.parametrize(
    ("query", "count"),
    [("茅台", len(HOSTILE)), ("茅台提价", 1), ("第7篇", 1), ("价", 1), ("白酒", 0)],
)
def test_the_search_box_finds_words_of_any_length(page, visit, query, count):
    visit("/browse/posts")
    page.fill("#_search", query)
    page.press("#_search", "Enter")
    page.wait_for_url("**_search=*")

    assert page.locator(".content h3").first.inner_text().startswith(f"{count} row")
    assert page.input_value("#_search") == query
    assert page.evaluate("window.__canary") is None


def test_hostile_headlines_are_shown_as_the_words_they_are(page, visit):
    visit("/browse/posts?_size=max")

    shown = {"".join(title.split()) for title in titles(page)}

    # What begins with a surrogate or is cut is told apart nowhere else.
    plain = [title for title in HOSTILE[1:] if title.isprintable() and len(title) < 100]
    assert len(plain) > 50
    assert {"".join(title.split()) for title in plain} <= shown


def test_a_post_leads_to_its_document_its_versions_and_the_original(page, visit):
    visit("/browse/posts?_search=" + quote("茅台提价"))
    page.click("td.col-title a")
    assert page.inner_text("h1") == "茅台提价"

    page.click("text=read")
    assert "第二版" in page.inner_text("article")
    assert page.title() == "茅台提价"

    page.click("text=version 1")
    assert "贵州茅台" in page.inner_text("article")
    assert page.evaluate("window.__canary") is None


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/browse",
        "/browse/posts?_facet=source&_facet=feed&_facet_array=symbols",
        "/browse/revisions",
        "/browse/feeds",
        "/browse/runs",
    ],
)
def test_every_list_opens(visit, path):
    assert visit(path) == 200


def test_the_home_page_tells_how_much_there_is_and_as_of_when(page, visit):
    visit("/")

    figures = page.locator(".look-figures").inner_text().split("\n")
    assert figures[:4] == [
        *("posts", f"{len(HOSTILE)} 0 removed by the site"),
        *("versions", f"{len(HOSTILE) + 1} 1 edited"),
    ]
    told = page.locator("text=As of").inner_text()
    assert re.match(r"As of 20\d\d-\d\d-\d\d \d\d:\d\d UTC, the last", told)


def test_a_post_names_its_feeds_by_their_titles(page, visit):
    visit("/browse/posts/abcdefg0000001")

    fields = page.locator("dl.look-fields")
    assert fields.locator("a", has_text="新浪财经－国內").count() == 2
    fields.locator("a").first.click()
    assert page.url.endswith("/browse/feeds/china")


def test_dark_is_dark_and_can_be_read(page, visit):
    page.emulate_media(color_scheme="dark")
    visit("/browse/posts")
    red = "each => Number(getComputedStyle(each)[{}].match(/\\d+/)[0])"

    back = page.locator("body").evaluate(red.format("'backgroundColor'"))
    inks = [
        page.locator(each).first.evaluate(red.format("'color'"))
        for each in ("h1", "td.col-published", "td.col-title a", "#_search")
    ]
    page.emulate_media(color_scheme="light")

    assert back < 60
    assert min(inks) > 120


def test_what_became_of_a_run_is_seen_without_scrolling(page, visit):
    page.set_viewport_size({"width": 1280, "height": 900})
    visit("/browse/runs")

    for column in ("run", "started", "exit_code", "feeds_well", "stop"):
        box = page.locator(f"th.col-{column}").bounding_box()
        assert box["x"] + box["width"] < 1280, column


@pytest.mark.parametrize("number", [1, 2, 5, 9, 30])
def test_a_hostile_post_does_nothing_on_its_own_pages(visit, number):
    assert visit(f"/browse/posts/abcdefg{number:07d}") == 200
    assert visit(f"/-/document/abcdefg{number:07d}/1") == 200


@pytest.mark.parametrize(
    "path", ["/-/document/abcdefg0000001/9", "/-/document/zzzzzzz0000001/1", "/nowhere"]
)
def test_what_is_not_there_is_a_plain_404(visit, path):
    assert visit(path) == 404


def test_a_document_may_run_nothing_whatever_it_holds(origin):
    address = f"{origin}/-/document/abcdefg0000002/1"
    with urllib.request.urlopen(address) as response:
        policy = response.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy


def test_another_sites_name_for_this_machine_is_refused(origin):
    connection = http.client.HTTPConnection(urlsplit(origin).netloc)
    with closing(connection):
        connection.request("GET", "/", headers={"Host": "evil.example"})
        assert connection.getresponse().status == 421


def test_a_port_in_use_is_told_in_one_line(stored, origin):
    run = stored.run("browse", "--port", str(urlsplit(origin).port))

    assert run.returncode == 2
    assert run.stderr.splitlines()[-1].endswith(
        "cannot be used: Address already in use"
    )


def test_without_datasette_it_is_said_what_to_install(stored, tmp_path):
    (tmp_path / "datasette.py").write_text("raise ImportError", "utf-8")
    path = f"{tmp_path}:{PROJECT}"
    run = subprocess.run(
        [sys.executable, "-m", "scrapy", "browse", "-s", f"OUTPUT_DIR={stored.output}"],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env={**clean_environment(), "PYTHONPATH": path},
        check=False,
    )

    assert run.returncode == 2
    told = "needs Datasette; pip install -r requirements-browse.txt"
    assert run.stderr.splitlines() == [f"scrapy browse: {told}"]


def test_an_update_alone_serves_nothing(stored):
    run = stored.run("browse", "--update")

    assert (run.returncode, run.stdout) == (0, "")
    assert run.stderr == "scrapy browse: 0 posts new or changed\n"
