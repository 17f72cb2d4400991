"""Replies of a mail server, or their absence, as delivery errors with a sentence that holds no address.

Replies: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1; enhanced codes: https://www.rfc-editor.org/rfc/rfc3463.
"""

from __future__ import annotations

import re
import ssl

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException

from bot.errors import DeliveryError, Failure

TRANSPORT = (SMTPException, OSError, TimeoutError, ValueError)
"""Exceptions that a call through aiosmtplib raises."""
POLICY = "7"
"""Subject (second number) of enhanced codes about the sender's standing rather than the recipient's address."""
ADDRESS_OR_MAILBOX = frozenset({"", "0", "1", "2"})
"""Subjects about the recipient, or none at all."""
_ENHANCED_CODE = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS = re.compile(r"[^\s<>\"'():;,]+@[^\s<>\"'():;,]+")
_MAX_REPLY = 120
"""Characters of a server's reply that are shown."""

_REASONS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (aiosmtplib.SMTPAuthenticationError,),
        "the mail server does not accept the user or password: see PAPERBOY_SMTP_PASSWORD ({reply})",
    ),
    ((ssl.SSLCertVerificationError,), "the mail server's certificate is not trusted here"),
    ((ssl.SSLError,), "the mail server did not agree on TLS: see PAPERBOY_SMTP_URL"),
    ((aiosmtplib.SMTPTimeoutError, TimeoutError), "the mail server did not answer in time"),
    ((SMTPResponseException,), "the mail server is not available ({reply})"),
    ((aiosmtplib.SMTPServerDisconnected,), "the connection to the mail server was lost"),
    ((aiosmtplib.SMTPConnectError, OSError), "the mail server cannot be reached"),
    ((SMTPException,), "the mail server lacks what is needed ({reply}): see PAPERBOY_SMTP_URL"),
)
"""The first row whose exceptions include the error or its cause applies."""


def not_connected(error: Exception) -> DeliveryError:
    """No connection, so nothing could be sent to anybody; with the remedy if there is one."""
    for types, reason in _REASONS:
        if any(isinstance(cause, types) for cause in (error, error.__cause__)):
            return DeliveryError(Failure.LATER, reason.format(reply=_reply(error)))
    return DeliveryError(Failure.LATER, "the connection to the mail server was lost")


def before_data(error: Exception) -> DeliveryError:
    """The envelope was refused, or the connection was lost before the message was handed over."""
    return _from_reply(error) if isinstance(error, SMTPResponseException) else not_connected(error)


def sender_refused(error: SMTPResponseException) -> DeliveryError:
    """The server takes no mail from our address, for any recipient."""
    return DeliveryError(Failure.LATER, f"the mail server does not take mail from PAPERBOY_MAIL_FROM ({_reply(error)})")


def unicode_refused() -> DeliveryError:
    """The server cannot take this address; nothing was sent."""
    reason = "the mail server takes no address with letters such as ö before the @ (it has no SMTPUTF8)"
    return DeliveryError(Failure.MESSAGE_REFUSED, reason)


def after_data(error: Exception) -> DeliveryError:
    """The message was on its way: only a reply proves that it was not taken."""
    if isinstance(error, SMTPResponseException) and 400 <= error.code < 600:
        return _from_reply(error)
    return DeliveryError(Failure.UNKNOWN, "the connection to the mail server broke before it answered")


def _from_reply(error: SMTPResponseException) -> DeliveryError:
    """4xx: later. 5xx: about the address, unless the enhanced code says that it is about the message or about us."""
    reply = _reply(error)
    if error.code < 500:
        return DeliveryError(Failure.LATER, f"the mail server asks to try later ({reply})")
    enhanced = _ENHANCED_CODE.search(error.message)
    subject = enhanced[2] if enhanced else ""
    if subject == POLICY:
        return DeliveryError(Failure.MESSAGE_REFUSED, f"the recipient's server blocks it ({reply})")
    if subject in ADDRESS_OR_MAILBOX:
        return DeliveryError(Failure.CHANNEL_GONE, f"its mail server refuses the address ({reply})")
    return DeliveryError(Failure.MESSAGE_REFUSED, f"the mail server refuses the message ({reply})")


def _reply(error: Exception) -> str:
    """A server's reply on one line, cut, and without the address that it usually repeats."""
    text = f"{error.code} {error.message}" if isinstance(error, SMTPResponseException) else str(error)
    line = _ADDRESS.sub("[address]", " ".join(text.split()))
    return line if len(line) <= _MAX_REPLY else f"{line[: _MAX_REPLY - 1]}…"
