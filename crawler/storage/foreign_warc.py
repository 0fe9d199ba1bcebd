"""Pages out of WARC files that other programs wrote.

Common Crawl, wget and browsertrix differ in more than they agree on: gzip by record,
as a whole or not at all; addresses in angle brackets; bodies still chunked, or taken
apart while their headers stayed; Brotli and Zstandard; plain ``resource`` records.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO

import brotli
from backports import zstd
from fastwarc import ArchiveIterator, WarcRecordType

from crawler.core.archive import Place
from crawler.core.errors import StoreError
from crawler.core.urls import canonical, host_of
from crawler.storage.archive_reading import Answer
from crawler.storage.archive_records import MAX_RECORD, Damage, split_answer
from crawler.storage.foreign_archive import Found, LeftOut, Page
from crawler.storage.foreign_gaps import Gap, Gaps, Last
from crawler.storage.locations import Location

_HTML = (b"text/html", b"application/xhtml+xml")
_LOOKS = (b"<!doctype html", b"<html", b"<head", b"<meta")
_ENCODING = b"content-encoding"
_GZIP_START = b"\x1f\x8b"
_READ = (WarcRecordType.response, WarcRecordType.resource)
_ASIDE = {
    int(WarcRecordType.revisit): "unchanged since an earlier record",
    int(WarcRecordType.unknown): "of no known WARC-Type",
    int(WarcRecordType.no_type): "of no known WARC-Type",
}
_ABOUT = ("metadata:", "dns:", "urn:", "whois:")
"""What programs note beside the pages, wget's manifest for one."""


def read_pages(
    locations: Mapping[str, Location], serves: Callable[[str], bool]
) -> Iterator[Found]:
    """Read the pages in WARC files, in their order.

    Args:
        locations: the files, by what they are called in places.
        serves: tells of a host whether it is of a site of the catalogue.

    Raises:
        StoreError: a file cannot be read.
    """
    for name, location in locations.items():
        try:
            with location.open("rb") as file:
                yield from _read_file(file, name, serves)
        except OSError as error:
            raise StoreError(location, f"cannot be read: {error.strerror}") from error


def _read_file(
    file: BinaryIO, name: str, serves: Callable[[str], bool]
) -> Iterator[Found]:
    gaps, begun = Gaps(file), 0
    while True:
        file.seek(begun)
        gap = yield from _read_on(file, name, begun, serves, gaps)
        if gap and gap.start < gap.end:
            place = Place(name, gap.start)
            yield Damage(place, gap.end, gap.problem, is_cut=gap.is_last)
        if gap is None or gap.is_last:
            return
        begun = gap.end


def _read_on(
    file: BinaryIO,
    name: str,
    begun: int,
    serves: Callable[[str], bool],
    gaps: Gaps,
) -> Generator[Found, None, Gap | None]:
    """Read records from a place on; gives what ended that before the file's end."""
    last: Last | None = None
    held: Found | None = None  # The next step tells whether it passed its checksum.
    offset = begun - 1
    try:
        for record in ArchiveIterator(file, parse_http=False):
            if held:
                yield held
                held = None
            last = Last(record.stream_pos, record.content_length)
            # Of a file that was packed as a whole, all positions are one.
            offset = max(record.stream_pos, offset + 1)
            held = _read_record(record, Place(name, offset), serves)
        gap = gaps.unread(begun, last)
    except _CutOffError:
        gap = gaps.at(offset, "cut off")
    except (OSError, ValueError, EOFError) as error:
        if getattr(error, "errno", None):
            raise  # The disk's or network's: nothing is wrong with the file.
        gap = gaps.after(begun, last, f"cannot be read on: {error}")
    if held and not (gap and gap.start <= offset):
        yield held
    return gap


class _CutOffError(EOFError):
    """The file ends within a record."""


def _read_record(
    record: Any, place: Place, serves: Callable[[str], bool]
) -> Found | None:
    if record.headers.get("Content-Length") is None:
        raise _CutOffError
    reason = _ASIDE.get(int(record.record_type))
    # wget writes them in angle brackets.
    address = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    if reason or record.record_type not in _READ or address.startswith(_ABOUT):
        return LeftOut(reason) if reason else None
    url = canonical(address)
    if not url or not serves(host_of(url)):
        return LeftOut("of no site of the catalogue")
    return _read_block(record, url, place)


def _read_block(record: Any, url: str, place: Place) -> Found:
    block = record.reader.read(MAX_RECORD + 1)
    if len(block) > MAX_RECORD:
        return LeftOut("larger than 64 MB")
    if len(block) < record.content_length:
        raise _CutOffError
    if record.headers.get("WARC-Truncated"):
        return LeftOut("cut when it was archived")
    taken = _instant(record.headers.get("WARC-Date") or "")
    if taken is None:
        return LeftOut("without a date")
    try:
        answer = _answer(record, block)
    except ValueError as error:
        return LeftOut(str(error))
    if answer.status != 200:
        return LeftOut(f"status {answer.status}")
    if not is_html(answer):
        return LeftOut("no HTML page")
    return Page(url, place, answer, taken)


def _answer(record: Any, block: bytes) -> Answer:
    if record.record_type == WarcRecordType.resource:
        content_type = record.headers.get("Content-Type") or ""
        return Answer(200, {b"content-type": content_type.encode()}, block)
    status, headers, body = split_answer(block)
    if b"chunked" in headers.pop(b"transfer-encoding", b"").lower():
        body = join_chunks(body)
    return Answer(status, *_decoded(headers, body))


def join_chunks(body: bytes) -> bytes:
    """Join the chunks of a body; one whose chunks were joined already stays.

    >>> join_chunks(b"3;a=b\\r\\nabc\\r\\n1\\r\\nd\\r\\n0\\r\\n\\r\\n")
    b'abcd'
    >>> join_chunks(b"<html>")
    b'<html>'
    """
    parts: list[bytes] = []
    at = 0
    while True:
        line, found, _ = body[at : at + 1024].partition(b"\r\n")
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError:
            return body
        if not found or size < 0:
            return body
        at += len(line) + 2
        if size == 0:
            return b"".join(parts)
        parts.append(body[at : at + size])
        at += size + 2


def _decoded(
    headers: dict[bytes, bytes], body: bytes
) -> tuple[dict[bytes, bytes], bytes]:
    """Undo the encodings that nobody of ours asks for, and believe no header.

    Raises:
        ValueError: the body is damaged or too large.
    """
    encoding = headers.get(_ENCODING, b"").lower()
    rest = {name: value for name, value in headers.items() if name != _ENCODING}
    if encoding in {b"br", b"zstd"}:
        # Some archive the page itself under the header it came with.
        return rest, body if _looks_plain(body) else _unpacked(body, encoding)
    if encoding in {b"gzip", b"x-gzip"} and not body.startswith(_GZIP_START):
        return rest, body
    if encoding == b"deflate" and _looks_plain(body):
        return rest, body
    return headers, body


def _unpacked(body: bytes, encoding: bytes) -> bytes:
    try:
        if encoding == b"br":
            stream = brotli.Decompressor()
            data: bytes = stream.process(body, output_buffer_limit=MAX_RECORD)
            whole = stream.is_finished()
        else:
            unpacker = zstd.ZstdDecompressor()
            data = unpacker.decompress(body, max_length=MAX_RECORD)
            whole = unpacker.eof
    except (brotli.error, zstd.ZstdError, zlib.error) as error:
        raise ValueError("its compressed body is damaged") from error
    if not whole:
        raise ValueError("its compressed body is cut, or too large")
    return data


def _looks_plain(body: bytes) -> bool:
    return body[:1024].lstrip()[:1] == b"<"


def is_html(answer: Answer) -> bool:
    """Tell whether an answer says it is an HTML page, or says nothing and looks so."""
    kind = answer.headers.get(b"content-type", b"").lower()
    if kind:
        return kind.partition(b";")[0].strip() in _HTML
    return answer.body[:1024].lstrip().lower().startswith(_LOOKS)


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except ValueError:
        return None
