"""Slide shows: the pictures and their texts stand in ``var slide_data``."""

from crawler.core.templates.template import META_SOURCE, META_TIME, Template

TEMPLATE = Template(
    name="slides",
    order=100,
    since=2009,
    mentions=("slide_data",),
    url=r"//slide\.|/slide_",
    kind="slides",
    time=(".swpt-time", "#pub_date", ".time", *META_TIME),
    source=("#media_name", *META_SOURCE),
)
