"""The doctor's checks of mail: complete settings, a server that lets us in, links by https."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.email.client import SmtpClient
from adapters.email.connect import read_server, setting_faults
from bot.errors import DeliveryError
from bot.model import Channel, Check
from bot.settings import Settings


async def examine(settings: Settings, secrets: object, channels: Sequence[Channel]) -> list[Check]:  # noqa: ARG001 - one signature for all platforms
    """The checks; none where no server is set."""
    if settings.smtp_url is None:
        return []
    if faults := setting_faults(settings):
        return [Check("mail", fault, fault=True, remedy="put that right, and start Paperboy again") for fault in faults]
    client = SmtpClient(read_server(settings))
    try:
        checks = [Check("mail", f"{await client.greet()} takes mail from Paperboy")]
    except DeliveryError as error:
        remedy = "check PAPERBOY_SMTP_URL, PAPERBOY_SMTP_PASSWORD and the network"
        return [Check("mail", error.reason, fault=True, remedy=remedy)]
    finally:
        await client.close()
    if not (settings.public_url or "").startswith("https://"):
        remedy = "let people reach Paperboy by https: mail programs offer their own unsubscribe button only then"
        checks.append(Check("mail", f"links lead to {settings.public_url}", remedy=f"{remedy} (RFC 8058)"))
    return checks
