"""Invented posts and entries, for measuring and torturing the store alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.core.entries import Entry
from crawler.core.posts import Post

_NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
_SENTENCES = (
    "镜湖商会第{0}号简报说，风筝厂本季度交货{1}箱，纸价报每令{2}元。",
    "采购经理表示，第{1}批竹料已经入库，余下的{2}担将在月底前运到。",
    "按合同{0}的约定，货款分{2}期付清，首期{1}元已经到账。",
)


def generate_post(number: int, paragraphs: int = 3, **changes: Any) -> Post:
    """Make a complete post; others with another number are other stories."""
    lines = [
        _SENTENCES[(number + each) % 3].format(number, number * 7 + each, each + 2)
        for each in range(paragraphs * 3)
    ]
    text = "\n".join("".join(lines[at : at + 3]) for at in range(0, len(lines), 3))
    text = changes.get("text", text)
    html = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    values: dict[str, Any] = {
        "id": f"abcdefg{number:07d}",
        "url": f"https://finance.sina.com.cn/doc-iabcdefg{number:07d}.shtml",
        "title": f"镜湖简报第{number}号",
        "source": "镜湖晚报",
        "author": "",
        "editor": "",
        "published": _NOON + timedelta(minutes=number % 500_000),
        "updated": None,
        "feed": "china",
        "site": "新浪财经",
        "categories": ("金融", "新浪财经", "国内"),
        "keywords": (),
        "symbols": (),
        "images": (),
        "headimg": "https://n.sinaimg.cn/kite.png",
        "document": f'<div class="article">{html}<!-- 正文 --></div>',
        "html": html,
        "text": text,
        "template": "finance 2017",
        "fetched": _NOON + timedelta(days=400),
    }
    return Post(**{**values, **changes})


def entry_of(post: Post) -> Entry:
    """Make the entry of a feed that lists a post."""
    return Entry(id=post.id, url=post.url, title=post.title, feed=post.feed)
