"""Connections to the mail server, kept open for the next message: a new one costs five round trips and a handshake."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiosmtplib import SMTP, SMTPResponseException, SMTPSenderRefused, SMTPServerDisconnected, SMTPTimeoutError

from adapters.email.failures import TRANSPORT, after_data, before_data, not_connected, sender_refused
from bot.errors import DeliveryError, Failure

CONNECTIONS = 4
"""At once; most servers allow ten from one client."""
MESSAGES = 100
"""Over one connection: Postfix and Exchange close it after so many, others earlier; that costs a reconnect."""
IDLE = 20.0
"""Seconds an unused connection is kept; servers hang up after thirty at the earliest."""
BEFORE_DATA = 20.0
"""Seconds for a place, a connection and the envelope. With the next it stays below the deliverer's sixty."""
FOR_DATA = 35.0
"""Seconds for the message and the server's answer to it."""
UNAVAILABLE = 421


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in."""

    host: str
    port: int
    tls: bool
    """From the first byte; else STARTTLS, unless `plain`."""
    plain: bool = False
    """No TLS at all: for a server on this very machine."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    hello: str = "localhost"
    """How we introduce ourselves."""


@dataclass(slots=True)
class _Line:
    """A connection, and how much it has carried."""

    client: SMTP
    sent: int = 0
    closing: asyncio.TimerHandle | None = None


class SmtpClient:
    """Sends; a message is handed over at most once."""

    def __init__(self, server: Server, *, connections: int = CONNECTIONS) -> None:
        self._server = server
        self._places = asyncio.Semaphore(connections)
        self._idle: list[_Line] = []
        self._context: ssl.SSLContext | None = None
        self.opened = 0
        """How many connections were made, for whoever wonders whether they are used again."""

    async def send(self, sender: str, recipient: str, content: bytes) -> None:
        """Hand one message over. Raises DeliveryError: later or refused is certain, unknown is not."""
        async with self._ready(sender, recipient) as line:
            try:
                async with asyncio.timeout(FOR_DATA):
                    await line.client.data(content)
            except TRANSPORT as error:
                await self._after_refusal(line, error)
                raise after_data(error) from error
            self._keep(line)

    async def greet(self) -> str:
        """Connect and log in, for the doctor. Returns what the server calls itself. Raises DeliveryError."""
        try:
            async with asyncio.timeout(BEFORE_DATA):
                line = await self._open()
        except TRANSPORT as error:
            raise not_connected(error) from error
        said = line.client.last_ehlo_response
        self._keep(line)
        return said.message.split()[0] if said and said.message.split() else self._server.host

    async def close(self) -> None:
        """Say goodbye on every open connection."""
        while self._idle:
            await self._quit(self._idle.pop())

    @asynccontextmanager
    async def _ready(self, sender: str, recipient: str) -> AsyncIterator[_Line]:
        """A connection with the envelope on it; closed at the end unless it was kept."""
        line: _Line | None = None
        placed = False
        try:
            try:
                async with asyncio.timeout(BEFORE_DATA):
                    placed = await self._places.acquire()
                    line = await self._addressed(sender, recipient)
            except TimeoutError as error:
                busy = DeliveryError(Failure.LATER, "the mail server is busy with other messages")
                raise (before_data(error) if placed else busy) from error
            yield line
        finally:
            if line is not None and line not in self._idle:
                line.client.close()
            if placed:
                self._places.release()

    async def _addressed(self, sender: str, recipient: str) -> _Line:
        """One that was kept may have been closed meanwhile: then nothing was handed over, and a new one is made."""
        line = self._take()
        if line is not None:
            try:
                await self._address(line, sender, recipient)
            except DeliveryError as error:
                if not _was_closed(error.__cause__):
                    raise
            else:
                return line
        try:
            line = await self._open()
        except TRANSPORT as error:
            raise not_connected(error) from error
        await self._address(line, sender, recipient)
        return line

    async def _address(self, line: _Line, sender: str, recipient: str) -> None:
        try:
            await line.client.mail(sender)
            await line.client.rcpt(recipient)
        except SMTPSenderRefused as error:
            await self._after_refusal(line, error)
            raise (before_data(error) if error.code < 500 else sender_refused(error)) from error
        except TRANSPORT as error:
            await self._after_refusal(line, error)
            raise before_data(error) from error
        except BaseException:
            line.client.close()
            raise

    async def _after_refusal(self, line: _Line, error: Exception) -> None:
        """One that has answered can be used again; any other cannot."""
        if isinstance(error, SMTPResponseException) and line.client.is_connected and error.code != UNAVAILABLE:
            with suppress(*TRANSPORT):
                await line.client.rset()
                self._keep(line)
                return
        line.client.close()

    async def _open(self) -> _Line:
        server = self._server
        if self._context is None:
            self._context = await asyncio.to_thread(ssl.create_default_context)
        client = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            start_tls=not server.tls and not server.plain,
            tls_context=self._context,
            username=server.user,
            password=server.password if server.user else None,
            local_hostname=server.hello,
            timeout=BEFORE_DATA,
        )
        try:
            await client.connect()
            await client._ehlo_or_helo_if_needed()  # noqa: SLF001 - connect() alone says hello only where it must
        except BaseException:
            client.close()
            raise
        self.opened += 1
        return _Line(client)

    def _take(self) -> _Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.closing is not None:
                line.closing.cancel()
            if line.client.is_connected:
                return line
        return None

    def _keep(self, line: _Line) -> None:
        line.sent += 1
        if line.sent >= MESSAGES or not line.client.is_connected:
            return
        line.closing = asyncio.get_running_loop().call_later(IDLE, self._hang_up, line)
        self._idle.append(line)

    def _hang_up(self, line: _Line) -> None:
        if line in self._idle:
            self._idle.remove(line)
        line.client.close()

    async def _quit(self, line: _Line) -> None:
        if line.closing is not None:
            line.closing.cancel()
        with suppress(*TRANSPORT):
            await line.client.quit(timeout=1)
        line.client.close()


def _was_closed(error: BaseException | None) -> bool:
    """Whether the connection had ended before the envelope was answered."""
    if isinstance(error, SMTPResponseException):
        return error.code == UNAVAILABLE
    return isinstance(error, SMTPServerDisconnected | SMTPTimeoutError | ConnectionError)
