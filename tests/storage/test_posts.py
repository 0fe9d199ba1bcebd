"""What the store makes of one post: new, unchanged, a revision or a duplicate."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.core.dedup import DISTINCTIVE, Duplicate, New, Revision, Unchanged
from crawler.core.errors import OptionError
from crawler.core.frontmatter import load
from crawler.core.markup import Image
from crawler.storage.exports import Selection, stream_records

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


def copy_of(make_post, **changes):
    """Post 2 with the text of post 1."""
    return make_post(2, **{"text": make_post(1).text, **changes})


# New and unchanged


def test_a_post_seen_first_is_new_and_becomes_a_document(store, make_post, output):
    kept = store.keep(make_post())

    document = load((output / "posts" / kept.record["path"]).read_text("utf-8"))
    assert isinstance(kept.decision, New)
    assert document.title == make_post().title


def test_the_record_of_a_new_post_is_the_line_of_its_run(store, make_post, exported):
    kept = store.keep(make_post())

    assert exported() == [kept.record]
    assert (kept.record["status"], kept.record["revision"]) == ("new", 1)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"fetched": NOON + timedelta(days=3)}, id="fetched later"),
        pytest.param({"published": NOON + timedelta(hours=9)}, id="another date"),
        pytest.param({"title": "镜湖简报 第１号"}, id="widths and spaces"),
        pytest.param({"keywords": ("风筝",)}, id="keywords"),
    ],
)
def test_what_reads_the_same_is_unchanged(store, make_post, changes, exported):
    store.keep(make_post())

    kept = store.keep(make_post(**changes))

    assert isinstance(kept.decision, Unchanged)
    assert kept.record is None
    assert len(exported()) == 1


def test_posts_of_a_run_without_news_leave_no_exported_feed(
    open_store, make_post, output
):
    first = open_store("first")
    first.keep(make_post())
    first.close()
    second = open_store("second")

    second.keep(make_post())
    second.close()

    assert not (output / "feeds/second.jsonl").exists()


def test_post_path_says_where_documents_go(open_store, make_post, files_below):
    open_store(path_template="{year}/{id}.html").keep(make_post())

    assert files_below("posts") == ["2026/abcdefg0000001.html"]


def test_a_post_path_that_cannot_be_used_opens_nothing(open_store, output):
    with pytest.raises(OptionError, match="POST_PATH"):
        open_store(path_template="../{id}.html")

    assert not output.exists()


def test_extra_fields_stand_in_the_document(open_store, make_post, output):
    kept = open_store(extra_fields=["id", "link"]).keep(make_post())

    document = load((output / "posts" / kept.record["path"]).read_text("utf-8"))
    assert document.extra == (("id", make_post().id), ("link", make_post().url))


# Revisions


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"title": "镜湖简报第1号（更正）"}, "title"),
        ({"text": "纸价回升。" * 40}, "text"),
        ({"title": "镜湖纸价", "text": "纸价回升。" * 40}, "title and text"),
    ],
    ids=["title", "text", "both"],
)
def test_a_changed_title_or_text_is_a_revision(store, make_post, changes, why):
    store.keep(make_post())

    kept = store.keep(make_post(**changes))

    assert kept.decision == Revision(2, why)
    assert kept.record["status"] == "revision"


def test_a_revision_replaces_the_document_and_keeps_the_old_bytes(
    store, make_post, output, files_below, old_documents
):
    path = output / "posts" / store.keep(make_post()).record["path"]
    old = path.read_bytes()

    store.keep(make_post(title="镜湖简报更正"))

    assert load(path.read_text("utf-8")).title == "镜湖简报更正"
    assert old_documents() == {"abcdefg0000001.1.html.gz": old}
    (name,) = files_below("revisions")
    assert name.removesuffix(".1.html.gz") == files_below("posts")[0][: -len(".html")]


def test_every_older_version_is_kept_under_its_number(store, make_post, old_documents):
    for title in ("甲", "乙", "丙"):
        store.keep(make_post(title=title))

    names = ["abcdefg0000001.1.html.gz", "abcdefg0000001.2.html.gz"]
    assert list(old_documents()) == names


def test_a_revision_stays_where_the_post_was_even_with_another_date_and_place(
    store, make_post, files_below
):
    post = make_post()
    first = store.keep(post).record["path"]
    later = post.published + timedelta(days=40)

    moved = replace(post, title="改题", published=later, categories=("别处",))

    assert store.keep(moved).record["path"] == first
    assert files_below("posts") == [first]


def test_a_revision_keeps_when_the_post_was_first_seen(store, make_post):
    post = make_post()
    first = store.keep(post).record["first_seen"]

    later = replace(post, title="改题", fetched=post.fetched + timedelta(days=5))

    assert store.keep(later).record["first_seen"] == first


def test_what_a_hand_has_edited_is_set_aside_and_said_when_a_revision_replaces_it(
    store, make_post, old_documents, caplog
):
    path = store.folder / "posts" / store.keep(make_post()).record["path"]
    before, edit = path.read_bytes(), "手工编辑\r\n".encode("gb18030")
    path.write_bytes(edit)

    store.keep(make_post(title="改题"))

    aside = store.folder / "set-aside" / path.relative_to(store.folder)
    assert aside.read_bytes() == edit
    assert list(old_documents().values()) == [before]
    (line,) = caplog.messages
    assert "edited by hand" in line
    assert str(aside.relative_to(store.folder)) in line


def test_what_nobody_has_edited_is_replaced_without_a_word(store, make_post, caplog):
    for title in ("甲", "乙", "甲"):
        store.keep(make_post(title=title))

    assert caplog.messages == []
    assert not (store.folder / "set-aside").exists()


def test_a_file_that_lies_where_a_new_document_is_due_is_set_aside(
    store, make_post, caplog
):
    path = store.folder / "posts" / store.keep(make_post()).record["path"]
    other = path.with_name(path.name.replace("1.html", "2.html"))
    other.write_text("手写")

    store.keep(make_post(2))

    assert load(other.read_text("utf-8")).title == make_post(2).title
    aside = store.folder / "set-aside" / other.relative_to(store.folder)
    assert aside.read_text("utf-8") == "手写"
    assert len(caplog.messages) == 1


def test_a_document_deleted_by_hand_comes_back_with_its_next_revision(
    store, make_post, output, files_below
):
    path = output / "posts" / store.keep(make_post()).record["path"]
    path.unlink()

    store.keep(make_post(title="改题"))

    assert load(path.read_text("utf-8")).title == "改题"
    assert files_below("revisions") == []


def test_a_text_taken_back_is_a_third_version(store, make_post):
    for title in ("甲", "乙"):
        store.keep(make_post(title=title))

    assert store.keep(make_post(title="甲")).decision == Revision(3, "title")


# Duplicates


def test_the_same_text_under_another_id_is_a_duplicate(
    store, make_post, files_below, exported
):
    store.keep(make_post(1))

    kept = store.keep(copy_of(make_post, title="另一个题目", feed="stock"))

    assert kept.decision == Duplicate(make_post(1).id, "same text")
    assert len(files_below("posts")) == len(exported()) == 1


def test_a_duplicate_is_linked_to_its_post_once(store, make_post, rows):
    store.keep(make_post(1))

    for _ in range(2):
        store.keep(copy_of(make_post))

    assert rows(store, "SELECT id, of FROM duplicates") == [
        (make_post(2).id, make_post(1).id)
    ]


def test_the_export_names_a_posts_copies_and_the_feeds_of_both(
    store, make_post, make_entry, output
):
    store.sift([make_entry(1, "china")])
    store.keep(make_post(1), make_entry(1, "china"))
    store.sift([make_entry(2, "stock")])
    store.keep(copy_of(make_post), make_entry(2, "stock"))

    (record,) = stream_records(output, Selection())

    assert record["feeds"] == ["china", "stock"]
    assert record["duplicates"] == [make_post(2).id]


def test_a_revision_of_a_post_names_its_copies(store, make_post):
    store.keep(make_post(1))
    store.keep(copy_of(make_post))

    kept = store.keep(make_post(1, title="改题"))

    assert kept.record["duplicates"] == [make_post(2).id]


def test_a_duplicate_whose_text_changes_becomes_a_post_of_its_own(
    store, make_post, rows
):
    store.keep(make_post(1))
    store.keep(copy_of(make_post))

    kept = store.keep(make_post(2))

    assert isinstance(kept.decision, New)
    assert kept.record["revision"] == 1
    assert rows(store, "SELECT id FROM duplicates") == []


def test_a_stored_id_is_revised_even_into_the_text_of_another(store, make_post):
    store.keep(make_post(1))
    store.keep(make_post(2))

    kept = store.keep(copy_of(make_post))

    assert isinstance(kept.decision, Revision)


def test_a_text_a_post_no_longer_has_makes_no_duplicate(store, make_post):
    store.keep(make_post(1))
    store.keep(make_post(1, text=make_post(3).text))

    assert isinstance(store.keep(copy_of(make_post)).decision, New)


# Short texts

SHORT = "今日休市。"
PICTURE = Image("https://n.sinaimg.cn/a.jpg?w=1")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"title": "另一题目"}, id="another title"),
        pytest.param({"published": NOON + timedelta(days=1)}, id="another day"),
        pytest.param({"images": (Image("https://n.sinaimg.cn/b.jpg"),)}, id="picture"),
        pytest.param({"images": ()}, id="no picture"),
    ],
)
def test_equal_short_texts_are_two_posts_where_anything_else_differs(
    store, make_post, changes
):
    same = {"text": SHORT, "title": "公告", "images": (PICTURE,)}
    store.keep(make_post(1, **same))

    assert isinstance(store.keep(make_post(2, **{**same, **changes})).decision, New)


def test_equal_short_texts_are_one_story_where_title_day_and_pictures_agree(
    store, make_post
):
    sized = Image("https://n.sinaimg.cn/a.jpg?w=900", "图注")
    store.keep(make_post(1, text=SHORT, title="公告", images=(PICTURE,)))

    kept = store.keep(make_post(2, text=SHORT, title="公告", images=(sized,)))

    assert kept.decision == Duplicate(make_post(1).id, "same text")


@pytest.mark.parametrize(
    ("length", "decision"),
    [(DISTINCTIVE - 1, New), (DISTINCTIVE, Duplicate)],
    ids=["one character short", "just long enough"],
)
def test_a_text_alone_is_proof_from_a_certain_length_on(
    store, make_post, length, decision
):
    store.keep(make_post(1, text="镜" * length))

    kept = store.keep(make_post(2, text="镜" * length))

    assert isinstance(kept.decision, decision)
