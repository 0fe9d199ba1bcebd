"""Apply a template's rules to a page and note which one gave each field."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.core.extraction.article import Finding
from crawler.core.templates import Rules
from crawler.core.text import one_line


class Reader:
    """Reads fields from one page; an empty value counts as missing.

    Args:
        tree: the parsed page.
    """

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._tree = tree
        self._findings: dict[str, Finding] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The rule that gave each field read so far, in reading order."""
        return tuple(self._findings.values())

    def text(self, field: str, rules: Rules) -> str:
        """Return the first text any rule finds, trimmed, or ``""``."""
        for rule in rules:
            for value in self._values(rule):
                self._note(field, rule, value)
                return value
        return ""

    def texts(self, field: str, rule: str) -> list[str]:
        """Return every text a rule finds."""
        values = list(self._values(rule))
        if values:
            self._note(field, rule, ", ".join(values))
        return values

    def node(self, field: str, rules: Rules) -> LexborNode | None:
        """Return the first element any rule finds that has any content."""
        for rule in rules:
            for node in self._tree.css(rule):
                if node.first_child is not None:
                    self._note(field, rule, node.text()[:200])
                    return node
        return None

    def _values(self, rule: str) -> list[str]:
        selector, _, attribute = rule.partition("@")
        nodes = self._tree.css(selector)
        texts = (
            (node.attributes.get(attribute) or "") if attribute else node.text()
            for node in nodes
        )
        return [value for text in texts if (value := text.strip())]

    def _note(self, field: str, rule: str, value: str) -> None:
        self._findings[field] = Finding(field, rule, one_line(value)[:80])
