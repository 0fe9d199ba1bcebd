"""The ``scrapy`` sub-commands of this project, one file each.

No class here may be abstract or shared: Scrapy instantiates every command class it
finds in this package.
"""
