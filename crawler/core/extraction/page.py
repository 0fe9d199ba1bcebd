"""A parsed page and the quick questions that rules ask of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.core.extraction.article import Finding
from crawler.core.templates import Rules, Template
from crawler.core.text import one_line

_SCOPED = re.compile(r"([a-z0-9]*[.#][\w-]+|\[[\w-]+=\"[\w-]+\"\]) (?![+~])[^,]+")
"""A selector of what stands inside an element that is easily found."""

_META = re.compile(r'meta\[(?:name|property)="([^"]+)"\]@content')


class Page:
    """One page: its source, its tree, its metas.

    Args:
        text: the decoded source.
        url: where it was found.
        charset: the codec that decoded it.
        raw: the source in UTF-8, as the parser takes it.
    """

    def __init__(self, text: str, url: str, charset: str, raw: bytes) -> None:
        self.text = text
        self.url = url
        self.charset = charset
        self.tree = LexborHTMLParser(raw)
        self.metas = _metas(self.tree)
        self._scopes: dict[str, list[LexborNode]] = {}

    def find(self, selector: str) -> list[LexborNode]:
        """Find what a selector matches, in the page's order.

        Many rules look into the same few elements: where there is one of them, only
        what it holds is searched, and where there is none, nothing is.
        """
        scoped = _SCOPED.fullmatch(selector)
        if not scoped:
            return self.tree.css(selector)
        scopes = self._scopes.get(scoped[1])
        if scopes is None:
            scopes = self._scopes[scoped[1]] = self.tree.css(scoped[1])
        if len(scopes) == 1:
            return scopes[0].css(selector)
        return self.tree.css(selector) if scopes else []

    def misses(self, template: Template) -> str:
        """Say what a template wants and the page has not, or ``""``."""
        if template.url and not re.search(template.url, self.url):
            return f"address without {template.url}"
        for mention in template.mentions:
            if mention not in self.text:
                return f"source without {mention}"
        for need in template.needs:
            if self.tree.css_first(need) is None:
                return f"needs {need}"
        return ""

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
            for value in self.values(rule):
                self.note(field, rule, value)
                return value
        return ""

    def nodes(self, rules: Rules) -> Iterator[tuple[str, LexborNode]]:
        """Give every element the rules find that has any content, with its rule."""
        for rule in rules:
            for node in self._page.find(rule):
                if node.first_child is not None:
                    yield rule, node

    def note(self, field: str, rule: str, value: str) -> None:
        """Note which rule gave a field; the last one noted counts."""
        self._findings[field] = Finding(field, rule, " ".join(value[:400].split())[:80])

    def values(self, rule: str) -> list[str]:
        """Return every text a rule finds, trimmed, none of them empty."""
        meta = _META.fullmatch(rule)
        if meta:
            value = self._page.metas.get(meta[1], "").strip()
            return [value] if value else []
        selector, _, attribute = rule.partition("@")
        selector, own, _ = selector.partition("::own")
        nodes = self._page.find(selector)
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
