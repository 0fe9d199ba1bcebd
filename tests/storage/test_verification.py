"""What is wrong with a store is named, mended, and then no longer wrong."""

import gzip
import os
import re
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from crawler.core.dedup import New, Unchanged
from crawler.core.errors import StoreError, StoreLocked
from crawler.storage.checks import CHECKS
from crawler.storage.document_checks import LINKED
from crawler.storage.exports import Selection, stream_records
from crawler.storage.index import MIGRATIONS
from crawler.storage.verification import verify

RUN = "20261103T000000.000000Z-finance"
DAY = "posts/金融/新浪财经/2026/11/02"
DOC = f"{DAY}/abcdefg{{:07}}.html"
OLD = f"revisions/{DAY.partition('/')[2]}/abcdefg0000001.1.html.gz"
FEED = f"feeds/{RUN}.jsonl"


@pytest.fixture
def sound(open_store, make_post, make_entry, output):
    """A closed store of four posts: the first revised, the third copied."""
    store = open_store(RUN)
    entries = [make_entry(number) for number in range(1, 6)]
    store.sift(entries)
    posts = [make_post(number) for number in (1, 2, 3, 4)]
    posts += [make_post(5, text=posts[2].text), make_post(1, title="改题")]
    store.keep_all(list(zip(posts, [*entries, entries[0]], strict=True)))
    store.close()
    return output


@pytest.fixture
def told(output):
    """Examine the store; the lines of what was found and not mended, or was."""

    def examine(*, full=True, repair=False):
        verdicts = list(verify(output, CHECKS, full=full, repair=repair))
        assert all(verdict.mended == repair for verdict in verdicts), verdicts
        return [verdict.line for verdict in verdicts]

    return examine


@pytest.fixture
def tree(output):
    """Read every document of the store, those of earlier versions too."""

    def read():
        files = [*output.glob("posts/**/*"), *output.glob("revisions/**/*")]
        return {str(path): path.read_bytes() for path in files if path.is_file()}

    return read


@pytest.fixture
def fetch(open_store, make_post, make_entry):
    """Poll one entry in a run of its own, and keep its post."""

    def fetched(number, story=None, *, force=False):
        store = open_store("later")
        [entry] = store.sift([make_entry(number)], force=force)
        kept = store.keep(
            make_post(number, text=make_post(story or number).text), entry
        )
        store.close()
        return kept

    return fetched


def sql(output, *statements):
    with sqlite3.connect(output / "index.sqlite") as index:
        for statement in statements:
            assert index.execute(statement).rowcount, f"{statement} does nothing"
    index.close()


def edit(path):
    pack, unpack = (
        (gzip.compress, gzip.decompress) if path.suffix == ".gz" else (bytes, bytes)
    )
    text = unpack(path.read_bytes()).decode().replace("风筝", "飞机")
    path.write_bytes(pack(text.encode()))


def cut(path, size=-30):
    path.write_bytes(path.read_bytes()[:size])


def link(path):
    elsewhere = path.parents[6] / "elsewhere.html"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def copy(path):
    shutil.copy(path, path.with_name(f"{path.stem}-2.html"))


def spoil_line(path):
    path.write_bytes(path.read_bytes().replace("风筝".encode(), "飞机".encode(), 1))


def as_folder(path):
    path.unlink()
    path.mkdir()


TEMPORARY = f"{DAY}/.abcdefg0000009.html.tmp"
FAULTS = [
    pytest.param(lambda o: (o / DOC.format(1)).unlink(), "1.html: missing", id="gone"),
    pytest.param(lambda o: cut(o / DOC.format(2)), "2.html: damaged", id="cut"),
    pytest.param(lambda o: cut(o / DOC.format(2), 0), "2.html: empty", id="emptied"),
    pytest.param(lambda o: edit(o / DOC.format(3)), "edited by hand", id="edited"),
    pytest.param(lambda o: link(o / DOC.format(3)), "no regular file", id="link"),
    pytest.param(lambda o: as_folder(o / DOC.format(3)), "regular file", id="folder"),
    pytest.param(lambda o: copy(o / DOC.format(4)), "second document", id="twice"),
    pytest.param(
        lambda o: shutil.copy(o / DOC.format(4), o / DOC.format(5)),
        "5.html: a copy of post abcdefg0000003",
        id="copy",
    ),
    pytest.param(lambda o: (o / OLD).unlink(), "1.1.html.gz: missing", id="old gone"),
    pytest.param(lambda o: cut(o / OLD), "1.1.html.gz: damaged", id="old cut"),
    pytest.param(lambda o: edit(o / OLD), "1.1.html.gz: edited", id="old edited"),
    pytest.param(
        lambda o: shutil.copy(o / OLD, o / OLD.replace(".1.", ".7.")),
        "1.7.html.gz: of no version",
        id="old extra",
    ),
    pytest.param(
        lambda o: (o / TEMPORARY).write_text("half"), "temporary file", id="temporary"
    ),
    pytest.param(lambda o: cut(o / FEED, -7), "ends in half a line", id="half line"),
    pytest.param(lambda o: cut(o / FEED, 0), "lacks records", id="empty export"),
    pytest.param(lambda o: spoil_line(o / FEED), "line 1 is not", id="spoilt line"),
    pytest.param(
        lambda o: sql(o, "UPDATE runs SET finished = NULL"), "never ended", id="killed"
    ),
    pytest.param(
        lambda o: sql(o, "UPDATE versions SET record = x'00' WHERE number = 2"),
        "cannot be read",
        id="spoilt record",
    ),
    pytest.param(
        lambda o: sql(
            o,
            "UPDATE versions SET record ="
            " (SELECT record FROM versions WHERE number = 3) WHERE number = 2",
        ),
        "is another's",
        id="swapped record",
    ),
    pytest.param(
        lambda o: sql(o, "INSERT INTO fetches VALUES ('zzzzzzz0000001', 'x', '')"),
        "fetched, but no post",
        id="lost post",
    ),
    pytest.param(
        lambda o: sql(o, "UPDATE duplicates SET of = 'zzzzzzz0000001'"),
        "a copy of zzzzzzz0000001, which is not there",
        id="copy of nothing",
    ),
    pytest.param(
        lambda o: sql(
            o,
            "DELETE FROM posts WHERE id LIKE '%4'",
            "DELETE FROM versions WHERE id LIKE '%4'",
            "DELETE FROM sightings WHERE id LIKE '%4'",
        ),
        "1 records that the index does not know; 1 adopted",
        id="rows of a post",
    ),
    pytest.param(
        lambda o: sql(o, "DELETE FROM sightings WHERE id LIKE '%2'"),
        "known since no time",
        id="row of a sighting",
    ),
    pytest.param(
        lambda o: sql(o, "DELETE FROM links"),
        "in one of two tables",
        id="row of a link",
    ),
    pytest.param(
        lambda o: sql(o, "DELETE FROM runs"), "index does not know", id="row of a run"
    ),
    pytest.param(
        lambda o: sql(
            o,
            "DELETE FROM versions WHERE id LIKE '%1' AND revision = 1",
            "DELETE FROM sightings WHERE id LIKE '%1' AND revision = 1",
        ),
        "1 records that the index does not know",
        id="row of a version",
    ),
    pytest.param(
        lambda o: sql(o, "DELETE FROM posts WHERE id LIKE '%1'"),
        "versions of abcdefg0000001: of no post; adopted",
        id="row of a post",
    ),
    pytest.param(
        lambda o: sql(o, "DELETE FROM visits WHERE id LIKE '%2'"),
        "post abcdefg0000002: never to be visited; visited",
        id="row of a visit",
    ),
    pytest.param(
        lambda o: sql(o, "DELETE FROM sketches WHERE number = 2"),
        "post abcdefg0000002: has no sketch; drawn",
        id="row of a sketch",
    ),
    pytest.param(
        lambda o: sql(o, "DELETE FROM versions WHERE id LIKE '%2'"),
        "1 records that the index does not know; 1 adopted",
        id="row of the only version",
    ),
    pytest.param(
        lambda o: sql(o, "UPDATE documents SET packed = x'00' WHERE number = 2"),
        "abcdefg0000002.html: a document is damaged",
        id="spoilt copy",
    ),
    pytest.param(
        lambda o: sql(
            o,
            "INSERT INTO listings SELECT feed, 'zzzzzzz0000001', url, first_listed,"
            " last_listed, title, mtime FROM listings WHERE id LIKE '%2'",
        ),
        "listed as known, but never fetched",
        id="listed and lost",
    ),
    pytest.param(
        lambda o: sql(o, "DELETE FROM buckets"),
        "5 sketches lack a part; drawn again",
        id="rows of buckets",
    ),
    pytest.param(
        lambda o: sql(o, "DELETE FROM buckets WHERE number = 2 AND bucket % 2"),
        "1 sketches lack a part; drawn again",
        id="some buckets of one",
    ),
    pytest.param(
        lambda o: sql(o, "DELETE FROM listings WHERE id LIKE '%2'"),
        "1 listings are gone that records tell of; noted",
        id="row of a listing",
    ),
    pytest.param(
        lambda o: sql(o, "DELETE FROM documents WHERE number = 2"),
        "no copies of 1 documents in posts/; copied from them",
        id="row of a copy",
    ),
    pytest.param(
        lambda o: sql(o, "DELETE FROM documents WHERE number = 1"),
        "no copies of 1 documents in revisions/; copied from them",
        id="row of an old copy",
    ),
    pytest.param(
        lambda o: (
            sql(o, "DELETE FROM documents WHERE number = 3"),
            edit(o / DOC.format(3)),
        ),
        "3.html: edited by hand; restored from its record",
        id="edited, and no copy",
    ),
    pytest.param(
        lambda o: (sql(o, "DELETE FROM documents WHERE number = 1"), edit(o / OLD)),
        "1.1.html.gz: edited by hand",
        id="old edited, and no copy",
    ),
    pytest.param(
        lambda o: (o / ".rebuilding/again").mkdir(parents=True),
        ".rebuilding/: left by a killed repair; swept",
        id="killed repair",
    ),
    pytest.param(
        lambda o: sql(
            o,
            "INSERT INTO documents VALUES (99, 1, '', x'00')",
            "INSERT INTO visits SELECT 'zzzzzzz0000001', visited, age, revision, etag,"
            " modified, tried, tries FROM visits LIMIT 1",
        ),
        "1 rows of nothing",
        id="rows of nothing",
    ),
]


def test_a_sound_store_has_nothing_to_tell(sound, told, tree):
    before = tree()

    assert told(full=False) == told(full=True) == told(repair=True) == []
    assert tree() == before


@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_a_fault_is_named_then_mended_and_no_document_differs(
    sound, told, tree, fault, words
):
    before = tree()
    fault(sound)
    words, _, done = words.partition("; ")

    assert words in "\n".join(told())
    mended = "\n".join(told(repair=True))

    assert words in mended
    assert done in mended
    assert told() == []
    after = tree()
    assert {path: after.get(path) for path in before} == before


def test_a_fault_is_only_told_of_unless_it_is_to_be_mended(sound, told, tree):
    cut(sound / DOC.format(2))
    before = tree()

    told()

    assert tree() == before
    assert not (sound / "set-aside").exists()


@pytest.mark.parametrize("size", [-30, 10])
def test_names_and_sizes_alone_show_what_is_missing_or_cut(sound, told, size):
    (sound / DOC.format(1)).unlink()
    cut(sound / DOC.format(2))
    cut(sound / OLD, size)

    assert len(told(full=False)) == 3


def test_to_mend_takes_reading_everything(sound, told):
    edit(sound / DOC.format(3))
    assert told(full=False) == []  # The words are of one length.

    [line] = told(full=False, repair=True)

    assert "edited by hand" in line


@pytest.mark.parametrize("times", [1, 3])
def test_an_edit_by_hand_is_kept_and_named(sound, told, times):
    path = sound / DOC.format(3)
    edited = []
    for _ in range(times):
        edit(path)
        edited.append(path.read_bytes())
        [line] = told(repair=True)

    aside = sorted((sound / "set-aside").rglob("*.html*"))
    assert [place.read_bytes() for place in aside] == edited
    assert str(aside[-1].relative_to(sound)) in line


def test_a_file_that_is_nobodys_makes_room(sound, told):
    (sound / "posts/notes.txt").write_text("my own")
    assert told() == ["posts/notes.txt: no document of this store"]

    [line] = told(repair=True)

    assert line.endswith("; moved to set-aside/posts/notes.txt")
    assert (sound / "set-aside/posts/notes.txt").read_text() == "my own"
    assert told() == []


def test_a_hidden_file_and_a_link_among_the_documents_stay(sound, output, tmp_path):
    (sound / "posts/.gitkeep").touch()
    (sound / "posts/linked").symlink_to(tmp_path)

    found = list(verify(output, CHECKS, full=True, repair=True))

    assert [(each.line, each.mended) for each in found] == [
        (f"posts/linked: {LINKED}", False)
    ]
    assert (sound / "posts/.gitkeep").exists()
    assert (sound / "posts/linked").is_symlink()


def test_an_export_is_in_its_place_until_the_mended_one_is(sound, told, full_disk):
    before = (sound / FEED).read_bytes()
    spoil_line(sound / FEED)
    spoilt = (sound / FEED).read_bytes()

    with full_disk(100), pytest.raises(AssertionError, match="cannot be mended"):
        told(repair=True)
    assert (sound / FEED).read_bytes() == spoilt
    told(repair=True)

    assert (sound / FEED).read_bytes() == before
    assert (sound / f"set-aside/{FEED}").read_bytes() == spoilt


def test_exports_and_reports_may_be_moved_away(sound, told):
    (sound / FEED).unlink()

    assert told() == []


def test_a_store_in_use_is_left_alone(sound, open_store, output):
    open_store("second")

    with pytest.raises(StoreLocked):
        list(verify(output, CHECKS, full=False, repair=True))


def test_a_folder_that_is_no_store_is_not_made_one(output):
    with pytest.raises(StoreError, match="is no store"):
        list(verify(output, CHECKS, full=False, repair=True))

    assert not output.exists()


# Removals


@pytest.fixture(params=["keep", "mark", "withdraw"])
def removed(request, sound, open_store):
    """Let the second post's page be gone, twice seen; its treated document."""
    store = open_store("recheck")
    first = datetime(2026, 11, 4, tzinfo=UTC)
    for at in (first, first + timedelta(days=2)):
        store.visits.note_gone("abcdefg0000002", at, "404", request.param)
    store.close()
    place = "withdrawn" if request.param == "withdraw" else "posts"
    return sound / DOC.format(2).replace("posts", place, 1)


def test_the_document_of_a_removed_post_is_right_as_it_was_treated(removed, told):
    assert told(full=False) == told() == []

    before = removed.read_bytes()
    removed.unlink()
    assert len(told()) == 1
    told(repair=True)

    assert removed.read_bytes() == before
    assert told() == []


def test_an_edit_of_a_removed_posts_document_is_named(removed, told):
    edit(removed)

    assert "edited by hand" in "\n".join(told())


def test_a_removal_outlasts_the_index(removed, told, sound):
    records = newest_first(sound)
    (sound / "index.sqlite").unlink()

    told(repair=True)

    assert told() == []
    assert newest_first(sound)["abcdefg0000002"] == records["abcdefg0000002"]


def test_a_removal_outlasts_the_index_and_the_exports(removed, told, sound):
    before = removed.read_bytes()
    (sound / "index.sqlite").unlink()
    shutil.rmtree(sound / "feeds")

    told(repair=True)

    assert told() == []
    assert removed.read_bytes() == before
    record = newest_first(sound)["abcdefg0000002"]
    is_shown = b"\nremoved: " in before or "withdrawn" in removed.parts
    assert record["status"] == ("removed" if is_shown else "new")


@pytest.mark.parametrize("removed", ["keep"], indirect=True)
@pytest.mark.usefixtures("removed")
def test_a_removal_that_only_an_export_tells_of_is_adopted(told, sound):
    record = newest_first(sound)["abcdefg0000002"]
    sql(sound, "DELETE FROM removals", "DELETE FROM notices")

    told(repair=True)

    assert told() == []
    assert newest_first(sound)["abcdefg0000002"] == record


@pytest.mark.parametrize("removed", ["mark"], indirect=True)
def test_a_removed_post_that_lost_its_mark_is_marked_again(removed, told):
    before = removed.read_bytes()
    lines = before.split(b"\n")
    removed.write_bytes(b"\n".join(x for x in lines if not x.startswith(b"removed")))

    assert "lacks its mark" in told()[0]
    told(repair=True)

    assert removed.read_bytes() == before


@pytest.mark.parametrize("removed", ["withdraw"], indirect=True)
def test_a_withdrawn_document_that_is_published_all_the_same_is_named(
    removed, told, sound
):
    shutil.copy(removed, sound / DOC.format(2))

    assert "second document" in "\n".join(told(repair=True))
    assert not (sound / DOC.format(2)).exists()
    assert removed.exists()
    assert told() == []


@pytest.mark.parametrize("removed", ["keep"], indirect=True)
def test_a_document_withdrawn_by_nobody_is_named(removed, told, sound):
    place = sound / DOC.format(2).replace("posts", "withdrawn", 1)
    place.parent.mkdir(parents=True)
    shutil.copy(removed, place)

    assert "of no withdrawn post" in "\n".join(told(repair=True))
    assert told() == []


# Orphans: a document was renamed into place, and then the run was killed.


@pytest.fixture
def orphan(sound):
    """Let the fourth post's document be the only thing there is of it."""
    sql(
        sound,
        "DELETE FROM posts WHERE id LIKE '%4'",
        "DELETE FROM versions WHERE id LIKE '%4'",
        "DELETE FROM sightings WHERE id LIKE '%4'",
        "DELETE FROM fetches WHERE id LIKE '%4'",
        "DELETE FROM visits WHERE id LIKE '%4'",
        "DELETE FROM documents WHERE number NOT IN (SELECT number FROM versions)",
        "DELETE FROM sketches WHERE number NOT IN (SELECT number FROM versions)",
        "DELETE FROM buckets WHERE number NOT IN (SELECT number FROM versions)",
        "UPDATE listings SET title = NULL, mtime = NULL WHERE id LIKE '%4'",
    )
    lines = (sound / FEED).read_bytes().splitlines(keepends=True)
    (sound / FEED).write_bytes(b"".join(x for x in lines if b"0000004" not in x))
    return sound / DOC.format(4)


def test_an_orphan_is_adopted_as_it_is(orphan, told, output, make_post):
    before = orphan.read_bytes()

    assert "not in the index; adopted" in "\n".join(told(repair=True))

    assert orphan.read_bytes() == before
    record = [r for r in stream_records(output, Selection()) if r["id"][-1] == "4"]
    assert [r["title"] for r in record] == [make_post(4).title]
    assert [r["url"] for r in record] == [make_post(4).url]
    assert told() == []


@pytest.mark.parametrize("adopted", [False, True])
@pytest.mark.usefixtures("orphan")
def test_an_orphan_fetched_again_is_as_if_nothing_had_happened(
    told, fetch, tree, adopted
):
    before = tree()
    if adopted:
        told(repair=True)

    kept = fetch(4)
    again = fetch(4, force=True)

    assert isinstance(kept.decision, New)
    assert isinstance(again.decision, Unchanged)
    assert kept.record["revision"] == 1
    assert tree() == before
    assert told() == []


def test_half_an_orphan_is_moved_out_of_the_published_tree(orphan, told):
    cut(orphan)

    told(repair=True)

    assert not orphan.exists()
    assert told() == []


# The index itself


def newest_first(output):
    records = stream_records(output, Selection())
    return {r["id"]: {**r, "feeds": sorted(r["feeds"])} for r in records}


LOST = [
    pytest.param(os.unlink, "missing", id="missing"),
    pytest.param(as_folder, "is a folder", id="folder"),
    pytest.param(lambda path: path.write_bytes(b""), "empty", id="empty"),
    pytest.param(lambda path: path.write_bytes(b"\xff" * 9000), "file is not", id="ff"),
    pytest.param(
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        "malformed",
        id="half",
    ),
    pytest.param(
        lambda path: path.write_bytes(
            path.read_bytes()[:8192] + os.urandom(8192) + path.read_bytes()[16384:]
        ),
        "",
        id="garbage pages",
    ),
]


@pytest.mark.parametrize(("lose", "words"), LOST)
def test_a_lost_index_is_rebuilt_from_the_exports(sound, told, tree, lose, words):
    before, records = tree(), newest_first(sound)
    lose(sound / "index.sqlite")

    [line] = told()
    rebuilt = told(repair=True)

    assert line.startswith("index.sqlite: ")
    assert words in line
    assert "; rebuilt from " in rebuilt[0]
    assert "exports and documents, as there is no archive" in rebuilt[0]
    assert "restore it" not in rebuilt[0]
    assert told() == []
    assert tree() == before
    found = newest_first(sound)
    for record in [*found.values(), *records.values()]:
        for name in ("duplicates", "copies"):
            del record[name]  # Learnt again when the copy is fetched.
    assert found == records


def test_a_lost_index_is_rebuilt_from_documents_alone(sound, told, tree):
    before, records = tree(), newest_first(sound)
    (sound / "index.sqlite").unlink()
    shutil.rmtree(sound / "feeds")

    told(repair=True)

    assert told() == []
    assert tree() == before
    found = newest_first(sound)
    for name in ("title", "text", "published", "path", "revision", "categories"):
        assert {i: r[name] for i, r in found.items()} == {
            i: r[name] for i, r in records.items()
        }


def test_a_rebuilt_store_publishes_nothing_again(sound, told, fetch, tree):
    before = tree()
    (sound / "index.sqlite").unlink()
    told(repair=True)

    kept = [fetch(2), fetch(3), fetch(4), fetch(5, story=3)]

    assert [each.record for each in kept] == [None] * 4
    assert tree() == before


TABLES = ("posts", "versions", "sightings", "documents", "fetches", "posts_by_time")


@pytest.mark.parametrize("table", TABLES)
def test_of_a_damaged_index_what_can_be_read_is_kept(sound, told, tree, table):
    path, before, records = sound / "index.sqlite", tree(), newest_first(sound)
    shutil.rmtree(sound / "feeds")
    with sqlite3.connect(path) as index:
        [size] = index.execute("PRAGMA page_size").fetchone()
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        [page] = index.execute(query, (table,)).fetchone()
    index.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)

    found = told(repair=True)

    assert re.search(r"rebuilt from \d+ rows of it, exports and documents,", found[0])
    assert told() == []
    assert tree() == before
    after = newest_first(sound)
    if table == "versions":  # Of which only the documents are left.
        assert after.keys() == records.keys()
    else:
        assert after == records


def test_an_index_that_lost_order_is_found_out_with_full_and_mended(sound, told):
    records = newest_first(sound)
    with sqlite3.connect(sound / "index.sqlite") as index:
        index.execute("PRAGMA writable_schema = ON")
        index.execute(
            "UPDATE sqlite_master SET sql = replace(sql, '(story)', '(title_mark)')"
            " WHERE name = 'posts_by_story'"
        )
    index.close()

    assert "posts_by_story" in told()[0]
    told(repair=True)

    assert told() == []
    assert newest_first(sound) == records


def test_a_damaged_index_is_kept_aside(sound, told):
    (sound / "index.sqlite").write_bytes(b"\xff" * 9000)

    told(repair=True)

    assert (sound / "set-aside/index.sqlite").read_bytes() == b"\xff" * 9000


def test_an_index_of_a_newer_program_is_left_alone(sound, output):
    with sqlite3.connect(sound / "index.sqlite") as index:
        index.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    index.close()
    before = (sound / "index.sqlite").read_bytes()

    with pytest.raises(StoreError, match="newer version"):
        list(verify(output, CHECKS, full=True, repair=True))

    assert (sound / "index.sqlite").read_bytes() == before


def test_documents_of_an_older_schema_get_their_checksums(sound, told, tree):
    before = tree()
    sql(sound, "DELETE FROM documents")

    assert len(told(repair=True)) == 2  # Of posts/ and of revisions/.
    (sound / DOC.format(2)).unlink()
    told(repair=True)

    assert tree() == before


def test_a_version_that_no_export_has_is_taken_from_its_document(sound, told, tree):
    before, titles = tree(), {i: r["title"] for i, r in newest_first(sound).items()}
    sql(
        sound,
        "DELETE FROM versions WHERE id LIKE '%1' AND revision = 1",
        "DELETE FROM versions WHERE id LIKE '%2'",
    )
    shutil.rmtree(sound / "feeds")

    found = told(repair=True)

    done = "versions; the others adopted from their documents"
    assert [line.partition(": ")[2] for line in found if "versions" in line] == [
        f"post abcdefg0000001: has 1 of 2 {done}",
        f"post abcdefg0000002: has 0 of 1 {done}",
    ]
    assert told() == []
    assert tree() == before
    assert {i: r["title"] for i, r in newest_first(sound).items()} == titles


def test_a_version_that_is_nowhere_is_told_of(sound, output):
    sql(sound, "DELETE FROM versions WHERE id LIKE '%2'")
    shutil.rmtree(sound / "feeds")
    (sound / DOC.format(2)).unlink()

    verdicts = list(verify(output, CHECKS, full=True, repair=True))

    assert not verdicts[0].mended
    assert "cannot be mended: not a document: revision 1 is nowhere" in verdicts[0].line


def test_a_document_and_its_copy_both_lost_come_back_from_the_record(sound, told):
    path = sound / DOC.format(2)
    before = path.read_bytes()
    sql(sound, "UPDATE documents SET packed = x'00'")
    path.unlink()

    told(repair=True)

    assert path.read_bytes() == before  # These posts have but one body.
    assert told() == []


def test_a_document_without_a_copy_is_restored_from_its_record(sound, told):
    path = sound / DOC.format(2)
    before = path.read_bytes()
    sql(sound, "DELETE FROM documents WHERE number = 2")
    path.unlink()

    [line] = told(repair=True)

    assert "restored from its record, with the clean body" in line
    assert path.read_bytes() == before  # These posts have but one body.
