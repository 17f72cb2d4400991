"""Settings to the front, and the server on stdin and stdout. The SDK, an extra, is imported where it is needed."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from adapters.shared_rate import SharedRate
from bot.errors import SettingsError, UserError, pip_install
from bot.model import Check
from bot.model.client_ip import is_this_machine
from bot.settings import secret_value

if TYPE_CHECKING:
    from adapters.mcp.front import McpFront
    from bot.ports import Desk
    from bot.ports.leases import Leases
    from bot.settings import Settings


def connect(
    settings: Settings,
    secrets: object,  # noqa: ARG001 - as every platform's
    leases: Leases | None = None,
) -> tuple[None, McpFront] | None:
    """The front at /mcp, without an outlet; None if it is not switched on. Raises SettingsError.

    `leases` are given where other processes share the store.
    """
    if not settings.mcp:
        return None
    token, public = secret_value(settings.mcp_token), settings.public_url
    is_local, faults = is_this_machine(settings.host), []
    if token is None and not (is_local and (public is None or is_this_machine(urlsplit(public).hostname or ""))):
        faults.append("PAPERBOY_MCP_TOKEN: set one, since others than this machine can reach /mcp")
    if public is None and not is_local:
        faults.append("PAPERBOY_PUBLIC_URL: set it, since /mcp answers to its host alone")
    if faults:
        raise SettingsError(tuple(faults))
    shared = SharedRate.of(settings, leases)
    front: McpFront = _with_sdk("front").McpFront(public, token, rate=settings.web_rate, shared=shared)
    return None, front


async def examine(settings: Settings, secrets: object, channels: object) -> list[Check]:  # noqa: ARG001 - as every platform's
    """Whether /mcp can be served as it is set up; no check where it is not switched on."""
    try:
        pair = connect(settings, secrets)
    except UserError as error:
        return [Check("mcp", "cannot be served", fault=True, remedy=str(error))]
    who = "with PAPERBOY_MCP_TOKEN" if settings.mcp_token else "on this machine"
    return [Check("mcp", f"answers assistants {who} and those with a person's token")] if pair else []


async def serve_stdio(desk: Desk, token: str | None) -> None:
    """Answer one assistant on stdin and stdout until it leaves, with a person's token for that person too.

    Raises UserError without the SDK, or for a token that opens nothing.
    """
    server = _with_sdk("server")
    if token is not None:
        await desk.personal.holder(token)
    made = server.public_server(desk) if token is None else server.personal_server(desk, lambda _: token)
    await made.run_stdio_async()


def _with_sdk(module: str) -> ModuleType:
    """A module here that imports the SDK. Raises UserError if that is not installed."""
    from importlib import import_module  # noqa: PLC0415 - nothing else here needs it

    try:
        return import_module(f"adapters.mcp.{module}")
    except ImportError as error:
        raise UserError(f"the SDK of the Model Context Protocol is missing ({error}): {pip_install('mcp')}") from None
