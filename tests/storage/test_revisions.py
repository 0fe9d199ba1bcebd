"""The documents of earlier versions: kept to the byte, and found again."""

import pytest

from crawler.core.errors import StoreError
from crawler.storage.files import place_durably
from crawler.storage.revisions import (
    keep_old,
    old_path,
    packed,
    read_document,
)

PATH = "金融/2026/a.html"
OLD = b"old\r\n\xff"


@pytest.fixture
def document(tmp_path):
    """A published document."""
    path = tmp_path / "posts" / PATH
    place_durably([(path, OLD)], store=tmp_path)
    return path


def test_an_old_document_comes_back_to_the_byte(document, tmp_path):
    keep_old(tmp_path, old_path(tmp_path, PATH, 1), OLD)
    place_durably([(document, "new")], store=tmp_path)

    assert read_document(tmp_path, PATH, 1, latest=False) == OLD
    assert read_document(tmp_path, PATH, 2, latest=True) == b"new"


def test_a_copy_that_is_there_stays(tmp_path):
    copy = old_path(tmp_path, PATH, 1)
    keep_old(tmp_path, copy, OLD)

    keep_old(tmp_path, copy, b"begun")

    assert read_document(tmp_path, PATH, 1, latest=False) == OLD


def test_equal_documents_make_equal_copies():
    assert packed("一篇") == packed("一篇".encode())


def test_a_copy_a_store_of_the_first_days_kept_is_read(tmp_path):
    plain = old_path(tmp_path, PATH, 1).with_suffix("")
    place_durably([(plain, OLD)], store=tmp_path)

    assert plain.name == "a.1.html"
    assert read_document(tmp_path, PATH, 1, latest=False) == OLD


@pytest.mark.parametrize("wall", ["revisions", "revisions/金融"])
def test_a_file_where_the_copys_folder_must_be_is_named(document, tmp_path, wall):
    (tmp_path / wall).parent.mkdir(exist_ok=True)
    (tmp_path / wall).write_text("")

    with pytest.raises(StoreError, match=r"a\.1\.html\.gz: cannot be written"):
        keep_old(tmp_path, old_path(tmp_path, PATH, 1), OLD)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "cannot be read"),
        (lambda path: path.write_bytes(b"\x1f\x8b" + bytes(40)), "cannot be read"),
        (lambda path: path.write_text("no gzip"), "cannot be read"),
    ],
    ids=["missing", "cut", "damaged", "foreign"],
)
def test_a_copy_that_cannot_be_read_is_named(document, tmp_path, damage, problem):
    copy = old_path(tmp_path, PATH, 1)
    keep_old(tmp_path, copy, OLD)
    damage(copy)

    with pytest.raises(StoreError, match=rf"a\.1\.html.*{problem}.*--json"):
        read_document(tmp_path, PATH, 1, latest=False)
