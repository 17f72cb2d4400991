"""Hosts that asked to be left alone, and for how long; where processes share a store, none of them asks such a host."""

from __future__ import annotations

from collections.abc import Callable

from bot.ports.leases import Leases


class ClosedHosts:
    """Hosts by name. `clock` is in seconds; `leases` tell the other processes, where there are any."""

    def __init__(self, clock: Callable[[], float], leases: Leases | None = None) -> None:
        self._clock, self._leases = clock, leases
        self._until: dict[str, float] = {}

    async def remaining(self, host: str) -> float:
        """Seconds for which a host is still to be left alone; none, or less, where it may be asked."""
        wait = self._until.get(host, 0.0) - self._clock()
        return wait if wait > 0 or self._leases is None else await self._leases.remaining(f"closed {host}")

    async def close(self, host: str, seconds: float) -> None:
        """Leave a host alone for so long."""
        self._until[host] = self._clock() + seconds
        if self._leases is not None:
            await self._leases.take(f"closed {host}", seconds)
