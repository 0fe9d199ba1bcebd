"""A store that archives: what counts in the index is in the archive, and whole."""

import gzip
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from crawler.core.archive import Fetched, Place, Step
from crawler.core.errors import StoreError
from crawler.storage.archive_files import ArchiveFiles, list_files, own_name
from crawler.storage.archive_records import Damage, read_records, split_answer
from crawler.storage.archive_store import ArchivedStore
from crawler.storage.checks import CHECKS
from crawler.storage.verification import verify
from tests.storage.exchanges import build_exchange

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)


@pytest.fixture
def archived(output):
    """Open a store that archives, whatever is open at the end is dropped."""
    stores = []

    def opened(run="first", now=NOON, **options):
        instant = now.isoformat()
        stores.append(ArchivedStore(output, run, wall=lambda: instant, **options))
        return stores[-1]

    yield opened
    for store in stores:
        store._let_go()


@pytest.fixture
def fetch(make_post):
    """Hand a page to a store and keep its post."""

    def fetched(store, number=1, body=b"", **changes):
        post = make_post(number, **changes)
        exchange = build_exchange(
            url=post.url, body=body or gzip.compress(post.text.encode(), mtime=0)
        )
        facts = {"feed": "china", "fetched": post.fetched.isoformat()}
        store.hold(post.url, exchange, facts)
        return store.keep(post)

    return fetched


@pytest.fixture
def records(output):
    """Read every record of the archive."""

    def read():
        folder = output / "archive"
        return [
            record
            for name in list_files(folder)
            for record in read_records(folder / name, name)
        ]

    return read


@pytest.fixture
def steps(records):
    return lambda: [Step.from_json(each.block) for each in records() if each.is_step]


@pytest.fixture
def wrong(output):
    """Examine the store; the lines of what is wrong."""

    def examine(*, full=True, repair=False):
        found = verify(output, CHECKS, full=full, repair=repair)
        return [each.line for each in found]

    return examine


def test_a_version_knows_the_page_it_was_made_of(archived, fetch, rows, records):
    store = archived()
    fetch(store)
    fetch(store, title="改题", body=b"another")
    found = rows(
        store,
        "SELECT id, revision, file, offset FROM versions JOIN sources USING (number)"
        " JOIN captures ON captures.number = capture ORDER BY revision",
    )
    store.close()

    pages = {each.place: split_answer(each.block)[2] for each in records()
             if each.kind == "response"}  # fmt: skip
    assert [(row[0], row[1]) for row in found] == [
        ("abcdefg0000001", 1),
        ("abcdefg0000001", 2),
    ]
    assert pages[Place(*found[1][2:])] == b"another"


def test_the_steps_are_those_of_the_run_in_their_order(
    archived, fetch, steps, make_entry
):
    store = archived(about={"body": "document"})
    exchange = build_exchange(url="https://feed.mix.sina.com.cn/api")
    answer = Fetched(exchanges=(exchange,), facts={"feed": "china", "page": 1})
    store.sift([make_entry()], answer=answer)
    fetch(store)
    store.reject("abcdefg0000009", "https://finance.sina.com.cn/x", "gone", None)
    store.visits.note_there("abcdefg0000001", NOON + timedelta(hours=1), '"e"')
    store.close()

    found = steps()
    assert [step.do for step in found] == [
        *("begin", "list", "read", "reject", "call", "end")
    ]
    assert found[0].facts["settings"] == {"body": "document"}
    assert found[4].facts == {
        "call": "visits.note_there",
        "args": ["abcdefg0000001", "2026-11-02T05:00:00+00:00", '"e"'],
    }


def test_an_unchanged_answer_is_a_revisit(archived, fetch, records, rows):
    store = archived()
    fetch(store)
    fetch(store)
    store.leave(build_exchange(url=_url(1), status=304, body=b""))
    store.close()

    kinds = [each.kind for each in records() if each.kind in {"response", "revisit"}]
    assert kinds == ["response", "revisit", "revisit"]


def test_nothing_secret_is_archived(archived, records, output):
    store = archived()
    store.leave(
        build_exchange(
            request_headers=((b"Cookie", b"hush"), (b"Accept", b"*/*")),
            headers=((b"set-cookie", b"hush"), (b"Authorization", b"hush")),
        )
    )
    store.close()

    blocks = b"".join(each.block for each in records())
    assert b"Accept" in blocks
    assert b"hush" not in blocks


def test_instants_are_written_as_the_standard_has_them(archived, fetch, records):
    store = archived()
    fetch(store)
    store.close()

    dates = {each.headers["warc-date"][-7:] for each in records()}
    assert dates <= {":00:00Z", "000000Z"}


def test_a_file_keeps_the_name_it_was_written_under(archived, output, tmp_path):
    archived().close()
    [path] = (output / "archive").iterdir()
    moved = path.rename(tmp_path / "backup.gz")
    (tmp_path / "others.gz").write_bytes(gzip.compress(b"WARC/1.1\r\n"))

    assert own_name(moved) == "crawl-20261102-001.warc.gz"
    assert own_name(tmp_path / "others.gz") == ""


def test_a_day_or_a_full_file_begins_another(tmp_path):
    files = ArchiveFiles(tmp_path / "archive", Place("", 0), max_size=400)
    for now in ("2026-11-02T04:00:00Z", "2026-11-02T05:00:00Z", "2026-11-03T04:00:00Z"):
        files.rotate(now)
        files.append(b"x" * 400)
    files.sync()

    assert list_files(tmp_path / "archive") == [
        "crawl-20261102-001.warc.gz",
        "crawl-20261102-002.warc.gz",
        "crawl-20261103-001.warc.gz",
    ]


def test_a_file_that_was_moved_away_is_not_begun_anew(archived, fetch, output, wrong):
    store = archived()
    fetch(store)
    store.close()
    (output / "archive" / "crawl-20261102-001.warc.gz").unlink()

    store = archived("second")
    fetch(store, 2)
    store.close()

    assert list_files(output / "archive") == ["crawl-20261102-002.warc.gz"]
    assert wrong() == []


@pytest.mark.parametrize("cut", [1, 40, 300])
def test_a_crash_leaves_a_cut_record_that_the_next_start_closes_off(
    archived, fetch, crash, wrong, cut
):
    store = archived()
    fetch(store)
    end = store._journal.end.offset
    store.leave(build_exchange(url=_url(7), body=b"y" * 5000))
    crash(store)
    path = store.folder / "archive" / "crawl-20261102-001.warc.gz"
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size - cut)
    assert any("ends in" in line for line in wrong(full=False))

    second = archived("second")
    second.close()

    assert wrong() == []
    assert path.stat().st_size > end
    [line] = second.mended
    assert "bytes of a cut record closed off" in line


def test_steps_that_a_crash_cut_short_are_void(archived, fetch, crash, steps):
    store = archived()
    fetch(store)
    start = store._journal.end
    with store._step("drop", ({"id": "x"}, ())):
        crash(store)  # Before the commit.

    archived("second").close()

    [void] = [step for step in steps() if step.do == "void"]
    assert Place(**void.facts["start"]) == start


def test_a_refused_commit_makes_its_steps_void(archived, fetch, make_post, steps, rows):
    store = archived()
    rows(store, "CREATE TRIGGER no BEFORE INSERT ON versions BEGIN SELECT RAISE"
                " (ABORT, 'no'); END")  # fmt: skip

    with pytest.raises(StoreError, match="no"):
        fetch(store)
    rows(store, "DROP TRIGGER no")
    store.keep(make_post())
    store.close()

    found = steps()
    assert [step.do for step in found] == ["begin", "read", "void", "read", "end"]
    # The page itself is kept once.
    assert found[1].pages == found[3].pages


def test_a_full_disk_refuses_the_commit(archived, fetch, output, full_disk, wrong):
    store = archived()
    fetch(store)
    size = (output / "archive" / "crawl-20261102-001.warc.gz").stat().st_size

    with full_disk(size + 100), pytest.raises(StoreError):
        store.leave(build_exchange(url=_url(8), body=b"z" * 20000))
    fetch(store, 2)
    store.close()

    assert wrong() == []


DAMAGES = [
    pytest.param(lambda data: data[:-9], "has lost its end", id="cut"),
    pytest.param(lambda data: data[:900] + b"\0" + data[901:], "damaged", id="byte"),
    pytest.param(lambda data: b"\0" * len(data), "damaged", id="zeros"),
]


@pytest.mark.parametrize(("damage", "problem"), DAMAGES)
def test_damage_is_found(archived, fetch, wrong, damage, problem):
    store = archived()
    for number in range(1, 4):
        fetch(store, number)
    store.close()
    assert wrong() == []
    path = store.folder / "archive" / "crawl-20261102-001.warc.gz"
    path.write_bytes(damage(path.read_bytes()))

    assert any(problem in line for line in wrong()), wrong()


def test_another_page_in_a_record_s_place_is_found(
    archived, fetch, output, wrong, rows
):
    store = archived()
    fetch(store)
    rows(store, "UPDATE captures SET digest = 'sha1:AAAA'")
    store.close()

    [line] = wrong()
    assert "is not the page that the index knows here" in line


def _url(number):
    return f"https://finance.sina.com.cn/doc-iabcdefg{number:07d}.shtml"


def test_no_record_of_a_sound_archive_is_damaged(archived, fetch, records):
    store = archived()
    fetch(store)
    store.close()

    assert not [each for each in records() if isinstance(each, Damage)]


# Mending


NAME = "crawl-20261102-001.warc.gz"


@pytest.fixture
def crawled(archived, fetch, output):
    """A closed store of six versions; the archive's file."""
    store = archived()
    for number in range(1, 6):
        fetch(store, number)
    later = {"title": "改题", "fetched": NOON + timedelta(days=2)}
    fetch(store, 1, body=gzip.compress(b"another", mtime=0), **later)
    store.close()
    return output / "archive" / NAME


@pytest.fixture
def asked(output):
    """Ask the closed store's index, or tell it something."""

    def ask(query):
        path = output / "index.sqlite"
        with closing(sqlite3.connect(path, isolation_level=None)) as index:
            return index.execute(query).fetchall()

    return ask


LOST = {
    "captures": "DELETE FROM captures",
    "a few captures": "DELETE FROM captures WHERE number % 2",
    "sources": "DELETE FROM sources",
    "journal": "DELETE FROM journal",
    "numbers": "UPDATE sources SET capture = capture + 100",
}


@pytest.mark.parametrize("lose", LOST.values(), ids=LOST)
@pytest.mark.usefixtures("crawled")
def test_rows_of_the_archive_come_back_from_its_files(asked, wrong, lose):
    tables = ("captures", "sources", "journal")
    before = [asked(f"SELECT * FROM {table}") for table in tables]
    asked(lose)

    assert wrong() != []
    assert len(wrong(repair=True)) == len(wrong(repair=True)) + 1
    assert wrong() == []
    assert [asked(f"SELECT * FROM {table}") for table in tables] == before


def test_a_page_that_no_file_has_is_forgotten(crawled, asked, wrong):
    crawled.rename(crawled.with_name("moved-away"))
    assert wrong() == []
    asked("DELETE FROM captures WHERE number = 2")
    assert wrong(full=False) == wrong()

    [line] = wrong(repair=True)

    assert line.startswith("index.sqlite: 1 versions made of pages that nobody knows; ")
    assert wrong() == []
    assert len(asked("SELECT * FROM sources")) == 5


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)


def test_a_flipped_byte_is_one_damage_and_the_rest_is_read(crawled, wrong, records):
    page = next(each for each in records() if each.kind == "response")
    whole = len(records())
    flip(crawled, page.place.offset + 20)

    [line] = wrong(repair=True)

    assert f"{NAME}: {page.end - page.place.offset} bytes at" in line
    assert "put the file back from a backup" in line
    assert [type(each) for each in records()].count(Damage) == 1
    assert len(records()) == whole


@pytest.fixture
def short(crawled, records):
    """Let the archive's file end within the page of the fifth version."""
    pages = [each for each in records() if each.kind == "response"]
    shutil.copy(crawled, crawled.with_name("backup"))
    crawled.write_bytes(crawled.read_bytes()[: pages[4].place.offset + 100])
    return pages


def test_a_file_that_lost_its_end_is_looked_into_all_the_same(crawled, short, wrong):
    flip(crawled, short[1].place.offset + 20)

    found = "\n".join(wrong())

    assert "has lost its end" in found
    assert "ends in 100 bytes of a record" in found
    assert f"bytes at {short[1].place.offset}: damaged" in found
    assert "lacks 2 pages" in found


@pytest.fixture
def later(archived, fetch):
    """Keep one more page, in a run of its own."""

    def keep(now=NOON):
        store = archived("second", now=now)
        fetch(store, 9)
        store.close()

    return keep


def test_an_archive_that_lost_its_end_goes_on_in_another_file(
    crawled, short, wrong, later, steps
):
    tail = crawled.read_bytes()[-100:]

    wrong(repair=True)

    assert wrong(full=False) == wrong() == []
    aside = crawled.parents[1] / "set-aside/archive"
    assert [path.read_bytes() for path in aside.iterdir()] == [tail]
    later()
    assert wrong() == []
    assert crawled.stat().st_size == short[4].place.offset
    assert not [step for step in steps() if step.do == "void"]


@pytest.fixture(params=["at once", "after another run"])
def put_back(request, crawled, short, wrong, later):
    """Mend the archive without its end, then put that back; its pages."""
    wrong(repair=True)
    if request.param != "at once":
        later()
    crawled.with_name("backup").replace(crawled)
    return short


def test_a_file_put_back_after_all_is_known_again(put_back, wrong, steps, asked):
    wrong(repair=True)

    assert wrong() == []
    sources = asked(
        "SELECT sources.number, part, file, offset FROM sources"
        " JOIN captures ON captures.number = capture ORDER BY 1"
    )
    assert sources[: len(put_back)] == [
        (number, 1, NAME, page.place.offset) for number, page in enumerate(put_back, 1)
    ]
    assert not [step for step in steps() if step.do == "void"]


def test_half_a_record_in_an_older_file_is_cut_off_and_kept(crawled, later, wrong):
    later(NOON + timedelta(days=1))
    with crawled.open("ab") as file:
        file.write(crawled.read_bytes()[:50])
    size = crawled.stat().st_size

    assert [line.partition(": ")[2] for line in wrong()] == [
        "ends in 50 bytes of a record"
    ]
    wrong(repair=True)

    assert wrong() == []
    assert crawled.stat().st_size == size - 50
