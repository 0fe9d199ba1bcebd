"""What today's code would change, and how that is told."""

import pytest

from crawler.core.changes import Piece
from crawler.core.records import FIELDS, record_of
from crawler.core.reprocessing import (
    COMPARED,
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
    found.lost[evil] += 1

    page, lines = survey_page(found), list(survey_lines(found))

    assert "<script" not in page
    assert "<t>" not in page
    assert "\x1b" not in page + "".join(lines)
