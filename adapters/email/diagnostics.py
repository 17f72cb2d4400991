"""What the doctor asks about mail: whether the settings are whole, and whether the server lets us in."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.email.client import SmtpClient
from adapters.email.connect import server_of, wrong
from bot.errors import DeliveryError
from bot.model import Channel, Check
from bot.settings import Settings


async def examine(settings: Settings, safe: object, channels: Sequence[Channel]) -> list[Check]:  # noqa: ARG001 - one signature for all platforms
    """Nothing to say where no server is set."""
    if settings.smtp_url is None:
        return []
    if problems := wrong(settings):
        return [Check("mail", each, fault=True, remedy="set that variable") for each in problems]
    wire = SmtpClient(server_of(settings))
    try:
        name = await wire.greet()
    except DeliveryError as error:
        remedy = "check PAPERBOY_SMTP_URL, PAPERBOY_SMTP_PASSWORD and the network"
        return [Check("mail", error.reason, fault=True, remedy=remedy)]
    finally:
        await wire.close()
    return [Check("mail", f"{name} takes mail from Paperboy"), *_links(settings.public_url or "")]


def _links(public_url: str) -> list[Check]:
    if public_url.startswith("https://"):
        return []
    remedy = "let people reach Paperboy by https: mail programs offer their own unsubscribe button only then (RFC 8058)"
    return [Check("mail", f"links lead to {public_url}", remedy=remedy)]
