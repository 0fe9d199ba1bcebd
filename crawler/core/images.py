"""Pictures kept by what they are: told by their bytes, named by their hash.

A document of a store that mirrors pictures shows them under local addresses and keeps
the site's in ``data-original``, so that each post can be made again from it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from html import unescape
from typing import Any

from crawler.core.errors import OptionError
from crawler.core.frontmatter import dump, load
from crawler.core.urls import absolute, host_of

FORMATS = ("jpg", "png", "gif", "webp")
"""The formats that are kept, as endings. SVG is none: it can hold scripts."""

MAX_IMAGES = 100
"""How many pictures of one post are asked for; real ones have up to some dozens."""

_NAME = re.compile(rf"([0-9a-f]{{64}})\.(?:{'|'.join(FORMATS)})")
_TAIL = 2**16
_IMAGE = re.compile(r'<img((?:\s+[A-Za-z][\w-]*(?:="[^"]*")?)*)\s*/?>')
_SOURCE = re.compile(r'(?<=\s)src="([^"]*)"')
_ORIGINAL = re.compile(r'(?<=\s)data-original="([^"]*)"')
_LOCAL = re.compile(r'(?<=\s)src="[^"]*/([^"/]+)" data-original="')
_PREFIX = re.compile(r"(?:https?:/)?(?:/[A-Za-z0-9.~:-][\w.~:-]*)*/")
_WEIBO = re.compile(r"(?:wx|ww|tva|tvax)\d*\.sinaimg\.cn")


@dataclass(slots=True)
class ImageTally:
    """What became of the pictures that a run's posts show."""

    stored: int = 0
    """Fetched and kept."""

    known: int = 0
    """Kept by an earlier run."""

    failed: int = 0
    """Not kept; the documents show them from where they are."""

    reasons: Counter[str] = field(default_factory=Counter)
    """How many failed for each kind of reason."""

    def fail(self, reason: str) -> None:
        """Count one that was not kept."""
        self.failed += 1
        self.reasons[reason.partition(":")[0]] += 1

    def as_dict(self) -> dict[str, Any]:
        """Give the counts as plain data, for JSON."""
        counts = {"stored": self.stored, "known": self.known, "failed": self.failed}
        return {**counts, "reasons": dict(self.reasons.most_common())}


def check_prefix(prefix: str) -> str:
    """Return an ``IMAGES_URL`` that can be used.

    Raises:
        OptionError: it is neither a path from the site's root nor an http(s) address,
            or does not end in ``/``.
    """
    if not _PREFIX.fullmatch(prefix):
        advice = "must be like /images/ or https://example.org/images/"
        raise OptionError("IMAGES_URL", prefix, advice)
    return prefix


def read_format(data: bytes) -> tuple[str, str]:
    """Tell a picture's format by its bytes, from the first to the last.

    Returns:
        One of `FORMATS` and ``""``, or ``""`` and why it is no whole picture.
    """
    for ending, begins, ends in _SIGNS:
        if begins.match(data):
            whole = ends(data)
            return (ending, "") if whole else ("", f"cut: half a {ending} picture")
    return "", "no picture: not JPEG, PNG, GIF or WebP"


def image_name(data: bytes, ending: str) -> str:
    """Name a picture after its bytes."""
    return f"{sha256(data).hexdigest()}.{ending}"


def image_path(name: str) -> str:
    """Give a picture's path below the folder of pictures."""
    return f"{name[:2]}/{name}"


def is_image_name(name: str) -> bool:
    """Tell whether a file can be one of the pictures, by its name."""
    return _NAME.fullmatch(name) is not None


def is_named_after(name: str, data: bytes) -> bool:
    """Tell whether a picture's bytes are those it was named after."""
    found = _NAME.fullmatch(name)
    return found is not None and found[1] == sha256(data).hexdigest()


def names_in(document: str) -> set[str]:
    """Find the names of the local pictures that a document shows."""
    return set(filter(is_image_name, _LOCAL.findall(document)))


def referer_for(url: str, referer: str) -> str:
    """Choose the ``Referer`` without which a picture's server may answer 403.

    >>> referer_for("https://wx3.sinaimg.cn/a.jpg", "https://finance.sina.com.cn/")
    'https://weibo.com/'
    """
    return "https://weibo.com/" if _WEIBO.fullmatch(host_of(url)) else referer


def localise(document: str, names: Mapping[str, str], prefix: str) -> str:
    """Make a document show its pictures from where the site's own are.

    Args:
        document: the document's text.
        names: the names of the pictures that are kept, by the site's addresses.
        prefix: a checked ``IMAGES_URL``.

    Returns:
        The text with every other byte as it was; pictures that are not kept stay.
    """
    if not names:
        return document
    paths = {url: prefix + image_path(name) for url, name in names.items()}
    whole = load(document)
    shown: set[str] = set()

    def moved(image: re.Match[str]) -> str:
        source = _SOURCE.search(image[1])
        url = absolute(unescape(source[1])) if source else ""
        if source is None or url not in paths:
            return image[0]
        shown.add(url)
        local = f'src="{paths[url]}" data-original="{source[1]}"'
        return image[0].replace(source[0], local, 1)

    body = _IMAGE.sub(moved, whole.body)
    head = paths[whole.headimg] if whole.headimg in shown else whole.headimg
    return dump(replace(whole, body=body, headimg=head))


def original_of(address: str, body: str) -> str:
    """Give the site's address of a picture that a body shows from elsewhere.

    Returns:
        The address itself where the body tells no other.
    """
    for image in _IMAGE.finditer(body):
        source, original = _SOURCE.search(image[1]), _ORIGINAL.search(image[1])
        if source and original and unescape(source[1]) == address:
            return absolute(unescape(original[1])) or address
    return address


def _is_whole_webp(data: bytes) -> bool:
    return int.from_bytes(data[4:8], "little") + 8 <= len(data)


_SIGNS = (
    ("jpg", re.compile(rb"\xff\xd8\xff"), lambda data: b"\xff\xd9" in data[-_TAIL:]),
    (
        "png",
        re.compile(rb"\x89PNG\r\n\x1a\n....IHDR", re.DOTALL),
        lambda data: b"IEND\xaeB`\x82" in data[-_TAIL:],
    ),
    (
        "gif",
        re.compile(rb"GIF8[79]a"),
        lambda data: data.rstrip(b"\0").endswith(b";"),
    ),
    ("webp", re.compile(rb"RIFF....WEBP", re.DOTALL), _is_whole_webp),
)
"""Each format with its first bytes and what must be true of a whole file."""
