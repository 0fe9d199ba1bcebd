"""Say in one line why something was not fetched."""

from __future__ import annotations

from OpenSSL.SSL import Error as TlsError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from service_identity import VerificationError
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure

from crawler.core.hosts import status_trouble
from crawler.core.polling import Trouble
from crawler.core.text import one_line
from crawler.core.urls import host_of
from crawler.refusals import Refusal

UNREACHABLE = (CannotResolveHostError, DownloadConnectionRefusedError)
"""What makes the other feeds of the same host not worth a try in this run."""


_KINDS: dict[type[BaseException], str] = {
    CannotResolveHostError: "dns: {host} cannot be resolved; is there a network?",
    DownloadConnectionRefusedError: "refused: {host} takes no connection",
    DownloadTimeoutError: "timeout: {host} was too slow",
    DownloadCancelledError: "too large: {host} sent more than DOWNLOAD_MAXSIZE",
    ResponseDataLossError: "cut: {host} closed the connection before the end",
    Refusal: "{text}",
    IgnoreRequest: "refused by our rules: {text}",
    TlsError: "tls: {host} has no certificate that can be trusted: {text}",
    VerificationError: "tls: the certificate of {host} is made out to another host",
    ConnectionDone: "cut: {host} closed the connection without an answer",
    ConnectionLost: "reset: {host} dropped the connection",
    DownloadFailedError: "broken: {host} sent what is no HTTP: {text}",
}

NAMED = tuple(_KINDS)
"""The errors of a download that have words of their own."""


_MEANINGS: dict[Trouble, str] = {
    "ban": ": it refuses us; banned?",
    "abroad": ": so some of Sina's servers answer addresses outside China",
    "throttled": ": it asks us to slow down",
}

_TROUBLES: dict[str, Trouble] = {
    "dns": "dns",
    "refused": "refused",
    "timeout": "timeout",
    "tls": "tls",
    "cut": "broken answer",
    "reset": "broken answer",
    "broken": "broken answer",
    "damaged": "broken answer",
    "too large": "broken answer",
}


def name_trouble(failure: Failure) -> Trouble:
    """Name the kind of a failure, which decides for how long a feed is left alone."""
    if isinstance(failure.value, HttpError):
        return status_trouble(failure.value.response.status)
    return _TROUBLES.get(describe_failure(failure).partition(":")[0], "failed")


def describe_failure(failure: Failure) -> str:
    """Name the kind of a failure and what to look at.

    Returns:
        One line that starts with a fixed word: ``dns``, ``refused``, ``timeout``,
        ``http 403``, ``cut``, ``reset``, ``broken``, ``damaged``, ``too large``,
        ``redirect``, ``private``, ``tls``, ``refused by our rules``, ``failed``.
    """
    request = getattr(failure, "request", None)
    host = host_of(request.url) if request else "the host"
    error = failure.value
    assert error is not None
    if isinstance(error, HttpError):
        return _describe_status(error.response, host_of(error.response.url))
    if ":" in host and isinstance(error, CannotResolveHostError):
        return f"dns: {host} is an address of IPv6, and only IPv4 is used"
    causes = _causes(error)
    text = one_line(str(causes[-1]))[:200]
    # What is behind a download that failed says more, where it has a name.
    for one in (*causes, error):
        for kind, words in _KINDS.items():
            if isinstance(one, kind):
                return words.format(host=host, text=text)
    return f"failed: {type(error).__name__}: {text}"


def _describe_status(response: Response, host: str) -> str:
    location = response.headers.get("Location") or b""
    if 300 <= response.status < 400 and location:
        target = one_line(location.decode("latin-1"))[:200]
        return f"redirect: leads to {target}, which is no web page"
    meaning = _MEANINGS.get(status_trouble(response.status), "")
    return f"http {response.status} from {host}{meaning}"


def _causes(error: BaseException) -> list[BaseException]:
    reasons = getattr(error.__cause__, "reasons", None)
    if not isinstance(error, DownloadFailedError) or not reasons:
        return [error]
    return [reason.value for reason in reasons]
