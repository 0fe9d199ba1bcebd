"""The catalogue's files, from the disk."""

import pytest

from crawler.core.errors import CatalogueError
from crawler.storage.catalogue import read_catalogue

SITE = """
name: 镜湖财经
categories: [金融, 镜湖财经]
hosts: [sina.com.cn]
placeholder: https://n.sinaimg.cn/kite.png
feeds:
  - {id: FEED, title: 镜湖, url: "https://sina.com.cn/FEED?page={page}", format: roll}
"""


@pytest.fixture
def write(tmp_path):
    def written(name, feed):
        (tmp_path / name).write_text(SITE.replace("FEED", feed), encoding="utf-8")

    return written


def test_sites_come_in_the_order_of_their_names(write, tmp_path):
    write("b.yaml", "second")
    write("a.yaml", "first")

    feeds = [feed.id for feed in read_catalogue(tmp_path).feeds]

    assert feeds == ["first", "second"]


def test_other_files_are_no_sites(write, tmp_path):
    write("a.yaml", "first")
    write("README.md", "second")
    write("a.yaml.bak", "third")

    assert [feed.id for feed in read_catalogue(tmp_path).feeds] == ["first"]


@pytest.mark.parametrize("name", ["", "missing"], ids=["empty", "missing"])
def test_a_folder_without_sites_is_named(tmp_path, name):
    with pytest.raises(CatalogueError, match="check CATALOGUE_DIR") as refusal:
        read_catalogue(tmp_path / name)

    assert str(tmp_path / name) in str(refusal.value)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "a.yaml").write_bytes("名: 镜湖".encode("gb18030"))

    with pytest.raises(CatalogueError, match="cannot be read"):
        read_catalogue(tmp_path)


def test_a_folder_with_the_name_of_a_site_is_refused(tmp_path):
    (tmp_path / "a.yaml").mkdir()

    with pytest.raises(CatalogueError, match="cannot be read"):
        read_catalogue(tmp_path)


def test_a_wrong_file_is_named_with_its_folder(write, tmp_path):
    write("a.yaml", "Not An Id")

    with pytest.raises(CatalogueError, match=f"{tmp_path.name}/a.yaml"):
        read_catalogue(tmp_path)
