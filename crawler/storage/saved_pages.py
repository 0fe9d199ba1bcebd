"""Pages out of a folder: what ``wget --mirror`` makes, or pages saved by hand."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from crawler.core.archive import Place
from crawler.core.extraction import find_url
from crawler.core.urls import canonical, host_of
from crawler.storage.archive_reading import Answer
from crawler.storage.archive_records import MAX_RECORD, Damage
from crawler.storage.foreign_archive import Found, LeftOut, Page
from crawler.storage.foreign_warc import is_html

_ADDED = re.compile(r"(?<=\.shtml|..\.htm|.\.html)\.html$")
"""What ``wget --adjust-extension`` adds to a name that ends so already."""

_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_INDEX = "index.html"


def list_pages(folder: Path) -> list[Path]:
    """List the files of a folder and those below it, in a fixed order."""
    found = [
        Path(parent, name) for parent, _, names in os.walk(folder) for name in names
    ]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def read_saved(
    folder: Path, base: str, serves: Callable[[str], bool]
) -> Iterator[Found]:
    """Read the pages in a folder, in the order of their paths.

    A page's address is its path below ``base``. Without one, the first folder of its
    path is its host, as a mirror has it; of a page saved by hand, the page tells it.

    Args:
        folder: the folder.
        base: the address of what the folder stands for, or ``""``.
        serves: tells of a host whether it is of a site of the catalogue.
    """
    for path in list_pages(folder):
        yield _read(path, path.relative_to(folder).as_posix(), base, serves)


def _read(path: Path, name: str, base: str, serves: Callable[[str], bool]) -> Found:
    place = Place(name, 0)
    if not path.is_file():  # A link to nowhere, for one.
        return LeftOut("no file")
    status = path.stat()
    if status.st_size > MAX_RECORD:
        return LeftOut("larger than 64 MB")
    try:
        data = path.read_bytes()
    except OSError as error:
        return Damage(place, status.st_size, f"cannot be read: {error.strerror}")
    answer = Answer(200, {}, data)
    if not is_html(answer):
        return LeftOut("no HTML page")
    url = canonical(address_of(name, base)) or canonical(find_url(data))
    if not url:
        return LeftOut("of no known address")
    if not serves(host_of(url)):
        return LeftOut("of no site of the catalogue")
    taken = datetime.fromtimestamp(int(status.st_mtime), UTC)
    return Page(url, place, answer, taken)


def address_of(name: str, base: str) -> str:
    """Give the address that a file of a mirror stands for, or ``""``.

    >>> address_of("finance.sina.com.cn/a/index.html", "")
    'https://finance.sina.com.cn/a/'
    >>> address_of("a/b.shtml.html", "https://finance.sina.com.cn/china")
    'https://finance.sina.com.cn/china/a/b.shtml'
    """
    path = _ADDED.sub("", name)
    if path == _INDEX or path.endswith(f"/{_INDEX}"):
        path = path.removesuffix(_INDEX)
    where = quote(path, safe="/%?=&:@+,;~")
    if base:
        return f"{base.rstrip('/')}/{where}"
    host = name.partition("/")[0]
    return f"https://{where}" if "/" in name and _HOST.fullmatch(host) else ""
