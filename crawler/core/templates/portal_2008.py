"""Pages of 2008-2013, finance among them: ``#artibodyTitle``, ``publish_helper``."""

from crawler.core.templates.template import (
    META_KEYWORDS,
    META_SOURCE,
    META_TITLE,
    Template,
)

TEMPLATE = Template(
    name="portal-2008",
    order=520,
    since=2008,
    until=2013,
    needs=("#artibodyTitle", "#artibody"),
    title=("#artibodyTitle", *META_TITLE),
    time=("#pub_date", ".artInfo", ".from_info", ".time-source"),
    source=(
        "#media_name a:not(#media_weibo):not(.weibo-card-dropdown)",
        "#media_name::own",
        ".from_info .linkRed02 + .linkRed02",
        ".from_info",
        *META_SOURCE,
    ),
    author=("#author_ename a", "#author_ename"),
    keywords=(".art_keywords a", ".content_label_list a", *META_KEYWORDS),
    body=("#artibody",),
    junk=(".otherContent_01", ".moduleSingleImg01"),
)
