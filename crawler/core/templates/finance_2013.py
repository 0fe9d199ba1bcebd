"""Finance and news pages of about 2013-2017: ``span.time-source``."""

from crawler.core.templates.template import (
    META_KEYWORDS,
    META_SOURCE,
    META_TITLE,
    Template,
)

TEMPLATE = Template(
    name="finance-2013",
    order=510,
    since=2013,
    until=2017,
    needs=(".time-source", "#artibody"),
    title=("#artibodyTitle", "#main_title", "h1.main-title", *META_TITLE),
    time=(".time-source", ".titer"),
    source=(
        '.time-source [data-sudaclick="media_name"]',
        '[data-sudaclick="content_media_p"] a',
        ".time-source span",
        ".time-source",
        *META_SOURCE,
    ),
    author=("#author_ename a", ".source #author_baidu a"),
    keywords=(".article-keywords a", *META_KEYWORDS),
    body=("#artibody",),
)
