"""News pages since 2017: an ``h1.channel-logo`` first, the body is ``#article``."""

from crawler.core.templates.template import (
    META_KEYWORDS,
    META_SOURCE,
    META_TITLE,
    Template,
)

TEMPLATE = Template(
    name="news-2017",
    order=310,
    since=2017,
    needs=("h1.main-title", "#article"),
    title=("h1.main-title", *META_TITLE),
    time=(".date-source .date", ".date-source"),
    source=(".date-source .source", ".date-source .ent-source", *META_SOURCE),
    author=(".date-source .author a", ".date-source .author"),
    editor=("#article .show_author", ".show_author", ".article-editor"),
    keywords=("#keywords a", "#keywords@data-wbkey", *META_KEYWORDS),
    body=("#article",),
)
