"""WARC records: whole, readable by others, and never trusted when read."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from crawler.core.archive import Place, Step, digest_of
from crawler.storage.archive_records import (
    Damage,
    Origin,
    read_record,
    read_records,
    split_answer,
    write_request,
    write_response,
    write_revisit,
    write_step,
)
from tests.storage.exchanges import BODY, build_exchange

NOW = "2026-11-02T04:00:00Z"


@pytest.fixture
def records():
    """One of each kind, in a file's order."""
    exchange = build_exchange()
    answer = write_response(exchange, NOW, digest_of(BODY))
    step = Step(do="end", now=NOW, after=Place("a", 1), facts={"report": None})
    origin = Origin(exchange.url, NOW, digest_of(BODY))
    return [
        answer,
        write_request(exchange, NOW, answer.id),
        write_step(step, NOW, answer.id),
        write_revisit(build_exchange(status=304, body=b""), NOW, origin),
    ]


@pytest.fixture
def file(records, tmp_path):
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(record.data for record in records))
    return path


def test_what_is_written_is_read_back(file):
    answer, request, step, revisit = read_records(file, "a")

    assert [each.kind for each in (answer, request, step, revisit)] == [
        *("response", "request", "metadata", "revisit")
    ]
    status, headers, body = split_answer(answer.block)
    assert (status, headers[b"content-encoding"], body) == (200, b"gzip", BODY)
    assert request.block.startswith(b"GET /a.shtml?b=1 HTTP/1.1\r\nHost: finance.sina")
    assert Step.from_json(step.block).after == Place("a", 1)
    assert revisit.end == file.stat().st_size
    assert "server-not-modified" in revisit.headers["warc-profile"]
    assert step.headers["warc-refers-to"] == answer.headers["warc-record-id"]


def test_others_can_read_it(file):
    with file.open("rb") as stream:
        found = list(ArchiveIterator(stream, check_digests="raise"))

    assert [record.rec_type for record in found] == [
        *("response", "request", "metadata", "revisit")
    ]
    assert found[0].rec_headers.protocol == "WARC/1.1"


def test_a_record_is_read_by_its_place_alone(file, records):
    offset = len(records[0].data)

    assert read_record(file, Place("a", offset)).kind == "request"
    assert read_record(file, Place("a", file.stat().st_size)) is None


@given(st.integers(min_value=1))
def test_a_cut_is_noticed_wherever_it_is(cut):
    whole = write_response(build_exchange(), NOW, digest_of(BODY)).data
    rest = whole[: cut % len(whole)]

    found = _read(rest)

    assert found == ([Damage(Place("a", 0), len(rest), "cut off", is_cut=True)]
                     if rest else [])  # fmt: skip


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_is_noticed_and_the_next_record_is_found(place, change):
    first = write_response(build_exchange(), NOW, digest_of(BODY)).data
    second = write_step(Step(do="end", now=NOW, after=Place("", 0)), NOW).data
    spoilt = bytearray(first)
    spoilt[place % len(first)] ^= change

    found = _read(bytes(spoilt) + second)

    # A few header bytes of gzip mean nothing: what was packed is then as it was.
    whole = [each for each in found if not isinstance(each, Damage)]
    assert whole[-1].place.offset == len(first)
    assert len(found) > 1
    assert len(whole) == 1 or whole[0].block == _read(first)[0].block


def test_what_follows_a_record_in_its_member_is_told(file, records):
    [found] = _read(gzip.compress(gzip.decompress(file.read_bytes())))

    assert [each.rest for each in read_records(file, "a")] == [0] * len(records)
    assert found.rest == len(gzip.decompress(file.read_bytes())) - len(
        gzip.decompress(records[0].data)
    )


def test_a_bomb_is_refused(tmp_path):
    bomb = gzip.compress(b"\0" * (65 * 2**20), 9)

    [found, *_] = _read(bomb)

    assert found.problem == "larger than 67108864 bytes"


def _read(data):
    class Path(io.BytesIO):
        def open(self, _mode):
            return self

    return list(read_records(Path(data), "a"))
