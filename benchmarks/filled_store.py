"""Fill a store with any number of posts by bulk SQL of the real schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random

from benchmarks.generated_posts import generate_post
from crawler.core.dedup import fingerprint
from crawler.core.entries import Entry
from crawler.core.frontmatter import dump
from crawler.core.paths import DEFAULT_PATH, post_path
from crawler.core.posts import Post
from crawler.core.records import record_line, record_of
from crawler.core.similarity import draw, shape_of
from crawler.storage.checksums import Checksum, pack_document
from crawler.storage.index import open_index
from crawler.storage.versions import pack

RUN = "20261101T000000.000000Z-filled"
"""The run that all posts are of."""

_DISTINCT = 500
_CHUNK = 50_000
_BUCKETS = 12
_TIME = "2026-11-02T04:00:00+00:00"


def filled_id(number: int) -> str:
    """Give the id of a filled store's post; ids lie in no order."""
    digest = sha256(str(number).encode()).digest()
    return "".join(chr(97 + byte % 26) for byte in digest[:7]) + f"{number:07}"


def filled_entry(number: int) -> Entry:
    """Give the entry that a feed lists for a filled store's post, without news."""
    name = filled_id(number)
    url = f"https://finance.sina.com.cn/doc-i{name}.shtml"
    return Entry(id=name, url=url, title=f"镜湖简报第{number}号", feed="china")


def fill_store(folder: Path, size: int, *, documents: bool) -> None:
    """Make a store of posts.

    Args:
        folder: the store's folder, which is not there yet.
        size: how many posts.
        documents: make every record, and write the documents' files; else a few
            hundred records stand for all.
    """
    folder.mkdir(parents=True)
    with closing(open_index(folder / "index.sqlite", writable=True)) as index:
        index.execute("PRAGMA journal_mode = OFF")
        index.execute("PRAGMA synchronous = OFF")
        index.execute("PRAGMA cache_size = -1000000")
        index.execute("BEGIN")
        row = (RUN, "finance", _TIME, _TIME)
        index.execute("INSERT INTO runs VALUES (?, ?, ?, ?)", row)
        rows = _every(folder, size) if documents else _few(size)
        while chunk := list(islice(rows, _CHUNK)):
            _insert(index, chunk)
        index.execute("COMMIT")
        index.execute("PRAGMA journal_mode = DELETE")


@dataclass(frozen=True, slots=True)
class _Row:
    """What the index gets of one post."""

    number: int
    id: str
    path: str
    published: str
    marks: tuple[str, str, str]
    record: bytes
    sums: Checksum
    document: bytes
    tally: tuple[int, int]
    buckets: list[int]


def _every(folder: Path, size: int) -> Iterator[_Row]:
    for number in range(size):
        post = _post(number)
        row, text = _row(number, post)
        place = folder / "posts" / row.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text)
        yield row


def _few(size: int) -> Iterator[_Row]:
    models = [_row(number, _post(number))[0] for number in range(_DISTINCT)]
    for number in range(size):
        model, name = models[number % _DISTINCT], filled_id(number)
        marks = [sha256(f"{name}{each}".encode()).hexdigest()[:32] for each in "123"]
        yield _Row(
            number=number,
            id=name,
            path=f"{model.path.rpartition('/')[0]}/{name}.html",
            published=model.published,
            marks=(marks[0], marks[1], marks[2]),
            record=model.record,
            sums=model.sums,
            document=model.document,
            tally=model.tally,
            buckets=_buckets(name),
        )


def _post(number: int) -> Post:
    entry = filled_entry(number)
    return generate_post(number, id=entry.id, url=entry.url, title=entry.title)


def _row(number: int, post: Post) -> tuple[_Row, bytes]:
    mark = fingerprint(post)
    facts = {"path": post_path(DEFAULT_PATH, post), "revision": 1, "status": "new"}
    facts |= {"first_seen": _TIME, "content_hash": mark.content, "feeds": ["china"]}
    facts |= {"listed": [{"feed": "china", "since": _TIME}]}
    record = record_of(post, {**facts, "duplicates": [], "copies": []})
    text = dump(post).encode()
    sketch = draw(shape_of(post.title, post.text, post.published, frozenset()))
    row = _Row(
        number=number,
        id=post.id,
        path=record["path"],
        published=record["published"],
        marks=(mark.title, mark.text, mark.story),
        record=pack(record),
        sums=Checksum.of(text),
        document=pack_document(record_line(record), text),
        tally=(sketch.tally.bits, sketch.tally.total),
        buckets=list(sketch.buckets),
    )
    return row, text


def _buckets(name: str) -> list[int]:
    """Give a post buckets of its own, as texts have that are no reprints."""
    chance = Random(name)
    return [chance.getrandbits(48) for _ in range(_BUCKETS)]


def _insert(index: sqlite3.Connection, rows: list[_Row]) -> None:
    entries = {row.number: filled_entry(row.number) for row in rows}
    index.executemany(
        "INSERT INTO posts VALUES (?, ?, ?, 'china', ?, ?, ?, ?, 1, ?)",
        (
            (
                row.id,
                entries[row.number].url,
                row.path,
                row.published,
                *row.marks,
                _TIME,
            )
            for row in rows
        ),
    )
    index.executemany(
        "INSERT INTO versions VALUES (?, ?, 1, ?, ?)",
        ((row.number + 1, row.id, RUN, row.record) for row in rows),
    )
    index.executemany(
        "INSERT INTO documents VALUES (?, ?, ?, ?)",
        ((row.number + 1, row.sums.size, row.sums.mark, row.document) for row in rows),
    )
    index.executemany(
        "INSERT INTO sightings VALUES (?, 1, ?, ?, ?)",
        ((row.id, row.published, _TIME, _TIME) for row in rows),
    )
    index.executemany(
        "INSERT INTO sketches VALUES (?, ?, ?)",
        ((row.number + 1, *row.tally) for row in rows),
    )
    index.executemany(
        "INSERT OR IGNORE INTO buckets VALUES (?, ?)",
        sorted((bucket, row.number + 1) for row in rows for bucket in row.buckets),
    )
    index.executemany(
        "INSERT INTO listings VALUES ('china', ?, ?, ?, ?, ?, '')",
        ((each.id, each.url, _TIME, _TIME, each.title) for each in entries.values()),
    )
    index.executemany(
        "INSERT INTO fetches VALUES (?, ?, '')",
        ((each.id, each.title) for each in entries.values()),
    )
