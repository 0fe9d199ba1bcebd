"""The last resort: any page that has one of Sina's body containers.

Old and rare layouts share the containers, not the places of the other fields, so
every known place of each field is tried.
"""

from crawler.core.templates.template import (
    META_KEYWORDS,
    META_SOURCE,
    META_TITLE,
    Template,
)

TEMPLATE = Template(
    name="containers",
    years="2004-",
    needs=("#artibody, #article, .article, .art_content, .articalContent",),
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
        "#pub_date",
        ".time-source",
        "time.art_time",
        ".time.SG_txtc",
        ".titer",
    ),
    source=(
        ".date-source .source",
        "#media_name a",
        "#media_name",
        "cite.art_cite",
        *META_SOURCE,
    ),
    author=("#author_ename a",),
    editor=(".article-editor", ".show_author"),
    keywords=(".art_keywords a", ".article-keywords a", *META_KEYWORDS),
    body=("#artibody", "#article", ".article", ".art_content", ".articalContent"),
)
