"""Pages of about 2003-2007: nested tables, the headline in ``th.f24``.

The box of advertisements within the text stands between two comments of the
publisher, and what parts it from the text is only that.
"""

from crawler.core.templates.template import META_KEYWORDS, META_SOURCE, Template

TEMPLATE = Template(
    name="table-2003",
    order=700,
    since=2003,
    until=2008,
    needs=("th.f24, .f24, .title14", "td.l17, #article, #artibody, #zoom"),
    title=("th.f24", "#article .f24", ".f24", "#artibodyTitle", "title"),
    time=("#article td[height='20']", "td[height='20'][align='center']", "#article"),
    source=(
        '#article font[color="#A20010"]',
        'td[align="center"] font[color="#A20010"]',
        'font[color="#A20010"]',
        *META_SOURCE,
    ),
    keywords=META_KEYWORDS,
    body=("#article td.l17", "#artibody", "td.l17", "#zoom", "#article"),
    cut=(
        ("<!--NEWSZW_HZH_BEGIN-->", "<!--NEWSZW_HZH_END-->"),
        ("<!--画中画广告开始-->", "<!--画中画广告结束-->"),
    ),
    junk=("table table table",),
)
