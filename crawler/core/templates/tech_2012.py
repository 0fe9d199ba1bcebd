"""Tech, ent, sports and military pages of 2012-2019, with ``ARTICLE_DATA``."""

from crawler.core.templates.template import (
    META_KEYWORDS,
    META_SOURCE,
    META_TITLE,
    Template,
)

TEMPLATE = Template(
    name="tech-2012",
    order=500,
    since=2012,
    until=2019,
    mentions=("ARTICLE_DATA",),
    needs=("#artibodyTitle, #main_title, #j_title", "#artibody"),
    title=("#artibodyTitle", "#main_title", "#j_title", *META_TITLE),
    time=("#pub_date", ".time-source", ".titer", ".article-info .time"),
    source=(
        '#media_name [data-sudaclick="media_name"]',
        "#media_name a:not(#media_weibo):not(.weibo-card-dropdown)",
        "#media_name::own",
        '[data-sudaclick="media_name"]',
        *META_SOURCE,
    ),
    author=("#author_ename a", "#author_ename"),
    keywords=(
        ".art_keywords a",
        ".article-keywords a",
        ".content_label_list a",
        *META_KEYWORDS,
    ),
    body=("#artibody",),
)
