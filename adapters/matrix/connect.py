"""Outlet and front of Matrix, made from the settings, and the doctor's checks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from adapters.channel_checks import channel_checks
from bot.errors import DeliveryError, SettingsError, pip_install
from bot.model import Channel, Check
from bot.settings import Settings, secret_value

if TYPE_CHECKING:
    from adapters.matrix.front import MatrixFront
    from adapters.matrix.outlet import MatrixOutlet
    from bot.ports.leases import Leases

_USER = re.compile(r"@[^\s:/]+:[^\s/]+")


def connect(settings: Settings, notes: Any, leases: Leases | None = None) -> tuple[MatrixOutlet, MatrixFront] | None:
    """Outlet and front; None if nothing of Matrix is set. Raises SettingsError naming what is missing."""
    url, user, token = settings.matrix_homeserver, settings.matrix_user, secret_value(settings.matrix_access_token)
    if not (url or user or token):
        return None
    faults = ["MATRIX_HOMESERVER is missing: the homeserver's URL, like https://matrix.example.org"] * (not url)
    if not _USER.fullmatch(user or ""):
        faults.append("MATRIX_USER: write the account's whole name, like @paperboy:example.org")
    if not re.fullmatch(r"[!-~]+", token or ""):
        faults.append("MATRIX_ACCESS_TOKEN is missing, or is none: adapters/matrix/README.md says where it comes from")
    if faults:
        raise SettingsError(tuple(faults))
    try:
        from adapters.matrix.client import MatrixClient  # noqa: PLC0415 - matrix-nio is an extra
        from adapters.matrix.front import MatrixFront  # noqa: PLC0415
        from adapters.matrix.outlet import MatrixOutlet  # noqa: PLC0415
    except ImportError as error:
        raise SettingsError((f"the client for Matrix is missing ({error}): {pip_install('matrix')}",)) from None
    client = MatrixClient(url or "", user or "", token or "")
    return MatrixOutlet(client), MatrixFront(client, notes, leases)


async def examine(settings: Settings, secrets: object, channels: Sequence[Channel]) -> list[Check]:
    """Checks of the account and of Matrix's rooms among these channels; none if nothing of Matrix is set.

    Raises SettingsError as `connect` does.
    """
    if (pair := connect(settings, secrets)) is None:
        return []
    outlet, client = pair[0], pair[0].client
    try:
        checks = [Check("matrix", f"connected as {await client.check_account()}")]
    except DeliveryError as error:
        remedy = "check MATRIX_HOMESERVER, MATRIX_USER, MATRIX_ACCESS_TOKEN and the network"
        return [Check("matrix", error.reason, fault=True, remedy=remedy)]
    else:
        rooms = [each for each in channels if "/!" in each]
        return checks + await channel_checks(outlet, rooms, "change that in the room")
    finally:
        await client.nio.close()
