"""What a survey found, as text and as one page of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from crawler.core.changes import Piece
from crawler.core.reprocessing import DOCUMENT, Example, Survey
from crawler.core.text import drop_unsafe, one_line

_STYLE = """
:root { color-scheme: light dark; --line: #ccc; --came: #d6f5d6; --went: #ffdcdc; }
@media (prefers-color-scheme: dark) {
  :root { --line: #555; --came: #1d4d2b; --went: #5c2329; }
}
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }
table { border-collapse: collapse; } th, td { border: 1px solid var(--line);
  padding: .2rem .6rem; text-align: left; } td:last-child { text-align: right; }
blockquote { margin: .3rem 0 1rem; padding-left: 1rem;
  border-left: 3px solid var(--line); white-space: pre-wrap;
  overflow-wrap: anywhere; }
ins { background: var(--came); text-decoration: none; }
del { background: var(--went); }
"""
_MARKS = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
_TAGS = {"=": "{}", "-": "<del>{}</del>", "+": "<ins>{}</ins>"}


def survey_lines(found: Survey) -> Iterator[str]:
    """Tell a survey line by line, for a terminal; nothing in it can control one."""
    yield _verdict(found)
    for (template, name), count in _counts(found):
        yield f"{template}: {name}: {count}"
        for example in found.examples[template, name]:
            yield f"    {example.id}  {one_line(drop_unsafe(example.title))}"
            if example.pieces:
                words = "".join(_marked(piece) for piece in example.pieces)
                yield f"        {one_line(words)}"
    for reason, count in sorted(found.lost.items()):
        yield f"left alone: {one_line(drop_unsafe(reason))}: {count}"


def survey_page(found: Survey) -> str:
    """Write a survey as a page of HTML; everything from the site is escaped."""
    rows = "\n".join(
        f"<tr><td>{_safe(template)}</td><td>{escape(name)}</td><td>{count}</td></tr>"
        for (template, name), count in _counts(found)
    )
    examples = "\n".join(
        f"<h2>{_safe(template)}: {escape(name)}</h2>\n"
        + "\n".join(map(_example, found.examples[template, name]))
        for (template, name), _ in _counts(found)
    )
    lost = "\n".join(
        f"<li>{_safe(reason)}: {count}</li>"
        for reason, count in sorted(found.lost.items())
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>What today's code would change</title>\n<style>{_STYLE}</style>\n"
        f"<h1>What today's code would change</h1>\n<p>{escape(_verdict(found))}</p>\n"
        "<table>\n<tr><th>template</th><th>field</th><th>posts</th></tr>\n"
        f"{rows}\n</table>\n{examples}\n"
        + (f"<h2>Left alone</h2>\n<ul>\n{lost}\n</ul>\n" if lost else "")
        + "</html>\n"
    )


def _verdict(found: Survey) -> str:
    fresh = f"; {found.fresh} articles would become posts" if found.fresh else ""
    return f"{found.changed} of {found.examined} posts would change{fresh}"


def _counts(found: Survey) -> list[tuple[tuple[str, str], int]]:
    return sorted(found.counts.items(), key=lambda each: (-each[1], each[0]))


def _marked(piece: Piece) -> str:
    return _MARKS[piece.mark].format(drop_unsafe(piece.text))


def _example(example: Example) -> str:
    words = "".join(
        _TAGS[piece.mark].format(_safe(piece.text)) for piece in example.pieces
    )
    words = words or f"its {DOCUMENT} alone"
    title = _safe(example.title)
    link = f'<a href="{_safe(example.url)}" rel="noreferrer">{title}</a>'
    return f"<p>{_safe(example.id)} {link}</p>\n<blockquote>{words}</blockquote>"


def _safe(text: str) -> str:
    return escape(drop_unsafe(text))
