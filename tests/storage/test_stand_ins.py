"""Posts that a rebuild knows by their documents alone, and what the site says then."""

from datetime import timedelta

import pytest

from crawler.core.dedup import New, Poorer, Revision, Unchanged
from crawler.core.frontmatter import load
from crawler.storage.checks import CHECKS
from crawler.storage.exports import Selection, stream_records
from crawler.storage.verification import verify
from tests.storage.conftest import NOON

ID = "abcdefg0000001"


@pytest.fixture
def post(make_post):
    def made(text="", **changes):
        if text:
            changes |= {"text": text, "document": f"<p>{text}</p>", "html": text}
        return make_post(**changes)

    return made


@pytest.fixture
def rebuilt(open_store, post, output):
    """A store whose index and exports were lost after its one post was kept."""

    def made(**changes):
        store = open_store("first", extra_fields=["id", "link"])
        store.keep(post(**changes))
        store.close()
        return rebuild(output, open_store)

    return made


def rebuild(output, open_store):
    for path in (*(output / "feeds").iterdir(), output / "index.sqlite"):
        path.unlink()
    assert all(each.mended for each in repair(output))
    return open_store("later", extra_fields=["id", "link"])


def repair(output):
    return list(verify(output, CHECKS, full=True, repair=True))


def problems(store):
    store.close()
    found = verify(store.folder, CHECKS, full=True, repair=False)
    return [each.line for each in found]


@pytest.fixture
def document(output):
    return lambda: next((output / "posts").rglob("*.html")).read_text("utf-8")


def test_the_same_page_makes_a_stand_in_whole_as_if_nothing_had_happened(
    rebuilt, post, document, files_below
):
    store = rebuilt()
    before = document()

    kept = store.keep(post())

    assert isinstance(kept.decision, New)
    assert (kept.record["revision"], kept.record["template"]) == (1, "finance 2017")
    assert document() == before
    assert files_below("revisions") == []
    assert isinstance(store.keep(post()).decision, Unchanged)
    assert problems(store) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "题\ud800  目\n一"},
        {"text": "纸鸢\ud800  飞\n\n起\u3000来。" * 20},
        {"text": "&lt;p&gt; 1 < 2 & 3　\u200b" * 20},
    ],
    ids=["title", "text", "entities"],
)
def test_what_a_document_cannot_say_makes_no_revision(rebuilt, post, changes):
    kept = rebuilt(**changes).keep(post(**changes))

    assert isinstance(kept.decision, New)


def test_a_poorer_page_does_not_take_a_stand_ins_place(rebuilt, post, document):
    store = rebuilt()
    before = document()

    kept = store.keep(post("页面没有找到"))

    assert isinstance(kept.decision, Poorer)
    assert document() == before
    assert problems(store) == []


@pytest.mark.parametrize("why", ["text", "title"])
def test_an_edited_page_is_a_revision_of_a_stand_in(
    rebuilt, post, document, old_documents, why
):
    store = rebuilt()
    before = document().encode()
    edited = post("改了。" * 60) if why == "text" else post(title="改题")

    kept = store.keep(edited)

    assert kept.decision == Revision(2, why)
    assert old_documents() == {f"{ID}.1.html.gz": before}
    assert load(document()).title == edited.title
    assert isinstance(store.keep(edited).decision, Unchanged)
    assert problems(store) == []


def test_a_version_accepted_after_a_rebuild_keeps_the_old_one(
    rebuilt, post, document, old_documents
):
    store = rebuilt()
    before = document().encode()
    store.keep(post("短。"))

    record = store.accept(ID)

    assert record["revision"] == 2
    assert old_documents() == {f"{ID}.1.html.gz": before}
    assert problems(store) == []


def test_a_counter_that_moved_makes_a_stand_in_whole_too(rebuilt, post, old_documents):
    text = "纸价略有回落。" * 40
    store = rebuilt(text=f"{text}\n阅读 1")

    kept = store.keep(post(f"{text}\n阅读 9"))

    assert kept.decision == Revision(2, "text")
    assert len(old_documents()) == 1


def test_how_a_stand_in_was_read_is_not_known(rebuilt, post):
    store = rebuilt(template="generic")

    kept = store.keep(post(title="改题", template="generic"))

    assert kept.decision == Revision(2, "title")


def test_a_stand_in_of_another_posts_story_stays_a_post(rebuilt, post, make_post):
    store = rebuilt()
    store.keep(make_post(2, text="改了。" * 60))

    kept = store.keep(post("改了。" * 60))

    assert kept.decision == Revision(2, "text")


@pytest.mark.parametrize("policy", ["mark", "withdraw"])
def test_a_removed_stand_in_whose_page_is_back_is_published_again(
    open_store, post, output, document, policy
):
    store = open_store("first", extra_fields=["id", "link"])
    store.keep(post())
    before = document()
    for hours in (48, 50):
        store.visits.note_gone(ID, NOON + timedelta(hours=hours), "404", policy)
    store.close()
    store = rebuild(output, open_store)

    kept = store.keep(post(fetched=NOON + timedelta(days=9)))

    assert (type(kept.decision), kept.back) == (New, True)
    assert document() == before
    [record] = stream_records(output, Selection())
    assert record["restored"]
    assert problems(store) == []


def test_what_a_hand_wrote_into_a_stand_in_is_set_aside(rebuilt, post, output, caplog):
    store = rebuilt()
    path = next((output / "posts").rglob("*.html"))
    path.write_text(path.read_text("utf-8").replace("风筝", "飞机"), "utf-8")

    store.keep(post())

    assert "飞机" in next((output / "set-aside").rglob("*.html")).read_text("utf-8")
    assert len(caplog.messages) == 1


def test_a_stand_in_whose_record_is_lost_is_made_whole_by_any_page(
    rebuilt, post, rows, document
):
    store = rebuilt()
    rows(store, "DELETE FROM versions")

    kept = store.keep(post("改了。" * 60))

    assert (type(kept.decision), kept.record["revision"]) == (New, 1)
    assert "改了。" in document()
