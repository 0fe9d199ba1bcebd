"""Blogs: ``.articalTitle`` and ``.articalContent`` (sic), lazy ``real_src`` images."""

from crawler.core.templates.template import META_TITLE, Template

TEMPLATE = Template(
    name="blog-2006",
    order=600,
    since=2006,
    needs=(".articalContent",),
    title=(".articalTitle h2", ".articalTitle .titName", ".h1_tit", *META_TITLE),
    time=(".articalTitle .time", ".time.SG_txtc", ".time"),
    source=("#blognamespan", ".blognamespan", "#blogname"),
    author=("#ownernick", ".info_nm strong", ".SG_txta strong"),
    keywords=(".blog_tag h3 a", ".blog_tag a", 'meta[name="tags"]@content'),
    body=(".articalContent",),
    junk=(".articalfrontback", ".shareUp", ".articalTag"),
)
