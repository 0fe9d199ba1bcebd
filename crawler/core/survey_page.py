"""What a survey found, as text and as one page of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from crawler.core.changes import Piece
from crawler.core.reprocessing import DOCUMENT, Example, Survey
from crawler.core.text import drop_unsafe, one_line

_STYLE = """
:root { color-scheme: light dark; --text: #1c2024; --soft: #60646c; --back: #fcfcfd;
  --card: #fff; --line: #dcdee3; --came: #daf5dd; --went: #ffe1de; --link: #0b5cad; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8eaed; --soft: #a3a9b3; --back: #15171a; --card: #1d2024;
    --line: #363b42; --came: #17452a; --went: #5a2226; --link: #8ab8ff; }
}
* { box-sizing: border-box; }
body { font: 1rem/1.6 system-ui, "Noto Sans CJK SC", sans-serif; max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; color: var(--text); background: var(--back); }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; padding-top: .75rem;
  border-top: 1px solid var(--line); }
h2 small, .id { color: var(--soft); font-weight: normal; font-size: .85rem; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
.verdict { font-size: 1.1rem; margin: 0 0 1.5rem; }
table { border-collapse: collapse; min-width: min(100%, 24rem); }
th, td { border-bottom: 1px solid var(--line); padding: .35rem 1.25rem .35rem 0;
  text-align: left; white-space: nowrap; }
td:first-child { white-space: normal; overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: normal; font-size: .85rem; }
th:last-child, td:last-child { text-align: right; padding-right: 0;
  font-variant-numeric: tabular-nums; }
article { background: var(--card); border: 1px solid var(--line);
  border-radius: .5rem; padding: .75rem 1rem; margin: 0 0 .75rem; }
article p { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.id { font-family: ui-monospace, monospace; }
blockquote { margin: .5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.lines { font: .82rem/1.55 ui-monospace, "Noto Sans Mono CJK SC", monospace; }
.lines > * { display: block; padding: .1rem .5rem .1rem 1.6rem; text-indent: -1.1rem;
  margin: 0 -.25rem; }
.lines del::before { content: "- "; } .lines ins::before { content: "+ "; }
.lines del { text-decoration: none; } .lines span { color: var(--soft); }
ins { background: var(--came); text-decoration: none; border-radius: .15rem; }
del { background: var(--went); border-radius: .15rem; }
.none { color: var(--soft); }
"""
_MARKS = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
_SIGNS = {"=": " ", "-": "-", "+": "+"}
_REMOVED = "removed by the site"
_TAGS = {"-": "<del>{}</del>", "+": "<ins>{}</ins>"}


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
            for line in example.lines:
                yield f"        {_SIGNS[line.mark]} {one_line(drop_unsafe(line.text))}"
    for reason, count in _alone(found):
        yield f"left alone: {one_line(drop_unsafe(reason))}: {count}"


def survey_page(found: Survey) -> str:
    """Write a survey as a page of HTML; everything from the site is escaped."""
    sections = "\n".join(_section(found, *each) for each in _counts(found))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>What today's code would change</title>\n<style>{_STYLE}</style>\n"
        "<h1>What today's code would change</h1>\n"
        f'<p class="verdict">{escape(_verdict(found))}</p>\n'
        f"{_table(found)}{sections}\n{_left_alone(found)}</html>\n"
    )


def _table(found: Survey) -> str:
    if not found.counts:
        return ""
    rows = "\n".join(
        f"<tr><td>{_safe(template)}</td><td>{escape(name)}</td><td>{count}</td></tr>"
        for (template, name), count in _counts(found)
    )
    head = "<tr><th>template</th><th>field</th><th>posts</th></tr>"
    return f"<table>\n{head}\n{rows}\n</table>\n"


def _section(found: Survey, key: tuple[str, str], count: int) -> str:
    template, name = key
    examples = found.examples[key]
    many = "1 post" if count == 1 else f"{count} posts"
    shown = f", {len(examples)} of them here" if len(examples) < count else ""
    head = f"<h2>{_safe(template)}: {escape(name)} <small>{many}{shown}</small></h2>"
    return "\n".join([head, *map(_example, examples)])


def _left_alone(found: Survey) -> str:
    rows = "\n".join(
        f"<tr><td>{_safe(reason)}</td><td>{count}</td></tr>"
        for reason, count in _alone(found)
    )
    if not rows:
        return ""
    head = "<tr><th>why</th><th>posts</th></tr>"
    return f"<h2>Left alone</h2>\n<table>\n{head}\n{rows}\n</table>\n"


def _alone(found: Survey) -> list[tuple[str, int]]:
    removed = [(_REMOVED, found.removed)] if found.removed else []
    return [*removed, *sorted(found.lost.items())]


def _verdict(found: Survey) -> str:
    fresh = f"; {found.fresh} articles would become posts" if found.fresh else ""
    absent = (
        f"; {found.absent} stored posts have no page in these files"
        if found.absent
        else ""
    )
    return f"{found.changed} of {found.examined} posts would change{fresh}{absent}"


def _counts(found: Survey) -> list[tuple[tuple[str, str], int]]:
    return sorted(found.counts.items(), key=lambda each: (-each[1], each[0]))


def _marked(piece: Piece) -> str:
    return _MARKS[piece.mark].format(drop_unsafe(piece.text))


def _example(example: Example) -> str:
    title = _safe(example.title)
    link = f'<a href="{_safe(example.url)}" rel="noreferrer">{title}</a>'
    return (
        f'<article lang="zh-CN">\n<p>{link} <span class="id">{_safe(example.id)}</span>'
        f"</p>\n{_difference(example)}\n</article>"
    )


def _difference(example: Example) -> str:
    if example.lines:
        lines = "".join(_tagged(line, "<span>{}</span>") for line in example.lines)
        return f'<blockquote class="lines">{lines}</blockquote>'
    words = "".join(map(_tagged, example.pieces))
    alone = f'<span class="none" lang="en">its {DOCUMENT} alone</span>'
    return f"<blockquote>{words or alone}</blockquote>"


def _tagged(piece: Piece, stayed: str = "{}") -> str:
    form = stayed if piece.mark == "=" else _TAGS[piece.mark]
    return form.format(_safe(piece.text))


def _safe(text: str) -> str:
    return escape(drop_unsafe(text))
