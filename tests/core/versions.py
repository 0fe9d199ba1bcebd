"""Versions of a post that the tests of comparing are fed with."""

from datetime import UTC, datetime
from typing import Any

from crawler.core.changes import Version

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
TEXT = (
    "镜湖风筝厂今日宣布，本季度交货12万只，同比增长3.5%。\n"
    "纸价略有回落，厂方说帐户充足。"
)


def version(text: str = TEXT, **changes: Any) -> Version:
    """Give the sample version with some fields changed; fetched at noon in Beijing."""
    values: dict[str, Any] = {
        "title": "风筝厂交货平稳",
        "text": text,
        "source": "镜湖晚报",
        "images": 1,
        "template": "finance-2017",
        "fetched": NOON,
    }
    return Version(**values | changes)
