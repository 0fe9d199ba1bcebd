"""Show people what changed between two versions, on a terminal or in a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import groupby

from rich.console import Console
from rich.text import Text

from crawler.core.changes import Piece, Version, word_diff
from crawler.core.text import drop_unsafe

_MARKS = {"=": ("", ""), "-": ("[-", "-]"), "+": ("{+", "+}")}
_STYLES = {"=": "", "-": "red strike", "+": "green"}


def print_difference(old: Version, new: Version) -> None:
    """Print the parts of title, medium and text that differ, word by word.

    What went stands in ``[-…-]``, what came in ``{+…+}``; on a terminal in red and
    green instead. Paragraphs that stayed are left out and counted.
    """
    for name, was, now in (
        ("title", old.title, new.title),
        ("source", old.source, new.source),
        ("text", old.text, new.text),
    ):
        pieces = word_diff(was, now)
        if all(piece.mark == "=" for piece in pieces):
            continue
        print_line(f"{name}:")
        for line in _lines(pieces):
            print_line(Text("  ").append_text(line))


def print_line(line: str | Text) -> None:
    """Print a line as it is: neither wrapped nor cut, without control characters."""
    if not sys.stdout.isatty():
        sys.stdout.write(drop_unsafe(str(line)) + "\n")
        return
    Console(highlight=False).print(
        line if isinstance(line, Text) else drop_unsafe(line),
        markup=False,
        soft_wrap=True,
    )


def tell(line: str) -> None:
    """Print a line as `print_line` does; to nobody where the reader has gone."""
    try:
        print_line(line)
    except BrokenPipeError:
        _leave_pipe()


def finish_telling() -> None:
    """Print what is still held back; to nobody where the reader has gone."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _leave_pipe()


def _leave_pipe() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _lines(pieces: tuple[Piece, ...]) -> Iterator[Text]:
    """Yield the paragraphs that hold a change, and how many others there are."""
    for touched, group in groupby(_paragraphs(pieces), key=_is_touched):
        paragraphs = list(group)
        if not touched:
            yield Text(f"… {len(paragraphs)} unchanged …", style="dim")
            continue
        for paragraph in paragraphs:
            line = Text()
            for piece in paragraph:
                line.append_text(_shown(piece))
            yield line


def _paragraphs(pieces: tuple[Piece, ...]) -> Iterator[list[Piece]]:
    paragraph: list[Piece] = []
    for piece in pieces:
        first, *rest = piece.text.split("\n")
        paragraph += [Piece(piece.mark, first)] if first else []
        for part in rest:
            if paragraph:
                yield paragraph
            paragraph = [Piece(piece.mark, part)] if part else []
    if paragraph:
        yield paragraph


def _is_touched(paragraph: list[Piece]) -> bool:
    return any(piece.mark != "=" for piece in paragraph)


def _shown(piece: Piece) -> Text:
    if sys.stdout.isatty():
        return Text(drop_unsafe(piece.text), style=_STYLES[piece.mark])
    before, after = _MARKS[piece.mark]
    return Text(f"{before}{piece.text}{after}")
