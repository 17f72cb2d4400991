"""Profiles from users.info: asked for once in ten minutes, and again after a failure."""

from __future__ import annotations

from typing import Any, cast

from adapters.slack.origin import Origin
from adapters.slack.people import CACHE_SECONDS, SlackUsers


class Client:
    """A Web API client whose first call fails."""

    def __init__(self) -> None:
        self.calls = 0

    async def users_info(self, user: str) -> dict[str, Any]:
        self.calls += 1
        if self.calls == 1:
            raise TimeoutError
        return {"user": {"id": user, "tz": "Europe/Berlin", "team_id": "T1"}}


async def test_a_profile_is_loaded_once_until_it_expires_and_a_failed_load_is_not_stored():
    client, now = Client(), [0.0]
    users = SlackUsers("members", clock=lambda: now[0])
    origin = Origin(cast("Any", client), "T1", "C1", "U1")
    assert await users.profile(origin) is None
    profiles = [await users.profile(origin) for _ in range(3)]
    assert {profile.timezone for profile in profiles if profile} == {"Europe/Berlin"}
    assert len(list(filter(None, profiles))) == 3
    assert client.calls == 2
    now[0] = CACHE_SECONDS
    assert await users.profile(origin) == profiles[0]
    assert client.calls == 3
