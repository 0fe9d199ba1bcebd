"""Crawl Sina Finance feeds into front-matter-plus-HTML posts, once each, for good.

The flow, which every part of the project is one step of::

    feeds/*.yaml -> feed answer -> entries -> article page -> PostItem -> Post
        -> decision (new, revision, duplicate, unchanged) -> output/

``core`` turns values into values, ``storage`` keeps files and SQLite, and the
modules with Scrapy's own names (``spiders``, ``pipelines``, ``settings``, ...) are
the thin glue between the two and the network.
"""

__version__ = "1.0"
