"""Measure near duplicates: what is found, what is confounded, how fast, how large.

Run it from the project's folder::

    python -m benchmarks.similarity [--count 5000] [--rival-count 1000] [--json]

The set is generated and labelled (`benchmarks.similarity_set`). Every article is
looked up among those before it and added unless it is a copy, as a crawl does, three
times: in memory; through an index on disk with the store's own code; and with
datasketch's MinHashLSH (128 permutations, threshold 0.7, the same runs of five
letters) on the first ``--rival-count`` articles, which it needs minutes for. Rates are
per second of CPU time on one core, generating the set left out; memory is what the
process has grown by.

Recall is the share of copies that were said to be one of their story. A false merge is
an article that was said to be a copy of another story.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.similarity_set import Article, ArticleSet
from crawler.core.comparison import compare
from crawler.core.dedup import Fingerprint
from crawler.core.posts import Post
from crawler.core.prepared import Prepared, shape_of_post
from crawler.core.similarity import (
    BUCKET,
    CANDIDATES,
    RUN,
    Tally,
    draw,
    rank,
    shape_of,
)
from crawler.storage.index import open_index
from crawler.storage.sketches import Sketches
from crawler.storage.versions import pack

_CHUNK = 64
_NOW = datetime(2026, 11, 2, tzinfo=UTC)
_NO_MARK = Fingerprint("", "", "")

Finder = Callable[[list[Article]], list[str | None]]
"""Looks articles up, adds those that are no copies, says whose copies they are."""


@dataclass
class Result:
    """What one way of finding near duplicates has done."""

    name: str
    articles: int = 0
    cpu_seconds: float = 0.0
    grown_mb: float = 0.0
    index_mb: float = 0.0
    found: Counter[str] = field(default_factory=Counter)
    copies: Counter[str] = field(default_factory=Counter)
    merged: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Articles a second of CPU time."""
        return self.articles / self.cpu_seconds if self.cpu_seconds else 0.0

    def recall(self, kind: str) -> float:
        """The share of a kind's copies that were found."""
        return self.found[kind] / self.copies[kind] if self.copies[kind] else 1.0


def main() -> int:
    """Measure, print; 1 when form letters were merged or too few copies found."""
    options = _options()
    articles = ArticleSet(options.count, options.seed)
    results = [_in_own_process(_measure_memory, articles, options.count)]
    if not options.only_memory:
        results.append(_in_own_process(_measure_index, articles, options.count))
        results.append(_in_own_process(_measure_rival, articles, options.rival_count))
    if options.json:
        print(json.dumps([_as_json(result) for result in results]))
    else:
        _print_tables(results)
    ours = results[0]
    kept = all(ours.recall(f"reprint {level}") >= 0.95 for level in (0, 2, 5, 10))
    return 0 if kept and not ours.merged["form"] else 1


class Memory:
    """The sketches in dictionaries, the texts beside them."""

    def __init__(self) -> None:
        self._buckets: defaultdict[int, list[int]] = defaultdict(list)
        self._kept: list[tuple[str, str, str, Tally]] = []

    def look_up(self, articles: list[Article]) -> list[str | None]:
        """Look up and add."""
        answers = [self._look_up(article) for article in articles]
        gc.freeze()  # What is kept stays; the collector need not look at it again.
        return answers

    def _look_up(self, article: Article) -> str | None:
        shape = shape_of(article.title, article.text, _NOW)
        sketch = draw(shape)
        left = CANDIDATES
        found = [self._buckets.get(bucket, [])[-BUCKET:] for bucket in sketch.buckets]
        for number in rank(found):
            title, text, story, tally = self._kept[number]
            if sketch.tally.differs(tally):
                continue
            if compare(shape, shape_of(title, text, _NOW)).same:
                return story
            left -= 1
            if not left:
                break
        for bucket in sketch.buckets:
            self._buckets[bucket].append(len(self._kept))
        self._kept.append((article.title, article.text, article.story, sketch.tally))
        return None


def _in_own_process(
    measure: Callable[[ArticleSet, int], Result], articles: ArticleSet, count: int
) -> Result:
    # Memory that one way has used must not be taken for another's.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        return processes.submit(measure, articles, count).result()


def _measure_memory(articles: ArticleSet, count: int) -> Result:
    return _measure("in memory", articles, Memory().look_up, count)


def _measure(name: str, articles: ArticleSet, look_up: Finder, count: int) -> Result:
    result, before = Result(name), _memory()
    stories: set[str] = set()
    each = islice(iter(articles), count)
    while chunk := list(islice(each, _CHUNK)):
        start = time.process_time()
        answers = look_up(chunk)
        result.cpu_seconds += time.process_time() - start
        for article, answer in zip(chunk, answers, strict=True):
            _judge(result, article, answer, stories)
    result.articles = count
    result.grown_mb = _memory() - before
    return result


def _judge(
    result: Result, article: Article, answer: str | None, stories: set[str]
) -> None:
    if article.story in stories:
        result.copies[article.kind] += 1
        result.found[article.kind] += answer == article.story
    if answer is not None and answer != article.story:
        result.merged[article.kind] += 1
    stories.add(article.story)


def _measure_index(articles: ArticleSet, count: int) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.sqlite"
        with closing(open_index(path, writable=True)) as index:
            sketches = Sketches(index)
            stories: dict[str, str] = {}

            def look_up(chunk: list[Article]) -> list[str | None]:
                index.execute("BEGIN IMMEDIATE")
                answers = [one(article) for article in chunk]
                index.execute("COMMIT")
                return answers

            def one(article: Article) -> str | None:
                post = _post(article, len(stories))
                sketch = draw(shape_of_post(post))
                like = sketches.find(Prepared(post, _NO_MARK, sketch, ""))
                if like:
                    return stories[like.of]
                stories[post.id] = article.story
                record = {"title": post.title, "text": post.text, "symbols": []}
                record["published"] = when = _NOW.isoformat()
                number = index.execute(
                    "INSERT INTO versions (id, revision, run, record)"
                    " VALUES (?, 1, '', ?)",
                    (post.id, pack(record)),
                ).lastrowid
                index.execute(
                    "INSERT INTO posts VALUES (?, '', ?, '', ?, '', '', ?, 1, ?)",
                    (post.id, post.id, when, post.id, when),
                )
                sketches.keep(number or 0, sketch)
                return None

            result = _measure("through the index", articles, look_up, count)
            result.index_mb = _size_of(index, "buckets", "sketches")
    return result


def _measure_rival(articles: ArticleSet, count: int) -> Result:
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        print("skipped: datasketch is not installed", file=sys.stderr)
        return Result("datasketch")
    lsh = MinHashLSH(threshold=0.7, num_perm=128)
    kept: list[str] = []

    def look_up(chunk: list[Article]) -> list[str | None]:
        return [one(article) for article in chunk]

    def one(article: Article) -> str | None:
        text = article.text.replace("\n", "")
        sketch = MinHash(num_perm=128)
        runs = {text[at : at + RUN].encode() for at in range(len(text) - RUN + 1)}
        sketch.update_batch(list(runs))
        found = lsh.query(sketch)
        if found:
            return kept[int(found[0])]
        lsh.insert(len(kept), sketch)
        kept.append(article.story)
        return None

    return _measure("datasketch", articles, look_up, count)


def _post(article: Article, number: int) -> Post:
    values: dict[str, Any] = dict.fromkeys(("source", "author", "editor", "feed"), "")
    values |= dict.fromkeys(("categories", "keywords", "symbols", "images"), ())
    values |= dict.fromkeys(("site", "headimg", "document", "html", "template"), "")
    return Post(
        id=f"abcdefg{number:07d}",
        url="",
        title=article.title,
        text=article.text,
        published=_NOW,
        updated=None,
        fetched=_NOW,
        **values,
    )


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--rival-count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only-memory", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _size_of(index: sqlite3.Connection, *tables: str) -> float:
    query = "SELECT sum(pgsize) FROM dbstat WHERE name = ?"
    sizes = [index.execute(query, (table,)).fetchone()[0] or 0 for table in tables]
    return float(sum(sizes)) / 2**20


def _as_json(result: Result) -> dict[str, Any]:
    kinds = sorted(result.copies)
    return {
        "name": result.name,
        "articles": result.articles,
        "per_second": round(result.rate),
        "grown_mb": round(result.grown_mb, 1),
        "index_mb": round(result.index_mb, 1),
        "recall": {kind: round(result.recall(kind), 4) for kind in kinds},
        "false_merges": dict(result.merged),
    }


def _print_tables(results: list[Result]) -> None:
    kinds = sorted({kind for result in results for kind in result.copies}, key=_level)
    print("| | " + " | ".join(result.name for result in results) + " |")
    print("|---|" + "---|" * len(results))
    rows: list[tuple[str, Callable[[Result], object]]] = [
        ("articles", lambda result: result.articles),
        ("articles/s", lambda result: round(result.rate)),
        ("memory grown, MB", lambda result: round(result.grown_mb)),
        ("sketches on disk, MB", lambda result: round(result.index_mb, 1) or "-"),
        *((f"recall, {kind}", _recall_of(kind)) for kind in kinds),
        *(
            (f"false merges, {kind}", _merges_of(kind))
            for kind in ("form", "named", "others")
        ),
    ]
    for name, value in rows:
        print(f"| {name} | " + " | ".join(str(value(r)) for r in results) + " |")


def _recall_of(kind: str) -> Callable[[Result], object]:
    return lambda result: f"{result.recall(kind):.3f} of {result.copies[kind]}"


def _merges_of(kind: str) -> Callable[[Result], object]:
    if kind != "others":
        return lambda result: result.merged[kind]
    return lambda result: sum(
        times for each, times in result.merged.items() if each not in {"form", "named"}
    )


def _level(kind: str) -> tuple[str, int]:
    way, _, level = kind.partition(" ")
    return way, int(level or 0)


if __name__ == "__main__":
    sys.exit(main())
