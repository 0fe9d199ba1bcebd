"""What a download is refused for, by us and not by the network."""

from scrapy.exceptions import IgnoreRequest


class Refusal(IgnoreRequest):
    """An answer, or the way to it, that cannot be used.

    Its text is one line that starts with a fixed word: ``cut``, ``damaged``, ``too
    large``, ``redirect``, ``private``.
    """
