"""`paperboy doctor` for Slack: tokens, permissions and membership, each with the remedy."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.slack import examine
from adapters.slack.manifest import SCOPES
from bot import settings
from bot.model import Channel, Check
from tests.slack.fake import FakeSlack
from tests.slack.harness import InMemorySecrets


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeSlack]:
    """A workspace that knows the tokens in the environment."""
    async with FakeSlack(scopes=tuple(SCOPES)) as slack:
        team = slack.team("T1")
        monkeypatch.setenv("SLACK_BOT_TOKEN", team.bot_token)
        monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
        monkeypatch.setenv("PAPERBOY_SLACK_API_URL", slack.api_url)
        yield slack


class Shut(InMemorySecrets):
    """A SecretStore whose key is another one."""

    async def get(self, name: str) -> str | None:
        return None


async def examined(*channels: str, secrets: InMemorySecrets | None = None) -> list[Check]:
    return await examine(settings.load(), secrets, [Channel(channel) for channel in channels])


async def test_without_a_token_there_is_nothing_to_say() -> None:
    assert await examined() == []


async def test_a_workspace_that_is_well_connected_has_no_fault(slack: FakeSlack) -> None:
    team = slack.team("T1")
    ada = team.user("U1")
    team.channel("C1", members=[ada], bot=True)
    checks = await examined("slack:T1/C1", "slack:T2/C9", "slack:T1/U1")
    assert [check for check in checks if check.fault] == []
    assert any(check.subject == "slack T1" for check in checks)
    (other,) = [check for check in checks if check.subject == "slack T2"]
    assert "SLACK_BOT_TOKEN" in other.remedy


async def test_a_permission_that_may_be_left_out_is_named_and_no_fault(slack: FakeSlack) -> None:
    (check,) = [check for check in await examined() if "files:write" in check.result]
    assert not check.fault
    slack.team("T1").install({*SCOPES, "files:write"})
    assert not [check for check in await examined() if "files:write" in check.result]


async def test_a_channel_it_was_not_invited_to_is_named_with_the_invitation(slack: FakeSlack) -> None:
    team = slack.team("T1")
    team.channel("C2", members=[team.user("U1")], bot=False)
    (check,) = [check for check in await examined("slack:T1/C2") if check.fault]
    assert "slack:T1/C2" in check.subject
    assert "/invite @Paperboy" in check.remedy


async def test_a_token_that_is_refused_is_named_and_never_shown(slack: FakeSlack, monkeypatch) -> None:
    wrong = "xoxb-" + "wrong-token-of-somebody"
    monkeypatch.setenv("SLACK_BOT_TOKEN", wrong)
    faults = [check for check in await examined() if check.fault]
    assert any("SLACK_BOT_TOKEN" in check.remedy for check in faults)
    assert wrong not in str(faults)


async def test_what_is_missing_from_the_settings_is_named(monkeypatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-" + "1")
    faults = await examined()
    assert any("SLACK_APP_TOKEN is missing" in check.result for check in faults)


async def test_an_oauth_app_without_installations_says_where_to_go(slack: FakeSlack, monkeypatch) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    monkeypatch.delenv("SLACK_APP_TOKEN")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "s" * 32)
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "c" * 32)
    (check,) = await examined(secrets=InMemorySecrets())
    assert not check.fault
    assert "/slack/install" in check.remedy
    (check,) = await examined(secrets=Shut({"slack/team/T1": "…"}))
    assert "PAPERBOY_SECRET_KEY" in check.remedy
