"""Columns: ``k.sina.com.cn`` (看点) and ``cj``/``t.cj.sina.com.cn`` (财经头条).

They look like finance pages; but the medium may be the platform, and the meta keywords
of 财经头条 are the same on every page.
"""

from crawler.core.templates.template import META_SOURCE, META_TITLE, Template

TEMPLATE = Template(
    name="columns-2016",
    order=200,
    since=2016,
    url=r"//(?:k|cj|t\.cj)\.sina\.(?:com\.)?cn/",
    needs=("#artibody, .article",),
    title=("h1.main-title", "#artibodyTitle", *META_TITLE),
    time=(".date-source .date", ".date-source", ".time-source"),
    source=(
        ".date-source .ent-source",
        ".date-source .source",
        ".date-source .author",
        *META_SOURCE,
    ),
    author=(".date-source .author",),
    keywords=(
        '[data-sudaclick="content_keywords_p"] a',
        ".article-keywords a",
        'meta[name="tags"]@content',
    ),
    body=("#artibody", 'div.article[id^="arti"]', ".article"),
    junk=(".goods-card", ".article-kandian"),
)
