"""The part that both Slack fronts share: Socket Mode is in socket.py, HTTP in http.py."""

from __future__ import annotations

from collections.abc import Callable

from adapters.shares import UsedNames
from adapters.slack.failures import WORKSPACE_REASONS
from adapters.slack.interactions import Interactions
from adapters.slack.people import Managers
from adapters.slack.workspaces import Workspaces
from adapters.tasks import BackgroundTasks
from bot.model import Channel
from bot.ports import Asgi, Desk

FINISH_SECONDS = 5.0
"""Time for running tasks to end before they are cancelled."""


class SlackFront:
    """Answers Slack's requests; a subclass receives them."""

    name = "slack"
    asgi: tuple[str, Asgi] | None = None

    def __init__(
        self, workspaces: Workspaces, managers: Managers, clock: Callable[[], float], names: UsedNames
    ) -> None:
        self._workspaces, self._managers, self._clock, self._names = workspaces, managers, clock, names
        self._tasks = BackgroundTasks("slack")

    async def serve(self, desk: Desk) -> None:
        """Answer requests until cancelled, then let the tasks that they began end."""
        self._workspaces.on_usable = lambda team: self._tasks.start(
            "resume", desk.back(Channel(f"slack:{team}"), WORKSPACE_REASONS)
        )
        try:
            parts = self._workspaces, self._managers, self._tasks, self._clock, self._names
            await self._receive(Interactions(desk, *parts))
        finally:
            await self._tasks.finish(FINISH_SECONDS)
            await self._workspaces.slack.close()

    async def _receive(self, interactions: Interactions) -> None:
        raise NotImplementedError
