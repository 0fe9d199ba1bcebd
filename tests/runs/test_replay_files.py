"""A replay of files that were moved, renamed, packed anew, damaged or badly chosen."""

import gzip

import pytest

from crawler.storage.archive_records import read_records
from tests.runs.test_replay import files_of

URL = "https://finance.sina.com.cn/china/2023-11-15/doc-iabcdefg000000{}.shtml"


@pytest.fixture
def fetch(crawl, server, page):
    """Crawl an article by its number."""

    def fetched(number, title):
        url = URL.format(number)
        server.serve_page(url, page(f"abcdefg000000{number}", title))
        run = crawl("article", "-a", f"url={url}")
        assert run.returncode == 0, run.stderr

    return fetched


@pytest.fixture
def moved(crawl, fetch, tmp_path):
    """An archive of two files, away from their store and under other names."""
    fetch(1, "第一篇")
    [first] = (crawl.output / "archive").iterdir()
    first = first.rename(tmp_path / "z.gz")
    fetch(1, "第一篇，更新")
    fetch(2, "第二篇")
    [second] = (crawl.output / "archive").iterdir()
    return first, second.rename(tmp_path / "b.gz")


@pytest.fixture
def replay(crawl, tmp_path):
    """Replay into a folder; what is in it then, and what was said."""

    def replayed(*args, code=0):
        run = crawl.run("replay", *map(str, args), "--into", str(tmp_path / "into"))
        assert run.returncode == code, run.stdout + run.stderr
        into = tmp_path / "into"
        return files_of(into) if into.exists() else {}, run.stdout + run.stderr

    return replayed


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_and_names_of_the_files_make_no_difference(
    crawl, moved, replay, order
):
    there = files_of(crawl.output)

    found, _ = replay(*moved[::order])

    assert sorted(found) == sorted(there)
    assert [path for path in there if found[path] != there[path]] == []


def test_a_page_in_a_file_that_is_not_there_is_said_to_be_so(crawl, fetch, tmp_path,
                                                             replay):  # fmt: skip
    fetch(1, "第一篇")
    [first] = (crawl.output / "archive").iterdir()
    first.rename(tmp_path / "a.gz")
    fetch(1, "第一篇")  # Unchanged: its page is in the first file.
    fetch(2, "第二篇")

    found, said = replay(code=1)

    assert "1 steps left out: its page is not in these files, or damaged" in said
    assert len([path for path in found if path.startswith("posts/")]) == 1


def test_a_damaged_page_is_said_to_be_so(crawl, fetch, replay):
    fetch(1, "第一篇")
    [file] = (crawl.output / "archive").iterdir()
    [page] = [r.place for r in read_records(file, "a") if r.kind == "response"]
    data = bytearray(file.read_bytes())
    data[page.offset + 100] ^= 255
    file.write_bytes(data)

    _, said = replay(code=1)

    assert "1 steps left out: its page is not in these files, or damaged" in said
    assert f"bytes at {page.offset}: damaged" in said


def test_a_file_that_was_packed_anew_is_told_of(moved, replay):
    first, _ = moved
    first.write_bytes(gzip.compress(gzip.decompress(first.read_bytes())))

    _, said = replay(first, code=1)

    assert "more than one record in a gzip member: packed anew" in said


def test_a_cut_record_that_is_closed_off_is_told_in_log_and_report(crawl, fetch):
    fetch(1, "第一篇")
    [file] = (crawl.output / "archive").iterdir()
    with file.open("ab") as archive:
        archive.write(gzip.compress(b"WARC/1.1")[:-5])

    run = crawl("article", "-a", f"url={URL.format(1)}")

    line = f"archive/{file.name}: 23 bytes of a cut record closed off"
    assert run.stderr.count(line) == 1
    assert [report["mended"] for report in crawl.reports()] == [[], [line]]


def test_the_same_file_twice_is_refused(moved, replay):
    _, said = replay(moved[0], moved[0], code=2)

    assert "is the name of two of the files" in said
