"""Stored installations, and OAuth states."""

from __future__ import annotations

import asyncio
import time

import pytest
from itsdangerous.encoding import base64_decode, base64_encode, bytes_to_int, int_to_bytes
from slack_sdk.oauth.installation_store.models.installation import Installation

from adapters.slack.client import SlackClient
from adapters.slack.installs import InstallationStore
from adapters.slack.manifest import manifest
from adapters.slack.states import VALID_SECONDS, OAuthStates
from adapters.slack.workspaces import InstalledWorkspaces
from tests.harness.engine import eventually
from tests.slack.fake import FakeSlack
from tests.slack.harness import InMemorySecrets, over_oauth, paperboy


def installed(team: str | None = "T1", enterprise: str | None = None, *, org: bool = False, token: str = "xoxb-1"):
    return Installation(
        app_id="A1",
        team_id=team,
        enterprise_id=enterprise,
        bot_token=token,
        bot_id="B1",
        bot_user_id="UB",
        bot_scopes=["chat:write"],
        user_id="U1",
        user_token="xoxp-secret",
        incoming_webhook_url="https://hooks.example/secret",
        is_enterprise_install=org,
    )


@pytest.fixture
def secrets() -> InMemorySecrets:
    return InMemorySecrets()


@pytest.fixture
def installs(secrets: InMemorySecrets) -> InstallationStore:
    return InstallationStore(secrets)


async def test_an_installation_is_found_again_by_another_process(secrets, installs):
    await installs.async_save(installed())
    install = await InstallationStore(secrets).of("T1")
    assert install is not None
    assert (install.bot_token, install.bot_user_id, install.bot_scopes) == ("xoxb-1", "UB", ["chat:write"])
    [stored] = await InstallationStore(secrets).all()
    assert stored.to_bot().bot_token == "xoxb-1"


async def test_nothing_but_what_the_bot_needs_is_kept(secrets, installs):
    await installs.async_save(installed())
    assert "secret" not in str(secrets.texts)
    install = await installs.of("T1")
    assert (install.user_token, install.incoming_webhook_url) == (None, None)


async def test_a_second_installation_takes_the_place_of_the_first(installs):
    await installs.async_save(installed())
    assert (await installs.of("T1")).bot_token == "xoxb-1"
    await installs.async_save(installed(token="xoxb-2"))
    assert (await installs.of("T1")).bot_token == "xoxb-2"


async def test_no_workspace_gets_anothers_token(secrets, installs):
    await installs.async_save(installed("T1", token="xoxb-1"))
    await installs.async_save(installed("T2", "E1", token="xoxb-2"))
    assert await installs.of("T3") is None
    assert await installs.of("T3", "E1") is None, "a neighbour in the organisation is not the organisation"
    assert await installs.of(None, "E1") is None
    secrets.texts["slack/team/T3"] = secrets.texts["slack/team/T1"]
    assert await InstallationStore(secrets).of("T3") is None, "nor if somebody moved it there"
    assert await InstallationStore(secrets).of("T3", "E2") is None


async def test_an_organisations_installation_speaks_for_its_workspaces(secrets, installs):
    await installs.async_save(installed(None, "E1", org=True))
    assert await installs.of("T5") is None, "nobody knows yet that T5 is in E1"
    assert (await installs.of("T5", "E1")).bot_token == "xoxb-1"
    assert (await InstallationStore(secrets).of("T5")).bot_token == "xoxb-1", "posting knows the workspace alone"
    assert await installs.of("T6", "E2") is None
    assert await installs.forget("T5", "E1", whole_org=True) == ("T5",)
    assert await installs.of("T5") is None
    assert secrets.texts == {}


async def test_forgetting_deletes_one_workspace_and_says_which(secrets, installs):
    await installs.async_save(installed("T1"))
    await installs.async_save(installed("T2", token="xoxb-2"))
    assert await installs.forget("T1", None, whole_org=False) == ("T1",)
    assert await installs.forget("T1", None, whole_org=False) == ()
    assert list(secrets.texts) == ["slack/team/T2"]


# slack_sdk 3.47 still hands oauth.v2.access its credentials this way.
@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_the_sdk_saves_installations_and_asks_for_nothing_else(secrets, monkeypatch, tmp_path):
    """The store has no searches and deletions: Paperboy authorizes requests and handles removals itself."""

    async def unexpected(*args: object, **kwargs: object) -> None:
        raise AssertionError("the SDK calls a method that InstallationStore does not have")

    for name in ("find_bot", "find_installation", "delete_bot", "delete_installation", "delete_all"):
        monkeypatch.setattr(InstallationStore, f"async_{name}", unexpected)
    async with FakeSlack(manifest=manifest("https://paperboy.example")) as slack:
        ada = slack.team("T1", installed=False).user("U1")
        async with paperboy(slack, tmp_path, over_oauth(slack), secrets) as backend:
            status, page = await ada.installs(f"{backend.url}/slack/install")
            assert status == 200, page
            assert "Trending" in (await ada.command("/papers", "today", slack.team("T1").channel("C1", [ada]))).text

            async def stored() -> bool:
                return "slack/team/T1" in secrets.texts

            revoked = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}
            await slack.event(slack.team("T1"), revoked)
            await backend.settled()
            assert await stored(), "one user's token is not the bot's"
            await slack.team("T1").revokes_tokens()
            await eventually(stored, expected=False)


async def test_a_renewed_token_is_kept(installs):
    await installs.async_save(installed())
    bot = (await installs.of("T1")).to_bot()
    bot.bot_token = "xoxb-renewed"
    await installs.async_save_bot(bot)
    install = await installs.of("T1")
    assert (install.bot_token, install.user_id) == ("xoxb-renewed", "U1")


@pytest.mark.parametrize("broken", [installed(None), installed("T1", token=""), installed(None, None, org=True)])
async def test_an_installation_of_nothing_is_refused(installs, broken):
    with pytest.raises(ValueError, match="cannot be kept"):
        await installs.async_save(broken)


async def test_a_client_is_given_for_an_installed_workspace_alone(installs):
    await installs.async_save(installed("T1"))
    access = InstalledWorkspaces(SlackClient("https://slack.test/api/"), installs)
    assert (await access.client("T1")).token == "xoxb-1"
    assert (await access.bot("T1", None))["bot_user_id"] == "UB"
    assert await access.bot("T2", None) is None
    with pytest.raises(LookupError):
        await access.client("T2")
    await access.slack.close()


# slack_sdk 3.47 still hands oauth.v2.access its credentials this way.
@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_a_token_that_ends_is_renewed_before_it_does_and_others_are_left_alone(secrets, installs, caplog):
    async with FakeSlack() as slack:
        soon = int(time.time()) + 60
        for team, refresh in (("T1", "xoxe-T1"), ("T2", "xoxe-made-up")):
            token = installed(team, token=slack.team(team).bot_token)
            token.bot_token_expires_at, token.bot_refresh_token = soon, refresh
            await installs.async_save(token)
        await installs.async_save(installed("T3", token=slack.team("T3").bot_token))
        app = {"client_id": slack.client_id, "client_secret": slack.client_secret}
        access = InstalledWorkspaces(SlackClient(slack.api_url), installs, **app)
        staying = asyncio.create_task(access.maintain())

        async def renewal_failed() -> bool:
            return "a token was not renewed workspace=T2 reason='invalid_refresh_token'" in caplog.messages

        await eventually(renewal_failed, expected=True)
        staying.cancel()
        for team in ("T1", "T3"):
            assert (await (await access.client(team)).auth_test())["team_id"] == team
        renewed = await InstallationStore(secrets).of("T1")
        assert renewed.bot_token_expires_at > soon + 40_000
        assert "xoxe" not in caplog.text
        assert len(slack.calls("oauth.v2.access")) == 2, "T3's does not end"
        await access.slack.close()


# --- states ------------------------------------------------------------------------------------------------------


class Time:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


async def test_a_state_is_taken_once_even_by_two_at_the_same_time(secrets):
    states = OAuthStates(secrets, "secret", clock=Time())
    state = await states.async_issue()
    assert not secrets.used, "opening the install page writes nothing"
    assert sorted(await asyncio.gather(*(states.async_consume(state) for _ in range(3)))) == [False, False, True]
    assert await OAuthStates(secrets, "secret", clock=Time()).async_consume(state) is False, "nor after a restart"


async def test_a_state_ends(secrets):
    time = Time()
    states = OAuthStates(secrets, "secret", clock=time)
    late, used = await states.async_issue(), await states.async_issue()
    assert await states.async_consume(used)
    time.now += VALID_SECONDS + 2
    assert not await states.async_consume(late)
    assert not await states.async_consume(used)
    assert await states.async_consume(await states.async_issue())
    assert secrets.texts == {}


@pytest.mark.parametrize("state", ["", ".", "..", "a.b.c", "x" * 5_000, "é.1.ß", None])
async def test_a_state_somebody_made_up_is_refused(secrets, state):
    assert not await OAuthStates(secrets, "secret", clock=Time()).async_consume(state)


async def test_a_state_of_another_app_or_with_a_later_end_is_refused(secrets):
    states = OAuthStates(secrets, "secret", clock=Time())
    state = await states.async_issue()
    assert not await OAuthStates(secrets, "other", clock=Time()).async_consume(state)
    nonce, issued, signature = state.split(".")
    later = base64_encode(int_to_bytes(bytes_to_int(base64_decode(issued)) + 9)).decode()
    assert not await states.async_consume(f"{nonce}.{later}.{signature}")
    assert await states.async_consume(state)
