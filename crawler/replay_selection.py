"""Which part of an archive is replayed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.core.archive import Step
from crawler.core.urls import document_id


@dataclass(frozen=True, slots=True)
class Selection:
    """Which steps are taken again; every part is optional."""

    since: datetime | None = None
    """Those of this instant and later."""

    feed: str = ""
    """Those of one feed."""

    id: str = ""
    """Those of one article."""

    def has(self, step: Step) -> bool:
        """Tell whether a step is taken; runs begin and end in any case."""
        if step.do in {"begin", "end"}:
            return True
        if self.since and datetime.fromisoformat(step.now) < self.since:
            return False
        facts = step.facts
        if self.feed and facts.get("feed", self.feed) != self.feed:
            return False
        return not self.id or step.do == "list" or self.id in _ids(facts)


def _ids(facts: dict[str, Any]) -> set[str]:
    entry = facts.get("entry")
    found = [facts.get("id"), entry["id"] if isinstance(entry, dict) else entry]
    found += [document_id(facts["url"])] if "url" in facts else []
    first = facts.get("args", [])[:1]
    return {each for each in (*found, *first) if isinstance(each, str)}
