"""Records streamed from the store: selected, valid, and in constant memory."""

import csv
import io
import json
import tracemalloc
from collections import deque
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest

from crawler.core.errors import StoreError
from crawler.core.markup import Image
from crawler.core.records import FIELDS, record_line, record_schema
from crawler.core.symbols import Symbol
from crawler.storage.exports import Selection, csv_lines, stream_records
from crawler.storage.index import open_index, transaction

MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def keep(store, make_post):
    """Keep posts that differ from the usual by these changes, numbered from 1."""

    def kept(*changes):
        posts = [make_post(number, **each) for number, each in enumerate(changes, 1)]
        store.keep_all([(post, None) for post in posts])

    return kept


@pytest.fixture
def numbers(output):
    """Export a selection; the posts' numbers."""

    def exported(**selection):
        records = stream_records(output, Selection(**selection))
        return [int(record["id"][7:]) for record in records]

    return exported


@pytest.fixture
def cells(output):
    """Export as CSV; the first post's cells by name."""

    def exported():
        text = "".join(csv_lines(stream_records(output, Selection())))
        return next(csv.DictReader(io.StringIO(text, newline="")))

    return exported


def day(number):
    return {"published": MIDNIGHT + timedelta(days=number)}


# Selections


def test_posts_come_oldest_first(keep, numbers):
    keep(day(3), day(1), day(2), day(1))

    assert numbers() == [2, 4, 3, 1]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"since": 2}, [2, 3, 4]),
        ({"until": 2}, [1]),
        ({"since": 2, "until": 4}, [2, 3]),
        ({"since": 5}, []),
        ({"since": 3, "until": 3}, []),
    ],
    ids=str,
)
def test_since_is_inside_and_until_is_outside(keep, numbers, selection, expected):
    keep(day(1), day(2), day(3), day(4))

    times = {name: day(number)["published"] for name, number in selection.items()}

    assert numbers(**times) == expected


def test_a_feed_selects_what_it_listed_first_or_later(keep, numbers, store, make_entry):
    keep({"feed": "stock"}, {"feed": "china"}, {"feed": "china"})
    store.sift([make_entry(3, "stock")])

    assert numbers(feed="stock") == [1, 3]
    assert numbers(feed="stoc") == []


MAOTAI = {"symbols": (Symbol("sh", "600519", "link"),)}
JPM = {"symbols": (Symbol("us", "JPM", "link"), Symbol("us", "BLK", "link"))}


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("sh600519", [1]),
        ("600519", [1]),
        ("sh:600519", [1]),
        ("us:JPM", [2]),
        ("jpm", [2]),
        ("BLK", [2]),
        ("sz600519", []),
        ("60051", []),
    ],
)
def test_a_symbol_selects_the_posts_that_name_it(keep, numbers, symbol, expected):
    keep(MAOTAI, JPM, {})

    assert numbers(symbol=symbol) == expected


@pytest.mark.parametrize("count", [199, 200, 201, 400])
def test_no_post_is_lost_between_two_batches(keep, numbers, count):
    keep(*[day(1)] * count)

    assert numbers() == list(range(1, count + 1))


def test_the_last_version_of_a_post_is_exported(store, make_post, output):
    for title in ("甲", "乙", "丙"):
        store.keep(make_post(title=title))

    (record,) = stream_records(output, Selection())

    assert (record["title"], record["revision"]) == ("丙", 3)


# Forms


def test_every_line_is_valid_by_the_schema(keep, output):
    picture = {"images": (Image("https://n.sinaimg.cn/a.jpg", "图"),)}
    keep({}, MAOTAI, picture, {"updated": MIDNIGHT, "keywords": ("纸", "风筝")})
    validator = jsonschema.Draft202012Validator(record_schema())

    lines = [record_line(each) for each in stream_records(output, Selection())]

    assert len(lines) == 4
    for line in lines:
        validator.validate(json.loads(line))


def test_csv_has_a_header_and_as_many_cells_in_every_row(keep, output):
    keep({"title": '逗号,引号",换行\n'}, {"title": "回车\r在中间"}, {"title": "\r"})

    text = "".join(csv_lines(stream_records(output, Selection())))
    rows = list(csv.reader(io.StringIO(text, newline="")))

    assert tuple(rows[0]) == FIELDS
    assert [len(row) for row in rows] == [len(FIELDS)] * 4


def test_csv_of_nothing_is_the_header():
    assert list(csv_lines([])) == [",".join(FIELDS) + "\n"]


@pytest.mark.parametrize(
    "title", ["=1+1", "+86", "-5%", "@某某", "\t=1", "\r=1", "＝1+1", "＋1", "＠甲"]
)
def test_a_cell_that_looks_like_a_formula_is_made_text(keep, cells, title):
    keep({"title": title})

    assert cells()["title"] == "'" + title


@pytest.mark.parametrize("title", ["1+1=2", "涨5%", "'=1", "（-5）"])
def test_a_cell_that_is_no_formula_stays(keep, cells, title):
    keep({"title": title})

    assert cells()["title"] == title


def test_csv_joins_lists(keep, cells):
    pictures = (Image("https://a/1.jpg"), Image("https://a/2.jpg", "图"))
    keep({**JPM, "images": pictures, "keywords": ("纸", "风筝")})

    found = cells()

    assert found["symbols"] == "usJPM|usBLK"
    assert found["images"] == "https://a/1.jpg|https://a/2.jpg"
    assert found["keywords"] == "纸|风筝"


# Beside a run


def test_an_export_reads_beside_a_writer_in_the_middle(keep, numbers, output):
    keep({}, {})
    path = output / "index.sqlite"
    writer = open_index(path, writable=True)

    with transaction(writer, path):
        writer.execute("DELETE FROM versions")
        assert numbers() == [1, 2]

    assert numbers() == []
    writer.close()


def test_a_begun_export_holds_up_no_writer(keep, store, make_post, output):
    keep(*[{}] * 300)
    records = stream_records(output, Selection())
    next(records)

    kept = store.keep(make_post(999))

    assert kept.record["id"] in [record["id"] for record in records]


def test_memory_does_not_grow_with_the_store(keep, output):
    keep(*[{}] * 2000)

    def peak(until):
        tracemalloc.start()
        records = stream_records(output, Selection(until=until))
        count = sum(1 for _ in records)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return count, most

    first = MIDNIGHT + timedelta(hours=4, minutes=301)
    (few, small), (many, large) = peak(first), peak(None)

    assert (few, many) == (300, 2000)
    assert large < 2 * small, "the export holds more than a batch: is it a list?"


def test_a_damaged_record_stops_the_export(keep, rows, store, output):
    keep({}, {})
    rows(store, "UPDATE versions SET record = x'00ff' WHERE number = 2")

    with pytest.raises(StoreError, match="record is damaged"):
        deque(stream_records(output, Selection()), maxlen=0)
