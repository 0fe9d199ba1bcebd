"""The last resort: any page that has one of Sina's body containers.

Rare layouts share the containers, not the places of the other fields, so every known
place of each field is tried.
"""

from crawler.core.templates.template import (
    META_KEYWORDS,
    META_SOURCE,
    META_TITLE,
    Template,
)

_BODY = (
    "#artibody",
    "#article",
    ".article",
    ".art_content",
    ".articalContent",
    ".blk_container",
)

TEMPLATE = Template(
    name="containers",
    order=900,
    since=2003,
    needs=(", ".join(_BODY),),
    title=(
        "h1.main-title",
        "#artibodyTitle",
        "#main_title",
        "#j_title",
        "h1.art_tit_h1",
        ".articalTitle h2",
        *META_TITLE,
    ),
    time=(
        ".date-source .date",
        ".date-source",
        "#pub_date",
        ".time-source",
        "time.art_time",
        ".titer",
        ".from_info",
        ".artInfo",
    ),
    source=(
        ".date-source .source",
        ".date-source .ent-source",
        "#media_name a:not(#media_weibo):not(.weibo-card-dropdown)",
        "#media_name::own",
        "cite.art_cite",
        *META_SOURCE,
    ),
    author=("#author_ename a",),
    keywords=(".art_keywords a", ".article-keywords a", *META_KEYWORDS),
    body=_BODY,
)
