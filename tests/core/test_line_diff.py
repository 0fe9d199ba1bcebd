"""Two documents side by side: few lines, the telling ones first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.line_diff import line_diff


def told(old, new):
    return [piece.mark + piece.text for piece in line_diff(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "due"),
    [
        ("a\nb", "a\nb", []),
        ("a\n\n b", "a\nb\n", ["=white space alone"]),
        ("a\nb\nc", "a\nc", ["-b"]),
        ("a\nc", "a\nb\nc", ["+b"]),
        (
            '<p class="x">甲</p>\n<!-- 乙 -->\n<p class="x">丙</p>',
            "<p>甲</p>\n<p>丙</p>",
            [
                *('-<p class="x">甲</p>', "+<p>甲</p>", "-<!-- 乙 -->"),
                *('-<p class="x">丙</p>', "+<p>丙</p>"),
            ],
        ),
        ("1\n2\n3\n4\n5", "", ["-1", "-2", "-3", "=… 2 more lines"]),
    ],
)
def test_lines_that_went_and_came_stand_side_by_side(old, new, due):
    assert told(old, new) == due


@given(st.text(), st.text())
def test_any_two_texts_are_compared_in_few_and_short_lines(old, new):
    pieces = line_diff(old, new)

    assert len(pieces) <= 11
    assert all(len(piece.text) <= 120 and "\n" not in piece.text for piece in pieces)
    assert line_diff(old, old) == ()


def test_large_documents_are_compared_at_once():
    old, new = ("\n".join(f"{mark}{n}" for n in range(99_999)) for mark in "ab")

    assert told(old, new)[-1] == "=… 199992 more lines"
