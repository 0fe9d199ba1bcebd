"""How many posts were made of pages that given files do not hold."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

_QUERY = (
    "SELECT count(*) FROM posts JOIN versions USING (id, revision) WHERE NOT EXISTS"
    " (SELECT 1 FROM sources JOIN captures ON captures.number = capture"
    " WHERE sources.number = versions.number AND part = 1"
    " AND file IN (SELECT value FROM json_each(?)))"
)


def count_absent(index: sqlite3.Connection, files: Iterable[str]) -> int:
    """Count the posts whose latest version was made of no page in files.

    Args:
        index: the index.
        files: the files, by the names that the index knows them by.
    """
    [count] = index.execute(_QUERY, (json.dumps(sorted(files)),)).fetchone()
    return int(count)
