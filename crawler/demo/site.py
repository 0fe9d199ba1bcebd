"""The sample site over HTTP, on a free port of the loopback interface."""

import gzip
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

from crawler.demo import answers, templates
from crawler.demo.flashes import FLASHES
from crawler.demo.pages import page
from crawler.demo.pictures import picture, routes
from crawler.demo.stories import (
    BANNED,
    NOT_MOVED,
    STORIES,
    Expected,
    expectations,
    noted,
)
from crawler.demo.story import Case, Story

HTML = "text/html"
"""The type of every page; as at Sina, the header names no charset."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site says to one request, before any compression."""

    status: int
    content_type: str
    body: bytes


_HOUR = timedelta(hours=1)
_ARTICLES = (*STORIES, *(flash.story for flash in FLASHES))
_PICTURES = frozenset(route for story in STORIES for route in routes(story))
_ROBOTS = Answer(200, "text/plain", b"User-agent: *\nAllow: /\n")
_NOT_FOUND = Answer(404, HTML, templates.NOT_FOUND.encode())


class DemoSite:
    """A small fictional Sina Finance, to be used in a ``with`` statement.

    ``https://HOST/PATH?QUERY`` of the real site is ``{url}/HOST/PATH?QUERY`` here,
    for every host of the sample. What it says depends on the request, on ``poll`` and
    on ``now`` alone: set ``poll`` to 2 at any time and articles have been
    edited and more of them released. It listens on 127.0.0.1 only, and prints nothing.
    """

    def __init__(self, poll: int = 1, now: datetime | None = None) -> None:
        """Prepare the site as it stands at a poll; nothing is opened yet.

        Args:
            poll: 1 or 2.
            now: move all its times by whole hours, so that its last news is of the
                hour before this instant; ``None``: they stay what they are.
        """
        self.poll = poll
        """Which state is served: 1 or 2."""
        later = (now - answers.CLOCK[2]) // _HOUR * _HOUR if now else NOT_MOVED
        self._later = later
        self._articles: dict[str, Story] = {
            story.route: story for story in (each.later(later) for each in _ARTICLES)
        }
        self._server: _Server | None = None
        self._thread: Thread | None = None

    @property
    def url(self) -> str:
        """The mirror prefix, ``http://127.0.0.1:PORT``, while the site is open."""
        if self._server is None:
            raise RuntimeError(
                "the sample site is not open; use it in a with statement"
            )
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def expected(self) -> Expected:
        """What a faultless crawl of poll 1, then poll 2, makes of the site."""
        return expectations()

    @property
    def sample_url(self) -> str:
        """The real-looking address of an article worth a look."""
        return f"https://{noted(Case.PICTURES)[0].later(self._later).route}"

    def respond(self, path_and_query: str) -> Answer:
        """Return the answer to ``/HOST/PATH?QUERY``, with no network involved."""
        route, _, query = path_and_query.lstrip("/").partition("?")
        if route.endswith("/robots.txt"):
            return _ROBOTS
        if route in _FEEDS:
            parameters = dict(parse_qsl(query, keep_blank_values=True))
            return _FEEDS[route](parameters, self.poll, self._later)
        if route in _PICTURES:
            return Answer(200, "image/png", picture(route))
        story = self._articles.get(route)
        if story is None or story.since > self.poll:
            return _NOT_FOUND
        return Answer(200, HTML, page(story.at(self.poll)))

    def __enter__(self) -> Self:
        """Open a free port and answer on it from a thread of its own."""
        self._server = _Server(self.respond)
        self._thread = Thread(
            target=self._server.serve_forever, args=(0.05,), name="demo-site"
        )
        self._thread.daemon = True
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the port; requests under way are not waited for."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None


def _roll(parameters: answers.Parameters, poll: int, by: timedelta) -> Answer:
    if (poll, parameters.get("lid", "")) in {(at, str(lid)) for at, lid in BANNED}:
        return Answer(200, HTML, templates.BANNED.encode())
    return _json(answers.roll(parameters, poll, by))


def _live(parameters: answers.Parameters, poll: int, by: timedelta) -> Answer:
    return _json(answers.live(parameters, poll, by))


def _rss(_: answers.Parameters, poll: int, by: timedelta) -> Answer:
    return Answer(200, "text/xml", answers.rss(poll, by))


def _json(body: bytes) -> Answer:
    kind = "json" if body.startswith(b"{") else "javascript"
    return Answer(200, f"application/{kind}", body)


_FEEDS: dict[str, Callable[[answers.Parameters, int, timedelta], Answer]] = {
    "feed.mix.sina.com.cn/api/roll/get": _roll,
    "feed.sina.com.cn/api/roll/get": _roll,
    "zhibo.sina.com.cn/api/zhibo/feed": _live,
    "rss.sina.com.cn/roll/finance/hot_roll.xml": _rss,
}


class _Server(ThreadingHTTPServer):
    """A server of daemon threads that knows how to answer."""

    request_queue_size = 128

    def __init__(self, respond: Callable[[str], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.respond = respond

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing of a client that went away; report anything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    """One connection, kept open between requests."""

    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "demo"
    timeout = 30
    wbufsize = -1

    def do_GET(self) -> None:
        """Send the answer, compressed where the client takes gzip."""
        answer = self.server.respond(self.path)
        body = answer.body
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        """Send the head of the answer alone."""
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing."""
