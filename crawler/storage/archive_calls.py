"""Which methods of a store's parts are steps of the archive, and how they become so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crawler.core.archive import Fetched
from crawler.core.plain import as_plain
from crawler.storage.images import Images

CALLS = {
    "visits": {"settle", "note_there", "note_read", "note_gone", "note_failure"},
    "schedules": {"save", "stop", "resume"},
    "schedules.holes": {"add", "close", "lose"},
    "schedules.bodies": {"add"},
    "schedules.windows": {"note", "forget"},
}
"""The parts of a store, and those of their methods that change anything."""


class Told:
    """A part of a store whose calls are steps of the archive.

    Args:
        part: the part.
        name: the store's name for it.
        step: archives a step for the time of a block.
    """

    def __init__(self, part: Any, name: str, step: Callable[..., Any]) -> None:
        self._part = part
        self._name = name
        self._step = step

    def __getattr__(self, name: str) -> Any:
        """Give a method of the part, archived where it changes anything."""
        method = getattr(self._part, name)
        if f"{self._name}.{name}" in CALLS:
            return Told(method, f"{self._name}.{name}", self._step)
        if name not in CALLS[self._name]:
            return method

        def call(*args: Any) -> Any:
            facts = {"call": f"{self._name}.{name}", "args": as_plain(args)}
            with self._step("call", (facts, ())):
                return method(*args)

        return call


class ToldImages:
    """The pictures of a store, each archived as it came before it is kept.

    Args:
        images: the pictures.
        step: archives a step for the time of a block.
    """

    def __init__(self, images: Images, step: Callable[..., Any]) -> None:
        self._images = images
        self._step = step

    def __getattr__(self, name: str) -> Any:
        """Give whatever changes nothing as it is."""
        return getattr(self._images, name)

    def keep(
        self, url: str, data: bytes, ending: str, answer: Fetched | None = None
    ) -> str:
        """Keep a picture; see `Images.keep`."""
        if answer is None:
            return self._images.keep(url, data, ending)
        with self._step("picture", (answer.facts, answer.exchanges)):
            return self._images.keep(url, data, ending)
