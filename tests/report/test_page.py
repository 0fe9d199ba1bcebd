"""The page of ``scrapy report`` in a real browser, and its like for a terminal."""

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from crawler.core.dates import BEIJING, format_minute
from crawler.core.overview import Overview
from crawler.storage.exports import Selection, stream_records
from tests.report.stored_runs import HOSTILE, feed_ids, fill
from tests.storage.conftest import PROJECT

DAYS = 3
PLOTS = "posts rhythm outcomes changes delay health hosts verdicts".split()
LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}


def report(folder, *args, **environment):
    """Run ``scrapy report`` over a store."""
    command = [sys.executable, "-m", "scrapy", "report", *args]
    return subprocess.run(
        [*command, "-s", f"OUTPUT_DIR={folder}"],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
        env={**os.environ, **environment},
        timeout=300,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A store of three days, with a damaged report and one from long ago."""
    folder = tmp_path_factory.mktemp("store")
    fill(folder, datetime.now(UTC), DAYS, timedelta(minutes=60))
    (folder / "runs" / "20200101T000000.000000Z-finance.json").write_text("{}")
    start = datetime.now(UTC) - timedelta(hours=1)
    (folder / "runs" / f"{start:%Y%m%dT%H%M%S}.5Z-finance.json").write_text("half {")
    return folder


@pytest.fixture(scope="module")
def page(folder):
    """The file of the page."""
    pytest.importorskip("vl_convert")
    run = report(folder, "--days", str(DAYS))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"{folder / 'report.html'}\n"
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser():
    """A browser that reaches nothing."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        assert not os.environ.get("CI"), "chromium must be installed in CI: see .ci/run"
        pytest.skip("needs chromium (apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api")
    flags = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=flags)
        yield running
        running.close()


@pytest.fixture(scope="module", params=LOOKS.values(), ids=LOOKS)
def tab(request, browser, page):
    """The page opened and drawn, with all it has to say and asks for."""
    context = browser.new_context(**request.param)
    tab = context.new_page()
    tab.said, tab.asked = [], []
    tab.on("console", lambda message: tab.said.append(message.text))
    tab.on("pageerror", lambda error: tab.said.append(str(error)))
    tab.on("dialog", lambda dialog: tab.said.append(dialog.message))
    tab.on("request", lambda asked: tab.asked.append(asked.url))
    tab.goto(page.as_uri())
    tab.wait_for_selector("html[data-drawn=yes]", timeout=120_000)
    tab.width = request.param["viewport"]["width"]
    yield tab
    context.close()


def test_every_plot_is_drawn_and_the_console_is_silent(tab):
    marks = "svg [aria-roledescription] path, svg .mark-group path"
    drawn = {
        name: tab.locator(f"#plot-{name}").locator(marks).count() for name in PLOTS
    }

    assert [name for name, count in drawn.items() if count < 3] == []
    assert "\n".join(tab.said) == ""


def test_the_page_asks_for_nothing_but_itself(tab, page):
    assert [url for url in tab.asked if not url.startswith("data:")] == [page.as_uri()]


def test_nothing_is_wider_than_the_screen(tab):
    assert tab.evaluate("document.documentElement.scrollWidth") == tab.width
    for name in PLOTS:
        box = tab.locator(f"#plot-{name} svg").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= tab.width, name


def test_what_others_wrote_is_shown_and_never_run(tab):
    texts = tab.locator("tbody").all_inner_texts()

    assert sum(HOSTILE in text for text in texts) == len(texts) == 3
    assert tab.evaluate("window.__canary") is None
    assert tab.locator("main img, main script, tbody [onerror]").count() == 0


def test_chinese_names_are_in_the_plots(tab):
    assert "央行开展逆回购操作 利率不变" in tab.locator("tbody").last.inner_text()
    assert "外汇" in tab.locator("#plot-health svg").text_content()


def test_the_calendar_tells_what_is_wrong_with_feeds_that_answer(tab):
    words = tab.locator("#plot-health svg").text_content()

    for state in ("– stale", "< shrunk", "o hole", "¶ layout changed", "/ some failed"):
        assert state in words


def test_runs_are_counted_in_whole_numbers(tab):
    words = tab.locator("#plot-verdicts svg").text_content()

    assert "." not in words


def test_dark_is_dark(tab):
    dark = tab.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    script = "getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]"

    assert (int(tab.evaluate(script)) < 60) == dark


def test_a_script_that_gets_into_the_page_does_not_run(browser, page, tmp_path):
    changed = tmp_path / "changed.html"
    text = page.read_text("utf-8")
    script = "<script>window.__canary=1</script><p onclick='window.__canary=1'>x</p>"
    changed.write_text(text.replace("<main>", f"<main>{script}", 1), "utf-8")
    tab = browser.new_page()
    tab.goto(changed.as_uri())
    tab.locator("p", has_text="x").first.click()

    assert tab.evaluate("window.__canary") is None


def test_the_page_is_one_file_of_its_own(page):
    addresses = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            loads = {"src", "srcset", "data", "poster", "background"}
            addresses.extend(v for n, v in attributes if n in loads or tag == "link")

    Reader().feed(page.read_text("utf-8"))

    assert addresses == []
    assert page.stat().st_size < 2_000_000


def test_a_report_that_cannot_be_read_is_counted(page):
    assert "1 reports could not be read" in page.read_text("utf-8")


def test_a_terminal_gets_the_same_as_tables(folder):
    run = report(folder, "--text", "--days", str(DAYS))

    assert (run.returncode, run.stderr) == (0, "")
    assert all(feed in run.stdout for feed in feed_ids())
    assert "http 403" in run.stdout.partition("Not well now")[2]
    assert "央行开展逆回购操作 利率不变" in run.stdout
    assert "\x1b" not in run.stdout


def test_a_terminal_is_told_one_zone(folder):
    run = report(folder, "--text", "--days", str(DAYS))

    [published] = re.findall(r"│ (\S+ \S+) .*央行开展逆回购操作 利率不变", run.stdout)
    posts = stream_records(folder, Selection(newest=1))
    [first] = (datetime.fromisoformat(post["published"]) for post in posts)
    assert published == format_minute(first, BEIJING)
    assert "all times are Beijing's" in run.stdout
    assert "UTC" not in run.stdout


def test_a_quiet_time_has_an_empty_page_but_for_what_is_wrong(tmp_path, browser):
    pytest.importorskip("vl_convert")
    fill(
        tmp_path / "store", datetime.now(UTC) - timedelta(days=9), 1, timedelta(hours=6)
    )
    path = tmp_path / "quiet.html"

    run = report(tmp_path / "store", "--days", "2", "--output", str(path))

    assert run.returncode == 0, run.stderr
    tab = browser.new_page()
    tab.goto(path.as_uri())
    tab.wait_for_selector("html[data-drawn=yes]", timeout=120_000)
    told = tab.locator("text=Nothing in this span of time")
    assert told.count() == len(PLOTS) - 1
    assert "? not polled" in tab.locator("#plot-health svg").text_content()
    size = "each => getComputedStyle(each).fontSize"
    caption = tab.locator("h2 + p").first
    assert told.first.evaluate(size) == caption.evaluate(size)


def test_a_store_of_old_posts_says_why_it_has_no_delay():
    pytest.importorskip("vl_convert")
    from crawler.report.page import make_page

    noon = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    overview = Overview(noon - timedelta(days=30), noon)
    for _ in range(64):
        overview.add_post("china", noon - timedelta(days=9), noon)

    page = make_page(overview, {}, [], [])

    assert "All 64 posts were older than a day when they were first seen." in page


def test_a_phone_shows_no_empty_cells(browser, page, tmp_path):
    changed = tmp_path / "changed.html"
    text, count = re.subn(
        r"(</a></td>)<td>[^\n]*</td>\n", r"\1<td></td>\n", page.read_text("utf-8")
    )
    assert count >= 2
    changed.write_text(text, "utf-8")
    tab = browser.new_page(viewport=LOOKS["phone"]["viewport"])
    tab.goto(changed.as_uri())

    cells = tab.locator("tbody").last.locator("td:visible").all_inner_texts()

    assert len(cells) == 6
    assert all(cells)


def test_without_the_packages_one_line_says_what_to_do(folder, tmp_path):
    broken = "raise ModuleNotFoundError('no', name='vl_convert')\n"
    (tmp_path / "vl_convert.py").write_text(broken)

    run = report(folder, PYTHONPATH=str(tmp_path))

    assert run.returncode == 2
    assert run.stderr == (
        "scrapy report: needs vl_convert; pip install -r requirements-report.txt\n"
    )


@pytest.mark.parametrize("days", ["0", "x", "99999"])
def test_a_wrong_span_is_code_2(folder, days):
    assert report(folder, "--days", days).returncode == 2


def test_no_store_is_code_3(tmp_path):
    run = report(tmp_path / "nowhere", "--text")

    assert run.returncode == 3
    assert run.stderr.startswith("scrapy report: store ")
