"""Say in one line why something was not fetched."""

from __future__ import annotations

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.core.text import one_line
from crawler.core.urls import host_of

UNREACHABLE = (CannotResolveHostError, DownloadConnectionRefusedError)
"""What makes the other feeds of the same host not worth a try in this run."""


_KINDS: dict[type[BaseException], str] = {
    CannotResolveHostError: "dns: {host} cannot be resolved; is there a network?",
    DownloadConnectionRefusedError: "refused: {host} takes no connection",
    DownloadTimeoutError: "timeout: {host} was too slow",
    DownloadCancelledError: "too large: {text}",
    ResponseDataLossError: "cut: {host} closed the connection before the end",
    IgnoreRequest: "refused by our rules: {text}",
}


def describe_failure(failure: Failure) -> str:
    """Name the kind of a failure and what to look at.

    Returns:
        One line that starts with a fixed word: ``dns``, ``refused``, ``timeout``,
        ``http 403``, ``cut``, ``too large``, ``tls``, ``refused by our rules``,
        ``failed``.
    """
    error, request = failure.value, getattr(failure, "request", None)
    host = host_of(request.url) if request else "the host"
    text = one_line(str(error))[:200]
    if isinstance(error, HttpError):
        return f"http {error.response.status} from {host}"
    for kind, words in _KINDS.items():
        if isinstance(error, kind):
            return words.format(host=host, text=text)
    if "certificate" in text.lower() or "ssl" in text.lower():
        return f"tls: {host}: {text}"
    return f"failed: {type(error).__name__}: {text}"
