"""Values in, values out: everything that can be decided without touching the world.

Nothing here knows Scrapy, the disk, the network, the clock or a logger; times and
texts come in as arguments. A test keeps it so.
"""
