"""Whole runs: the real commands in a process of their own, against a local server."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared"
FAST = {
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "0",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "16",
    "RETRY_TIMES": "1",
    "READERS": "0",
}
TIMEOUT = 120


@dataclass
class Reply:
    """What the server says to one path."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    """Sent with the body, or as a 304 without it to a client that has it."""


class Server:
    """A loopback server: replies by ``HOST/PATH?QUERY``, everything else is a 404."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply | Callable[[], Reply | None]] = {}
        self.asked: list[str] = []
        self.referers: dict[str, str | None] = {}
        self.unchanged: list[str] = []  # What was answered with a 304.
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = self.path.lstrip("/")
                server.asked.append(path)
                server.referers[path] = self.headers["Referer"]
                reply = server.replies.get(path, Reply(b"not here", 404))
                self.answer((reply() or Reply()) if callable(reply) else reply)

            def answer(self, reply: Reply) -> None:
                reply = server.confirm(self.path, reply, self.headers["If-None-Match"])
                body, headers = reply.body, dict(reply.headers)
                if headers.get("Content-Encoding") == "gzip":
                    body = gzip.compress(body)
                self.send_response(reply.status)
                headers.setdefault("Content-Type", "text/html")
                headers.setdefault("Content-Length", str(len(body)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Stay quiet."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A crawler that was stopped hangs up: no news."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def confirm(self, path: str, reply: Reply, known: str | None) -> Reply:
        """Say that a page is unchanged to a client that has it."""
        if reply.etag and known == reply.etag:
            self.unchanged.append(path.lstrip("/"))
            return Reply(status=304)
        headers = {"ETag": reply.etag} if reply.etag else {}
        return replace(reply, headers={**reply.headers, **headers})

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve_page(self, url: str, body: bytes | str, **headers: str) -> None:
        """Serve an article page under its real URL."""
        data = body.encode() if isinstance(body, str) else body
        self.replies[url.partition("://")[2]] = Reply(data, headers=headers)

    def serve_roll(self, items: list[dict], lid: int = 1686, pageid: int = 155) -> None:
        """Serve a roll list whose second page is empty."""
        for page, data in ((1, items), (2, [])):
            query = f"pageid={pageid}&lid={lid}&k=&num=50&page={page}"
            answer = {"result": {"status": {"code": 0, "msg": "succ"}, "data": data}}
            self.replies[f"feed.mix.sina.com.cn/api/roll/get?{query}"] = Reply(
                json.dumps(answer).encode(),
                headers={"Content-Type": "application/json"},
            )

    def asked_pages(self) -> list[str]:
        """The article pages that were asked for."""
        return [path for path in self.asked if "doc-i" in path]


@pytest.fixture
def server() -> Iterator[Server]:
    """A fresh local server."""
    running = Server()
    yield running
    running.close()


@dataclass
class Crawl:
    """The project's commands, run against a server into a folder of their own."""

    output: Path
    mirror: str

    def __call__(self, *args: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run ``scrapy crawl ...`` and wait for its end."""
        return self.run("crawl", *args, **settings)

    def run(self, *args: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run ``scrapy ...`` and wait for its end."""
        return subprocess.run(
            self.command(*args, **settings),
            capture_output=True,
            encoding="utf-8",
            errors="replace",  # Not all that is printed is text.
            cwd=PROJECT,
            timeout=TIMEOUT,
            check=False,
            env=clean_environment(),
        )

    def command(self, *args: str, **settings: str) -> list[str]:
        """The command line of a run."""
        own = {"OUTPUT_DIR": str(self.output), "SITE_MIRROR": self.mirror}
        command = [sys.executable, "-m", "scrapy", *args]
        for name, value in {**FAST, **own, **settings}.items():
            command += ["-s", f"{name}={value}"]
        return command

    @property
    def documents(self) -> list[Path]:
        """Every published document."""
        return sorted((self.output / "posts").rglob("*.html"))

    def records(self) -> list[dict]:
        """Every exported record, run by run."""
        files = sorted((self.output / "feeds").glob("*.jsonl"))
        lines = [line for file in files for line in file.read_bytes().split(b"\n")]
        return [json.loads(line) for line in lines if line]

    def reports(self) -> list[dict]:
        """Every run's report, oldest first."""
        files = sorted((self.output / "runs").glob("*.json"))
        return [json.loads(file.read_text("utf-8")) for file in files]


@pytest.fixture
def crawl(tmp_path: Path, server: Server) -> Crawl:
    """The commands, against the server."""
    return Crawl(tmp_path / "output", server.url)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clock for the processes of the test, set by a file they read all the time."""
    if shutil.which("faketime") is None:
        if os.environ.get("CI"):
            pytest.fail("no faketime; .ci/run installs what the tests need")
        pytest.skip("no faketime here")
    ask = ["faketime", "-f", "+0", "printenv", "LD_PRELOAD"]
    library = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
    setting = tmp_path / "clock"
    setting.write_text("+0d")
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(setting))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    monkeypatch.setenv("LD_PRELOAD", library.strip())
    return setting


@pytest.fixture(scope="session")
def crawl_into() -> Callable[[Path], Crawl]:
    """Make the commands for a folder, against no server."""
    return lambda folder: Crawl(folder / "output", "")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder of real data beside the project")
    return SHARED


def clean_environment() -> dict[str, str]:
    """The environment without what would change a run."""
    dropped = {"SCRAPY_SETTINGS_MODULE", "http_proxy", "https_proxy", "CRAWLER_CONTACT"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PYTHONPATH": str(PROJECT)}


@pytest.fixture
def page() -> Callable[..., str]:
    """Make an article page of the layout in use since 2017."""

    def make(identifier: str, title: str, text: str = "", extra: str = "") -> str:
        body = text or f"编号{identifier}的公司今日披露经营情况，各项数据见下文。" * 6
        return PAGE.format(id=identifier, title=title, body=body, extra=extra)

    return make


@pytest.fixture
def item() -> Callable[..., dict]:
    """Make one item of a roll answer."""

    def make(url: str, title: str, **changes: object) -> dict:
        identifier = url.rpartition("doc-i")[2].removesuffix(".shtml")
        return {
            "docid": f"comos:{identifier}",
            "title": title,
            "url": url,
            "ctime": "1700000000",
            "mtime": "1700000060",
            "media_name": "样本日报",
            "author": "0",
            "img": [],
            "images": [],
            **changes,
        }

    return make


PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8">
<title>{title}_新浪财经</title>
<meta name="weibo: article:create_at" content="2023-11-15 06:13:20">
</head><body><h1 class="main-title">{title}</h1>
<div class="date-source"><span class="date">2023年11月15日 06:13</span>
<span class="source ent-source">样本日报</span></div>
<div class="article" id="artibody"><p>　　{body}</p>{extra}</div>
</body></html>"""
