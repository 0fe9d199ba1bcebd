"""Many posts in one transaction, each decided upon after those before it."""

import pytest

from crawler.core.dedup import Duplicate, New, Revision, Unchanged
from crawler.core.frontmatter import load


def pairs(*posts):
    return [(post, None) for post in posts]


def test_decisions_come_in_the_order_of_the_posts(store, make_post):
    copy = make_post(2, text=make_post(1).text)
    edited = make_post(1, title="改题")

    kept = store.keep_all(pairs(make_post(1), copy, make_post(3), edited, edited))

    kinds = [type(each.decision) for each in kept]
    assert kinds == [New, Duplicate, New, Revision, Unchanged]


def test_lines_are_exported_in_the_order_of_the_posts(store, make_post, exported):
    posts = [make_post(number) for number in (5, 3, 9, 1)]

    store.keep_all(pairs(*posts))

    assert [record["id"] for record in exported()] == [post.id for post in posts]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_versions_of_one_id_in_one_batch_are_all_kept(
    store, make_post, output, old_documents, count
):
    titles = [f"第{number}稿" for number in range(1, count + 1)]

    kept = store.keep_all(pairs(*(make_post(title=title) for title in titles)))

    published = (output / "posts" / kept[0].record["path"]).read_bytes()
    documents = [*old_documents().values(), published]
    assert [load(document.decode()).title for document in documents] == titles


def test_a_batch_goes_on_from_what_is_stored(store, make_post, old_documents):
    store.keep(make_post(title="甲"))

    kept = store.keep_all(pairs(make_post(title="乙"), make_post(title="丙")))

    old = [load(document.decode()).title for document in old_documents().values()]
    assert old == ["甲", "乙"]
    assert [each.decision.number for each in kept] == [2, 3]


def test_an_empty_batch_writes_nothing(store, files_below):
    assert store.keep_all([]) == []
    assert files_below("") == [".lock", "index.sqlite"]


def test_no_temporary_file_is_left_beside_the_documents(store, make_post, files_below):
    store.keep_all(pairs(*(make_post(number) for number in range(5))))

    assert not [name for name in files_below("") if name.endswith(".tmp")]
