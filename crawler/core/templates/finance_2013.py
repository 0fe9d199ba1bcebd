"""Finance pages of about 2013-2017: ``#artibodyTitle`` and ``span.time-source``."""

from crawler.core.templates.template import (
    META_KEYWORDS,
    META_SOURCE,
    META_TITLE,
    Template,
)

TEMPLATE = Template(
    name="finance-2013",
    years="2013-2017",
    needs=("#artibodyTitle", ".time-source", "#artibody"),
    title=("#artibodyTitle", *META_TITLE),
    time=(".time-source", ".titer"),
    source=(
        '.time-source [data-sudaclick="media_name"]',
        '[data-sudaclick="content_media_p"] a',
        ".time-source span",
        *META_SOURCE,
    ),
    author=("#author_ename a", ".source #author_baidu a"),
    editor=(".article-editor",),
    keywords=(".article-keywords a", *META_KEYWORDS),
    body=("#artibody",),
)
