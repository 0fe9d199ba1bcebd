"""Build a site of a store's posts with the real generator, and look at its pages."""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from operator import itemgetter
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

from crawler.core.frontmatter import Document, load

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
CACHE = Path.home() / ".cache" / "finance-crawler-site"
TIMEOUT = 300
SMALL = 100
"""Pages that are all opened; a browser opens four to ten a second."""


@dataclass(frozen=True)
class Site:
    """A built site, and what it was built of."""

    theme: str
    folder: Path
    documents: dict[str, Document]
    """What was to be published, by id."""
    paths: dict[str, str]
    """Where each document lies below ``_posts``, by id."""
    exit_code: int
    log: str
    strays: list[str]
    """What appeared, went or changed anywhere but in ``public/``."""

    @property
    def public(self) -> Path:
        return self.folder / "public"

    def pages(self) -> dict[str, str]:
        """Give the address of each post's page, by id."""
        found = {}
        for page in self.public.rglob("index.html"):
            if page.is_file() and page.parent.name in self.documents:
                found[page.parent.name] = self._address(page)
        return found

    def addresses(self) -> list[str]:
        """Give the address of every page there is."""
        pages = (page for page in self.public.rglob("index.html") if page.is_file())
        return sorted(map(self._address, pages))

    def _address(self, page: Path) -> str:
        below = page.parent.relative_to(self.public).as_posix()
        return "/" if below == "." else quote(f"/{below}/")


@dataclass(frozen=True)
class Browser:
    """What pages are looked at with."""

    program: str
    """Chromium."""
    modules: Path
    """Where Playwright is installed."""


def run_scrapy(*args: str) -> None:
    """Run a command of the project."""
    command = [sys.executable, "-m", "scrapy", *args]
    subprocess.run(command, check=True, cwd=PROJECT, timeout=TIMEOUT)


def install() -> Path:
    """Install what package-lock.json names, once for each of its versions."""
    files = [HERE / "package.json", HERE / "package-lock.json"]
    key = sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    folder = CACHE / key
    if not folder.is_dir():
        half = CACHE / f".{key}.{os.getpid()}"
        half.mkdir(parents=True)
        for file in files:
            shutil.copy(file, half)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, check=True, cwd=half, timeout=TIMEOUT)
        half.rename(folder)
    return folder / "node_modules"


def advised_files() -> dict[str, str]:
    """Give the lines that the README tells the owner of a site to add, by file."""
    readme = (PROJECT / "README.md").read_text("utf-8")
    section = readme.partition("## Publish with Hexo\n")[2].partition("\n## ")[0]
    blocks = r"```(?:js|yaml)\n(?://|#) (\S+)\n(.*?)```"
    return dict(re.findall(blocks, section, re.DOTALL))


def build(root: Path, theme: str, store: Path, modules: Path) -> Site:
    """Export a store's posts into a new site deep inside a folder, and build it."""
    folder = root / "srv" / "www" / "site"
    posts = folder / "source" / "_posts"
    run_scrapy("export", "--posts", str(posts), "-s", f"OUTPUT_DIR={store}")
    config = (HERE / "_config.yml").read_text("utf-8")
    (folder / "_config.yml").write_text(f"{config}theme: {theme}\n", "utf-8")
    for name, lines in advised_files().items():
        (folder / name).parent.mkdir(exist_ok=True)
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(lines)
    shutil.copy(HERE / "package.json", folder)
    (folder / "node_modules").symlink_to(modules)
    before = _files(root)
    run = subprocess.run(
        [modules / ".bin" / "hexo", "generate"],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{modules / '.bin'}:{os.environ['PATH']}",
            "TZ": "Asia/Shanghai",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    files = {file.stem: file for file in posts.rglob("*.html") if file.is_file()}
    return Site(
        theme=theme,
        folder=folder,
        documents={id_: load(file.read_text("utf-8")) for id_, file in files.items()},
        paths={id_: file.relative_to(posts).as_posix() for id_, file in files.items()},
        exit_code=run.returncode,
        log=run.stdout,
        strays=sorted({str(path) for path, _ in before ^ _files(root)}),
    )


def read(site: Site, browser: Browser) -> list[dict[str, Any]]:
    """Have every page parsed by a browser, running nothing; see visit.cjs."""
    return _look(site, browser, site.addresses(), open_them=False)


def visit(site: Site, browser: Browser, pages: Iterable[str]) -> list[dict[str, Any]]:
    """Open some pages in a browser; see visit.cjs for what is told of each."""
    return _look(site, browser, sorted(pages), open_them=True)


def choose(readings: list[dict[str, Any]]) -> set[str]:
    """Choose the pages to open: all of a small site, else of those made alike one.

    Alike are pages with the same elements and attributes all over and, in the article,
    with the same signs of HTML or of a script in the same texts and values. The front
    pages are opened too: they show every post, landscape's with its whole body. So is
    one page in six, whatever it is made of, for what signs do not tell.
    """
    pages = [seen["path"] for seen in readings]
    if len(pages) <= SMALL:
        return set(pages)
    first = {seen["make"]: seen["path"] for seen in reversed(readings)}
    return {*first.values(), *filter(is_front, pages), *pages[::6]}


def is_front(path: str) -> bool:
    """Tell whether a page is the site's first one, or one that continues it."""
    return bool(re.fullmatch(r"/(?:page/\d+/)?", path))


def _look(
    site: Site, browser: Browser, pages: list[str], *, open_them: bool
) -> list[dict[str, Any]]:
    with _served(site.public) as origin:
        task = {
            "chromium": browser.program,
            "origin": origin,
            "paths": pages,
            "open": open_them,
        }
        run = subprocess.run(
            ["node", HERE / "visit.cjs"],
            input=json.dumps(task),
            env={**os.environ, "NODE_PATH": str(browser.modules)},
            stdout=subprocess.PIPE,
            text=True,
            timeout=TIMEOUT,
            check=True,
        )
    looks = [json.loads(line) for line in run.stdout.splitlines()]
    for seen in looks:
        seen["url"] = seen["url"].removeprefix(origin)
    return sorted(looks, key=itemgetter("path"))


def _files(root: Path) -> set[tuple[Path, tuple[int, int]]]:
    """List every file outside of ``public`` with its size and time."""
    found = set()
    for parent, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != "public"]
        for name in names:
            path = Path(parent, name)
            if name != "db.json":  # Hexo's own memory.
                status = path.lstat()
                found.add((path, (status.st_size, status.st_mtime_ns)))
    return found


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            """Stay quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *args: object) -> None:
            """A browser that has left a page hangs up: no news."""

    handler = functools.partial(Handler, directory=str(folder))
    server = Server(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
