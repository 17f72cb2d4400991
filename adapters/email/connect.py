"""Settings -> the outlet."""

from __future__ import annotations

from contextlib import suppress
from email.headerregistry import Address
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from adapters.email.client import Server, SmtpClient
from adapters.email.compose import Sender
from adapters.email.outlet import EmailOutlet
from bot.errors import SettingsError
from bot.model.client_ip import is_this_machine
from bot.ports import Clock, Mailboxes
from bot.ports.leases import Leases
from bot.settings import Settings, secret_value

DEFAULT_NAME = "Paperboy"
PORTS = {"smtps": 465, "smtp": 587}
"""https://www.rfc-editor.org/rfc/rfc8314#section-3.3 and rfc6409."""
EXAMPLE = "smtps://user@smtp.example.org"


def connect(settings: Settings, mailboxes: Mailboxes, clock: Clock, leases: Leases | None = None) -> EmailOutlet:
    """The outlet. `leases` are given where other processes share the store.

    Raises SettingsError naming everything that is missing or wrong.
    """
    if faults := setting_faults(settings):
        raise SettingsError(faults)
    return EmailOutlet(SmtpClient(read_server(settings), leases=leases), read_sender(settings), mailboxes, clock)


def setting_faults(settings: Settings) -> tuple[str, ...]:
    """Settings of mail that are missing or wrong, each with its remedy."""
    faults: list[str] = []
    for read in (read_server, read_sender):
        try:
            read(settings)
        except SettingsError as error:
            faults += error.faults
    if not settings.public_url:
        faults.append("PAPERBOY_PUBLIC_URL is missing: links in mail lead there, like https://papers.example.org")
    if not settings.web:
        faults.append("PAPERBOY_WEB is not on: set it to true, links in mail lead to the pages that it shows")
    if settings.secret_key is None:
        faults.append("PAPERBOY_SECRET_KEY is missing: `paperboy key` makes one; it signs the links in mail")
    return tuple(faults)


def read_sender(settings: Settings) -> Sender:
    """Sender of all mail. Raises SettingsError."""
    name, text = parseaddr(settings.mail_from or "")
    try:
        address = validate_email(text, check_deliverability=False, allow_smtputf8=False).ascii_email or ""
        Address(name or DEFAULT_NAME, addr_spec=address)
    except (EmailNotValidError, ValueError):
        remedy = "PAPERBOY_MAIL_FROM: write the sender like papers@example.org or Paperboy <papers@example.org>"
        raise SettingsError((remedy,)) from None
    return Sender(name or DEFAULT_NAME, address)


def read_server(settings: Settings) -> Server:
    """The server that takes our mail. Raises SettingsError without any password in it."""
    url = secret_value(settings.smtp_url) or ""
    host, port = "", None
    with suppress(ValueError):
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    if not host or parts.scheme not in PORTS or not url.isprintable() or " " in url:
        raise SettingsError((f"PAPERBOY_SMTP_URL: write it like {EXAMPLE}, or smtp://… for STARTTLS",))
    plain = parse_qs(parts.query).get("tls") == ["none"]
    if plain and not is_this_machine(host):
        raise SettingsError(("PAPERBOY_SMTP_URL: tls=none is for a server on this machine (localhost) only",))
    user = unquote(parts.username) if parts.username else None
    password = secret_value(settings.smtp_password) or (unquote(parts.password) if parts.password else None)
    if user and not password:
        raise SettingsError(("PAPERBOY_SMTP_PASSWORD is missing: PAPERBOY_SMTP_URL names a user",))
    if plain and user:
        raise SettingsError(("PAPERBOY_SMTP_URL: no password is sent without TLS; leave out the user or tls=none",))
    tls = parts.scheme == "smtps" and not plain
    hello = urlsplit(settings.public_url or "").hostname or "localhost"
    return Server(host, port or PORTS[parts.scheme], tls, plain, user, password, hello)
