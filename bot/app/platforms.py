"""The platforms Paperboy speaks, each declared once; wiring, `doctor` and `manifest` read `PLATFORMS`.

A platform's entry points are dotted names (`module:function`), imported when first used: `bot` imports no adapter, and
an SDK is loaded only where its platform is set up. How to add one: `adapters/README.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Literal

from bot.errors import SettingsError, UserError
from bot.model.check import Check

if TYPE_CHECKING:
    from bot.model import Channel
    from bot.ports import Front, Outlet
    from bot.settings import Settings
    from bot.store import Store


@dataclass(frozen=True, slots=True)
class Platform:
    """Dotted names of an adapter's entry points; None where the platform has no such thing."""

    connect: str
    """`connect(settings, secrets, leases)` returns (outlet or None, front or None); None if it is not configured.

    `leases` are None where no other process shares the store."""
    takes_secrets: bool = True
    """False for the two whose `connect` takes other arguments: console (streams), mail (mailboxes, clock, leases)."""
    role: str = ""
    """What a process does that has only the platform's front; empty without a front, or if it is no process's alone."""
    examine: str | None = None
    """`examine(settings, secrets or None, channels)`: the checks of `doctor`; may raise SettingsError as `connect`."""
    manifest: str | None = None
    """`manifest(settings, http_url, with_links=…, with_agent=…)`: the text that registers Paperboy with the platform.

    It is ready to paste. Raises UserError for a URL or settings it cannot use."""


PLATFORMS = {
    "console": Platform("adapters.console:Console", takes_secrets=False),
    "slack": Platform(
        "adapters.slack:connect",
        role="answer in Slack",
        examine="adapters.slack:examine",
        manifest="adapters.slack:manifest_text",
    ),
    "discord": Platform(
        "adapters.discord:connect",
        role="answer in Discord",
        examine="adapters.discord:examine",
        manifest="adapters.discord:manifest_text",
    ),
    "matrix": Platform("adapters.matrix:connect", role="answer in Matrix", examine="adapters.matrix:examine"),
    "webhook": Platform("adapters.webhook:connect", examine="adapters.webhook:examine"),
    "mail": Platform("adapters.email:connect", takes_secrets=False, examine="adapters.email:examine"),
    "web": Platform("adapters.web:connect", role="show the pages"),
    "mcp": Platform("adapters.mcp:connect", role="answer AI assistants", examine="adapters.mcp:examine"),
}
POSTED_TO = PLATFORMS.keys() - {"web", "mcp"}
"""Platforms with an outlet."""
STDIO_SERVER = "adapters.mcp:serve_stdio"
"""`serve_stdio(desk, token)`: answers one AI assistant on stdin and stdout until it leaves; not a platform."""
THREAD_PAGE = "adapters.html:thread_page"
"""`thread_page(threads, title, note)`: threads as one self-contained HTML page; not a platform."""


def entry_point(name: str, entry: Literal["connect", "examine", "manifest"]) -> Any:
    """The function behind a platform's entry. Raises UserError for an unknown platform or one without that entry."""
    if name not in PLATFORMS:
        raise UserError(f"There is no platform {name}; declared are {', '.join(PLATFORMS)}.")
    dotted: str | None = getattr(PLATFORMS[name], entry)
    if dotted is None:
        raise UserError(f"The platform {name} declares no {entry}.")
    return resolve_name(dotted)


async def examine(settings: Settings, store: Store | None, channels: Sequence[Channel]) -> list[Check]:
    """The faults that the configured platforms find in themselves and in these channels."""
    _check_keys(settings)
    secrets, checks = store and store.secrets, []
    for name, platform in PLATFORMS.items():
        if platform.examine:
            try:
                checks += await entry_point(name, "examine")(settings, secrets, channels)
            except SettingsError as error:
                remedy = "put that right, and start Paperboy again"
                checks += [Check(name, fault, fault=True, remedy=remedy) for fault in error.faults]
    return checks


def connect(settings: Settings, store: Store) -> tuple[list[Outlet], list[Front]]:
    """Outlets and fronts of the configured platforms except console and mail. Raises SettingsError."""
    _check_keys(settings)
    outlets: list[Outlet] = []
    fronts: list[Front] = []
    leases = store.leases if store.shared else None
    for name, platform in PLATFORMS.items():
        if not platform.takes_secrets:
            continue
        if (pair := entry_point(name, "connect")(settings, store.secrets, leases)) is not None:
            outlets += filter(None, pair[:1])
            fronts += filter(None, pair[1:])
    return outlets, fronts


def mcp_url(settings: Settings) -> str | None:
    """Address of the MCP server over HTTP, for AI assistants; None if it is switched off."""
    from bot.app.http_server import PORT  # noqa: PLC0415 - needs uvicorn, for which `--help` must not wait

    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    here = f"http://{host}:{settings.port or PORT}"
    return f"{settings.public_url or here}/mcp" if settings.mcp else None


def _check_keys(settings: Settings) -> None:
    """Raise SettingsError for a secret key that is not one, before an adapter reads a stored token."""
    # The command line reads PLATFORMS for `--help`, which must not wait for pydantic and cryptography.
    from bot.settings import secret_keys  # noqa: PLC0415
    from bot.store.encryption import cipher  # noqa: PLC0415

    cipher(secret_keys(settings))
