"""Serve the browsing database on this machine."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

import yaml

from crawler.core.errors import MissingPackage, OptionError
from crawler.storage.browsing import NAME

HERE = Path(__file__).parent
_SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 10_000,
    "facet_time_limit_ms": 1_000,
    "truncate_cells_html": 200,
    "suggest_facets": False,
    "allow_download": False,
}


def require_datasette() -> None:
    """Refuse to go on without Datasette.

    Raises:
        MissingPackage: it is not installed.
    """
    try:
        import datasette  # noqa: F401
    except ImportError as error:
        raise MissingPackage("Datasette", "requirements-browse.txt") from error


def listen(host: str, port: int) -> socket.socket:
    """Open the port.

    Args:
        host: an address of this machine.
        port: 0 for any that is free.

    Raises:
        OptionError: it is in use or not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        problem = os.strerror(error.errno) if error.errno else str(error)
        raise OptionError("--port", port, f"cannot be used: {problem}") from error


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this machine only.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def make_app(folder: Path, *, local: bool) -> Any:
    """Make the ASGI application of a store that has a browsing database.

    Args:
        folder: the output folder.
        local: answer only what was addressed to this machine by a name of its own,
            so that no page in a browser can reach it under another name.
    """
    from datasette.app import Datasette
    from datasette.plugins import pm

    # After Datasette itself, which would else load it by halves.
    from datasette import handle_exception  # isort: skip

    from crawler.browsing.plugin import Plugin

    # With it, Datasette 0.65 fails to answer 404, and prints every local variable.
    handle_exception.rich = None
    metadata = yaml.safe_load((HERE / "metadata.yaml").read_text(encoding="utf-8"))
    if not pm.has_plugin("crawler"):
        pm.register(Plugin(folder, local=local), "crawler")
    return Datasette(
        [str(folder / NAME)],
        metadata=metadata,
        settings=_SETTINGS,
    ).app()


def serve(app: Any, listening: socket.socket) -> None:
    """Serve an application until a signal ends it."""
    import uvicorn

    config = uvicorn.Config(app, log_level="warning", lifespan="off")
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))
