"""Stores made of real files and SQLite, and the posts and entries to fill them."""

import gzip
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.core.dedup import DISTINCTIVE
from crawler.core.entries import Entry
from crawler.core.posts import Post
from crawler.storage.posts import PostStore

PROJECT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


def build_text(number: int) -> str:
    """Invent a text, long enough to be a story by itself and different per number."""
    sentence = f"镜湖商会第{number}号简报说，风筝厂本季度交货量平稳，纸价略有回落。"
    return sentence * (DISTINCTIVE // len(sentence) + 1)


def build_post(number: int = 1, **changes: Any) -> Post:
    """Make a complete post; posts of other numbers are other stories."""
    text = changes.get("text", build_text(number))
    values: dict[str, Any] = {
        "id": f"abcdefg{number:07d}",
        "url": f"https://finance.sina.com.cn/doc-iabcdefg{number:07d}.shtml",
        "title": f"镜湖简报第{number}号",
        "source": "镜湖晚报",
        "author": "",
        "editor": "",
        "published": NOON + timedelta(minutes=number),
        "updated": None,
        "feed": "china",
        "site": "新浪财经",
        "categories": ("金融", "新浪财经"),
        "keywords": (),
        "symbols": (),
        "images": (),
        "headimg": "https://n.sinaimg.cn/kite.png",
        "document": f"<p>{text}</p>",
        "html": f"<p>{text}</p>",
        "text": text,
        "template": "finance 2017",
        "fetched": NOON + timedelta(days=1),
    }
    return Post(**{**values, **changes})


@pytest.fixture(scope="session")
def make_post() -> Callable[..., Post]:
    return build_post


@pytest.fixture
def make_entry() -> Callable[..., Entry]:
    def build(number: int = 1, feed: str = "china", **changes: Any) -> Entry:
        post = build_post(number)
        values = {"id": post.id, "url": post.url, "title": post.title, "feed": feed}
        return Entry(**{**values, **changes})

    return build


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


@pytest.fixture
def open_store(output: Path) -> Iterator[Callable[..., PostStore]]:
    """Open the store as a run; whatever is still open at the end is dropped."""
    stores = []

    def opened(run: str = "first", **options: Any) -> PostStore:
        stores.append(PostStore(output, run, **options))
        return stores[-1]

    yield opened
    for store in stores:
        store._let_go()


@pytest.fixture
def store(open_store) -> PostStore:
    return open_store()


@pytest.fixture
def crash() -> Callable[[PostStore], None]:
    """Let a store go without ending its run, as a process does that is killed."""
    return PostStore._let_go


@pytest.fixture
def rows() -> Callable[..., list[Any]]:
    """Ask a store's index; rows of one column come as its values."""

    def ask(store: PostStore, query: str, *values: Any) -> list[Any]:
        found = store._index.execute(query, values).fetchall()
        return [row[0] if len(row) == 1 else row for row in found]

    return ask


@pytest.fixture
def exported(output: Path) -> Callable[..., list[dict[str, Any]]]:
    """Read a run's exported feed; a line that is not whole does not load."""

    def read(run: str = "first") -> list[dict[str, Any]]:
        path = output / "feeds" / f"{run}.jsonl"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert text == "" or text.endswith("\n"), f"{path} ends with half a line"
        return [json.loads(line) for line in text.splitlines()]

    return read


@pytest.fixture
def files_below(output: Path) -> Callable[[str], list[str]]:
    """List the files of a part of the store, as paths below it."""

    def found(part: str) -> list[str]:
        below = (path for path in (output / part).rglob("*") if path.is_file())
        return sorted(path.relative_to(output / part).as_posix() for path in below)

    return found


@pytest.fixture
def old_documents(output: Path) -> Callable[[], dict[str, bytes]]:
    """Read what ``revisions/`` keeps: the documents by file name, in order."""

    def found() -> dict[str, bytes]:
        paths = sorted((output / "revisions").rglob("*.gz"))
        return {path.name: gzip.decompress(path.read_bytes()) for path in paths}

    return found


@pytest.fixture
def full_disk() -> Callable[[int], Any]:
    """Let no file of this process grow beyond some bytes for a block (``EFBIG``)."""

    @contextmanager
    def limited(size: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limited


@pytest.fixture
def endless_run(output: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a process that keeps posts and prints what it was told is kept."""
    processes = []

    def start(run: str = "killed", batch: int = 1) -> subprocess.Popen[str]:
        script = Path(__file__).with_name("endless_run.py")
        process = subprocess.Popen(
            [sys.executable, script, output, run, str(batch)],
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        with process:
            process.kill()
