"""The built-in sample site: a small fictional Sina Finance on the loopback.

Every text, company and person is invented; the markup, the feeds' shapes and their
habits are Sina's. It is a folder of its own on purpose: it uses the standard
library alone and nothing else of the project.
"""

from crawler.demo.site import Answer, DemoSite
from crawler.demo.stories import Expected, expectations

__all__ = ["Answer", "DemoSite", "Expected", "expectations"]
