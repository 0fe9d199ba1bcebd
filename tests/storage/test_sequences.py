"""Whatever is kept in whatever order: index, documents and exports agree."""

import gzip
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from crawler.core.frontmatter import load
from crawler.storage.exports import Selection, stream_records
from crawler.storage.posts import PostStore

POSTS = st.tuples(st.integers(1, 3), st.integers(1, 3), st.sampled_from("甲乙"))
BATCHES = st.lists(st.lists(POSTS, min_size=1, max_size=4), max_size=5)


# They differ in more than a figure, which might be a counter's.
TEXTS = {1: "纸价略有回落。" * 40, 2: "竹价平稳。" * 50, 3: "风筝厂开工。" * 45}


def expect(batches):
    """Say which versions, as text and title, each id must have in the end."""
    versions = {}
    for number, text, title in (post for batch in batches for post in batch):
        known = versions.get(number)
        if known is None:
            if text not in {told[-1][0] for told in versions.values()}:
                versions[number] = [(text, title)]
        elif known[-1] != (text, title):
            known.append((text, title))
    return versions


def keep(store, batches, make_post):
    for batch in batches:
        store.keep_all(
            [
                (make_post(number, text=TEXTS[text], title=title), None)
                for number, text, title in batch
            ]
        )


def titles_below(folder):
    """Read the titles of all documents of a folder, by id and version."""
    told = {}
    for path in sorted(folder.rglob("*.html*")):
        data = path.read_bytes()
        text = gzip.decompress(data) if path.suffix == ".gz" else data
        told[path.name.partition(".html")[0]] = load(text.decode()).title
    return told


@given(batches=BATCHES)
def test_documents_revisions_and_lines_are_those_of_the_versions(make_post, batches):
    expected = expect(batches)
    ids = {number: make_post(number).id for number in expected}
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = PostStore(folder, "run")
        keep(store, batches, make_post)
        store.close()

        assert titles_below(folder / "posts") == {
            ids[number]: told[-1][1] for number, told in expected.items()
        }
        assert titles_below(folder / "revisions") == {
            f"{ids[number]}.{version}": title
            for number, told in expected.items()
            for version, (_, title) in enumerate(told[:-1], 1)
        }
        assert sorted(lines_of(folder)) == sorted(
            (ids[number], version, title)
            for number, told in expected.items()
            for version, (_, title) in enumerate(told, 1)
        )


def lines_of(folder):
    path = folder / "feeds/run.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    records = map(json.loads, lines)
    return [(each["id"], each["revision"], each["title"]) for each in records]


@given(batches=BATCHES, cut=st.integers(0, 4000))
def test_a_run_cut_off_anywhere_is_mended_to_the_byte(make_post, batches, cut):
    with TemporaryDirectory() as name:
        folder, feed = Path(name), Path(name, "feeds/run.jsonl")
        store = PostStore(folder, "run")
        keep(store, batches, make_post)
        store._let_go()
        whole = feed.read_bytes() if feed.exists() else None
        if whole:
            feed.write_bytes(whole[:-cut])

        PostStore(folder, "next").close()

        assert (feed.read_bytes() if feed.exists() else None) == whole


@given(batches=BATCHES)
def test_the_export_holds_the_last_version_of_every_post(make_post, batches):
    with TemporaryDirectory() as name:
        store = PostStore(Path(name), "run")
        keep(store, batches, make_post)
        store.close()

        records = list(stream_records(Path(name), Selection()))

    assert {each["id"]: (each["revision"], each["title"]) for each in records} == {
        make_post(number).id: (len(told), told[-1][1])
        for number, told in expect(batches).items()
    }
