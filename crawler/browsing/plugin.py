"""What Datasette does differently here: search, links, documents, and who may ask."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from datasette import hookimpl
from datasette.filters import FilterArguments
from datasette.utils.asgi import NotFound, Request, Response
from markupsafe import Markup

from crawler.core.dates import format_minute
from crawler.core.errors import DocumentError, StoreError
from crawler.core.frontmatter import Document, load
from crawler.core.markup import normalise_body
from crawler.storage.browsing import LISTS
from crawler.storage.revisions import read_shown
from crawler.storage.search import search_clauses

_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
)
_PAGES = _POLICY + (
    "script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'"
)
_DOCUMENTS = _POLICY + (
    "sandbox allow-top-navigation-by-user-activation; style-src 'unsafe-inline';"
    " img-src https: http: data:"
)
"""A document runs nothing and loads nothing but pictures, whatever stands in it."""

_COUNTS = """
SELECT updated, (SELECT count(*) FROM posts) AS posts,
    (SELECT count(*) FROM posts WHERE removed IS NOT NULL) AS removed,
    (SELECT count(*) FROM revisions) AS versions,
    (SELECT count(*) FROM revisions WHERE revision > 1) AS edits,
    (SELECT count(*) FROM feeds) AS feeds, (SELECT count(*) FROM feeds WHERE state
        NOT IN ('ok', 'disabled', 'never polled', 'not in the catalogue')) AS unwell,
    (SELECT count(*) FROM runs) AS runs,
    (SELECT count(*) FROM runs WHERE exit_code != 0) AS failed
FROM progress
"""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")
_OWN_NAME = re.compile(rb"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?")
_ASGI = Callable[..., Awaitable[None]]


class Plugin:
    """Datasette's hooks.

    Args:
        folder: the output folder.
        local: refuse requests that name another host than this machine.
    """

    __name__ = "crawler.browsing"
    """The package whose folders ``templates`` and ``static`` Datasette uses."""

    def __init__(self, folder: Path, *, local: bool) -> None:
        self._folder = folder
        self._local = local

    @hookimpl(trylast=True)
    def filters_from_request(self, request: Request, table: str) -> Any:
        """Search posts for words of any length; see `crawler.storage.search`."""
        if table != "posts":
            return None
        query = " ".join(request.args.getlist("_search")).strip()
        clauses, values = search_clauses(query)
        # Said last, so that it counts: Datasette's own search knows no short words.
        shown = {"supports_search": True, "search": query}
        told = [f'search matches "{query}"'] if clauses else []
        return FilterArguments(clauses, values, told, shown)

    @hookimpl
    def render_cell(self, row: Any, value: Any, column: str, table: str) -> Any:
        """Link titles to their posts and documents to their pages."""
        if not isinstance(value, str) or not value:
            return None
        if column == "title" and table in {"posts", "revisions"}:
            link = Markup('<a href="/browse/posts/{}">{}</a>')
            return link.format(row["id"], value)
        if column == "document" and table in {"posts", "revisions"}:
            name = f"{row['id']}/{row['revision']}"
            return Markup('<a href="/-/document/{}">read</a>').format(name)
        if column in LISTS:
            return ", ".join(json.loads(value)) or " "
        return value[:16].replace("T", " ") if _TIME.fullmatch(value) else None

    @hookimpl
    def extra_template_vars(self, view_name: str, table: str, datasette: Any) -> Any:
        """Give the home page its figures and a post's page the feeds' titles."""
        base = datasette.get_database("browse")
        if view_name == "index":
            return lambda: _figures(base)
        if view_name == "row" and table == "posts":
            return lambda: _feed_titles(base)
        return {}

    @hookimpl
    def register_routes(self) -> Any:
        """Show documents."""
        return [
            (r"^/-/document/(?P<id>[a-z0-9]{14,16})/(?P<number>\d{1,6})$", self._show)
        ]

    @hookimpl
    def asgi_wrapper(self) -> Callable[[_ASGI], _ASGI]:
        """Tell browsers on every page what it may do, and refuse foreign names."""
        return lambda app: _Guard(app, local=self._local)

    async def _show(self, datasette: Any, request: Request) -> Response:
        identifier, number = request.url_vars["id"], int(request.url_vars["number"])
        base = datasette.get_database("browse")
        found = await base.execute(
            "SELECT document, original, posts.revision, title FROM posts WHERE id = ?",
            [identifier],
        )
        row = found.first()
        if row is None:
            raise NotFound("The store has no such post; scrapy browse reads it anew")
        path = row["document"].partition("/")[2]
        document = self._read(path, number, latest=number == row["revision"])
        shown = {
            "id": identifier,
            "number": number,
            "revision": row["revision"],
            "original": row["original"],
            "document": document,
            # Once more: somebody may have changed the file by hand.
            "body": normalise_body(document.body, row["original"]).document,
        }
        page = await datasette.render_template("document.html", shown, request=request)
        return Response.html(page, headers={"Content-Security-Policy": _DOCUMENTS})

    def _read(self, path: str, number: int, *, latest: bool) -> Document:
        try:
            return load(read_shown(self._folder, path, number, latest=latest).decode())
        except (StoreError, DocumentError, UnicodeDecodeError) as error:
            raise NotFound(str(error)) from error


async def _figures(base: Any) -> dict[str, Any]:
    counts = (await base.execute(_COUNTS)).first()
    updated = datetime.fromisoformat(counts["updated"])
    figures = [
        ("posts", "/browse/posts", f"{counts['removed']:,} removed by the site"),
        ("versions", "/browse/revisions", f"{counts['edits']:,} edited"),
        ("feeds", "/browse/feeds", f"{counts['unwell']:,} not well"),
        ("runs", "/browse/runs", f"{counts['failed']:,} did not end with 0"),
    ]
    named = [(name, link, counts[name], about) for name, link, about in figures]
    return {"store": {"figures": named, "updated": format_minute(updated)}}


async def _feed_titles(base: Any) -> dict[str, Any]:
    rows = (await base.execute("SELECT id, title FROM feeds")).rows
    return {"feed_titles": {row["id"]: row["title"] for row in rows}}


class _Guard:
    """Adds the headers; answers only to this machine's own names when local."""

    def __init__(self, app: _ASGI, *, local: bool) -> None:
        self._app = app
        self._local = local

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = dict(scope["headers"]).get(b"host", b"")
        if self._local and not _OWN_NAME.fullmatch(host):
            refusal = Response.text("Ask for this machine by its own name.", status=421)
            await refusal.asgi_send(send)
            return

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _guarded(message["headers"])
            await send(message)

        await self._app(scope, receive, guarded)


def _guarded(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in headers}
    added = {
        b"content-security-policy": _PAGES.encode(),
        b"referrer-policy": b"no-referrer",
        b"x-content-type-options": b"nosniff",
        b"cross-origin-opener-policy": b"same-origin",
        b"cross-origin-resource-policy": b"same-origin",
    }
    return [
        *headers,
        *((name, each) for name, each in added.items() if name not in names),
    ]
