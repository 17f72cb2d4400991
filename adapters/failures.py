"""Failures that every HTTP API has: no connection, one that broke, and how long to wait."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import aiohttp
import httpx

from bot.errors import DeliveryError, Failure


class FailureRule(NamedTuple):
    """A kind of delivery failure and the reason that notices give: “… could not be posted (reason)”."""

    kind: Failure
    reason: str


NOT_CONNECTED = (
    *(aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL),
    *(httpx.ConnectError, httpx.ConnectTimeout),
)


def connection_failure(error: Exception, server: str, lost: Failure = Failure.UNKNOWN) -> DeliveryError:
    """The failure of a request without an answer; `lost` is its kind where the request may have arrived."""
    if isinstance(error, NOT_CONNECTED):
        return DeliveryError(Failure.LATER, f"{server} cannot be reached")
    return DeliveryError(lost, f"the connection to {server} broke before it answered")


def retry_after(headers: Iterable[Any] | None) -> float | None:
    """Seconds of a Retry-After header; None where it is missing or no number of seconds."""
    values = {str(name).lower(): value for name, value in dict(headers or {}).items()}
    try:
        seconds = float(values["retry-after"])
    except (KeyError, TypeError, ValueError):
        return None
    return seconds if 0 <= seconds < float("inf") else None
