"""Reprints of stored posts: found in any run, linked or kept, with the evidence."""

import csv
import io
from datetime import UTC, datetime

import pytest

from crawler.core.dedup import Duplicate, Likeness, New, Revision, Unchanged
from crawler.storage.exports import Selection, csv_lines, stream_records
from tests.core.stories import LONG, PARAGRAPHS

EVIDENCE = Likeness("abcdefg0000001", 1.0, "notices")


@pytest.fixture
def original(make_post):
    return make_post(1, text=LONG)


@pytest.fixture
def reprint(make_post):
    return make_post(2, text=f"来源：镜湖晚报\n{LONG}\n责任编辑：闻小满", feed="stock")


def test_a_reprint_makes_no_second_post(store, original, reprint, files_below, rows):
    store.keep(original)
    kept = store.keep(reprint)

    assert kept.decision == Duplicate(original.id, "nearly the same text", EVIDENCE)
    assert kept.record is None
    assert len(files_below("posts")) == 1
    assert rows(store, "SELECT id, of FROM duplicates") == [(reprint.id, original.id)]


def test_a_reprint_is_found_by_a_later_run(open_store, original, reprint):
    store = open_store("first")
    store.keep(original)
    store.close()

    assert isinstance(open_store("second").keep(reprint).decision, Duplicate)


def test_a_reprint_is_found_within_one_batch(store, original, reprint):
    kept = store.keep_all([(original, None), (reprint, None)])

    assert [type(each.decision) for each in kept] == [New, Duplicate]


def test_a_reprint_that_is_kept_is_a_post_and_linked(
    open_store, original, reprint, output
):
    store = open_store(link_reprints=False)
    store.keep(original)
    kept = store.keep(reprint)
    store.close()

    assert kept.decision == New("a reprint", EVIDENCE)
    first, second = stream_records(output, Selection())
    assert (first["duplicates"], second["duplicates"]) == (
        [reprint.id],
        [original.id],
    )
    assert kept.record["copies"] == second["copies"]
    assert (first["feeds"], second["feeds"]) == (["china"], ["stock"])


def test_a_copy_is_exported_with_its_evidence(store, original, reprint, output):
    store.keep(original)
    store.keep(reprint)

    (record,) = stream_records(output, Selection())
    assert record["duplicates"] == [reprint.id]
    assert record["copies"] == [
        {
            "id": reprint.id,
            "url": reprint.url,
            "kept": False,
            "similarity": 1.0,
            "differs": "notices",
            "first_seen": "2026-11-03T04:00:00+00:00",
        }
    ]


def test_an_equal_text_is_exported_as_such(store, original, make_post, output):
    store.keep(original)
    store.keep(make_post(2, text=LONG))

    (record,) = stream_records(output, Selection())
    (copy,) = record["copies"]
    assert (copy["similarity"], copy["differs"]) == (1.0, "")


def test_a_fuller_text_is_never_thrown_away(store, original, make_post):
    cut = make_post(2, text="\n".join(PARAGRAPHS[:-3]))
    store.keep(cut)
    kept = store.keep(original)

    assert isinstance(kept.decision, New)
    assert (kept.decision.like.of, kept.decision.like.says_more) == (cut.id, True)
    assert kept.record["duplicates"] == [cut.id]


def test_a_text_with_another_figure_is_a_post_of_its_own(store, original, make_post):
    store.keep(original)
    kept = store.keep(make_post(2, text=LONG.replace("6.3%", "6.4%")))

    assert kept.decision == New()


def test_a_linked_reprint_that_changes_its_figures_becomes_a_post(
    store, original, reprint, make_post, rows
):
    store.keep(original)
    store.keep(reprint)
    kept = store.keep(make_post(2, text=LONG.replace("6.3%", "6.4%")))

    assert kept.decision == New()
    assert rows(store, "SELECT id FROM duplicates") == []
    assert rows(store, "SELECT id FROM links WHERE ended IS NULL") == []


def test_a_reprint_that_comes_again_is_the_same_copy(store, original, reprint, rows):
    store.keep(original)
    for _ in range(2):
        store.keep(reprint)

    assert rows(store, "SELECT id, of FROM links") == [(reprint.id, original.id)]


def test_a_text_a_post_no_longer_has_makes_no_reprint(
    store, original, reprint, make_post
):
    store.keep(original)
    revised = store.keep(make_post(1, text=LONG.replace("6.3%", "6.4%")))

    assert isinstance(revised.decision, Revision)
    assert store.keep(reprint).decision == New()


def test_a_reprint_of_the_revised_text_is_found(store, original, make_post):
    changed = LONG.replace("6.3%", "6.4%")
    store.keep(original)
    store.keep(make_post(1, text=changed))
    kept = store.keep(make_post(2, text=f"来源：镜湖晚报\n{changed}"))

    assert kept.decision.of == original.id


def test_a_post_is_no_reprint_of_itself(store, original):
    store.keep(original)

    assert store.keep(original).decision == Unchanged()


def test_the_original_is_found_among_many_issues_of_a_form(store, make_post):
    def issue(number):
        return LONG.replace("6.3%", f"{number}.5%").replace("128.6", f"{number}.1")

    store.keep_all([(make_post(n, text=issue(n)), None) for n in range(1, 61)])
    kept = store.keep(make_post(99, text="来源：镜湖晚报\n" + issue(7)))

    assert kept.decision.of == make_post(7).id


def test_posts_of_an_older_store_get_sketches(open_store, original, reprint, rows):
    store = open_store("first")
    store.keep(original)
    drawn = rows(store, "SELECT * FROM sketches JOIN buckets USING (number)")
    store._index.executescript("DELETE FROM sketches; DELETE FROM buckets")
    store.close()

    store = open_store("second")

    assert rows(store, "SELECT * FROM sketches JOIN buckets USING (number)") == drawn
    assert isinstance(store.keep(reprint).decision, Duplicate)


def test_when_each_feed_began_to_list_a_story_is_told(  # noqa: PLR0917 - fixtures
    store, original, reprint, make_entry, output, rows
):
    for number, feed in ((1, "china"), (1, "stock"), (2, "roll")):
        store.sift([make_entry(number, feed)])
    store.keep(original, make_entry(1, "china"))
    store.keep(reprint, make_entry(2, "roll"))
    began = rows(store, "SELECT feed, first_listed FROM listings")

    (record,) = stream_records(output, Selection())
    assert [(each["feed"], each["since"]) for each in record["listed"]] == began
    assert record["feeds"] == ["china", "stock", "roll"]


def test_a_page_listed_under_an_id_made_of_its_address_is_one_post(
    store, original, make_entry, output
):
    entry = make_entry(1, "column", id="u0123456789abcde", url="https://a.cn/view/1")
    store.sift([entry, make_entry(1, "china")])
    kept = store.keep(original, entry)
    store.keep(original, make_entry(1, "china"))

    assert kept.record["feeds"] == ["china", "column"]
    (record,) = stream_records(output, Selection())
    assert {each["feed"] for each in record["listed"]} == {"china", "column"}
    assert record["duplicates"] == [entry.id]


def test_csv_tells_copies_and_listings_in_one_cell_each(
    store, original, reprint, make_entry, output
):
    store.sift([make_entry(1, "china"), make_entry(2, "stock")])
    store.keep(original)
    store.keep(reprint)
    lines = "".join(csv_lines(stream_records(output, Selection())))
    (cells,) = csv.DictReader(io.StringIO(lines, newline=""))

    (record,) = stream_records(output, Selection())
    since = record["listed"][0]["since"]
    assert cells["listed"] == f"china {since}|stock {since}"
    assert cells["copies"] == (
        f"{reprint.id} {reprint.url} False 1.0 notices 2026-11-03T04:00:00+00:00"
    )


def test_the_evidence_is_exported_as_it_was_known(
    store, original, reprint, make_post, output
):
    times = iter(f"2026-11-0{day}T00:00:00+00:00" for day in (5, 6, 7))
    for post in (original, reprint, make_post(2, text=LONG.replace("6.3%", "6.4%"))):
        now = next(times)
        store.clock = lambda now=now: now
        store.keep(post)

    def copies(day):
        as_of = datetime(2026, 11, day, 12, tzinfo=UTC)
        records = stream_records(output, Selection(as_of=as_of))
        return [[copy["differs"] for copy in record["copies"]] for record in records]

    assert (copies(5), copies(6), copies(7)) == ([[]], [["notices"]], [[], []])
