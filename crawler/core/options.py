"""What a run was given: refuse what cannot be used, show what is no secret."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from crawler.core.errors import OptionError

SET = "(set)"
"""Stands for a value that is not shown."""

_SECRET = re.compile(
    r"KEY|TOKEN|SECRET|PASS|PWD|AUTH|CREDENTIAL|COOKIE|WEBHOOK|HEADER|SMTP|EMAIL"
)
_LONGEST = 300
_NEAR = 0.9
"""How alike a name is to one that it was meant to be: one letter in ten differs."""

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_SWITCHES = {"0", "1", "true", "false"}


def refuse_arguments(args: Sequence[str], command: str) -> None:
    """Refuse what a command that takes options only was given beside them.

    Raises:
        OptionError: there is an argument, or a misspelt option: Scrapy hands on as
            arguments what it does not know.
    """
    if args:
        raise OptionError("argument", args[0], f"{command} takes options only")


def refuse_options(args: Sequence[str], command: str) -> None:
    """Refuse a misspelt option among the names that a command was given.

    Raises:
        OptionError: there is one.
    """
    for each in args:
        if each.startswith("-"):
            advice = f"is no option; scrapy {command} -h lists them"
            raise OptionError("argument", each, advice)


def check_values(given: Mapping[str, str], defaults: Mapping[str, Any]) -> None:
    """Compare values given as text with the kinds of their defaults.

    Args:
        given: what was set with ``-s NAME=VALUE``.
        defaults: the settings' defaults; what is not among them passes, unless it is
            one of them misspelt.

    Raises:
        OptionError: a number, a switch (``1``, ``0``, ``true``, ``false``) or a log
            level is something else, or a name nearly that of a setting.

    >>> check_values({"DOWNLOAD_DELAY": "0.5"}, {"DOWNLOAD_DELAY": 1.0})
    >>> check_values({"DOWNLOAD_DELAY": "fast"}, {"DOWNLOAD_DELAY": 1.0})
    Traceback (most recent call last):
    crawler.core.errors.OptionError: DOWNLOAD_DELAY=fast: must be a number
    """
    for name, text in given.items():
        near = [] if name in defaults else get_close_matches(name, defaults, 1, _NEAR)
        advice = _advice(name, text, defaults.get(name))
        if near:  # Its value may be a secret.
            raise OptionError(name, SET, f"is no setting; did you mean {near[0]}?")
        if advice:
            raise OptionError(name, text, advice)


def disclose(given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, str]:
    """Give the settings that differ from their defaults, as text.

    Args:
        given: the values in force, by name.
        known: the defaults of the settings that may be shown.

    Returns:
        By name the value where it differs. `SET` stands for what may be a secret: any
        setting that is not among the known ones, one whose name says it is one
        (``…_TOKEN``, ``…_PASSWORD``, ``…_WEBHOOK``, …), and one with a user, a
        password or a query in an address.

    >>> defaults = {"DOWNLOAD_DELAY": 1.0, "PROXY": "", "API_TOKEN": ""}
    >>> disclose({"DOWNLOAD_DELAY": "2", "API_TOKEN": "x", "OTHER": "y"}, defaults)
    {'API_TOKEN': '(set)', 'DOWNLOAD_DELAY': '2', 'OTHER': '(set)'}
    >>> disclose({"PROXY": "http://me:pw@proxy.cn/"}, defaults)
    {'PROXY': '(set)'}
    """
    return {
        name: _shown(name, given[name], known)
        for name in sorted(given)
        if name not in known or str(given[name]) != str(known[name])
    }


def _shown(name: str, value: Any, known: Mapping[str, Any]) -> str:
    text = str(value)
    if name not in known or _SECRET.search(name) or _is_private(text):
        return SET
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _is_private(text: str) -> bool:
    if "://" not in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return True
    return "@" in text or bool(parts.query)


def _advice(name: str, text: str, default: Any) -> str:
    if name == "LOG_LEVEL":
        return "" if text in LEVELS else f"is one of {', '.join(LEVELS)}"
    if isinstance(default, bool):
        return "" if text.lower() in _SWITCHES else "must be 1 or 0"
    if isinstance(default, int | float):
        return "" if _is_number(text) else "must be a number"
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
