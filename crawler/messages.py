"""Send a few lines to people: by a webhook, or by e-mail."""

from __future__ import annotations

import json
import re
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from crawler.core.errors import CrawlerError, OptionError

_TIMEOUT = 15
_BRACKETS = str.maketrans("<>", "‹›")
_PORTS = {"smtp": 25, "smtps": 465}
_MAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+")


class MessageNotSent(CrawlerError):
    """A message did not arrive; it may be sent again."""


def post_webhook(address: str, lines: Sequence[str], facts: dict[str, Any]) -> None:
    """Post lines as JSON: ``text``, as Slack, Mattermost and their like take it.

    Angle brackets become ‹›: in Slack they would make links and call everybody.

    Args:
        address: an http(s) address.
        lines: the text.
        facts: what a program may want beside it.

    Raises:
        OptionError: it is no such address.
        MessageNotSent: the server did not take it. Its address is not told: whoever
            knows it can write there.
    """
    check_webhook(address)
    text = "\n".join(lines).translate(_BRACKETS)
    body = json.dumps({"text": text, **facts}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    request = urllib.request.Request(address, body, headers)  # noqa: S310 - checked
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT):  # noqa: S310
            pass
    except (OSError, ValueError) as error:
        why = getattr(error, "code", None) or getattr(error, "reason", error)
        raise MessageNotSent(f"the webhook did not take it: {why}") from error


def send_mail(
    server: str, to: Sequence[str], subject: str, lines: Sequence[str]
) -> None:
    """Send lines as a plain e-mail.

    Args:
        server: ``smtp://HOST:PORT`` or ``smtps://USER:PASSWORD@HOST:PORT``; the first
            uses STARTTLS where it is offered, and must where there is a password.
        to: the addresses.
        subject: its subject.
        lines: its text.

    Raises:
        OptionError: an address cannot be used.
        MessageNotSent: the server did not take it.
    """
    parts = check_mail(server, to)
    message = EmailMessage()
    message["Subject"] = subject
    user = unquote(parts.username or "")
    message["From"] = user if "@" in user else to[0]
    message["To"] = ", ".join(to)
    message.set_content("\n".join(lines) + "\n")
    try:
        with _connect(parts) as connection:
            _log_in(connection, user, unquote(parts.password or ""))
            connection.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise MessageNotSent(f"the mail server did not take it: {error}") from error


def check_webhook(address: str) -> None:
    """Refuse a webhook to which nothing can be posted.

    Raises:
        OptionError: it is no http(s) address. It is not told: whoever knows it can
            write there.
    """
    parts = _split(address)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        advice = "must be an address such as https://hooks.example.org/T123"
        raise OptionError("ALERT_WEBHOOK", "(set)", advice)


def check_mail(server: str, to: Sequence[str]) -> SplitResult:
    """Refuse a mail server or mail addresses that cannot be used.

    Returns:
        The parts of the server's address.

    Raises:
        OptionError: which one.
    """
    parts = _split(server)
    if parts is None or parts.scheme not in _PORTS or not parts.hostname:
        advice = "must be such as smtp://localhost or smtps://user:password@host"
        raise OptionError("ALERT_SMTP", "(set)", advice)
    if not all(map(_MAIL.fullmatch, to)):
        advice = "must be such as me@example.org,you@example.org"
        raise OptionError("ALERT_EMAIL", "(set)", advice)
    return parts


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _connect(parts: SplitResult) -> smtplib.SMTP:
    host, number = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, number, timeout=_TIMEOUT, context=context)
    return smtplib.SMTP(host, number, timeout=_TIMEOUT)


def _log_in(connection: smtplib.SMTP, user: str, password: str) -> None:
    connection.ehlo()
    is_safe = isinstance(connection, smtplib.SMTP_SSL)
    if not is_safe and connection.has_extn("starttls"):
        connection.starttls(context=ssl.create_default_context())
        connection.ehlo()
        is_safe = True
    if password and not is_safe:
        raise ValueError("it offers no TLS, and a password is to be sent")
    if password:
        connection.login(user, password)
