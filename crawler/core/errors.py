"""The errors a user can cause or meet, each one clear line and an exit code.

::

    CrawlerError
    +-- OptionError        a command-line option or spider argument  (exit 2)
    +-- MissingPackage     an optional package is not installed      (exit 2)
    +-- CatalogueError     a feed catalogue that cannot be used       (exit 2)
    +-- StoreError         the store cannot be trusted or written     (exit 3)
    |   +-- StoreLocked    another run holds the store                (exit 75)
    |   +-- PathRefused    one file cannot be written, others can     (exit 3)
    +-- DocumentError      a file that is not one of our documents    (exit 1)
    +-- PostRejected       an item that is not a complete post        (exit 1)
    +-- NothingFound       there is nothing of what was asked for    (exit 1)
    +-- ReaderFailed       a page that its reading process died of    (exit 1)

Anything else that is raised is a bug and shows its traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class CrawlerError(Exception):
    """A failure the user can understand and mend; its text is one line."""

    exit_code: ClassVar[int] = 1
    """What a command that meets this error ends with."""


class OptionError(CrawlerError):
    """An option or spider argument has a value that cannot be used.

    Args:
        option: the option as the user wrote it, such as ``-a pages``.
        value: the value that was given.
        advice: what would be a usable value.
    """

    exit_code = 2

    def __init__(self, option: str, value: object, advice: str) -> None:
        self.option = option
        self.value = value
        self.advice = advice
        super().__init__(f"{option}={value}: {advice}")


class MissingPackage(CrawlerError):
    """A package is not installed that only one command or setting needs.

    Args:
        name: what people call it.
        requirements: the file that names it.
    """

    exit_code = 2

    def __init__(self, name: str, requirements: str) -> None:
        self.name = name
        super().__init__(f"needs {name}; pip install -r {requirements}")


class CatalogueError(CrawlerError):
    """A catalogue file has a key or value that cannot be used.

    Args:
        source: the file's name.
        place: the feed and key, such as ``feed china: url``; empty for the file.
        problem: what is wrong and what is expected.
    """

    exit_code = 2

    def __init__(self, source: str, place: str, problem: str) -> None:
        self.source = source
        self.place = place
        self.problem = problem
        super().__init__(": ".join(part for part in (source, place, problem) if part))


class StoreError(CrawlerError):
    """The store cannot be read, written or trusted.

    Args:
        path: the file or folder concerned.
        problem: what happened and what to do.
    """

    exit_code = 3

    def __init__(self, path: object, problem: str) -> None:
        self.path = str(path)
        self.problem = problem
        super().__init__(f"store {self.path}: {problem}")


class StoreLocked(StoreError):
    """Another run holds the store; this one must not touch it."""

    exit_code = 75


class PathRefused(StoreError):
    """One file cannot be written for its own sake; the store itself is well."""


class DocumentError(CrawlerError):
    """A text is not a document of this project.

    Args:
        problem: what part of the form is missing or broken.
    """

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"not a document: {problem}")


class NothingFound(CrawlerError):
    """There is nothing of what was asked for."""


class ReaderFailed(CrawlerError):
    """Pages could not be read because what reads them came to an end."""


class PostRejected(CrawlerError):
    """A loaded item cannot become a post.

    Args:
        problems: every hole or defect, one short sentence each.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))
