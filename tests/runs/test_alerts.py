"""Alerts: real runs, a webhook and a mail server of the test's own."""

import json
import os
import socketserver
import subprocess
import time
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from crawler.core.alerts import KINDS
from tests.runs.conftest import PROJECT, Reply, clean_environment

FEED = "feed.mix.sina.com.cn/api/roll/get?pageid=155&lid=1686&k=&num=50&page=1"
CHINA = ("finance", "-a", "feeds=china", "-a", "force=1")
ARTICLE = "https://finance.sina.com.cn/china/2023-11-15/doc-inaaaaaa1{:06}.shtml"
HOSTILE = b"<html><title><!channel> <script>alert(1)</script></title>"

pytest.importorskip("spidermon")


@contextmanager
def serving(server):
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def webhook():
    """A server that takes JSON, or answers 500 while ``broken``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(500 if server.broken else 200)
            self.end_headers()
            if not server.broken:
                server.taken.append(json.loads(body))

        def log_message(self, *args):
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.taken, server.broken = [], False
    server.url = f"http://127.0.0.1:{server.server_port}/services/hush"
    with serving(server):
        yield server


@pytest.fixture
def mailbox():
    """A mail server without TLS that keeps what it gets."""

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text):
            self.wfile.write(f"{text}\r\n".encode())

        def handle(self):
            self.say("220 here")
            for line in self.rfile:
                word = line[:4].upper()
                if word == b"DATA":
                    self.say("354 go on")
                    lines = iter(self.rfile.readline, b".\r\n")
                    raw = b"".join(lines)
                    server.taken.append(message_from_bytes(raw, policy=policy.default))
                self.say("221 bye" if word == b"QUIT" else "250 ok")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.taken = []
    server.url = f"smtp://127.0.0.1:{server.server_address[1]}"
    with serving(server):
        yield server


def ban(server):
    """Make the feed answer with a page that is none."""
    server.replies[FEED] = Reply(HOSTILE, 403)


@pytest.fixture
def heal(server, page, item):
    """Make the feed list one good article."""

    def make():
        url = ARTICLE.format(1)
        server.serve_page(url, page("naaaaaa1000001", "第一篇"))
        now = str(int(time.time()))
        server.serve_roll([item(url, "第一篇", ctime=now, mtime=now)])

    return make


def test_a_problem_is_told_once_and_its_end_too(server, crawl, webhook, heal):
    ban(server)
    codes = [crawl(*CHINA, ALERT_WEBHOOK=webhook.url).returncode for _ in range(2)]
    heal()
    codes.append(crawl(*CHINA, ALERT_WEBHOOK=webhook.url).returncode)
    codes.append(crawl(*CHINA, ALERT_WEBHOOK=webhook.url).returncode)

    assert codes == [4, 4, 0, 0]
    first, last = webhook.taken
    assert first["exit_code"] == 4
    assert "new: run: finance, since " in first["text"]
    assert [line.partition(", since")[0] for line in last["news"]] == [
        "over: run: finance"
    ]
    assert "<" not in first["text"] + last["text"]


def test_what_did_not_arrive_is_sent_again(server, crawl, webhook):
    ban(server)
    webhook.broken = True
    run = crawl(*CHINA, ALERT_WEBHOOK=webhook.url)
    webhook.broken = False
    crawl(*CHINA, ALERT_WEBHOOK=webhook.url)

    assert run.returncode == 4
    assert "Nobody was told: the webhook did not take it: 500" in run.stderr
    assert "hush" not in run.stderr
    assert len(webhook.taken) == 1
    assert "hush" not in json.dumps(crawl.reports())


def test_an_alert_can_be_a_mail(server, crawl, mailbox):
    ban(server)

    crawl(*CHINA, ALERT_EMAIL="me@example.org, you@example.org", ALERT_SMTP=mailbox.url)

    [message] = mailbox.taken
    assert message["To"] == "me@example.org, you@example.org"
    assert message["Subject"].startswith("Finance crawler on ")
    assert "new: run: finance" in message.get_content()


def test_a_password_is_not_sent_in_the_open(server, crawl, mailbox):
    ban(server)
    server_address = mailbox.url.replace("//", "//me:hush@")

    run = crawl(*CHINA, ALERT_EMAIL="me@example.org", ALERT_SMTP=server_address)

    assert "no TLS" in run.stderr
    assert "hush" not in run.stderr
    assert mailbox.taken == []


def test_many_failures_are_told_with_their_share(server, crawl, webhook, page, item):
    urls = [ARTICLE.format(number) for number in range(12)]
    for number, url in enumerate(urls):
        server.serve_page(url, page(f"naaaaaa1{number:06}", f"第{number}篇"))
    server.serve_roll([item(url, f"第{n}篇") for n, url in enumerate(urls)])
    for url in urls[:4]:
        server.replies[url.partition("://")[2]] = Reply(b"<html>x</html>")

    crawl(*CHINA, ALERT_WEBHOOK=webhook.url)

    [alert] = webhook.taken
    assert any("4 of 12 articles did not become posts" in x for x in alert["news"])


def test_a_store_that_is_not_sound_is_told(crawl, webhook):
    crawl.output.mkdir()
    (crawl.output / "index.sqlite").write_bytes(b"this is no index" * 100)

    runs = [crawl(*CHINA, ALERT_WEBHOOK=webhook.url) for _ in range(2)]

    assert [run.returncode for run in runs] == [3, 3]
    [alert] = webhook.taken
    assert "new: store: finance" in alert["text"]


def test_a_store_that_cannot_be_opened_is_told(crawl, webhook):
    crawl.output.write_text("a file, and no folder")

    run = crawl(*CHINA, ALERT_WEBHOOK=webhook.url)

    assert run.returncode == 3
    assert "new: store: finance" in webhook.taken[0]["text"]


@pytest.fixture
def broken(tmp_path):
    """A folder with a catalogue that lacks a key."""
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "site.yaml").write_text("name: site\n")
    return folder


UNUSABLE = {
    "a catalogue": ((), {"CATALOGUE_DIR": "{broken}"}, "categories: Field required"),
    "no catalogue": ((), {"CATALOGUE_DIR": "{broken}/none"}, "has no *.yaml file"),
    "an argument": (("-a", "pages=x"), {}, "-a pages=x: must be"),
    "a number": ((), {"DOWNLOAD_DELAY": "fast"}, "DOWNLOAD_DELAY=fast: must be"),
    "a word": ((), {"POST_BODY": "short"}, "POST_BODY=short: is one of"),
}


@pytest.mark.parametrize("case", UNUSABLE.values(), ids=UNUSABLE)
def test_a_run_that_cannot_begin_is_told_once_and_its_end_too(
    crawl, webhook, heal, broken, case
):
    more, settings, told = case
    given = {name: text.format(broken=broken) for name, text in settings.items()}
    heal()
    runs = [crawl(*CHINA, *more, ALERT_WEBHOOK=webhook.url, **given) for _ in "12"]
    runs.append(crawl(*CHINA, ALERT_WEBHOOK=webhook.url))

    assert [run.returncode for run in runs] == [2, 2, 0]
    first, last = webhook.taken
    assert "new: run: finance, since " in first["text"]
    assert told in first["text"]
    assert (first["exit_code"], first["run"]) == (2, "")
    assert [line.partition(", since")[0] for line in last["news"]] == [
        "over: run: finance"
    ]


def test_what_is_wrongly_typed_in_a_terminal_tells_nobody(crawl, webhook, broken):
    given = [
        (CHINA, {"CATALOGUE_DIR": str(broken)}),
        (("finance", "-a", "feeds=nosuch"), {}),
        (CHINA, {"DOWNLOAD_DELAY": "fast"}),
    ]
    codes = []
    for args, settings in given:
        ours, theirs = os.openpty()
        command = crawl.command("crawl", *args, ALERT_WEBHOOK=webhook.url, **settings)
        with subprocess.Popen(
            command, stderr=theirs, cwd=PROJECT, env=clean_environment()
        ) as process:
            os.close(theirs)
            while read_from(ours):
                """Let it write."""
        os.close(ours)
        codes.append(process.returncode)

    assert (codes, webhook.taken) == ([2, 2, 2], [])


def read_from(terminal):
    """Read what was written to a terminal; nothing once all who write have gone."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


WRONG = {
    "no address": {"ALERT_WEBHOOK": "notaurl"},
    "no host": {"ALERT_WEBHOOK": "https://"},
    "half an address": {"ALERT_WEBHOOK": "https://[hush"},
    "no scheme": {"ALERT_SMTP": "hush.example.org:25"},
    "no port": {"ALERT_SMTP": "smtp://localhost:hush"},
    "no mail address": {"ALERT_EMAIL": "me@example.org, hush"},
}


@pytest.mark.parametrize("settings", WRONG.values(), ids=WRONG)
def test_an_address_that_cannot_be_used_is_found_at_the_start(
    crawl, heal, webhook, settings
):
    heal()
    [name] = settings

    given = {"ALERT_WEBHOOK": webhook.url, **settings}
    run = crawl(*CHINA, "-L", "WARNING", **given)

    assert run.returncode == 2
    [line] = [each for each in run.stderr.splitlines() if each]
    assert f"{name}=(set): must be" in line
    assert "hush" not in run.stderr
    assert crawl.records() == []


def test_a_healthy_run_says_nothing_and_ends_with_its_own_line(crawl, webhook, heal):
    heal()

    run = crawl(*CHINA, ALERT_WEBHOOK=webhook.url)

    assert run.returncode == 0, run.stderr
    assert webhook.taken == []
    assert "pidermon" not in run.stderr
    assert "run finance ended with 0" in run.stderr.splitlines()[-1]


def test_a_second_run_tells_nobody(crawl, webhook):
    crawl.output.mkdir()
    holder = ["flock", "-F", str(crawl.output / ".lock")]
    holder += ["sh", "-c", "echo held; exec sleep 300"]
    with subprocess.Popen(holder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        run = crawl(*CHINA, ALERT_WEBHOOK=webhook.url)
        process.kill()

    assert (run.returncode, webhook.taken) == (75, [])


def test_without_spidermon_one_line_says_what_to_do(crawl, tmp_path):
    code = "import sys; sys.modules['spidermon'] = None"
    (tmp_path / "sitecustomize.py").write_text(code)
    path = f"{tmp_path}:{PROJECT}"

    run = subprocess.run(
        crawl.command("crawl", *CHINA, ALERT_WEBHOOK="http://127.0.0.1:9/"),
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
        env={**clean_environment(), "PYTHONPATH": path},
    )

    assert run.returncode == 2
    assert "needs spidermon; pip install -r requirements-alerts.txt" in run.stderr
    assert "Traceback" not in run.stderr


def test_there_is_a_monitor_for_every_kind():
    from crawler.monitors import RunMonitor

    tests = {name for name in dir(RunMonitor) if name.startswith("test_")}
    assert tests == {f"test_{kind.replace(' ', '_')}" for kind in KINDS}
