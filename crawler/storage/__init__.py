"""Files and SQLite: where posts, their history and the exports are kept for good.

Nothing here knows Scrapy; crawl, commands and tests use it alike.
"""
