"""Sina's article layouts as data, one file each, tried in their declared order.

To add one: write a file here that declares a `Template` named ``TEMPLATE``, with an
``order`` before the wider ones, and save a page of it as
``tests/data/templates/<name>.html``. Nothing else lists the files. Layouts are never
removed when Sina changes: old pages stay old.
"""

from importlib import import_module
from pkgutil import iter_modules

from crawler.core.templates.template import Rules, Template

__all__ = ["TEMPLATES", "Rules", "Template"]


def _declared() -> tuple[Template, ...]:
    names = (module.name for module in iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    found = [module.TEMPLATE for module in modules if hasattr(module, "TEMPLATE")]
    return tuple(sorted(found, key=lambda template: template.order))


TEMPLATES: tuple[Template, ...] = _declared()
"""Most specific first: the first that fits a page and finds a body reads it."""
