"""What a mail server says, or does not say -> what follows, and a sentence without any address in it.

Replies: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1; enhanced codes: https://www.rfc-editor.org/rfc/rfc3463.
"""

from __future__ import annotations

import re
import ssl

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from bot.errors import DeliveryError, Failure

TRANSPORT = (SMTPException, OSError, TimeoutError, ValueError)
"""What a call through aiosmtplib raises."""
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS = re.compile(r"[^\s<>\"'():;,]+@[^\s<>\"'():;,]+")
_LONGEST = 120
POLICY = "7"
"""The second digit of enhanced codes about the sender's standing rather than the recipient's address."""
UNTOLD = frozenset({"0", ""})

_TROUBLES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (SMTPAuthenticationError,),
        "the mail server does not accept the user or password: see PAPERBOY_SMTP_PASSWORD ({said})",
    ),
    ((ssl.SSLCertVerificationError,), "the mail server's certificate is not trusted here"),
    ((ssl.SSLError,), "the mail server did not agree on TLS: see PAPERBOY_SMTP_URL"),
    ((SMTPTimeoutError, TimeoutError), "the mail server did not answer in time"),
    ((SMTPResponseException,), "the mail server is not available ({said})"),
    ((SMTPServerDisconnected,), "the connection to the mail server was lost"),
    ((SMTPConnectError, OSError), "the mail server cannot be reached"),
    ((SMTPException,), "the mail server lacks what is needed ({said}): see PAPERBOY_SMTP_URL"),
)
"""The first that fits."""


def not_connected(error: Exception) -> DeliveryError:
    """Nothing could be sent, to anybody: it is no recipient's fault."""
    return DeliveryError(Failure.LATER, trouble(error))


def before_data(error: Exception) -> DeliveryError:
    """The envelope was refused, or the connection was lost before the message was handed over."""
    if isinstance(error, SMTPResponseException):
        return _answered(error.code, error.message)
    return DeliveryError(Failure.LATER, trouble(error))


def sender_refused(error: SMTPResponseException) -> DeliveryError:
    """The server does not take mail from us."""
    return DeliveryError(Failure.LATER, f"the mail server does not take mail from PAPERBOY_MAIL_FROM ({_words(error)})")


def after_data(error: Exception) -> DeliveryError:
    """The message was on its way: only an answer can tell that it was not taken."""
    if isinstance(error, SMTPResponseException) and 400 <= error.code < 600:
        return _answered(error.code, error.message)
    return DeliveryError(Failure.UNKNOWN, "the connection to the mail server broke before it answered")


def trouble(error: Exception) -> str:
    """Why there is no connection, in a sentence with the remedy if there is one."""
    causes = (error, error.__cause__)
    for kinds, reason in _TROUBLES:
        if any(isinstance(each, kinds) for each in causes):
            return reason.format(said=_words(error))
    return "the connection to the mail server was lost"


def _answered(code: int, text: str) -> DeliveryError:
    """4xx: later. 5xx: about the address, unless the enhanced code says that it is about the message or about us."""
    said = _clean(f"{code} {text}")
    if code < 500:
        return DeliveryError(Failure.LATER, f"the mail server asks to try later ({said})")
    found = _ENHANCED.search(text)
    subject = found[2] if found else ""
    if subject == POLICY:
        return DeliveryError(Failure.MESSAGE_REFUSED, f"the recipient's server blocks it ({said})")
    if subject in {"1", "2", *UNTOLD}:
        return DeliveryError(Failure.CHANNEL_GONE, f"its mail server refuses the address ({said})")
    return DeliveryError(Failure.MESSAGE_REFUSED, f"the mail server refuses the message ({said})")


def _words(error: Exception) -> str:
    return _clean(f"{error.code} {error.message}" if isinstance(error, SMTPResponseException) else str(error))


def _clean(text: str) -> str:
    """A server's words on one line, cut, and without the address that they usually repeat."""
    line = _ADDRESS.sub("[address]", " ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
