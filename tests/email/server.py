"""A real SMTP server on loopback with TLS and passwords, scripted to refuse, stall or hang up.

async with MailServer() as server:
    server.says("RCPT", "451 4.7.1 Greylisted")    # once; then as usual
    ... SmtpClient(server.server()).send(...) ...
    [mail] = server.mails
"""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache, cached_property
from ipaddress import ip_address
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.email import Server

USER, PASSWORD = "papers", "a long password"
HANG_UP = "hang up"
"""Close the connection instead of answering."""


@cache
def certificate() -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and localhost, and its key; it is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = Path(mkdtemp(prefix="paperboy-mail-"))
    (folder / "cert.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(pem)
    return folder / "cert.pem", folder / "key.pem"


@dataclass
class Mail:
    """A mail that arrived: envelope and message."""

    sender: str
    recipient: str
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())

    @property
    def text(self) -> str:
        return self.part("plain")

    @property
    def html(self) -> str:
        return self.part("html")


class MailServer:
    """The server with its script; also aiosmtpd's handler."""

    def __init__(self, *, tls: str = "starttls", auth: bool = True, unicode: bool = False) -> None:
        self.mails: list[Mail] = []
        self.port = 0
        self._tls, self._auth, self._unicode = tls, auth, unicode
        self._scripted: dict[str, deque[str]] = {}
        self._sessions: set[Any] = set()
        self._server: asyncio.Server | None = None
        self._going = asyncio.Event()
        self._going.set()
        self.stalled = 0
        """Number of messages that wait for a reply."""

    # what a test says

    def says(self, verb: str, answer: str, times: int = 1) -> None:
        """The next answers to this verb (EHLO, HELO, MAIL, RCPT, DATA); DATA is answered after the message came."""
        self._scripted.setdefault(verb, deque()).extend([answer] * times)

    def stalls(self) -> None:
        """Take messages, and answer none of them until `goes_on`."""
        self._going.clear()

    def goes_on(self) -> None:
        """Answer again."""
        self._going.set()

    def hangs_up(self) -> None:
        """Close every open connection, as a server does with idle ones."""
        for session in self._sessions:
            if session.transport is not None:
                session.transport.abort()
        self._sessions.clear()

    def server(self, **facts: Any) -> Server:
        """The server as `SmtpClient` takes it."""
        address = {"host": "127.0.0.1", "port": self.port, "tls": self._tls == "smtps", "plain": self._tls == "none"}
        login = {"user": USER, "password": PASSWORD} if self._auth else {}
        return Server(**{**address, **login, **facts})

    @property
    def url(self) -> str:
        """The server as PAPERBOY_SMTP_URL."""
        user = f"{USER}@" if self._auth else ""
        scheme = "smtps" if self._tls == "smtps" else "smtp"
        return f"{scheme}://{user}localhost:{self.port}{'?tls=none' if self._tls == 'none' else ''}"

    # a server

    async def __aenter__(self) -> Self:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate())
        options: dict[str, Any] = {"auth_required": self._auth, "auth_require_tls": self._tls == "starttls"}
        options["enable_SMTPUTF8"] = self._unicode
        if self._auth:
            options["authenticator"] = _authenticate
        if self._tls == "starttls":
            options |= {"tls_context": context, "require_starttls": True}

        def protocol() -> SMTP:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # a password without STARTTLS: here TLS is around it all
                return SMTP(self, hostname="mx.example.org", loop=asyncio.get_running_loop(), **options)

        self._server = await asyncio.get_running_loop().create_server(
            protocol, "127.0.0.1", 0, ssl=context if self._tls == "smtps" else None
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        self.hangs_up()
        await self._server.wait_closed()

    # aiosmtpd's hooks

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self._sessions.add(server)
        if answer := self._next("EHLO", server):
            return [answer]
        session.host_name = hostname
        return responses

    async def handle_HELO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str) -> str:  # noqa: N802 - aiosmtpd's name
        if answer := self._next("HELO", server):
            return answer
        session.host_name = hostname
        return f"250 {server.hostname}"

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self._next("MAIL", server):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self._next("RCPT", server):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.stalled += not self._going.is_set()
        await self._going.wait()
        answer = self._scripted.get("DATA")
        if not answer or answer[0] == HANG_UP or answer[0].startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(Mail(str(envelope.mail_from), envelope.rcpt_tos[0], envelope.content))
        return self._next("DATA", server) or "250 OK"

    def _next(self, verb: str, server: SMTP) -> str | None:
        waiting = self._scripted.get(verb)
        if not waiting:
            return None
        answer = waiting.popleft()
        if answer == HANG_UP:
            assert server.transport is not None
            server.transport.abort()
            return "421 gone"
        if answer.startswith("421"):
            assert server.transport is not None
            asyncio.get_running_loop().call_soon(server.transport.close)
        return answer


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def links(mail: Mail) -> Iterator[str]:
    """URLs in the text of a mail."""
    for word in mail.text.split():
        if word.startswith(("http://", "https://")):
            yield word


def link_to(mail: Mail, page: str) -> str:
    """URL of one of our pages in a mail."""
    [link] = {url for url in links(mail) if f"/{page}/" in url}
    return link
