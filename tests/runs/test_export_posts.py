"""``scrapy export --posts``: a folder holds the documents of a selection, no others."""

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from crawler.demo import DemoSite

ELSEWHERE = Path("/dev/shm")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory, crawl_into):
    """A store with a few feeds of the sample site, not to be changed."""
    crawl = crawl_into(tmp_path_factory.mktemp("crawled"))
    with DemoSite() as site:
        crawl.mirror = site.url
        crawl("finance", "-a", "feeds=stock,us-stock,live")
    return crawl


@pytest.fixture
def stored(crawled, crawl_into, tmp_path):
    """A store of one test's own."""
    shutil.copytree(crawled.output, tmp_path / "output")
    return crawl_into(tmp_path)


@pytest.fixture
def target(tmp_path):
    """Where the documents go."""
    return tmp_path / "site" / "source" / "_posts"


@pytest.fixture
def export(stored, target):
    """Export into the folder."""
    return lambda *args: stored.run("export", "--posts", str(target), *args)


def documents(folder):
    """Every visible file of a folder: its path and what it holds."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in files
        if not path.name.startswith(".")
    }


def everything(folder):
    """Every entry of a folder, hidden ones as well."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_the_folder_holds_every_document_under_its_path(stored, export, target):
    run = export()

    assert run.returncode == 0, run.stderr
    assert run.stdout == ""
    assert documents(target) == documents(stored.output / "posts")
    count = len(stored.documents)
    told = f"{count} posts in {target} ({count} new or changed, 0 removed)"
    assert run.stderr.splitlines() == [f"scrapy export: {told}"]


def test_documents_are_hard_links_where_that_is_possible(stored, export, target):
    export()

    assert all(
        (target / path).samefile(stored.output / "posts" / path)
        for path in documents(target)
    )


@pytest.mark.skipif(not os.access(ELSEWHERE, os.W_OK), reason="needs /dev/shm")
def test_on_another_file_system_documents_are_copies(stored, request):
    target = ELSEWHERE / f"posts-{os.getpid()}"
    request.addfinalizer(lambda: shutil.rmtree(target))

    first = stored.run("export", "--posts", str(target))
    second = stored.run("export", "--posts", str(target))

    assert first.returncode == 0, first.stderr
    assert documents(target) == documents(stored.output / "posts")
    assert "(0 new or changed, 0 removed)" in second.stderr


def test_a_second_export_changes_nothing(export, target):
    export()
    before = {path: path.stat().st_ino for path in target.rglob("*.html")}

    run = export()

    assert "(0 new or changed, 0 removed)" in run.stderr
    assert {path: path.stat().st_ino for path in target.rglob("*.html")} == before


def test_what_is_no_longer_selected_goes_with_its_empty_folders(stored, export, target):
    export()

    run = export("--feed", "live")

    left = documents(target)
    assert 0 < len(left) < len(stored.documents)
    assert f"{len(stored.documents) - len(left)} removed" in run.stderr
    assert json.loads((target / ".exported.json").read_bytes()) == sorted(left)
    assert not [
        path for path in target.rglob("*") if path.is_dir() and not any(path.iterdir())
    ]


def test_the_selection_is_that_of_the_records(stored, export, target):
    chosen = ["--since", "2026-11-19", "--until", "2026-11-20"]
    records = stored.run("export", *chosen).stdout.splitlines()

    export(*chosen)

    assert sorted(documents(target)) == sorted(json.loads(r)["path"] for r in records)


def test_a_revised_document_takes_the_place_of_the_old(stored, export, target):
    export()
    document = stored.documents[0]
    newer = document.with_name("newer")
    newer.write_bytes(document.read_bytes() + b" ")
    newer.replace(document)

    run = export()

    assert "(1 new or changed, 0 removed)" in run.stderr
    assert documents(target) == documents(stored.output / "posts")


def test_files_of_others_stay(export, target):
    export()
    own = target / "about.md"
    beside = next(target.rglob("*.html")).with_name("mine.html")
    for path in (own, beside):
        path.write_text("mine")

    assert export("--until", "2015-01-01").returncode == 0

    assert documents(target).keys() == {
        "about.md",
        beside.relative_to(target).as_posix(),
    }


def test_a_document_never_replaces_a_file_of_others(stored, export, target):
    path = stored.documents[0].relative_to(stored.output / "posts")
    (target / path).parent.mkdir(parents=True)
    (target / path).write_text("mine")

    run = export()

    assert run.returncode == 2
    assert str(path) in run.stderr
    assert documents(target) == {path.as_posix(): b"mine"}


def test_an_export_that_was_killed_is_completed(stored, export, target):
    """It had written its list and some documents, and one was half copied."""
    paths = sorted(documents(stored.output / "posts"))
    for path in paths[:5]:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        os.link(stored.output / "posts" / path, target / path)
    half = (target / paths[5]).with_name(f".{Path(paths[5]).name}.tmp")
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_text("half")
    (target / ".exported.json").write_text(json.dumps([*paths, "gone/old.html"]))

    run = export()

    assert run.returncode == 0, run.stderr
    assert documents(target) == documents(stored.output / "posts")
    assert not half.exists()
    assert json.loads((target / ".exported.json").read_bytes()) == paths


@pytest.mark.parametrize(
    "path",
    ["../x.html", "a/../../x.html", "/tmp/x.html", "a//x.html", "./x.html", "x.md", 7],
    ids=str,
)
def test_a_list_that_leaves_the_folder_is_refused(export, target, path):
    victim = target.parent / "x.html"
    target.mkdir(parents=True)
    victim.write_text("mine")
    (target / ".exported.json").write_text(json.dumps([path]))

    run = export()

    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert victim.read_text() == "mine"
    assert everything(target) == [".exported.json"]


def test_a_path_of_the_index_that_leaves_the_folder_is_refused(stored, export, target):
    from crawler.storage.versions import pack, unpack

    with closing(sqlite3.connect(stored.output / "index.sqlite")) as index:
        number, blob = index.execute("SELECT number, record FROM versions").fetchone()
        record = {**unpack(blob), "path": "../../escaped.html"}
        index.execute(
            "UPDATE versions SET record = ? WHERE number = ?", (pack(record), number)
        )
        index.commit()

    run = export()

    assert run.returncode == 2
    assert not (target.parent / "escaped.html").exists()


@pytest.mark.parametrize("depth", [1, 2, 3], ids=["first", "second", "third"])
def test_no_document_goes_through_a_symbolic_link(
    stored, export, target, depth, tmp_path
):
    outside = tmp_path / "outside"
    outside.mkdir()
    first = stored.documents[0].relative_to(stored.output / "posts")
    link = target.joinpath(*first.parts[:depth])
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)

    run = export()

    assert run.returncode == 2
    assert "symbolic link" in run.stderr
    assert everything(outside) == []


def test_nothing_is_removed_through_a_symbolic_link(export, target, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.html").write_text("mine")
    target.mkdir(parents=True)
    (target / "old").symlink_to(outside)
    (target / ".exported.json").write_text('["old/x.html"]')

    assert export().returncode == 2
    assert everything(outside) == ["x.html"]


@pytest.mark.parametrize("place", ["output", "output/posts", "output/runs/x", "."])
def test_a_folder_that_overlaps_with_the_store_is_refused(stored, place):
    before = everything(stored.output)

    run = stored.run("export", "--posts", str(stored.output.parent / place))

    assert run.returncode == 2
    assert everything(stored.output) == before


@pytest.mark.parametrize(
    "args",
    [
        ["--posts", ""],
        ["--posts", "/dev/null"],
        ["--posts", "x", "--format", "csv"],
        ["--posts", "x", "--since", "soon"],
    ],
    ids=["empty", "a file", "format", "day"],
)
def test_a_wrong_option_is_code_2(stored, args):
    run = stored.run("export", *args)

    assert run.returncode == 2
    assert run.stderr.startswith("scrapy export: --")


def test_without_a_store_it_is_code_3_and_no_folder(crawl, target):
    run = crawl.run("export", "--posts", str(target))

    assert run.returncode == 3
    assert not target.exists()


def test_a_missing_document_is_code_3(stored, export, target):
    lost = stored.documents[0]
    lost.unlink()

    run = export()

    assert run.returncode == 3
    assert lost.name in run.stderr
    assert "is missing" in run.stderr
    assert not target.exists()


def test_a_folder_that_cannot_be_made_is_code_3(export, target):
    target.parent.parent.write_text("a file")

    run = export()

    assert run.returncode == 3
    assert "Traceback" not in run.stderr


def test_a_crawl_may_hold_the_store_meanwhile(stored, export, target):
    lock = stored.output / ".lock"
    command = ["flock", "--exclusive", lock, "cat"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as run:
        # What cat gives back shows that it runs, and so that the lock is held.
        run.stdin.write(b"held\n")
        run.stdin.flush()
        assert run.stdout.readline() == b"held\n"

        assert export().returncode == 0

        run.stdin.close()
    assert documents(target) == documents(stored.output / "posts")
