"""A site of any number of Sina-shaped pages, written as files for nginx.

The frame of each page is the demo's; its text is its own, and what makes a real page
large stands around the body: scripts and styles in the head, navigation, related
links. Everything is drawn from a seeded generator, so that two runs serve the same
bytes.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from crawler.demo.pages import finance_page
from crawler.demo.story import FINANCE_HOST, Picture, Story, Symbol

LIST_PATH = "/feed.mix.sina.com.cn/api/roll/get"
"""Where the roll API is below the mirror."""

PAGE_SIZE = 50
"""Articles on a list page."""

_FIRST = datetime(2025, 6, 2, 8, 0)  # noqa: DTZ001 - a story's time has no zone
_STEP = timedelta(minutes=3)
_CHARACTERS = 1_200
_WORDS = (
    "公司 市场 投资者 上半年 营业收入 净利润 同比 增长 下降 板块"
    " 资金 流入 流出 指数 收盘 政策 监管 央行 利率 人民币 汇率"
    " 债券 基金 银行 证券 保险 制造业 出口 消费 新能源 汽车 芯片"
    " 医药 房地产 煤炭 钢铁 原油 黄金 期货 现货 预期 数据 显示"
    " 分析师 表示 认为 未来 有望 继续 保持 稳定 风险 项目 产能"
    " 订单 客户 研发 投入 技术 合作 协议 公告 股东 回购 分红"
    " 减持 增持 上市 融资 估值 行业 龙头 竞争 成本 价格 需求"
    " 供给"
).split()
_CHANNELS = (
    "国内 宏观 产业 港股 美股 基金 期货 外汇 黄金 债券 银行 保险 信托 科技".split()
)
_SYLLABLES = "ad bar box cm feed fin log nav page pos rec slot suda tab top wx".split()


@dataclass(frozen=True, slots=True)
class GeneratedSite:
    """What was written, and how to crawl it."""

    folder: Path
    """The root for the server: ``HOST/PATH.gz`` below it."""

    catalogue: Path
    """A catalogue folder with one feed, which lists every page."""

    routes: tuple[str, ...]
    """The pages' addresses below the server's."""

    list_pages: int
    """How many list pages there are."""

    mean_bytes: int
    """The pages' mean size before compression."""

    mean_gzip_bytes: int
    """The same after it."""


def write_site(scratch: Path, pages: int, kilobytes: int) -> GeneratedSite:
    """Write a site below a folder.

    Args:
        scratch: where; the folders in it are made.
        pages: how many articles.
        kilobytes: how large each page shall be.
    """
    folder = scratch / "site"
    stories = [_story(number) for number in range(pages)]
    size = kilobytes * 1000 - len(finance_page(stories[0]))
    frame = _Frame(max(size, 0))
    plain = packed = 0
    for story in stories:
        page = frame.around(finance_page(story))
        plain += len(page)
        packed += _write(folder / story.route, page)
    lists = [stories[at : at + PAGE_SIZE] for at in range(0, pages, PAGE_SIZE)]
    for number, listed in enumerate(lists, 1):
        _write(folder / f"{LIST_PATH[1:]}.{number}.json", _list_answer(listed))
    return GeneratedSite(
        folder=folder,
        catalogue=_write_catalogue(scratch / "catalogue"),
        routes=tuple(story.route for story in stories),
        list_pages=len(lists),
        mean_bytes=plain // pages,
        mean_gzip_bytes=packed // pages,
    )


class _Frame:
    """The bulk of a page, put around the article's own markup.

    Args:
        size: how many bytes it adds.
    """

    def __init__(self, size: int) -> None:
        rng = Random(20250602)
        self._places = (
            (b"</head>", True, _fill(_scripts(rng), size * 55 // 100)),
            (b'<div class="main-content', True, _fill(_menus(rng), size * 15 // 100)),
            (b'<ul class="related">', False, _fill(_links(rng), size * 30 // 100)),
        )

    def around(self, page: bytes) -> bytes:
        """Return a page with the bulk in it."""
        for mark, before, bulk in self._places:
            if page.count(mark) != 1:
                raise RuntimeError(f"the demo's page has no single {mark.decode()}")
            page = page.replace(mark, bulk + mark if before else mark + bulk)
        return page


def _story(number: int) -> Story:
    rng = Random(number)
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < _CHARACTERS:
        paragraphs.append("".join(_sentence(rng) for _ in range(rng.randint(2, 5))))
    code = f"{600_000 + number % 3000}"
    name = f"示例{code}"
    paragraphs[0] = f"{name}{paragraphs[0]}"
    picture = Picture(url=f"https://n.sinaimg.cn/finance/{code}/w550h366.jpg")
    return Story(
        id=f"benchmk{number:07d}",
        path="stock/bench",
        title=f"第{number}号{_phrase(rng, 6)}",
        created=f"{_FIRST + number * _STEP:%Y-%m-%d %H:%M:%S}",
        body=(paragraphs[0], picture, *paragraphs[1:]),
        keywords=(rng.choice(_WORDS), rng.choice(_CHANNELS)),
        symbols=(Symbol(market="sh", code=code, name=name),),
    )


def _sentence(rng: Random) -> str:
    figure = f"{rng.randint(1, 99_999) / 100:.2f}{rng.choice(('%', '亿元', '点'))}"
    parts = (_phrase(rng, 4), _phrase(rng, 3) + figure, _phrase(rng, 4))
    return "，".join(parts) + "。"


def _phrase(rng: Random, words: int) -> str:
    return "".join(rng.choices(_WORDS, k=words))


def _name(rng: Random) -> str:
    return "_".join(rng.choices(_SYLLABLES, k=3)) + f"{rng.randint(0, 999)}"


def _scripts(rng: Random) -> Iterator[str]:
    while True:
        calls = "\n".join(
            f'  if (!window.{_name(rng)}) {{ {_name(rng)}("{_name(rng)}", '
            f"{rng.randint(0, 99_999)}, function (e) {{ return e > 0 && e < 9; }}); }}"
            for _ in range(20)
        )
        yield f"<script>(function () {{\n{calls}\n}})();</script>\n"
        rules = "\n".join(
            f".{_name(rng)} li{{margin:{rng.randint(0, 40)}px;"
            f"color:#{rng.randint(100, 999)}}}"
            for _ in range(15)
        )
        yield f'<style type="text/css">\n{rules}\n</style>\n'


def _menus(rng: Random) -> Iterator[str]:
    while True:
        entries = "".join(
            f'<li><a href="https://finance.sina.com.cn/{_name(rng)}/" '
            f'data-sudaclick="{_name(rng)}">{rng.choice(_CHANNELS)}</a></li>'
            for _ in range(8)
        )
        yield f'<div class="nav {_name(rng)}"><ul>{entries}</ul></div>\n'


def _links(rng: Random) -> Iterator[str]:
    while True:
        address = f"https://{FINANCE_HOST}/roll/2025-06-02/doc-i{_name(rng)}.shtml"
        yield (
            f'<li><a href="{address}" target="_blank">{_phrase(rng, 6)}</a>'
            f'<span class="time">06月{rng.randint(1, 30):02d}日</span></li>\n'
        )


def _fill(pieces: Iterator[str], size: int) -> bytes:
    """Join whole pieces until they have a size, and a comment for what is left."""
    bulk = b""
    for piece in pieces:
        data = piece.encode()
        if len(bulk) + len(data) > size:
            break
        bulk += data
    return bulk + b"<!-- " + b"." * max(size - len(bulk) - 9, 0) + b" -->"


def _list_answer(stories: list[Story]) -> bytes:
    result = {
        "status": {"code": 0, "msg": "succ"},
        "lid": 1686,
        "data": [_list_item(story) for story in stories],
    }
    return json.dumps({"result": result}, ensure_ascii=False).encode()


def _list_item(story: Story) -> dict[str, Any]:
    return {
        "docid": f"comos:{story.id}",
        "title": story.title,
        "keywords": ",".join(story.keywords),
        "url": story.url,
        "media_name": story.source,
        "author": "0",
        "ctime": str(int(story.ctime.timestamp())),
        "mtime": str(int(story.mtime.timestamp())),
        "img": {"u": story.pictures[0].url, "w": "550", "h": 366},
        "images": [],
    }


def _write_catalogue(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "benchmark.yaml").write_text(
        f"""\
name: 新浪财经
categories: [金融, 新浪财经]
hosts: [sina.com.cn]
placeholder: https://n.sinaimg.cn/default/2fb77759/20151125/320X320.png
feeds:
  - id: china
    title: 新浪财经－国內
    url: https:/{LIST_PATH}?pageid=155&lid=1686&num={PAGE_SIZE}&page={{page}}
    format: roll
""",
        encoding="utf-8",
    )
    return folder


def _write(path: Path, data: bytes) -> int:
    """Write data compressed and return how large it has become."""
    path.parent.mkdir(parents=True, exist_ok=True)
    packed = gzip.compress(data, 6, mtime=0)
    path.with_name(f"{path.name}.gz").write_bytes(packed)
    return len(packed)
