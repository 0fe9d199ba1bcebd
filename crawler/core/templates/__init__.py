"""Sina's article layouts as data, one file each, tried in this order.

To add one: write a file that declares a `Template`, put it into `TEMPLATES` before
the wider ones, and save a page of it as a golden test. Layouts are never removed when
Sina changes: old pages stay old.
"""

from crawler.core.templates import (
    containers,
    finance_2013,
    finance_2017,
    news_2017,
)
from crawler.core.templates.template import Rules, Template

__all__ = ["TEMPLATES", "Rules", "Template"]

TEMPLATES: tuple[Template, ...] = (
    finance_2017.TEMPLATE,
    news_2017.TEMPLATE,
    finance_2013.TEMPLATE,
    containers.TEMPLATE,
)
"""Most specific first: the first whose needs a page meets reads it."""
