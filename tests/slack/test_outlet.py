"""The outlet against a Slack on loopback: the promises of every outlet, and Slack's own ways to fail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.failures import FAILURES
from adapters.slack.outlet import SlackOutlet
from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import Channel, Ref
from tests.contracts.outlet import OutletContract, say
from tests.slack.fake import DROP, DROP_AFTER, GARBAGE_AFTER, HANG_AFTER, FakeSlack, Fault, Posted

HERE = Channel("slack:T1/C1")


class Hours:
    """Seconds that pass only while something sleeps."""

    def __init__(self, slack: FakeSlack) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self._slack = slack

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)
        self._slack.later(seconds)


class OnSlack:
    """A workspace T1 with a channel C1, an outlet into it, and a person who reads there."""

    channel = HERE

    def __init__(self, slack: FakeSlack, session: aiohttp.ClientSession, *, internal_app: bool = True) -> None:
        self.slack, self.session = slack, session
        self.hours = Hours(slack)
        self.alice = slack.team().user("U1")
        self.c1 = slack.team().channel("C1", members=[self.alice])
        self.teams: list[str] = []
        self.outlet = SlackOutlet(self.client, internal_app=internal_app, sleep=self.hours.sleep, clock=self.hours)

    async def client(self, team: str) -> AsyncWebClient:
        self.teams.append(team)
        token = self.slack.teams[team].bot_token
        return AsyncWebClient(token, self.slack.api_url, session=self.session, retry_handlers=[])

    def shown(self, posts: list[Posted]) -> list[str]:
        return [post.shown for post in posts if not post.deleted]

    async def roots(self) -> list[str]:
        return self.shown(self.c1.roots)

    async def replies(self, root: int) -> list[str]:
        return self.shown(self.c1.thread(self.c1.roots[root].ts))

    async def is_gone(self, ref: Ref, text: str) -> bool:
        return not any(post.ts == ref for post in self.c1.messages if not post.deleted)

    def pings(self, shown: str) -> bool:
        """The fake noted them while it took the post; a text by itself is judged as mrkdwn."""
        return bool(self.slack.pings) if self.slack.posts else "<!channel>" in shown

    def fails_next(self) -> bool:
        self.slack.fails("chat.postMessage", Fault.wait(30))
        return True


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as slack:
        yield slack


@pytest.fixture
async def session(request: pytest.FixtureRequest) -> AsyncIterator[aiohttp.ClientSession]:
    """Connections that wait a minute, and a second where Slack hangs."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    seconds = 1 if HANG_AFTER in parameters.values() else 60
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds)) as session:
        yield session


@pytest.fixture
def on_slack(slack: FakeSlack, session: aiohttp.ClientSession) -> OnSlack:
    return OnSlack(slack, session)


class TestTheContract(OutletContract):
    @pytest.fixture
    def platform(self, on_slack: OnSlack) -> OnSlack:
        return on_slack


def since() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


async def post(
    on: OnSlack, text: str = "Hello", *, under: Ref | None = None, key: str = "k", to: Channel = HERE
) -> Ref:
    return await on.outlet.post(to, say(text), under=under, key=key)


async def find(on: OnSlack, key: str, *, under: Ref | None = None, to: Channel = HERE) -> Ref | None:
    return await on.outlet.find(to, key, under=under, since=since())


# --- posting -------------------------------------------------------------------------------------------------------


async def test_a_post_carries_its_key_and_unfurls_nothing(on_slack: OnSlack):
    ref = await post(on_slack, key="pb1")
    [posted] = on_slack.c1.roots
    assert posted.ts == ref
    assert posted.raw["metadata"] == {"event_type": "paperboy_delivery", "event_payload": {"key": "pb1"}}
    assert posted.arguments["unfurl_links"] is posted.arguments["unfurl_media"] is False


async def test_a_reply_stays_in_its_thread(on_slack: OnSlack):
    opener = await post(on_slack)
    await post(on_slack, "Reply", under=opener)
    assert len(on_slack.c1.roots) == 1
    assert on_slack.c1.thread(opener)[0].arguments["reply_broadcast"] is False


async def test_a_person_is_written_to_directly_and_the_conversation_opened_once(on_slack: OnSlack):
    alice = Channel("slack:T1/U1")
    first = await post(on_slack, "One", to=alice)
    await post(on_slack, "Two", under=first, to=alice)
    assert [each.shown for each in on_slack.alice.dm.messages] == ["One", "Two"]
    assert len(on_slack.slack.calls("conversations.open")) == 1
    assert await find(on_slack, "k", to=alice) == first
    await on_slack.outlet.retract(alice, first)


@pytest.mark.parametrize("what", ["opener", "reply", "direct message"])
async def test_a_message_is_claimed_directly_before_it_is_sent(on_slack: OnSlack, what: str):
    under = await post(on_slack, "Opener") if what == "reply" else None
    to = Channel("slack:T1/U1") if what == "direct message" else HERE
    on_slack.slack.team("T1").user("U1")
    claimed: list[int] = []

    async def claim() -> None:
        claimed.append(len(on_slack.slack.calls()))

    await on_slack.outlet.post(to, say("Claimed"), under=under, key="k", claim=claim)
    [before] = claimed
    assert [call.method for call in on_slack.slack.calls()[before:]] == ["chat.postMessage"]


async def test_each_workspace_is_spoken_to_with_its_own_token(on_slack: OnSlack):
    on_slack.slack.team("T2").channel("C2")
    await post(on_slack, "One")
    await post(on_slack, "Two", to=Channel("slack:T2/C2"))
    assert [(call.team, call.error) for call in on_slack.slack.calls("chat.postMessage")] == [
        ("T1", None),
        ("T2", None),
    ]
    assert on_slack.teams == ["T1", "T2"]


async def test_a_workspace_without_a_token_is_closed_and_not_gone(on_slack: OnSlack):
    with pytest.raises(DeliveryError) as caught:
        await post(on_slack, to=Channel("slack:T9/C1"))
    assert caught.value.kind is Failure.WORKSPACE_CLOSED


@pytest.mark.parametrize("address", ["slack:T1", "discord:T1/C1", "slack:/C1", ""])
async def test_what_is_no_slack_address_is_no_channel(on_slack: OnSlack, address: str):
    with pytest.raises(DeliveryError) as caught:
        await post(on_slack, to=Channel(address))
    assert caught.value.kind is Failure.CHANNEL_GONE


async def test_a_client_that_would_repeat_posts_by_itself_is_not_used(on_slack: OnSlack):
    async def careless(team: str) -> AsyncWebClient:
        return AsyncWebClient("xoxb-1")

    with pytest.raises(RuntimeError, match="retries must be off"):
        await SlackOutlet(careless).post(HERE, say("x"), under=None, key="k")


# --- failing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", FAILURES)
async def test_every_code_has_its_consequence_and_a_sentence(on_slack: OnSlack, code: str):
    on_slack.slack.fails("chat.postMessage", code)
    with pytest.raises(DeliveryError) as caught:
        await post(on_slack)
    assert caught.value.kind is FAILURES[code].kind
    assert caught.value.reason.startswith(FAILURES[code].reason)
    assert len(caught.value.reason) > 15
    assert code not in caught.value.reason


KINDS: list[tuple[Fault | str, Failure, float | None]] = [
    ("channel_not_found", Failure.CHANNEL_GONE, None),
    ("is_archived", Failure.CHANNEL_GONE, None),
    ("not_in_channel", Failure.CHANNEL_GONE, None),
    ("restricted_action", Failure.CHANNEL_GONE, None),
    ("account_inactive", Failure.WORKSPACE_GONE, None),
    ("token_revoked", Failure.WORKSPACE_GONE, None),
    *(
        (code, Failure.LATER, None)
        for code in ("invalid_auth", "not_authed", "token_expired", "not_allowed_token_type")
    ),
    ("missing_scope", Failure.WORKSPACE_CLOSED, None),
    ("access_denied", Failure.WORKSPACE_CLOSED, None),
    ("invalid_blocks", Failure.MESSAGE_REFUSED, None),
    ("something_new", Failure.MESSAGE_REFUSED, None),
    ("service_unavailable", Failure.LATER, None),
    (Fault.wait(30), Failure.LATER, 30.0),
    (Fault.status(503), Failure.LATER, None),
    (Fault.status(500), Failure.UNKNOWN, None),
    (Fault.status(200), Failure.UNKNOWN, None),
    ("internal_error", Failure.UNKNOWN, None),
    ("fatal_error", Failure.UNKNOWN, None),
    (DROP, Failure.UNKNOWN, None),
    (DROP_AFTER, Failure.UNKNOWN, None),
    (GARBAGE_AFTER, Failure.UNKNOWN, None),
    (HANG_AFTER, Failure.UNKNOWN, None),
]


@pytest.mark.parametrize(("fault", "kind", "wait"), KINDS)
async def test_what_follows_from_a_failure(on_slack: OnSlack, fault: Fault | str, kind: Failure, wait: float | None):
    on_slack.slack.fails("chat.postMessage", fault)
    with pytest.raises(DeliveryError) as caught:
        await post(on_slack)
    assert (caught.value.kind, caught.value.retry_after) == (kind, wait)
    assert len(on_slack.slack.calls("chat.postMessage")) == 1, "nothing is repeated by itself"


async def test_a_refused_connection_is_tried_again_later_for_nothing_was_sent(session: aiohttp.ClientSession):
    async def nowhere(team: str) -> AsyncWebClient:
        return AsyncWebClient("xoxb-1", "http://127.0.0.1:9/api/", session=session, retry_handlers=[])

    with pytest.raises(DeliveryError) as caught:
        await SlackOutlet(nowhere).post(HERE, say("x"), under=None, key="k")
    assert caught.value.kind is Failure.LATER


async def test_a_missing_scope_is_named(on_slack: OnSlack):
    team = on_slack.slack.team("T2", scopes=["commands"])
    team.channel("C2")
    with pytest.raises(DeliveryError, match=r"install the app again with its manifest \(chat:write\)") as caught:
        await post(on_slack, to=Channel("slack:T2/C2"))
    assert caught.value.kind is Failure.WORKSPACE_CLOSED


async def test_a_conversation_that_could_not_be_opened_leaves_nothing_in_doubt(on_slack: OnSlack):
    on_slack.slack.fails("conversations.open", DROP_AFTER)
    with pytest.raises(DeliveryError) as caught:
        await post(on_slack, to=Channel("slack:T1/U1"))
    assert caught.value.kind is Failure.LATER


async def test_no_token_is_in_any_reason(on_slack: OnSlack):
    on_slack.slack.fails("chat.postMessage", Fault.error("xoxb-T1 " * 50))
    with pytest.raises(DeliveryError) as caught:
        await post(on_slack)
    assert len(str(caught.value)) < 120


# --- finding -------------------------------------------------------------------------------------------------------


async def test_a_post_that_broke_off_is_found(on_slack: OnSlack):
    on_slack.slack.fails("chat.postMessage", DROP_AFTER)
    with pytest.raises(DeliveryError):
        await post(on_slack, key="pb1")
    assert await find(on_slack, "pb1") == on_slack.c1.roots[0].ts


async def test_a_reply_is_found_in_its_thread_and_not_in_another(on_slack: OnSlack):
    one, two = await post(on_slack, key="a"), await post(on_slack, key="b")
    reply = await post(on_slack, under=two, key="c")
    assert await find(on_slack, "c", under=two) == reply
    assert await find(on_slack, "c", under=one) is None
    assert await find(on_slack, "c") is None


async def test_a_reply_under_a_deleted_opener_never_arrived(on_slack: OnSlack):
    assert await find(on_slack, "c", under=Ref("1700000000.000100")) is None


async def test_somebody_elses_message_with_our_key_is_not_ours(on_slack: OnSlack):
    ref = await post(on_slack, key="other")
    posted = on_slack.c1.find(ref)
    assert posted is not None
    posted.raw |= {"bot_id": "BELSE", "user": "UELSE"}
    posted.raw |= {"metadata": {"event_type": "paperboy_delivery", "event_payload": {"key": "pb1"}}}
    assert await find(on_slack, "pb1") is None


@pytest.mark.parametrize("absent", ["bot_id", "user"])
async def test_a_message_is_ours_by_its_bot_or_by_its_user(on_slack: OnSlack, absent: str):
    ref = await post(on_slack, key="pb1")
    del on_slack.c1.roots[0].raw[absent]
    assert await find(on_slack, "pb1") == ref


async def test_after_a_reinstall_with_other_ids_messages_are_still_ours(on_slack: OnSlack):
    assert await find(on_slack, "pb1") is None
    team = on_slack.slack.team()
    team.token.error, team.bot_id = "token_revoked", "B2T1"
    team.install(on_slack.slack.scopes)
    ref = await post(on_slack, key="pb2")
    del on_slack.c1.roots[0].raw["user"]
    assert await find(on_slack, "pb2") == ref


async def test_only_messages_since_then_are_read(on_slack: OnSlack):
    await post(on_slack, key="pb1")
    later = datetime.now(UTC) + timedelta(hours=1)
    assert await on_slack.outlet.find(HERE, "pb1", under=None, since=later) is None


async def test_other_apps_are_paged_through_once_a_minute(session: aiohttp.ClientSession):
    async with FakeSlack(internal=False) as slack:
        on_slack = OnSlack(slack, session, internal_app=False)
        first = await post(on_slack, key="pb1")
        for n in range(40):
            on_slack.alice.says(on_slack.c1, f"message {n}")
        assert await find(on_slack, "pb1") == first
        assert await find(on_slack, "pb1") == first
        assert on_slack.hours.slept == [60.0] * 5
        assert await find(on_slack, "x", under=first) is None, "replies have a pace of their own"
        assert on_slack.hours.slept == [60.0] * 5


async def test_an_app_of_the_workspace_does_not_wait(on_slack: OnSlack):
    await post(on_slack)
    assert [await find(on_slack, "x") for _ in range(3)] == [None] * 3
    assert on_slack.hours.slept == []


FORBIDDEN = ["missing_scope", "not_in_channel", "channel_not_found", "no_permission", "token_revoked"]


@pytest.mark.parametrize("code", FORBIDDEN)
async def test_who_may_not_look_cannot_tell(on_slack: OnSlack, code: str):
    on_slack.slack.fails("conversations.history", code)
    with pytest.raises(CannotTell):
        await find(on_slack, "pb1")


PASSING = [Fault.status(500), Fault.status(503), DROP, HANG_AFTER, "internal_error", Fault.wait(7)]


@pytest.mark.parametrize("fault", PASSING)
async def test_a_look_that_failed_is_repeated_later(on_slack: OnSlack, fault: Fault | str):
    on_slack.slack.fails("conversations.history", fault, times=2)  # a dropped GET is asked once more by aiohttp
    with pytest.raises(DeliveryError) as caught:
        await find(on_slack, "pb1")
    assert caught.value.kind is Failure.LATER
    assert not isinstance(caught.value, CannotTell)


# --- taking back ---------------------------------------------------------------------------------------------------


async def test_taking_back_what_is_gone_already_is_fine(on_slack: OnSlack):
    ref = await post(on_slack)
    await on_slack.outlet.retract(HERE, ref)
    await on_slack.outlet.retract(HERE, ref)
    assert await on_slack.roots() == []


async def test_a_message_that_may_not_be_deleted_is_said_to_be(on_slack: OnSlack):
    ref = await post(on_slack)
    on_slack.slack.fails("chat.delete", "cant_delete_message")
    with pytest.raises(DeliveryError) as caught:
        await on_slack.outlet.retract(HERE, ref)
    assert caught.value.kind is Failure.MESSAGE_REFUSED


async def test_it_says_who_is_in_a_channel(on_slack: OnSlack):
    ben, cay = (on_slack.slack.team().user(name) for name in ("U2", "U3"))
    on_slack.c1.members |= {f"U{number}" for number in range(1_000, 2_100)}
    await is_in_channel(on_slack, "U1", expected=True)
    await is_in_channel(on_slack, ben.id, expected=False)
    calls = len(on_slack.slack.calls("conversations.members"))
    assert calls == 1 + 2, "of a thousand people a page, until the person is found"
    on_slack.c1.members.add(ben.id)
    await is_in_channel(on_slack, ben.id, expected=False)
    assert len(on_slack.slack.calls("conversations.members")) == calls, "the answer is kept for some minutes"
    on_slack.c1.members.add(cay.id)
    cay.deactivated = True
    await is_in_channel(on_slack, cay.id, expected=False)
    directly = Channel("slack:T1/D7")
    assert await on_slack.outlet.is_member(directly, Channel("slack:T1/U2"))
    assert not await on_slack.outlet.is_member(directly, Channel("slack:T1/U3")), "the account is closed"


async def test_it_says_where_it_cannot_know_who_is_in_a_channel(on_slack: OnSlack):
    for code, kind in (("channel_not_found", Failure.CHANNEL_GONE), ("ratelimited", Failure.LATER)):
        on_slack.slack.fails("conversations.members", code)
        with pytest.raises(DeliveryError) as failed:
            await on_slack.outlet.is_member(HERE, Channel("slack:T1/U1"))
        assert failed.value.kind is kind
    on_slack.slack.fails("users.info", "user_not_found")
    assert not await on_slack.outlet.is_member(HERE, Channel("slack:T1/U2")), "it is no account of the workspace"
    on_slack.slack.fails("conversations.members", "missing_scope")
    with pytest.raises(CannotTell):
        await on_slack.outlet.is_member(HERE, Channel("slack:T1/U1"))


async def test_a_channel_of_more_people_than_are_read_tells_only_of_those(
    on_slack: OnSlack, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("adapters.slack.members.MAX_PAGES", 1)
    on_slack.slack.team().user("U2")
    on_slack.c1.members |= {f"U{number}" for number in range(1_000, 2_100)}
    await is_in_channel(on_slack, "U1", expected=True)
    with pytest.raises(CannotTell):
        await on_slack.outlet.is_member(HERE, Channel("slack:T1/U2"))


async def is_in_channel(on: OnSlack, user: str, *, expected: bool) -> None:
    assert await on.outlet.is_member(HERE, Channel(f"slack:T1/{user}")) is expected
