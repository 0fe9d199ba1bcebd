"""The document: written to the byte, and read back as it was."""

import dataclasses
import json
from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.errors import DocumentError
from crawler.core.frontmatter import EXTRA_FIELDS, document_of, dump, load, mark
from crawler.core.markup import normalise_body
from crawler.core.posts import Post
from crawler.core.records import record_line
from crawler.core.symbols import Symbol
from crawler.core.text import display_line
from tests.core.samples import AWKWARD, post, texts

EXTRA = tuple(EXTRA_FIELDS)
SAMPLE = "\n".join(  # noqa: FLY002 - some lines end in spaces
    (
        "",
        "---",
        "title: '一篇用来试验的稿件'",
        "categories: ",
        " - 金融",
        " - 新浪财经",
        " - 新浪财经－国內",
        "headimg: 'https://n.sinaimg.cn/a.png'",
        "author: 新浪财经",
        "comments: false",
        "date: Fri, 20 Nov 2026 04:30:15 GMT",
        "thumbnail: 'https://n.sinaimg.cn/a.png'",
        "---",
        "",
        "<div>   ",
        "<p>正文一段。</p>  ",
        "</div>",
        "            ",
    )
)


def front_matter(text: str) -> dict:
    """Read the front matter as any reader of YAML would."""
    head, _, _ = text.removeprefix("\n---\n").partition("\n---\n")
    return yaml.safe_load(head)


def test_a_document_has_the_form_to_the_byte():
    assert dump(post()) == SAMPLE


def test_extra_fields_follow_in_the_order_they_are_named():
    lines = dump(post(), ["source", "keywords", "id", "updated", "id"]).split("\n")

    assert lines[12:17] == [
        "source: '示例财经'",
        "keywords: ",
        " - '试验'",
        " - '稿件'",
        "id: 'nkqaaaa1234567'",
    ]
    assert lines[17] == "---"


def test_an_unknown_extra_field_is_an_error():
    with pytest.raises(KeyError, match="permalink"):
        dump(post(), ["permalink"])


TEXT_FIELDS = (
    "id url title source author editor feed site headimg document html text template"
).split()
FIELDS = st.fixed_dictionaries(
    dict.fromkeys(
        TEXT_FIELDS,
        texts,
    )
    | {
        "categories": st.lists(texts, min_size=1, max_size=3).map(tuple),
        "keywords": st.lists(texts, max_size=3).map(tuple),
        "symbols": st.lists(st.builds(Symbol, texts, texts, texts), max_size=2).map(
            tuple
        ),
        "updated": st.none() | st.just(datetime(2026, 11, 20, tzinfo=UTC)),
    }
)
POSTS = FIELDS.map(lambda fields: post(**fields))


@given(POSTS, st.lists(st.sampled_from(EXTRA)))
def test_a_document_is_read_back_as_it_was(made: Post, extra):
    document = document_of(made, extra)

    assert load(dump(document)) == document
    assert dump(load(dump(document))) == dump(made, extra)


@given(POSTS)
def test_any_yaml_reader_gives_the_same_values(made: Post):
    document = document_of(made, EXTRA)
    values = front_matter(dump(document))
    own = ("title", "categories", "headimg", "author", "date")
    extra = {key: list(v) if isinstance(v, tuple) else v for key, v in document.extra}

    assert {key: values.pop(key) for key in own} == {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in dataclasses.asdict(document).items()
        if key in own
    }
    assert (values.pop("comments"), values.pop("thumbnail")) == (
        False,
        document.headimg,
    )
    assert values == extra


@given(POSTS)
def test_a_document_can_be_written_and_has_one_line_a_value(made: Post):
    text = dump(made, EXTRA)
    head = text.partition("\n---\n\n<div>   \n")[0]

    assert text.encode().decode() == text
    assert head.splitlines() == head.split("\n")
    assert "\n---" not in head[4:]


def test_every_real_title_survives(shared):
    lines = (shared / "corpus" / "titles.jsonl").read_text("utf-8").splitlines()
    sample, lost = front_matter(SAMPLE), []
    for title in [json.loads(line)["title"] for line in lines]:
        values = front_matter(dump(post(title=title)))
        same = values == sample | {"title": display_line(title)}
        record = json.loads(record_line({"title": title}))
        lost += [] if same and record == {"title": title} else [title]

    assert len(lines) == 2000
    assert lost == []


PLAIN = (
    "新浪财经",
    "新浪财经－7x24",
    "a b",
    "今日财经TOP10",
    "A&B",
    "港股（一）",
    "甲",
)
QUOTED = (
    *(
        "yes",
        "No",
        "null",
        "~",
        "",
        "y",
        "true",
        "OFF",
        "nan",
        "Inf",
        "1",
        "7x24",
        "1e3",
    ),
    *("2026-11-20", "a: b", "a #b", "- a", "[a]", "{a}", "&a", "*a", "!a", "a:", "%a"),
    *("@a", "`a`", "> a", "| a", "? a", "a ", "a,b", "=", "<<", "．", "a\\"),
)


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_name_is_written_plain(name):
    assert f"author: {name}\n" in dump(post(site=name))


@pytest.mark.parametrize("name", QUOTED)
def test_a_name_yaml_would_read_otherwise_is_quoted(name):
    document = dataclasses.replace(document_of(post()), author=name)

    assert f"author: '{name}'\n" in dump(document)
    assert front_matter(dump(document))["author"] == name


IMAGES = {
    "quote": ("https://a.cn/'b", "https://a.cn/%27b"),
    "space": ("https://a.cn/ b", "https://a.cn/%20b"),
    "http of sina": ("http://n.sinaimg.cn/b", "https://n.sinaimg.cn/b"),
    "line end": ("https://a.cn/\nlayout: false", "https://a.cn/layout:%20false"),
}


@pytest.mark.parametrize(("url", "written"), IMAGES.values(), ids=IMAGES)
def test_a_head_image_cannot_leave_its_quotes(url, written):
    assert front_matter(dump(post(headimg=url)))["headimg"] == written


BODIES = (
    *(
        "",
        "</div>",
        "\n---\ntitle: evil\n---\n",
        "  \n</div>\n            ",
        "<div>   \n",
    ),
    *("\n---\n\n<div>   \n", "甲\r\n乙\r丙\u2028丁", "\0\ufffc\ud800", *AWKWARD),
)


@pytest.mark.parametrize("html", BODIES, ids=range(len(BODIES)))
def test_no_body_reaches_the_front_matter(html):
    made = normalise_body(html, "")
    document = load(dump(post(document=made.document)))

    assert document == document_of(post(document=made.document))
    assert document.title == post().title


@pytest.mark.parametrize("end", range(len(SAMPLE)))
def test_a_file_cut_anywhere_is_no_document(end):
    with pytest.raises(DocumentError, match=r"^not a document: ."):
        load(SAMPLE[:end])


BROKEN = {
    "other start": ("\n---", "---", "does not start with"),
    "more at the start": ("\n---", "\n\n---", "does not start with"),
    "more at the end": ("</div>\n            ", "</div>\n             ", "was it cut"),
    "no end of the head": ("---\n\n", "\n\n", "does not end in ---"),
    "no title": ("title: ", "titel: ", "has no title"),
    "no thumbnail": (
        "thumbnail: 'https://n.sinaimg.cn/a.png'\n",
        "",
        "has no thumbnail",
    ),
    "title as a list": ("title: ", "title: \n - a\nx: ", "title is not one line"),
    "categories as text": (
        " \n - 金融",
        " 金融\nx:\n - 甲",
        "categories is not a list",
    ),
    "category as a mapping": (
        " - 金融",
        " - a: b",
        "categories is not a list of names",
    ),
    "extra list of mappings": ("author: ", "x: \n - a: b\nauthor: ", "x is not a list"),
    "open quote": ("稿件'", "稿件", "is not YAML"),
    "mapping in a value": ("新浪财经\ncomments", "a: b\ncomments", "is not YAML"),
    "lone surrogate": ("稿件", "\ud800", "is not YAML"),
    "control": ("稿件", "\0", "is not YAML"),
    "flow mapping": ("author: ", "x: {a: b}\nauthor: ", "a line not ours: 'x: {a: b}'"),
    "flow list": (" - 金融", " - [金融]", "a line not ours"),
    "alias": ("author: ", "x: *a\nauthor: ", "a line not ours"),
    "tag": ("author: ", "x: !!map a\nauthor: ", "a line not ours"),
    "list for a key": ("author: ", "? [a]\n: b\nauthor: ", "a line not ours"),
    "value of two lines": ("稿件'", "\n  稿件'", "a line not ours"),
    "nesting without end": (
        "author: ",
        "x: " + "[" * 50_000 + "\nauthor: ",
        "not ours",
    ),
    "items without end": ("author: ", " -" * 50_000 + "\nauthor: ", "not ours"),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_what_has_not_the_form_is_refused_with_a_reason(old, new, message):
    with pytest.raises(DocumentError, match=message):
        load(SAMPLE.replace(old, new, 1))


def test_a_head_that_is_no_mapping_is_refused():
    with pytest.raises(DocumentError, match="not a mapping"):
        load("\n---\n - a\n---\n\n<div>   \n甲  \n</div>\n            ")


@given(texts)
def test_no_text_stops_the_reading_of_documents(text):
    for whole in (text, SAMPLE.replace("新浪财经\ncomments", text + "\ncomments")):
        try:
            author = load(whole).author
        except DocumentError as error:
            author = error.problem
        assert isinstance(author, str)


@given(POSTS, st.lists(st.sampled_from(EXTRA)), texts.map(display_line))
def test_a_mark_is_one_line_and_can_be_taken_away(made: Post, extra, value):
    written = dump(made, extra)

    marked = mark(mark(written, "removed", "before"), "removed", value)

    found = load(marked)
    assert found.extra == load(written).extra + ((("removed", value),) * bool(value))
    assert found.body == load(written).body
    assert mark(marked, "removed", "") == written


def test_what_is_no_document_is_not_marked():
    with pytest.raises(DocumentError, match="was it cut"):
        mark(SAMPLE.rstrip(), "removed", "now")
