"""Two runs over an invented source, and what has to be true whatever befell them.

The first run sees posts 1 and 2. The second sees post 1 edited, the new posts 3 and 4,
post 5 with the text of post 2, and a page that is no article. It is the second that
faults are done to. After that a third run sees the same source, and then the store has
to be, to the byte, what it is when nothing ever failed.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, fields, replace
from pathlib import Path

from benchmarks.generated_posts import entry_of, generate_post
from crawler.core.errors import DocumentError, StoreError
from crawler.core.frontmatter import Document, load
from crawler.core.posts import Post
from crawler.storage.adoption import read_text
from crawler.storage.checks import CHECKS
from crawler.storage.files import find_temporaries
from crawler.storage.posts import PostStore
from crawler.storage.runs import now_iso
from crawler.storage.verification import verify

Key = tuple[str, int]
"""A document id and a revision, or `GONE`."""

GONE = 0
"""Stands for the removal of a post where a revision is due."""

Acknowledge = Callable[[Key], None]
"""Is told what is kept."""

_Line = tuple[str, int, str]
_NOTICES = ("removed", "restored")
_PUBLISHED = ("posts", "withdrawn")
_NO_ARTICLE = "abcdefg9999999"


@dataclass(slots=True)
class Figures:
    """What was found wrong after faults; all but the rounds must be 0."""

    rounds: int = 0
    """Faults that were done."""

    lost: int = 0
    """Versions acknowledged and not in the store."""

    torn: int = 0
    """Documents that are not whole, and exports that end in half a line."""

    doubled: int = 0
    """Versions exported twice, and documents published twice."""

    stray: int = 0
    """Temporary files after the run that healed."""

    unhealed: int = 0
    """Stores that differ, after a clean run, from one that never failed."""

    unclean: int = 0
    """Runs that met an error and did not end with exit code 3 and one line."""

    def add(self, other: Figures) -> None:
        """Count another one's findings as well."""
        for each in fields(self):
            value = getattr(self, each.name) + getattr(other, each.name)
            setattr(self, each.name, value)

    @property
    def wrong(self) -> int:
        """Everything that must be 0, together."""
        return self.lost + self.torn + self.doubled + self.stray + self.failures

    @property
    def failures(self) -> int:
        """Runs that did not end, or did not heal, as they must."""
        return self.unhealed + self.unclean


def first_source() -> list[Post]:
    """Give the posts that the first run sees."""
    return [generate_post(1), generate_post(2)]


def second_source() -> list[Post]:
    """Give the posts that the second run and those after it see."""
    copy = generate_post(5, text=generate_post(2).text)
    edited = generate_post(1, title="镜湖简报第1号（更正）")
    return [edited, generate_post(2), generate_post(3), generate_post(4), copy]


def run(
    folder: Path,
    name: str,
    source: list[Post],
    acknowledge: Acknowledge = lambda _: None,
    clock: Callable[[], str] = now_iso,
) -> None:
    """Poll the source once and keep what is wanted, as a crawl does.

    Args:
        folder: the store.
        name: the run's name.
        source: what the source shows.
        acknowledge: told each version that is kept.
        clock: tells the store the time.

    Raises:
        StoreError: the store refused; it has been let go.
    """
    store = PostStore(folder, name, spider="finance")
    store.clock = clock
    try:
        posts = {post.id: post for post in source}
        wanted = store.sift([entry_of(post) for post in source])
        for at in range(0, len(wanted), 2):
            pairs = [(posts[entry.id], entry) for entry in wanted[at : at + 2]]
            for kept in store.keep_all(pairs):
                if kept.record:
                    acknowledge((kept.record["id"], kept.record["revision"]))
        page, url = b"<p>404</p>", "https://finance.sina.com.cn/404.shtml"
        store.reject(_NO_ARTICLE, url, "no body", None, page)
    finally:
        store.close()


def look(folder: Path, acknowledged: list[Key]) -> Figures:
    """Look at a store that a fault has just been done to, before anything heals it."""
    found = Figures(rounds=1)
    path = folder / "index.sqlite"
    known = _known(path) if path.exists() else set()
    found.lost = len(set(acknowledged) - known)
    found.torn = sum(not _is_whole(file) for file in _documents(folder))
    return found


def compare(folder: Path, reference: Path, *, exact: bool = True) -> Figures:
    """Compare a store that a clean run has healed with one that never failed.

    Args:
        folder: the store.
        reference: the other.
        exact: every byte of both; else a document's path and categories do not
            count: of several feeds that list an article, the first is chance. Nor
            does which id a story is kept under that is filed under two.
    """
    found = Figures()
    keys, torn = _exported(folder)
    due, _ = _exported(reference)
    twins = set() if exact else _twins(folder) | _twins(reference)
    for told in (keys, due):
        for key in [key for key in told if key[0] in twins]:
            del told[key]
    found.torn = torn
    found.lost = len(due.keys() - keys.keys())
    found.doubled = sum(keys.values()) - len(keys)
    published = (each for part in _PUBLISHED for each in (folder / part).rglob("*"))
    names = Counter(file.name for file in published if file.suffix == ".html")
    found.doubled += sum(names.values()) - len(names)
    found.stray = len(list(find_temporaries(folder)))
    wrong = [each.line for each in verify(folder, CHECKS, full=True, repair=False)]
    one, other = (
        _contents(each) if exact else _documents_by_name(each, twins)
        for each in (folder, reference)
    )
    same = one == other and keys.keys() == due.keys()
    found.unhealed = int(bool(wrong) or not same)
    return found


def _known(path: Path) -> set[Key]:
    """Read what an index knows of, which may have been begun only."""
    with closing(sqlite3.connect(path)) as index:
        query = "SELECT 1 FROM sqlite_master WHERE name = 'removals'"
        if index.execute(query).fetchone():
            query = (
                "SELECT id, revision FROM versions UNION ALL"
                " SELECT id, ? FROM removals WHERE confirmed IS NOT NULL"
            )
            return set(index.execute(query, (GONE,)))
    return set()


def _documents(folder: Path) -> list[Path]:
    parts = [folder / part for part in (*_PUBLISHED, "revisions")]
    return [
        file
        for part in parts
        for file in part.rglob("*.html*")
        if not file.name.startswith(".")
    ]


def _is_whole(file: Path) -> bool:
    try:
        load(read_text(file))
    except DocumentError:
        return False
    return True


def _contents(folder: Path) -> dict[str, bytes]:
    files = _documents(folder)
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def _twins(folder: Path) -> set[str]:
    """Name the ids of stories that are filed under several; one of each has a post."""
    with closing(sqlite3.connect(folder / "index.sqlite")) as index:
        return {each for row in index.execute(_TWINS) for each in row}


_TWINS = "SELECT duplicates.id, posts.id FROM duplicates JOIN posts ON posts.id = of"


def _documents_by_name(folder: Path, twins: set[str]) -> dict[str, Document]:
    found = {
        file.name: load(read_text(file))
        for file in _documents(folder)
        if file.name.partition(".")[0] not in twins
    }
    return {name: replace(each, categories=()) for name, each in found.items()}


def _exported(folder: Path) -> tuple[Counter[_Line], int]:
    """Follow the folder of exports as a reader would; whole lines, and half ones."""
    keys: Counter[_Line] = Counter()
    torn = 0
    for path in sorted((folder / "feeds").glob("*.jsonl")):
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                record = json.loads(line)
                told = record["status"] if record["status"] in _NOTICES else ""
                keys[record["id"], record["revision"], told] += 1
            else:
                torn += 1
    return keys, torn


def end_code(
    folder: Path,
    name: str,
    acknowledge: Acknowledge,
    work: Callable[[Path, str, Acknowledge], None] | None = None,
) -> tuple[int, str]:
    """Work as a process does; gives its exit code and last line.

    Args:
        folder: the store.
        name: the run's name.
        acknowledge: told what is kept.
        work: does it; without, the run is over the second source.
    """
    try:
        if work:
            work(folder, name, acknowledge)
        else:
            run(folder, name, second_source(), acknowledge)
    except StoreError as error:
        return error.exit_code, str(error)
    return 0, ""
