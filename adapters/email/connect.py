"""Settings -> the outlet."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from email.headerregistry import Address
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from adapters.email.client import Server, SmtpClient
from adapters.email.compose import Sender
from adapters.email.outlet import EmailOutlet
from bot.errors import SettingsError
from bot.settings import Settings, secret_value

if TYPE_CHECKING:
    from bot.ports import Clock, Mailboxes

NAME = "Paperboy"
PORTS = {"smtps": 465, "smtp": 587}
"""https://www.rfc-editor.org/rfc/rfc8314#section-3.3 and rfc6409."""
EXAMPLE = "smtps://user@smtp.example.org"


def connect(settings: Settings, mailboxes: Mailboxes, clock: Clock) -> EmailOutlet:
    """The outlet. Raises SettingsError naming everything that is missing or wrong."""
    if problems := wrong(settings):
        raise SettingsError(problems)
    return EmailOutlet(SmtpClient(server_of(settings)), sender_of(settings), mailboxes, clock)


def wrong(settings: Settings) -> tuple[str, ...]:
    """What is missing or cannot be, each with its remedy."""
    problems = [*_faults(server_of, settings), *_faults(sender_of, settings)]
    if not settings.public_url:
        problems.append("PAPERBOY_PUBLIC_URL is missing: links in mail lead there, like https://papers.example.org")
    if not settings.web:
        problems.append("PAPERBOY_WEB is not on: set it to true, links in mail lead to the pages that it shows")
    if settings.secret_key is None:
        problems.append("PAPERBOY_SECRET_KEY is missing: `paperboy key` makes one; it signs the links in mail")
    return tuple(problems)


def _faults(read: Callable[[Settings], object], settings: Settings) -> tuple[str, ...]:
    """Why these settings cannot be read so."""
    try:
        read(settings)
    except SettingsError as error:
        return error.faults
    return ()


def sender_of(settings: Settings) -> Sender:
    """Whom mail comes from. Raises SettingsError."""
    name, address = parseaddr(settings.mail_from or "")
    try:
        found = validate_email(address, check_deliverability=False, allow_smtputf8=False).ascii_email
        Address(name or NAME, addr_spec=found or "")
    except (EmailNotValidError, ValueError):
        remedy = "PAPERBOY_MAIL_FROM: write the sender like papers@example.org or Paperboy <papers@example.org>"
        raise SettingsError((remedy,)) from None
    return Sender(name or NAME, str(found))


def server_of(settings: Settings) -> Server:
    """Where mail is handed in. Raises SettingsError; no password is in what it says."""
    parts, port = _parts(secret_value(settings.smtp_url) or "")
    host = parts.hostname or ""
    plain = parse_qs(parts.query).get("tls") == ["none"]
    if plain and not _is_here(host):
        raise SettingsError(("PAPERBOY_SMTP_URL: tls=none is for a server on this machine (localhost) only",))
    password = secret_value(settings.smtp_password) or (unquote(parts.password) if parts.password else None)
    user = unquote(parts.username) if parts.username else None
    if user and not password:
        raise SettingsError(("PAPERBOY_SMTP_PASSWORD is missing: PAPERBOY_SMTP_URL names a user",))
    if plain and user:
        raise SettingsError(("PAPERBOY_SMTP_URL: no password is sent without TLS; leave out the user or tls=none",))
    tls = parts.scheme == "smtps"
    hello = urlsplit(settings.public_url or "").hostname or "localhost"
    return Server(host, port or PORTS[parts.scheme], tls and not plain, plain, user, password, hello)


def _parts(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in PORTS or not parts.hostname or not url.isprintable() or " " in url:
        raise SettingsError((f"PAPERBOY_SMTP_URL: write it like {EXAMPLE}, or smtp://… for STARTTLS",))
    return parts, port


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
