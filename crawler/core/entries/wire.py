"""The envelopes answers come in: JSON, JSONP and Sina's ``result``."""

from __future__ import annotations

import json
import re
from typing import Any

from crawler.core.entries.entry import Problem, excerpt
from crawler.core.text import one_line

# No two adjacent parts take white space: that would be slow on much of it.
_JSONP = re.compile(
    r"(?:try\s*\{\s*)?[\w$.]*\s*\((.*)\)\s*(?:;\s*)?"
    r"(?:\}\s*catch\s*\(\w*\)\s*\{\s*\}\s*;?)?",
    re.DOTALL,
)


def result_of(body: bytes) -> tuple[dict[str, Any], Problem | None]:
    """Open Sina's envelope, ``result`` with status 0, or say what is wrong."""
    data, problem = load_json(body)
    if problem:
        return {}, problem
    result = data.get("result") if isinstance(data, dict) else None
    if not isinstance(result, dict):
        return {}, Problem("no result", "the top of the answer", excerpt(data))
    status = result.get("status")
    code = status.get("code") if isinstance(status, dict) else None
    if str(code) != "0":
        message = status.get("msg") if isinstance(status, dict) else status
        where = "result.status.code"
        return {}, Problem(
            "status", where, f"{excerpt(code)} {excerpt(message)}".strip()
        )
    return result, None


def load_json(body: bytes) -> tuple[Any, Problem | None]:
    """Read JSON or JSONP as UTF-8, or say what is wrong and where; never raises."""
    if not body.strip():
        return None, Problem("empty answer", "byte 0")
    if is_html(body):
        return None, html_problem(body)
    text = body.decode("utf-8-sig", "replace").strip()
    if text[:1] not in "{[":
        match = _JSONP.fullmatch(text)
        if not match:
            return None, Problem("not JSON", "line 1, column 1", excerpt(text))
        text = match[1]
    try:
        return json.loads(text, parse_constant=lambda _name: None), None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        return None, Problem("not JSON", where, error.msg)
    except (RecursionError, ValueError) as error:
        return None, Problem("not JSON", "the whole answer", excerpt(error))


def is_html(body: bytes) -> bool:
    """Tell an HTML page (a ban, an error page) from a feed by its first bytes."""
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<div"))


def html_problem(body: bytes) -> Problem:
    """Say that a page came where a feed was due, with the first words of it."""
    text = re.sub(r"<[^>]*>|\s+", " ", body[:2000].decode("utf-8", "replace"))
    return Problem("HTML instead of a feed", "byte 0", excerpt(one_line(text)))


def json_object(value: object) -> dict[str, Any]:
    """Read JSON that stands inside a string; anything but an object is ``{}``."""
    if not isinstance(value, str) or len(value) > 100_000:
        return {}
    try:
        data = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
