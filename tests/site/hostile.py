"""A store of posts that mean harm, made by the project's own loader, gate and store."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from pydantic import ValidationError

from crawler.core.catalogue import Feed, Site
from crawler.core.entries import Entry
from crawler.core.errors import PostRejected
from crawler.core.posts import accept
from crawler.core.text import display_line
from crawler.core.urls import absolute
from crawler.items import PostItem
from crawler.loaders import Origin, load_entry
from crawler.storage.posts import PostStore
from tests.site.bodies import bodies
from tests.site.payloads import IMAGES, NAMES, TITLES

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
PICTURE = "https://n.sinaimg.cn/kite.png"


def build_store(folder: Path) -> int:
    """Keep every hostile post in a new store; returns how many could be kept."""
    posts = []
    for item in _items():
        try:
            posts.append(accept(item))
        except PostRejected:  # Nothing usable is left of a few; rightly no posts.
            continue
    store = PostStore(folder, "hostile")
    kept = store.keep_all([(post, None) for post in posts])
    store.close()
    return sum(one.record is not None for one in kept)


def _items() -> Iterator[PostItem]:
    numbers = count(1)
    for body in bodies():
        yield _item(next(numbers), body=body)
    for title in TITLES:
        yield _item(next(numbers), title=title)
    for image in IMAGES:
        yield _item(next(numbers), image=image)
    for name in NAMES:
        # As it stands, and as the catalogue would tell its owner to write it.
        for written in (name, display_line(name)):
            with suppress(ValidationError):
                yield _item(next(numbers), name=written)


def mark_of(identifier: str) -> str:
    """Give the words that the body of a post begins with."""
    return f"第{int(identifier[7:])}号稿件的正文由此开始。"


def _item(
    number: int, *, title: str = "", body: str = "", image: str = "", name: str = ""
) -> PostItem:
    """Load one entry of a feed with its harm where it is wanted."""
    identifier = f"hostile{number:07d}"
    title, body, image, name = (
        text.replace("@@", f"window.__canary={number}")
        for text in (title, body, image, name)
    )
    entry = Entry(
        id=identifier,
        url=f"https://finance.sina.com.cn/doc-i{identifier}.shtml",
        title=title or f"第{number}号稿件",
        feed="hostile",
        published=NOON + timedelta(minutes=number),
        image=absolute(image or PICTURE),  # as the readers of feeds do
        html=f"<p>{mark_of(identifier)}</p>{body}",
    )
    return load_entry(entry, _origin(name), NOON + timedelta(days=2))


def _origin(name: str) -> Origin:
    feed = Feed(
        id="hostile",
        title=name or "来稿",
        url="https://finance.sina.com.cn/",
        format="rss",
    )
    site = Site(
        name=name or "样本财经",
        categories=("金融", name or "样本财经"),
        hosts=("sina.com.cn",),
        placeholder=PICTURE,
        feeds=(feed,),
    )
    return Origin.of(site, feed)
