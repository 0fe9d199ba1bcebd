"""Flashes of the 7x24 stream as a page: a finance page with its title in the text."""

from crawler.core.templates.template import (
    META_KEYWORDS,
    META_SOURCE,
    META_TITLE,
    Template,
)

TEMPLATE = Template(
    name="flash-7x24",
    order=120,
    since=2019,
    url=r"//finance\.sina\.(?:com\.)?cn/7x24/",
    kind="flash",
    title=("h1.main-title", "h1.art_tit_h1", *META_TITLE),
    time=(".date-source .date", ".date-source", "time.art_time", "time.weibo_time"),
    source=(".date-source .ent-source", ".date-source .source", *META_SOURCE),
    keywords=('[data-sudaclick="content_keywords_p"] a', *META_KEYWORDS),
    body=("#artibody", "#article", ".art_content", ".art_pic_card"),
)
