"""SMTP client: connections stay open for the next message, as a new one costs five round trips and a handshake."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiosmtplib
from aiosmtplib import SMTP

from adapters.email.failures import (
    TRANSPORT,
    after_data,
    before_data,
    not_connected,
    sender_refused,
    unicode_refused,
)
from adapters.email.shared_connections import SharedConnections
from bot.errors import DeliveryError
from bot.ports import Claim, no_claim
from bot.ports.leases import Leases

CONNECTIONS = 4
"""At once, of all processes together; most servers allow ten from one client."""
MESSAGES_PER_CONNECTION = 100
"""Postfix and Exchange close a connection after so many, others earlier; that costs a reconnect."""
IDLE_SECONDS, SHARED_IDLE_SECONDS = 20.0, 0.5
"""An unused connection is kept so long; servers hang up after thirty at the earliest, other processes wait for it."""
ENVELOPE_TIMEOUT = 20.0
"""Seconds for a connection and the envelope."""
DATA_TIMEOUT = 50.0
"""Seconds for the message and the server's answer to it, below the deliverer's sixty."""
SERVICE_CLOSING = 421
"""Reply code with which a server closes the connection."""


@dataclass(frozen=True, slots=True)
class Server:
    """The mail server that takes our mail."""

    host: str
    port: int
    tls: bool
    """TLS from the first byte; else STARTTLS, unless `plain`."""
    plain: bool = False
    """Without TLS: for a server on this machine."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    hello: str = "localhost"
    """Our name in EHLO."""


@dataclass(slots=True, eq=False)
class _Connection:
    smtp: SMTP
    lease: str | None = None
    """Where processes share the connections."""
    message_count: int = 0
    """Messages it has carried."""
    hang_up: asyncio.TimerHandle | None = None


class SmtpClient:
    """Sends messages; each is handed over at most once."""

    def __init__(self, server: Server, *, connections: int = CONNECTIONS, leases: Leases | None = None) -> None:
        """`leases` are given where other processes share the store: then all have so many connections together."""
        self._server = server
        self._shared = None if leases is None else SharedConnections(leases, connections)
        self._idle_seconds = IDLE_SECONDS if leases is None else SHARED_IDLE_SECONDS
        self._slots = asyncio.Semaphore(connections)
        self._turns = asyncio.Semaphore(2 * connections)
        """Messages made so far: one waits for each connection, ready."""
        self._idle: list[_Connection] = []
        self._context: ssl.SSLContext | None = None
        self._takes_unicode: bool | None = None
        """What the server said of itself last (https://www.rfc-editor.org/rfc/rfc6531); None: nothing yet."""
        self.opened = 0
        """Number of connections made so far."""

    async def send(
        self, sender: str, recipient: str, content: Callable[[], Awaitable[bytes]], claim: Claim = no_claim
    ) -> None:
        """Hand one message over. Raises DeliveryError: unless its kind is UNKNOWN, the message was not taken.

        `content` is made when it is this message's turn, so that few are in memory; `claim` is awaited once the server
        has taken the envelope, directly before DATA: no more messages are claimed than there are connections.
        """
        async with self._turns:
            made = await content()
            async with self._slots:
                await self._send(sender, recipient, made, claim)

    async def _send(self, sender: str, recipient: str, content: bytes, claim: Claim) -> None:
        async with self._addressed(sender, recipient) as connection:
            await claim()
            try:
                async with asyncio.timeout(DATA_TIMEOUT):
                    await connection.smtp.data(content)
            except TRANSPORT as error:
                await self._reset(connection, error)
                raise after_data(error) from error
            self._release(connection)

    async def greet(self) -> str:
        """Connect and log in, for the doctor. Returns the server's name for itself. Raises DeliveryError."""
        try:
            async with asyncio.timeout(ENVELOPE_TIMEOUT):
                connection = await self._open(await self._shared.take() if self._shared else None)
        except TRANSPORT as error:
            raise not_connected(error) from error
        response = connection.smtp.last_ehlo_response
        self._release(connection)
        words = response.message.split() if response else []
        return words[0] if words else self._server.host

    async def takes_unicode(self) -> bool:
        """Whether the server takes addresses with letters outside ASCII before the @. Raises DeliveryError."""
        if self._takes_unicode is None:
            await self.greet()
        return bool(self._takes_unicode)

    async def close(self) -> None:
        """Quit every open connection."""
        await asyncio.gather(*map(self._quit, iter(self._take_idle, None)))
        if self._shared is not None:
            await self._shared.close()

    @asynccontextmanager
    async def _addressed(self, sender: str, recipient: str) -> AsyncIterator[_Connection]:
        """A connection that has taken the envelope; closed at the end unless it was released."""
        connection: _Connection | None = None
        try:
            try:
                connection = await self._connect(sender, recipient)
            except TimeoutError as error:
                raise before_data(error) from error
            yield connection
        finally:
            if connection is not None and connection not in self._idle:
                self._close(connection)

    async def _connect(self, sender: str, recipient: str) -> _Connection:
        """An idle connection with the envelope, or a new one: the server may have closed an idle one meanwhile."""
        connection = self._take_idle()
        if connection is not None:
            try:
                async with asyncio.timeout(ENVELOPE_TIMEOUT):
                    await self._send_envelope(connection, sender, recipient)
            except DeliveryError as error:
                if not _was_closed(error.__cause__):
                    raise
            else:
                return connection
        lease = await self._shared.take() if self._shared else None  # other processes may have all for minutes
        async with asyncio.timeout(ENVELOPE_TIMEOUT):
            try:
                connection = await self._open(lease)
            except TRANSPORT as error:
                raise not_connected(error) from error
            await self._send_envelope(connection, sender, recipient)
        return connection

    async def _send_envelope(self, connection: _Connection, sender: str, recipient: str) -> None:
        options: list[str] = []
        if not recipient.isascii():
            if not connection.smtp.supports_extension("smtputf8"):
                self._release(connection)
                raise unicode_refused()
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        try:
            await connection.smtp.mail(sender, options=options)
            await connection.smtp.rcpt(recipient, encoding="utf-8")
        except TRANSPORT as error:
            await self._reset(connection, error)
            if isinstance(error, aiosmtplib.SMTPSenderRefused) and error.code >= 500:
                raise sender_refused(error) from error
            raise before_data(error) from error
        except BaseException:
            self._close(connection)
            raise

    async def _reset(self, connection: _Connection, error: Exception) -> None:
        """After a failure: a connection that has answered is used again, any other is closed."""
        smtp = connection.smtp
        if isinstance(error, aiosmtplib.SMTPResponseException) and smtp.is_connected and error.code != SERVICE_CLOSING:
            with suppress(*TRANSPORT):
                await smtp.rset()
                self._release(connection)
                return
        self._close(connection)

    async def _open(self, lease: str | None) -> _Connection:
        smtp = None
        try:
            if self._context is None:
                self._context = await asyncio.to_thread(ssl.create_default_context)
            smtp = self._smtp()
            await smtp.connect()
            await _greet(smtp)
        except BaseException:
            if smtp is not None:
                smtp.close()
            self._free(lease)
            raise
        self.opened += 1
        self._takes_unicode = smtp.supports_extension("smtputf8")
        return _Connection(smtp, lease)

    def _smtp(self) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            start_tls=not server.tls and not server.plain,
            tls_context=self._context,
            username=server.user,
            password=server.password if server.user else None,
            local_hostname=server.hello,
            timeout=ENVELOPE_TIMEOUT,
        )

    def _take_idle(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.hang_up is not None:
                connection.hang_up.cancel()
            if connection.smtp.is_connected:
                return connection
            self._close(connection)
        return None

    def _release(self, connection: _Connection) -> None:
        connection.message_count += 1
        if connection.message_count < MESSAGES_PER_CONNECTION and connection.smtp.is_connected:
            connection.hang_up = asyncio.get_running_loop().call_later(self._idle_seconds, self._hang_up, connection)
            self._idle.append(connection)

    def _hang_up(self, connection: _Connection) -> None:
        if connection in self._idle:
            self._idle.remove(connection)
        self._close(connection)

    async def _quit(self, connection: _Connection) -> None:
        with suppress(*TRANSPORT):
            await connection.smtp.quit(timeout=1)
        self._close(connection)

    def _close(self, connection: _Connection) -> None:
        connection.smtp.close()
        lease, connection.lease = connection.lease, None
        self._free(lease)

    def _free(self, lease: str | None) -> None:
        if self._shared is not None and lease is not None:
            self._shared.free(lease)


async def _greet(smtp: SMTP) -> None:
    """Send EHLO, or HELO to a server that knows no other: `connect` does so only where it needs TLS or a login."""
    if not smtp.is_ehlo_or_helo_needed:
        return
    try:
        await smtp.ehlo()
    except aiosmtplib.SMTPHeloError:
        if not smtp.is_connected:
            raise
        await smtp.helo()


def _was_closed(error: BaseException | None) -> bool:
    """Whether the connection had ended before the envelope was answered."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return error.code == SERVICE_CLOSING
    return isinstance(error, aiosmtplib.SMTPServerDisconnected | aiosmtplib.SMTPTimeoutError | ConnectionError)
