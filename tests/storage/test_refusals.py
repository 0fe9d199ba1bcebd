"""What a disk that refuses leaves behind, and how it heals."""

import shutil

import pytest

from crawler.core.errors import PathRefused, StoreError
from crawler.core.frontmatter import load

POST_COUNT = "SELECT count(*) FROM posts"


def as_file(folder):
    """Put a file where a folder must be, so that nothing can be written below it."""
    if folder.exists():
        shutil.move(folder, folder.with_name(folder.name + ".away"))
    folder.write_text("in the way")


def as_folder(folder):
    folder.unlink()
    away = folder.with_name(folder.name + ".away")
    if away.exists():
        shutil.move(away, folder)


def test_a_post_that_cannot_be_placed_is_not_acknowledged(
    store, make_post, output, rows, exported
):
    as_file(output / "posts")

    with pytest.raises(StoreError, match="posts"):
        store.keep(make_post())

    assert rows(store, POST_COUNT) == [0]
    assert exported() == []


def test_the_next_keep_heals_what_could_not_be_placed(
    store, make_post, output, rows, exported
):
    as_file(output / "posts")
    with pytest.raises(StoreError):
        store.keep(make_post())
    as_folder(output / "posts")

    store.keep(make_post())

    assert rows(store, POST_COUNT) == [1]
    assert [record["id"] for record in exported()] == [make_post().id]


def test_one_post_that_cannot_be_placed_takes_its_whole_batch_back(
    store, make_post, output, rows, files_below
):
    bad = make_post(2, categories=("堵",))
    (output / "posts").mkdir()
    (output / "posts" / "堵").write_text("in the way")

    with pytest.raises(PathRefused, match="堵"):
        store.keep_all([(make_post(1), None), (bad, None)])

    assert rows(store, POST_COUNT) == [0]
    assert files_below("posts") == ["堵"]


@pytest.mark.parametrize("link", ["金融", "金融/新浪财经/2026"])
def test_no_document_is_written_through_a_symbolic_link(
    store, make_post, output, tmp_path, link
):
    (tmp_path / "elsewhere").mkdir()
    (output / "posts" / link).parent.mkdir(parents=True, exist_ok=True)
    (output / "posts" / link).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(PathRefused, match="symbolic link"):
        store.keep(make_post())

    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("name", [".{}.tmp", "{}"])
def test_a_symbolic_link_at_a_documents_place_is_not_written_through(
    store, make_post, output, tmp_path, name
):
    path = output / "posts" / store.keep(make_post()).record["path"]
    (tmp_path / "victim").write_text("untouched")
    path.with_name(name.format(path.name)).unlink(missing_ok=True)
    path.with_name(name.format(path.name)).symlink_to(tmp_path / "victim")

    with pytest.raises(PathRefused):
        store.keep(make_post(title="改题"))

    assert (tmp_path / "victim").read_text() == "untouched"


def test_an_export_is_not_written_through_a_symbolic_link(
    store, make_post, output, tmp_path
):
    (tmp_path / "victim").write_text("untouched")
    (output / "feeds").mkdir()
    (output / "feeds/first.jsonl").symlink_to(tmp_path / "victim")

    with pytest.raises(StoreError, match=r"first\.jsonl"):
        store.keep(make_post())

    assert (tmp_path / "victim").read_text() == "untouched"


def test_the_posts_may_lie_on_another_disk(store, make_post, output, tmp_path):
    (tmp_path / "other").mkdir()
    (output / "posts").symlink_to(tmp_path / "other")

    path = store.keep(make_post()).record["path"]

    assert (tmp_path / "other" / path).is_file()


def test_a_full_disk_changes_no_document(store, make_post, output, full_disk, rows):
    path = output / "posts" / store.keep(make_post()).record["path"]
    before = path.read_bytes()
    edited, big = make_post(title="改题"), make_post(2, text="纸价回升。" * 60_000)

    with full_disk(400_000), pytest.raises(StoreError, match="too large"):
        store.keep_all([(edited, None), (big, None)])

    assert path.read_bytes() == before
    assert rows(store, "SELECT max(revision) FROM posts") == [1]


def test_a_full_disk_leaves_no_temporary_file(store, make_post, full_disk, files_below):
    big = make_post(text="纸价回升。" * 60_000)

    with full_disk(400_000), pytest.raises(StoreError):
        store.keep(big)

    assert files_below("posts") == []


def test_an_old_version_that_cannot_be_kept_stops_the_revision(
    store, make_post, output, rows
):
    path = output / "posts" / store.keep(make_post()).record["path"]
    before = path.read_bytes()
    beside = (output / "revisions" / path.relative_to(output / "posts")).parent
    beside.parent.mkdir(parents=True)
    beside.write_text("in the way")

    with pytest.raises(StoreError, match="revisions"):
        store.keep(make_post(title="改题"))

    assert path.read_bytes() == before
    assert rows(store, "SELECT revision FROM posts") == [1]


def test_an_index_that_cannot_grow_records_nothing_of_a_page(
    store, make_entry, output, full_disk, rows
):
    size = (output / "index.sqlite").stat().st_size
    entries = [make_entry(number) for number in range(3000)]

    with full_disk(size), pytest.raises(StoreError, match=r"index\.sqlite"):
        store.sift(entries)

    assert rows(store, "SELECT count(*) FROM listings") == [0]
    assert store.sift(entries) == entries


# The exported feed


def test_a_feed_that_cannot_grow_ends_with_a_whole_line(
    store, make_post, output, exported, full_disk
):
    limit = (output / "index.sqlite").stat().st_size * 3
    posts = [make_post(number, text=f"{number}" * 9000) for number in range(999)]

    with full_disk(limit), pytest.raises(StoreError, match="jsonl"):
        list(map(store.keep, posts))

    assert len(exported()) > 1
    assert (output / "feeds/first.jsonl").stat().st_size < limit


@pytest.fixture
def lineless(store, make_post, output):
    """A store whose post 1 is kept, but could not be exported."""
    as_file(output / "feeds")
    with pytest.raises(StoreError, match="feeds"):
        store.keep(make_post(1))
    as_folder(output / "feeds")
    return store


def test_the_next_keep_makes_up_for_a_missing_line(lineless, make_post, exported):
    lineless.keep_all([(make_post(1), None), (make_post(2), None)])

    assert [each["id"] for each in exported()] == [make_post(1).id, make_post(2).id]


def test_the_end_of_the_run_makes_up_for_a_missing_line(lineless, make_post, exported):
    lineless.close()

    assert [each["id"] for each in exported()] == [make_post(1).id]


def test_the_next_run_makes_up_for_a_missing_line(
    lineless, make_post, exported, crash, open_store
):
    crash(lineless)

    open_store("second")

    assert [each["id"] for each in exported()] == [make_post(1).id]


def test_a_run_whose_feed_cannot_be_mended_stays_unfinished(
    open_store, make_post, output, exported
):
    store = open_store()
    as_file(output / "feeds")
    for action in (lambda: store.keep(make_post()), store.close):
        with pytest.raises(StoreError, match="feeds"):
            action()
    as_folder(output / "feeds")

    open_store("second")

    assert [record["id"] for record in exported()] == [make_post().id]


def test_a_post_kept_after_a_refusal_is_whole(store, make_post, output):
    as_file(output / "posts")
    with pytest.raises(StoreError):
        store.keep_all([(make_post(1), None), (make_post(2), None)])
    as_folder(output / "posts")

    kept = store.keep_all([(make_post(1), None), (make_post(2), None)])

    paths = [output / "posts" / each.record["path"] for each in kept]
    assert [load(path.read_text("utf-8")).title for path in paths] == [
        make_post(1).title,
        make_post(2).title,
    ]
