"""Mobile pages of ``*.sina.cn``: ``h1.art_tit_h1`` and ``.art_content``."""

from crawler.core.templates.template import (
    META_KEYWORDS,
    META_SOURCE,
    META_TITLE,
    Template,
)

TEMPLATE = Template(
    name="mobile-2014",
    order=400,
    since=2014,
    needs=(".art_tit_h1, .art_box", ".art_content, .art_pic_card"),
    title=(".art_tit_h1", *META_TITLE),
    time=("time.art_time", "time.weibo_time", ".art_time", ".weibo_time"),
    source=("cite.art_cite", ".art_cite", ".weibo_user", *META_SOURCE),
    editor=(".art_editor", ".show_author", ".article-editor"),
    keywords=(".art_keywords a", *META_KEYWORDS),
    body=(".art_content", ".art_pic_card"),
    junk=("#wx_pic", ".art_share", ".art_wxtips", '[class*="opq"]', ".look_more"),
    lead_image=(".art_video img@src", ".art_video video@poster"),
)
