"""Damaged WARC files of others: what is lost is one record, and it is told where."""

import gzip
import random
from functools import lru_cache
from pathlib import Path

import pytest

from crawler.core.errors import OptionError, StoreError
from crawler.storage.archive_records import Damage
from crawler.storage.foreign_archive import LeftOut, Page
from crawler.storage.foreign_warc import read_pages
from crawler.storage.gauge import Gauge, Gauged
from crawler.storage.locations import tell_apart
from tests.storage.others import HTML, URL, record_of

SMALL, LARGE = 300, 60_000  # Larger than all that is read at a time.


def body(number, size):
    letters = random.Random(number)
    text = "".join(chr(0x4E00 + letters.randrange(5000)) for _ in range(size))
    return f"<html><p>{text}".encode()


def records(count, size, pack):
    return [record(number, size, pack) for number in range(count)]


@lru_cache
def record(number, size, pack):
    html = body(number, size)
    return record_of("response", [HTML], html, URL.format(number), pack=pack)


def read(path, *parts):
    """Write a file and read it: numbers of pages, damages, what was left out."""
    path.write_bytes(b"".join(parts))
    found = list(read_pages({"others": path}, lambda _: True))
    pages = [int(each.url[-13:-6]) for each in found if isinstance(each, Page)]
    damages = [each for each in found if isinstance(each, Damage)]
    return pages, damages, [each for each in found if isinstance(each, LeftOut)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "others.warc.gz"


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_a_whole_file_has_no_damage(path, size, pack):
    parts = records(5, size, pack)

    assert read(path, *parts) == ([*range(5)], [], [])
    assert read(path, *parts, pack(b"")) == ([*range(5)], [], [])


@pytest.mark.parametrize("several", [1, 2])
def test_members_of_any_number_of_records_are_no_damage(path, several):
    parts = records(6, LARGE, bytes)
    groups = [b"".join(parts[n : n + several]) for n in range(0, 6, several)]

    assert read(path, *map(gzip.compress, groups)) == ([*range(6)], [], [])


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("where", [0, 1, 2, 3, 30, 0.5, 0.99, -7, -2])
@pytest.mark.parametrize("which", [0, 3, 9])
def test_a_bad_byte_costs_one_record_and_is_told_where(path, size, where, which):
    parts = records(10, size, gzip.compress)
    due = sum(map(len, parts[:which])), sum(map(len, parts[: which + 1]))
    spoilt = bytearray(parts[which])
    spoilt[int(where * len(spoilt)) if 0 < where < 1 else where] ^= 0x55
    parts[which] = bytes(spoilt)

    pages, [damage], _ = read(path, *parts)

    assert pages == [n for n in range(10) if n != which]
    assert (damage.place.offset, damage.end) == due


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("pack", [gzip.compress, bytes])
@pytest.mark.parametrize("junk", [b"\xa5" * 300, b"\xa5" * 200_000])
def test_junk_between_records_costs_no_record(path, size, pack, junk):
    parts = records(4, size, pack)
    start = len(parts[0]) + len(parts[1])

    pages, [damage], _ = read(path, *parts[:2], junk, *parts[2:])

    assert pages == [0, 1, 2, 3]
    assert (damage.place.offset, damage.end) == (start, start + len(junk))


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("pack", [gzip.compress, bytes])
@pytest.mark.parametrize("left", [100, -50])
def test_a_cut_file_is_told_from_its_last_record_on(path, size, pack, left):
    parts = records(3, size, pack)
    start = len(parts[0]) + len(parts[1])
    cut = parts[2][:left]

    pages, [damage], _ = read(path, *parts[:2], cut)

    assert pages == [0, 1]
    assert (damage.place.offset, damage.end) == (start, start + len(cut))
    assert damage.is_cut


def test_a_record_that_swallows_the_rest_costs_itself_alone(path):
    parts = records(4, SMALL, bytes)
    parts[1] = parts[1].replace(b"Content-Length: ", b"Content-Length: 9")

    pages, [damage], _ = read(path, *parts)

    assert pages == [0, 2, 3]
    assert damage.end - damage.place.offset == len(parts[1])


def test_several_damages_are_told_one_by_one(path):
    parts = records(9, SMALL, gzip.compress)
    for which in (2, 3, 6):
        parts[which] = b"\x1f\x8b\x08" + parts[which][3:-20][::-1] + b"\x1f\x8b\x08"

    pages, damages, _ = read(path, *parts)

    assert pages == [0, 1, 4, 5, 7, 8]
    assert [each.end - each.place.offset for each in damages] == [
        len(parts[2]) + len(parts[3]),
        len(parts[6]),
    ]


def test_a_bad_byte_in_a_file_packed_as_a_whole_costs_what_follows(path):
    whole = bytearray(gzip.compress(b"".join(records(6, LARGE, bytes))))
    whole[len(whole) // 2] ^= 0x55

    pages, [damage], _ = read(path, bytes(whole))

    assert pages[:2] == [0, 1]
    assert len(whole) // 4 < damage.place.offset < damage.end == len(whole)


@pytest.mark.parametrize(
    "type_", [b"WARC-Ty\xffe: response", b"WARC-Type: respanse", b"WARC-Type response"]
)
@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_a_record_of_no_known_type_is_counted(path, type_, pack):
    parts = records(3, SMALL, bytes)
    parts[1] = parts[1].replace(b"WARC-Type: response", type_)

    pages, damages, left_out = read(path, *map(pack, parts))

    assert (pages, damages) == ([0, 2], [])
    assert left_out == [LeftOut("of no known WARC-Type")]


@pytest.mark.parametrize(
    "url",
    [
        "metadata://gnu.org/software/wget/warc/MANIFEST.txt",
        "<metadata://gnu.org/software/wget/warc/wget.log>",
        "dns:finance.sina.com.cn",
        "urn:pageinfo:https://finance.sina.com.cn/",
    ],
)
def test_what_programs_note_beside_the_pages_is_no_page(path, url):
    note = record_of("resource", [], b"notes", url, **{"Content-Type": "text/plain"})

    assert read(path, note, *records(1, SMALL, gzip.compress)) == ([0], [], [])


def test_a_file_that_goes_away_is_told(path):
    with pytest.raises(StoreError, match=r"others\.warc\.gz: cannot be read"):
        list(read_pages({"others": path}, lambda _: True))


def test_what_the_disk_refuses_is_no_damage_of_the_file():
    with pytest.raises(StoreError, match="mem: cannot be read: Input/output error"):
        list(read_pages({"others": Path("/proc/self/mem")}, lambda _: True))


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
@pytest.mark.parametrize("whole", [True, False])
def test_a_gauge_moves_while_nothing_is_found(path, pack, whole):
    parts = records(30, LARGE, bytes if whole else pack)
    path.write_bytes(pack(b"".join(parts)) if whole else b"".join(parts))
    gauge = Gauge(path.stat().st_size)
    file = Gauged(path, gauge)

    steps = [gauge.done for _ in read_pages({"a": file}, lambda _: False)]

    assert steps == sorted(steps)
    assert len(set(steps)) > 20
    assert gauge.done == gauge.total


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    paths = [tmp_path / name for name in ("a/x/w.gz", "b/x/w.gz", "b/v.gz")]

    assert [*tell_apart(paths)] == ["a/x/w.gz", "b/x/w.gz", "v.gz"]
    assert [*tell_apart([*paths[:1], tmp_path / "x/a/x/w.gz"])] == [
        "/".join(paths[0].parts[1:][-4:]),
        "x/a/x/w.gz",
    ]
    with pytest.raises(OptionError, match="is named twice"):
        tell_apart([tmp_path / "a/w.gz", tmp_path / "b/../a/w.gz"])
