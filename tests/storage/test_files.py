"""Files that are whole or as they were."""

import os

import pytest

from crawler.core.errors import StoreError
from crawler.storage.files import (
    append_line_batch,
    place_durably,
    place_lines,
    read_present,
    sweep_temporaries,
    sync_file,
)


def listing(folder):
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


# place_durably


def test_files_are_placed_in_folders_made_for_them(tmp_path):
    place_durably(
        [(tmp_path / "a/b/c.html", "纸"), (tmp_path / "d.html", "鸢")], store=tmp_path
    )

    assert listing(tmp_path) == {"a/b/c.html": "纸".encode(), "d.html": "鸢".encode()}


def test_a_file_is_replaced_not_rewritten(tmp_path):
    path = tmp_path / "a.html"
    place_durably([(path, "old")], store=tmp_path)
    os.link(path, tmp_path / "kept")

    place_durably([(path, "new")], store=tmp_path)

    assert listing(tmp_path) == {"a.html": b"new", "kept": b"old"}


def test_line_ends_are_written_as_they_are(tmp_path):
    place_durably([(tmp_path / "a", "1\n2\r\n3\r")], store=tmp_path)

    assert (tmp_path / "a").read_bytes() == b"1\n2\r\n3\r"


def test_a_batch_of_many_files_is_placed_whole(tmp_path):
    files = {f"{number % 3}/{number}": f"纸{number}" * 50 for number in range(70)}

    place_durably(
        [(tmp_path / name, text) for name, text in files.items()], store=tmp_path
    )

    assert listing(tmp_path) == {name: text.encode() for name, text in files.items()}


@pytest.mark.parametrize("order", [1, -1], ids=["good first", "bad first"])
def test_a_batch_with_a_bad_file_changes_none(tmp_path, order):
    (tmp_path / "a").write_text("old")
    (tmp_path / "wall").write_text("")
    batch = [(tmp_path / "a", "new"), (tmp_path / "wall/b", "new")]

    with pytest.raises(StoreError, match="wall/b: cannot be written"):
        place_durably(batch[::order], store=tmp_path)

    assert listing(tmp_path) == {"a": b"old", "wall": b""}


def test_a_text_that_is_no_unicode_changes_nothing(tmp_path):
    with pytest.raises(UnicodeEncodeError):
        place_durably(
            [(tmp_path / "a", "fine"), (tmp_path / "b", "\ud800")], store=tmp_path
        )

    assert listing(tmp_path) == {}


def test_a_disk_that_fills_up_changes_nothing(tmp_path, full_disk):
    (tmp_path / "a").write_text("old")

    with full_disk(1000), pytest.raises(StoreError, match="b: cannot be written"):
        place_durably(
            [(tmp_path / "a", "new"), (tmp_path / "b", "x" * 1001)], store=tmp_path
        )

    assert listing(tmp_path) == {"a": b"old"}


def test_a_folder_in_the_files_place_is_named(tmp_path):
    (tmp_path / "a").mkdir()

    with pytest.raises(StoreError, match="a: cannot be written: Is a directory"):
        place_durably([(tmp_path / "a", "new")], store=tmp_path)

    assert listing(tmp_path) == {}


# Lines


def test_lines_are_appended(tmp_path):
    path = tmp_path / "feeds/a.jsonl"

    append_line_batch(path, ["1\n", "2\n"])
    append_line_batch(path, ["三\n"])

    assert path.read_text("utf-8") == "1\n2\n三\n"


@pytest.mark.parametrize("limit", [10, 11, 15, 999])
def test_lines_that_do_not_fit_leave_no_part_of_them(tmp_path, full_disk, limit):
    path = tmp_path / "a.jsonl"
    path.write_text("whole one\n")

    with full_disk(limit), pytest.raises(StoreError, match=r"a\.jsonl: cannot be"):
        append_line_batch(path, ["x" * 999 + "\n"])

    assert path.read_text() == "whole one\n"


def test_lines_are_placed_whole(tmp_path):
    path = tmp_path / "feeds/a.jsonl"
    append_line_batch(path, ["1\n", "half"])

    place_lines(path, iter(["1\n", "2\n"]))

    assert listing(tmp_path) == {"feeds/a.jsonl": b"1\n2\n"}


def test_no_lines_are_no_file(tmp_path):
    (tmp_path / "a.jsonl").write_text("half a l")

    place_lines(tmp_path / "a.jsonl", [])

    assert listing(tmp_path) == {}


def test_lines_that_cannot_be_placed_leave_the_file(tmp_path, full_disk):
    path = tmp_path / "a.jsonl"
    path.write_text("whole\n")

    with full_disk(100), pytest.raises(StoreError, match=r"a\.jsonl: cannot be"):
        place_lines(path, ["x" * 101])

    assert listing(tmp_path) == {"a.jsonl": b"whole\n"}


def test_lines_that_cannot_be_made_leave_the_file(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("whole\n")

    with pytest.raises(ZeroDivisionError):
        place_lines(path, (str(1 / number) for number in (1, 0)))

    assert listing(tmp_path) == {"a.jsonl": b"whole\n"}


# The rest


def test_a_file_that_is_not_there_needs_no_sync(tmp_path):
    sync_file(tmp_path / "a")

    assert listing(tmp_path) == {}


def test_temporary_files_are_swept_and_nothing_else(tmp_path):
    for name in (".a.html.tmp", "b/c/.d.jsonl.tmp", "e.tmp", ".f", "b/g.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert sweep_temporaries(tmp_path) == 2
    assert set(listing(tmp_path)) == {"e.tmp", ".f", "b/g.html"}


@pytest.mark.parametrize("name", ["none", "folder", "file/under", "x" * 300])
def test_where_no_file_lies_there_is_nothing_to_read(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("纸")

    assert read_present(tmp_path / name) is None
    assert read_present(tmp_path / "file") == "纸".encode()
