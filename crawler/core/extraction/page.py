"""A parsed page and the quick questions that rules ask of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.core.extraction.article import Finding
from crawler.core.templates import Rules, Template
from crawler.core.text import one_line

# What a selector names must stand in the page's source, or it cannot match; looking
# for the words is a hundred times faster than walking the tree.
_NOT = re.compile(r":not\([^()]*\)")
_NAMED = re.compile(r"""[#.]([A-Za-z_][\w-]*)|[~|^$*]?=["']([^"'&]+)["']""")
_META = re.compile(r'meta\[(?:name|property)="([^"]+)"\]@content')


class Page:
    """One page: its source, its tree, its metas.

    Args:
        text: the decoded source.
        url: where it was found.
        charset: the codec that decoded it.
        raw: its bytes, where they are well-formed UTF-8: the parser takes them as
            they are.
    """

    def __init__(self, text: str, url: str, charset: str, raw: bytes = b"") -> None:
        self.text = text
        self.url = url
        self.charset = charset
        self.tree = LexborHTMLParser(raw or text)
        self.metas = _metas(self.tree)
        self._mentioned: dict[str, bool] = {}

    def misses(self, template: Template) -> str:
        """Say what a template wants and the page has not, or ``""``."""
        if template.url and not re.search(template.url, self.url):
            return f"address without {template.url}"
        for mention in template.mentions:
            if mention not in self.text:
                return f"source without {mention}"
        for need in template.needs:
            if not self.may_have(need) or self.tree.css_first(need) is None:
                return f"needs {need}"
        return ""

    def may_have(self, selector: str) -> bool:
        """Tell whether a selector can match, without walking the tree."""
        return any(all(map(self._mentions, words)) for words in _words(selector))

    def _mentions(self, word: str) -> bool:
        known = self._mentioned.get(word)
        if known is None:
            known = self._mentioned[word] = word in self.text
        return known

    def text_of(self, selector: str, limit: int = 600) -> str:
        """Return the beginning of the first match's text on one line, or ``""``."""
        node = self.tree.css_first(selector)
        return one_line(node.text()[:limit]) if node else ""


class Reader:
    """Reads fields from one page; an empty value counts as missing.

    Args:
        page: the page.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._findings: dict[str, Finding] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The rule that gave each field read so far, in reading order."""
        return tuple(self._findings.values())

    def text(self, field: str, rules: Rules) -> str:
        """Return the first text any rule finds, trimmed, or ``""``."""
        for rule in rules:
            for value in self._values(rule):
                self.note(field, rule, value)
                return value
        return ""

    def texts(self, field: str, rule: str) -> list[str]:
        """Return every text a rule finds."""
        values = self._values(rule)
        if values:
            self.note(field, rule, ", ".join(values))
        return values

    def nodes(self, rules: Rules) -> Iterator[tuple[str, LexborNode]]:
        """Give every element the rules find that has any content, with its rule."""
        for rule in rules:
            if self._page.may_have(rule):
                for node in self._page.tree.css(rule):
                    if node.first_child is not None:
                        yield rule, node

    def note(self, field: str, rule: str, value: str) -> None:
        """Note which rule gave a field; the last one noted counts."""
        self._findings[field] = Finding(field, rule, " ".join(value[:400].split())[:80])

    def _values(self, rule: str) -> list[str]:
        meta = _META.fullmatch(rule)
        if meta:
            value = self._page.metas.get(meta[1], "").strip()
            return [value] if value else []
        selector, _, attribute = rule.partition("@")
        selector, own, _ = selector.partition("::own")
        if not self._page.may_have(selector):
            return []
        nodes = self._page.tree.css(selector)
        if attribute:
            texts = [node.attributes.get(attribute) or "" for node in nodes]
        else:
            texts = [node.text(deep=not own) for node in nodes]
        return [value for text in texts if (value := text.strip())]


def _metas(tree: LexborHTMLParser) -> dict[str, str]:
    metas: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = attributes.get("name") or attributes.get("property")
        content = attributes.get("content")
        if name and content and content.strip():
            metas.setdefault(name, content)
    return metas


@cache
def _words(selector: str) -> tuple[tuple[str, ...], ...]:
    parts = _NOT.sub("", selector).split(",")
    return tuple(
        tuple(a or b for a, b in _NAMED.findall(part)) for part in parts
    )
