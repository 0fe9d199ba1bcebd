"""Finance pages since 2017: ``h1.main-title``, ``.date-source`` and ``#artibody``."""

from crawler.core.templates.template import (
    META_KEYWORDS,
    META_SOURCE,
    META_TITLE,
    Template,
)

TEMPLATE = Template(
    name="finance-2017",
    order=300,
    since=2017,
    needs=("h1.main-title", "#artibody"),
    title=("h1.main-title", *META_TITLE),
    time=(".date-source .date", ".date-source"),
    source=(
        ".date-source .ent-source",
        ".date-source .source",
        '.date-source [data-sudaclick="content_media_p"]',
        *META_SOURCE,
    ),
    author=(".date-source .author a", ".date-source .author"),
    editor=("#artibody .article-editor", ".article-editor", ".show_author"),
    keywords=(
        '[data-sudaclick="content_keywords_p"] a',
        ".article-keywords a",
        "#keywords a",
        *META_KEYWORDS,
    ),
    body=("#artibody",),
)
