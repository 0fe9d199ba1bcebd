"""What today's code would change, and how that is told."""

from html import escape

import pytest

from crawler.core.changes import Piece
from crawler.core.records import FIELDS, record_of
from crawler.core.reprocessing import (
    COMPARED,
    DOCUMENT,
    EXAMPLES,
    Example,
    Survey,
    changed_fields,
)
from crawler.core.survey_page import survey_lines, survey_page
from tests.storage.conftest import build_post

FACTS = {
    **dict.fromkeys(("path", "content_hash", "first_seen"), ""),
    **{name: [] for name in ("feeds", "duplicates", "listed", "copies")},
    "revision": 1,
    "status": "new",
}


def record(**changes):
    return record_of(build_post(**changes), FACTS)


def test_what_is_compared_is_in_every_record():
    assert set(COMPARED) < set(FIELDS)


@pytest.mark.parametrize("name", ["title", "source", "html", "template"])
def test_a_changed_field_is_named(name):
    assert changed_fields(record(), build_post(**{name: "别的"})) == (name,)


def test_the_same_post_has_no_changed_field():
    assert changed_fields(record(), build_post()) == ()


def test_examples_are_few_and_counts_are_whole():
    found = Survey()
    for number in range(9):
        found.note(record(), build_post(title=f"别的{number}"), ("title",))

    assert found.changed == 9
    assert found.counts == {("finance 2017", "title"): 9}
    assert len(found.examples["finance 2017", "title"]) == EXAMPLES


def test_a_long_text_that_stays_is_cut_short():
    text = "风筝" * 5000
    found = Survey()
    found.note(record(text=text + "甲"), build_post(text=text + "乙"), ("text",))

    [example] = found.examples["finance 2017", "text"]
    assert sum(len(piece.text) for piece in example.pieces) < 100


def test_nothing_hostile_reaches_the_page_or_the_terminal():
    found = Survey(examined=1, changed=1)
    evil = '"><script>alert(1)</script>\x1b[2J'
    found.counts["<t>", "title"] += 1
    found.examples["<t>", "title"].append(
        Example("a", f"https://e.org/{evil}", evil, (Piece("+", evil),))
    )
    lines = (Piece("-", evil), Piece("+", evil), Piece("=", evil))
    found.examples["<t>", "title"].append(Example("b", "", evil, (), lines))
    found.lost[evil] += 1

    page, lines = survey_page(found), list(survey_lines(found))

    assert "<script" not in page
    assert "<t>" not in page
    assert "\x1b" not in page + "".join(lines)


def test_removed_and_absent_posts_are_told_apart_from_those_examined():
    found = Survey(examined=2, removed=3, absent=4)

    verdict, alone = survey_lines(found)

    assert verdict == (
        "0 of 2 posts would change; 4 stored posts have no page in these files"
    )
    assert alone == "left alone: removed by the site: 3"
    page = survey_page(found)
    assert escape(verdict) in page
    assert "<td>removed by the site</td><td>3</td>" in page


def test_a_document_that_alone_differs_is_told_line_by_line():
    found = Survey()
    lines = (Piece("-", "<p>甲"), Piece("+", "<p>乙"), Piece("=", "… 2 more lines"))
    found.note(record(), build_post(), (DOCUMENT,), lines)

    told, page = list(survey_lines(found)), survey_page(found)

    assert told[-3:] == [
        "        - <p>甲",
        "        + <p>乙",
        "          … 2 more lines",
    ]
    assert "<del>&lt;p&gt;甲</del><ins>&lt;p&gt;乙</ins>" in page
