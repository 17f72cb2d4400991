"""A token that stops working and one that works again: what it paused resumes by itself, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from adapters.slack import workspaces
from adapters.slack.client import SlackClient
from adapters.slack.installs import InstallationStore, UnreadableTokenError
from adapters.slack.manifest import manifest
from adapters.slack.outlet import SlackOutlet
from adapters.slack.workspaces import InstalledWorkspaces
from bot.errors import DeliveryError, Failure
from bot.model import Channel
from tests.contracts.outlet import say
from tests.harness.engine import eventually
from tests.harness.store import new_store
from tests.slack.fake import FakeSlack
from tests.slack.harness import InMemorySecrets, SlackBackend, config, openers, over_http, over_oauth, paperboy
from tests.slack.test_installs import installed

# slack_sdk still hands oauth.v2.access its credentials this way.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")

MANIFEST = manifest("https://paperboy.example")


async def reason(backend: SlackBackend, channel: str) -> str | None:
    """The reason of a channel's pause; None while its digest comes."""
    subscription = await backend.store.subscriptions.get(Channel(f"slack:T1/{channel}"))
    assert subscription is not None
    return subscription.pause_reason


@pytest.mark.parametrize("reported", [True, False], ids=["by an event", "by the next digest"])
async def test_after_a_reinstall_digests_come_again_but_not_in_an_archived_channel(tmp_path: Path, reported: bool):
    async with FakeSlack(manifest=MANIFEST) as slack:
        team = slack.team("T1", installed=False)
        ada = team.user("U1")
        async with paperboy(slack, tmp_path, over_oauth(slack)) as backend:
            await ada.installs(f"{backend.url}/slack/install")
            here, old = team.channel("C1", [ada]), team.channel("C2", [ada])
            for channel in (here, old):
                await ada.command("/papers", "subscribe size:3", channel)
            await ada.archives(old)
            await eventually(lambda: reason(backend, "C2"), "the channel is archived")
            if reported:
                await team.revokes_tokens()
            else:
                team.token.error = "token_revoked"
                backend.clock.advance(days=1)
                await backend.deliver()

            async def install_again() -> bool:
                return "install" in (await reason(backend, "C1") or "")

            await eventually(install_again, expected=True)
            await ada.installs(f"{backend.url}/slack/install")
            await eventually(lambda: reason(backend, "C1"), None)
            assert await reason(backend, "C2") == "the channel is archived"
            backend.clock.advance(days=1)
            await backend.deliver()
            assert len(here.thread(openers(here)[-1].ts)) == 3


@pytest.mark.parametrize("way", [config, over_http], ids=["socket", "http"])
async def test_a_new_token_in_the_settings_resumes_what_the_old_one_paused(tmp_path: Path, way):
    async with FakeSlack(manifest=manifest(None)) as slack:
        team = slack.team("T1")
        ada = team.user("U1")
        channel = team.channel("C1", [ada])
        async with paperboy(slack, tmp_path, way(slack)) as backend:
            await ada.command("/papers", "subscribe", channel)
            team.token.error = "account_inactive"
            backend.clock.advance(days=1)
            await backend.deliver()
            assert "token" in (await reason(backend, "C1") or "")
        team.install(slack.scopes)
        slack.events_to(None)
        async with paperboy(slack, tmp_path, way(slack)) as backend:
            await eventually(lambda: reason(backend, "C1"), None)


@pytest.mark.parametrize("wrong", ["mistyped", "of another workspace", "revoked before the start"])
async def test_a_wrong_token_in_the_settings_erases_nothing_and_the_right_one_goes_on(tmp_path: Path, wrong: str):
    async with FakeSlack(manifest=manifest(None)) as slack:
        team = slack.team("T1")
        ada = team.user("U1")
        channel = team.channel("C1", [ada])
        async with paperboy(slack, tmp_path, config(slack)) as backend:
            await ada.command("/papers", "subscribe size:3", channel)
        slack.events_to(None)
        tokens = {"mistyped": "xoxb-mistyped", "of another workspace": slack.team("T2").bot_token}
        if wrong not in tokens:
            team.token.error = "token_revoked"
        token = tokens.get(wrong, team.token.value)
        async with paperboy(slack, tmp_path, over_http(slack, bot_token=token)) as backend:
            backend.clock.advance(days=1)
            await backend.deliver()
            backend.clock.advance(days=40)
            await backend.engine.tidy()
            assert openers(channel) == []
            assert await backend.store.subscriptions.get(Channel("slack:T1/C1")) is not None
        if wrong not in tokens:
            team.install(slack.scopes)
        slack.events_to(None)
        async with paperboy(slack, tmp_path, config(slack)) as backend:
            await eventually(lambda: reason(backend, "C1"), None)
            backend.clock.advance(days=42)
            await backend.engine.tidy()
            await backend.deliver()
            assert len(openers(channel)) == 1


async def test_a_permission_that_is_granted_later_is_noticed(tmp_path: Path, monkeypatch):
    """Slack reports it by no event, and the token stays the same."""
    monkeypatch.setattr(workspaces, "RENEWAL_INTERVAL", 0.02)
    async with FakeSlack(manifest=manifest(None)) as slack:
        team = slack.team("T1", scopes=slack.scopes - {"chat:write"})
        ada = team.user("U1")
        channel = team.channel("C1", [ada])
        async with paperboy(slack, tmp_path, config(slack)) as backend:
            await ada.command("/papers", "subscribe", channel)
            backend.clock.advance(days=1)
            await backend.deliver()
            assert "scope" in (await reason(backend, "C1") or "")
            backend.clock.advance(days=40)
            await backend.engine.tidy()
            assert await reason(backend, "C1"), "nothing is erased for a permission"
            team.install(slack.scopes)
            await eventually(lambda: reason(backend, "C1"), None)


async def test_an_organisation_that_installs_again_resumes_its_workspaces():
    secrets, usable = InMemorySecrets(), []
    installs = InstallationStore(secrets)
    installs.on_usable = usable.append
    await installs.async_save(installed(None, "E1", org=True))
    assert usable == [], "it is not known yet which workspaces are in it"
    await installs.of("T5", "E1")
    assert usable == ["T5"]
    await installs.async_save(installed(None, "E1", org=True))
    assert usable == ["T5", "T5"]
    bot = (await installs.of("T5")).to_bot()
    await installs.async_save_bot(bot)
    assert usable == ["T5", "T5"], "a token that was renewed had not stopped working"


# --- a token that cannot be opened ---------------------------------------------------------------------------------


class Locked(InMemorySecrets):
    """Secrets without the key that opens them."""

    async def get(self, name: str) -> str | None:
        return None


@pytest.mark.parametrize("stored", ["slack/team/T1", "slack/member/T1"])
async def test_a_token_that_cannot_be_opened_is_no_workspace_that_left(stored: str):
    access = InstalledWorkspaces(SlackClient("https://slack.test/api/"), InstallationStore(Locked({stored: "sealed"})))
    with pytest.raises(DeliveryError, match="PAPERBOY_SECRET_KEY") as raised:
        await SlackOutlet(access.client).post(Channel("slack:T1/C1"), say("x"), under=None, key="k")
    assert raised.value.kind is Failure.LATER
    assert await access.bot("T1", None) is None
    with pytest.raises(LookupError):
        await access.client("T2")
    await access.slack.close()


async def test_one_token_that_cannot_be_opened_stops_no_other(caplog):
    secrets = InMemorySecrets()
    await InstallationStore(secrets).async_save(installed("T1"))
    secrets.texts |= {"slack/team/T2": "{", "slack/team/T3": '{"no": "installation"}'}
    store = InstallationStore(secrets)
    assert [install.team_id for install in await store.all()] == ["T1"]
    assert [line.split("secret=")[1] for line in caplog.messages] == ["slack/team/T2", "slack/team/T3"]
    with pytest.raises(UnreadableTokenError):
        await store.of("T2")


async def test_a_lost_key_pauses_and_erases_nothing(tmp_path: Path):
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    path = tmp_path / "sealed.db"
    with new_store(path, keys=keys[:1]) as store:
        await InstallationStore(store.secrets).async_save(installed("T1"))
    with new_store(path, keys=keys[1:]) as store:
        access = InstalledWorkspaces(SlackClient("https://slack.test/api/"), InstallationStore(store.secrets))
        with pytest.raises(UnreadableTokenError):
            await access.client("T1")
    with new_store(path, keys=keys[::-1]) as store:
        assert (await InstallationStore(store.secrets).of("T1")).bot_token == "xoxb-1"
