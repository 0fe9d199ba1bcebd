"""Processes beside the crawl's own that read its pages.

`worker` is such a process, `pool` is the crawl's side, `frames` is how they talk.
"""
