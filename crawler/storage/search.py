"""Say in SQL which posts of a browsing database hold the words of a query.

The full-text index knows every run of three characters, which suits a script without
spaces. What is shorter has to be found otherwise: two characters (茅台) begin a run of
three wherever they stand, because each text is indexed with two line ends after it, so
the list of runs has them in one stretch; a single one is looked for in the texts.
"""

from __future__ import annotations

import re

END = "\n\n"
"""What each text is indexed with: its last two characters begin a run as well."""

_WORDS = re.compile(r'"([^"]*)"|(\S+)')
_LAST = "\U0010ffff"
_RUN = 3


def search_clauses(query: str) -> tuple[list[str], dict[str, str]]:
    """Make the conditions that a post meets which holds every word of a query.

    Args:
        query: words, or several in double quotes, as a person types them; upper or
            lower case.

    Returns:
        Conditions on the table ``posts``, and their parameters.
    """
    found = (quoted or word for quoted, word in _WORDS.findall(query))
    words = [word for word in found if word.strip()]
    clauses, values = [], {}
    for number, word in enumerate(words):
        name = f"word{number}"
        if len(word) >= _RUN:
            values[name] = '"' + word.replace('"', '""') + '"'
            clauses.append(_BY_INDEX.format(name))
        elif len(word) == _RUN - 1:
            values |= {name: word.lower(), f"{name}_end": word.lower() + _LAST}
            clauses.append(_BY_BEGINNING.format(name))
        else:
            values[name] = "%" + re.sub(r"([\\%_])", r"\\\1", word) + "%"
            clauses.append(_BY_LOOKING.format(name))
    return clauses, values


_BY_INDEX = "rowid IN (SELECT rowid FROM posts_fts WHERE posts_fts MATCH :{0})"
_BY_BEGINNING = (
    "rowid IN (SELECT doc FROM posts_runs WHERE term >= :{0} AND term < :{0}_end)"
)
_BY_LOOKING = "(title LIKE :{0} ESCAPE '\\' OR text LIKE :{0} ESCAPE '\\')"
