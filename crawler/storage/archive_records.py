"""WARC 1.1 records: how ours are written, and how any are read without trust.

Each record is a gzip member of its own, so that it can be read by its offset alone.
Members are unpacked here, with their checksums, and only then parsed: a library that
streams takes a cut member for a short record.
"""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import responses
from typing import BinaryIO
from urllib.parse import urlsplit

from fastwarc import WarcRecord, WarcRecordType

from crawler.core.archive import (
    Exchange,
    Headers,
    Place,
    Step,
    digest_of,
    without_secrets,
)
from crawler.storage.locations import Location

MAX_RECORD = 64 * 2**20
"""The most bytes a record may have when unpacked."""

_READ = 64 * 1024
_GZIP = b"\x1f\x8b\x08"
_LEVEL = 1
_SHORT = 8 * 1024
_SMALL, _USUAL = (16 + 13, 5), (16 + 15, 8)
"""Window bits of gzip, and how much memory it takes to find what repeats itself."""

_PROFILES = {
    True: "http://netpreserve.org/warc/1.1/revisit/server-not-modified",
    False: "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
}
_REQUEST = "application/http; msgtype=request"
_RESPONSE = "application/http; msgtype=response"
STEP_TYPE = "application/vnd.finance-crawler.step+json"
"""The ``Content-Type`` of a metadata record that holds a step."""

_PACKED = {
    b"content-encoding": frozenset({b"gzip", b"x-gzip", b"deflate", b"br", b"zstd"}),
    b"content-type": frozenset({b"image/jpeg", b"image/png", b"image/gif",
                                b"image/webp"}),
}  # fmt: skip
"""The headers of answers that are compressed already, and their values."""


@dataclass(frozen=True, slots=True)
class Written:
    """A record ready to be appended."""

    id: str
    """Its ``WARC-Record-ID``."""

    data: bytes
    """Its gzip member."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it was found in a file."""

    place: Place
    """Where its member begins."""

    end: int
    """Where it ends."""

    kind: str
    """Its ``WARC-Type``."""

    headers: dict[str, str]
    """Its WARC headers by lower-case names."""

    block: bytes
    """What follows them."""

    rest: int = 0
    """How many bytes follow it in its member, which has none when it is ours."""

    @property
    def url(self) -> str:
        """Its ``WARC-Target-URI``, or ``""``."""
        return self.headers.get("warc-target-uri", "")

    @property
    def is_step(self) -> bool:
        """Whether it holds a step of ours."""
        return self.headers.get("content-type") == STEP_TYPE


@dataclass(frozen=True, slots=True)
class Damage:
    """A part of a file that holds no whole record."""

    place: Place
    """Where it begins."""

    end: int
    """Where it ends: at the next record, or at the file's end."""

    problem: str
    """What is wrong."""

    is_cut: bool = False
    """The file ends within a record."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The full record that an unchanged answer refers to."""

    url: str
    """Its address."""

    taken: str
    """Its ``WARC-Date``."""

    digest: str
    """The digest of its body."""


# -- writing -------------------------------------------------------------------------


def write_info(text: bytes, now: str, name: str) -> Written:
    """Make the record that a file begins with, and that keeps its name."""
    headers = {"WARC-Filename": name, "Content-Type": "application/warc-fields"}
    return _write(WarcRecordType.warcinfo, now, headers, text)


def write_response(exchange: Exchange, taken: str, digest: str) -> Written:
    """Make the record of a whole answer."""
    headers = {
        "WARC-Target-URI": exchange.url,
        "WARC-Payload-Digest": digest,
        "Content-Type": _RESPONSE,
    }
    if exchange.address:
        headers["WARC-IP-Address"] = exchange.address
    content = _answer_head(exchange) + exchange.body
    level = 0 if _is_packed(exchange) else _LEVEL
    return _write(WarcRecordType.response, taken, headers, content, level)


def write_revisit(exchange: Exchange, taken: str, origin: Origin) -> Written:
    """Make the record of an answer whose body the archive has already."""
    headers = {
        "WARC-Target-URI": exchange.url,
        "WARC-Payload-Digest": origin.digest,
        "WARC-Profile": _PROFILES[exchange.status == 304],
        "WARC-Refers-To-Target-URI": origin.url,
        "WARC-Refers-To-Date": origin.taken,
        "Content-Type": _RESPONSE,
    }
    return _write(WarcRecordType.revisit, taken, headers, _answer_head(exchange))


def write_request(exchange: Exchange, taken: str, answer: str) -> Written:
    """Make the record of a request, with the id of its answer's record."""
    url = urlsplit(exchange.url)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    lines = [f"{exchange.method} {target} HTTP/1.1".encode(), b"Host: %b" % _host(url)]
    lines += _header_lines(exchange.request_headers)
    headers = {
        "WARC-Target-URI": exchange.url,
        "WARC-Concurrent-To": answer,
        "Content-Type": _REQUEST,
    }
    content = b"\r\n".join([*lines, b"", b""])
    return _write(WarcRecordType.request, taken, headers, content)


def write_step(step: Step, taken: str, answer: str = "") -> Written:
    """Make the record of a step, with the id of the answer that it was made of."""
    headers = {"Content-Type": STEP_TYPE}
    if answer:
        headers["WARC-Refers-To"] = answer
    return _write(WarcRecordType.metadata, taken, headers, step.as_json())


def _write(
    kind: WarcRecordType,
    date: str,
    headers: dict[str, str],
    content: bytes,
    level: int = _LEVEL,
) -> Written:
    record = WarcRecord()
    record.init_headers(kind)
    record.headers["WARC-Date"] = date.replace("+00:00", "Z")
    for name, value in headers.items():
        record.headers[name] = value
    record.headers["WARC-Block-Digest"] = digest_of(content)
    record.set_bytes_content(content)
    plain = io.BytesIO()
    record.write(plain)
    return Written(record.headers["WARC-Record-ID"], _pack(plain.getvalue(), level))


def _pack(plain: bytes, level: int) -> bytes:
    # zlib begins with 300 KB of tables, which takes ten times as long as packing some
    # hundred bytes, unless it is told that it need not look back so far.
    short = not level or len(plain) <= _SHORT
    packer = zlib.compressobj(level, zlib.DEFLATED, *(_SMALL if short else _USUAL))
    return packer.compress(plain) + packer.flush()


def _answer_head(exchange: Exchange) -> bytes:
    reason = responses.get(exchange.status, "")
    lines = [f"{exchange.protocol} {exchange.status} {reason}".encode()]
    lines += _header_lines(exchange.headers)
    return b"\r\n".join([*lines, b"", b""])


def _header_lines(headers: Headers) -> list[bytes]:
    return [b"%b: %b" % header for header in without_secrets(headers)]


def _is_packed(exchange: Exchange) -> bool:
    # Packed once more it would be no smaller, and cost more than all the rest.
    return any(value.lower() in _PACKED.get(name.lower(), ())
               for name, value in exchange.headers)  # fmt: skip


def _host(url: object) -> bytes:
    return str(getattr(url, "netloc", "")).encode("ascii", "replace")


# -- reading -------------------------------------------------------------------------


def read_records(
    path: Location, name: str, start: int = 0
) -> Iterator[Stored | Damage]:
    """Read a file's records one by one, in bounded memory.

    Args:
        path: the file; gzip, one member for each record.
        name: what to call it in places.
        start: where to begin: the first byte of a record.

    Returns:
        Every whole record, and a `Damage` for whatever lies between them.
    """
    with path.open("rb") as file:
        offset = start
        while True:
            found = _read_at(file, Place(name, offset))
            if found is None:
                return
            yield found
            offset = found.end


def read_record(path: Location, place: Place) -> Stored | Damage | None:
    """Read one record by its place; ``None`` where the file ends before it."""
    with path.open("rb") as file:
        return _read_at(file, place)


def _read_at(file: BinaryIO, place: Place) -> Stored | Damage | None:
    found = _whole_at(file, place)
    if not isinstance(found, str):
        return found
    # Not the next member, which may be the packed body of the damaged record.
    end = _find_next(file, place.offset + 1)
    while end is not None and not isinstance(
        _whole_at(file, Place(place.file, end)), Stored
    ):
        end = _find_next(file, end + 1)
    size = file.seek(0, os.SEEK_END)
    is_cut = found == _CUT and end is None
    return Damage(place, size if end is None else end, found, is_cut=is_cut)


def _whole_at(file: BinaryIO, place: Place) -> Stored | str | None:
    """Read the record at a place, or say what is wrong; ``None`` at the file's end."""
    file.seek(place.offset)
    plain, end, problem = _unpack(file, place.offset)
    if end == place.offset:
        return None
    if problem:
        return problem
    try:
        return _parse(place, end, plain)
    except (ValueError, OSError) as error:
        return f"no WARC record: {error}"


_CUT = "cut off"


def _unpack(file: BinaryIO, start: int) -> tuple[bytes, int, str]:
    """Unpack a gzip member: its bytes, where it ends, and what is wrong with it."""
    unpacker = zlib.decompressobj(31)
    parts: list[bytes] = []
    size, position = 0, start
    while not unpacker.eof:
        chunk = file.read(_READ)
        if not chunk:
            return b"", position, _CUT if position > start else ""
        position += len(chunk)
        try:
            parts.append(unpacker.decompress(chunk, MAX_RECORD - size + 1))
        except zlib.error as error:
            return b"", position, f"damaged: {error}"
        size += len(parts[-1])
        if size > MAX_RECORD:
            return b"", position, f"larger than {MAX_RECORD} bytes"
    return b"".join(parts), position - len(unpacker.unused_data), ""


def _parse(place: Place, end: int, plain: bytes) -> Stored:
    record = WarcRecord.from_bytes(plain)
    headers = {name.lower(): value for name, value in record.headers.items()}
    block = record.reader.read()
    if len(block) != int(headers.get("content-length", "-1")):
        raise ValueError("its length is not the one it tells")
    rest = len(plain) - plain.find(_GAP) - len(_GAP) - len(block) - len(_GAP)
    return Stored(place, end, headers.get("warc-type", ""), headers, block, rest)


_GAP = b"\r\n\r\n"


def _find_next(file: BinaryIO, start: int) -> int | None:
    """Find where the next record may begin; ``None`` at the file's end."""
    file.seek(start)
    position, tail = start, b""
    while chunk := file.read(_READ):
        data = tail + chunk
        found = data.find(_GZIP)
        if found >= 0:
            return position - len(tail) + found
        position += len(chunk)
        tail = data[-2:]
    return None


def split_answer(block: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    """Take a response record's block apart: status, headers by lower case, body.

    Raises:
        ValueError: it is no HTTP answer.
    """
    head, gap, body = block.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    words = first.split(None, 2)
    if not gap or len(words) < 2 or not words[1].isdigit():
        raise ValueError("no HTTP answer")
    pairs = (line.partition(b":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return int(words[1]), headers, body
