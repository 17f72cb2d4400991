"""Discord as an outlet, over real HTTP, against a fake that refuses what Discord refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from discord.http import Ratelimit

from adapters.discord import DiscordClient, DiscordOutlet
from adapters.discord.manifest import PERMISSIONS
from bot.errors import CannotTell, DeliveryError, Failure
from bot.model import Channel, Ref
from tests.contracts.outlet import OutletContract, say
from tests.discord.fake import (
    ALL,
    DROP,
    DROP_AFTER,
    FORUM,
    GARBAGE_AFTER,
    HISTORY,
    IN_THREADS,
    SEND,
    THREADS,
    TOKEN,
    VIEW,
    FakeDiscord,
    Posted,
)
from tests.harness.engine import eventually

HERE = Channel("discord:1001/2001")
ADA = Channel("discord:@/42")


class OnDiscord:
    """A server with a channel, and an outlet into it."""

    channel = HERE

    def __init__(self, discord: FakeDiscord) -> None:
        self.discord = discord
        discord.guild("1001", "2001")
        self.fake_channel = discord.channels["2001"]
        self.client = DiscordClient(TOKEN, discord.api_url)
        self.outlet = DiscordOutlet(self.client)

    def thread(self, opener: Ref) -> list[Posted]:
        """Replies of a message."""
        thread = self.discord.channels.get(str(opener))
        return thread.messages if thread else []

    async def roots(self) -> list[str]:
        return [post.text for post in self.fake_channel.messages]

    async def replies(self, root: int) -> list[str]:
        return [post.text for post in self.thread(Ref(self.fake_channel.messages[root].id))]

    async def is_gone(self, ref: Ref, text: str) -> bool:
        return self.fake_channel.find(str(ref)) is None

    def pings(self, shown: str) -> bool:
        return bool(self.discord.pings or self.discord.mentions) if self.discord.posts else "@everyone" in shown

    def fails_next(self) -> bool:
        self.discord.fails("POST", "/messages", 503)
        return True

    def calls(self, method: str, path: str) -> int:
        """Number of requests whose path contains `path`."""
        return sum(method == used and path in url for used, url in self.discord.requests)

    async def post(self, text: str = "Hello", *, under: Ref | None = None, key: str = "", to: Channel = HERE) -> Ref:
        return await self.outlet.post(to, say(text), under=under, key=key or "".join(filter(str.isalnum, text)))

    async def find(self, key: str, *, under: Ref | None = None, to: Channel = HERE) -> Ref | None:
        return await self.outlet.find(to, key, under=under, since=datetime.now(UTC) - timedelta(hours=1))


@pytest.fixture
async def on() -> AsyncIterator[OnDiscord]:
    async with FakeDiscord() as discord:
        platform = OnDiscord(discord)
        yield platform
        await platform.client.close()


class TestTheContract(OutletContract):
    @pytest.fixture
    def platform(self, on: OnDiscord) -> OnDiscord:
        return on


# --- threads -------------------------------------------------------------------------------------------------------


async def test_a_thread_starts_with_the_first_reply_and_is_named_after_its_openers_title(on: OnDiscord):
    opener = await on.post("Trending papers · Sun 22 Nov")
    assert str(opener) not in on.discord.channels, "a message alone starts no thread"
    for number in range(3):
        await on.post(f"Reply {number}", under=opener)
    assert on.discord.channels[str(opener)].name == "Trending papers · Sun 22 Nov"
    assert [post.text for post in on.thread(opener)] == ["Reply 0", "Reply 1", "Reply 2"]
    assert on.calls("POST", "/threads") == 1


async def test_another_process_takes_a_thread_over_and_starts_a_missing_one(on: OnDiscord):
    first, second = await on.post("One"), await on.post("Two")
    await on.post("Reply", under=first)
    later = DiscordOutlet(on.client)
    await later.post(HERE, say("Reply again"), under=first, key="a")
    await later.post(HERE, say("Late reply"), under=second, key="b")
    assert [post.text for post in on.thread(first)] == ["Reply", "Reply again"]
    assert on.discord.channels[str(second)].name == "Two"


async def test_an_opener_or_thread_that_was_deleted_ends_the_thread(on: OnDiscord):
    opener, other = await on.post("One"), await on.post("Two")
    await on.outlet.retract(HERE, opener)
    assert await failure(on, under=opener) is Failure.THREAD_GONE
    await on.post("Reply", under=other)
    del on.discord.channels[str(other)]
    assert await failure(on, under=other) is Failure.THREAD_GONE


async def test_in_direct_messages_replies_point_to_their_opener(on: OnDiscord):
    opener = await on.post("One", to=ADA)
    await on.post("Two", under=opener, to=ADA)
    first, second = on.discord.dm("42").messages
    assert (first.text, second.text) == ("One", "Two")
    assert second.raw["message_reference"]["message_id"] == opener
    assert on.calls("POST", "/users/@me/channels") == 1
    assert await on.find("One", to=ADA) == opener


# --- once only -----------------------------------------------------------------------------------------------------


async def test_a_repeat_within_minutes_is_the_same_message(on: OnDiscord):
    assert await on.post(key="pb1") == await on.post(key="pb1")
    assert len(on.fake_channel.messages) == 1
    assert on.fake_channel.messages[0].raw["nonce"] == "pb1"


async def test_a_post_whose_answer_was_lost_is_found_by_its_key_when_the_nonce_is_forgotten(on: OnDiscord):
    on.discord.fails("POST", "/messages", DROP_AFTER)
    assert await failure(on, key="pb1") is Failure.UNKNOWN
    on.discord.ids.ahead += 3_600
    [posted] = on.fake_channel.messages
    assert await on.find("pb1") == posted.id
    assert await on.find("pb2") is None


async def test_a_reply_is_found_in_its_thread_and_nowhere_else(on: OnDiscord):
    opener = await on.post(key="pb1")
    assert await on.find("pb2", under=opener) is None, "there is no thread yet"
    reply = await on.post("Reply", under=opener, key="pb2")
    assert await on.find("pb2", under=opener) == reply
    assert await on.find("pb2") is None


async def test_a_copy_of_a_message_by_another_author_is_not_found(on: OnDiscord):
    await on.post(key="pb1")
    [ours] = on.fake_channel.messages
    copied, ours.deleted = ours.raw, True
    on.discord.person("666")
    on.discord.add_message(on.fake_channel, copied, "666")
    assert await on.find("pb1") is None


async def test_find_reads_every_page(on: OnDiscord):
    first = await on.post(key="pb1")
    on.discord.person("7")
    for number in range(230):
        on.discord.add_message(on.fake_channel, {"content": f"chat {number}"}, "7")
    last = await on.post(key="pb2")
    assert (await on.find("pb1"), await on.find("pb2")) == (first, last)


async def test_without_the_history_permission_find_raises_cannot_tell(on: OnDiscord):
    on.fake_channel.bot_permissions = ALL & ~HISTORY
    await on.post(key="pb1")
    with pytest.raises(CannotTell, match="Read Message History"):
        await on.find("pb1")


async def test_the_history_permission_is_looked_up_only_where_no_message_is_returned(on: OnDiscord):
    assert await on.find("pb1") is None
    assert on.calls("GET", "/guilds/1001") > 0
    on.discord.person("7")
    on.discord.add_message(on.fake_channel, {"content": "chat"}, "7")
    on.discord.requests.clear()
    assert await on.find("pb1") is None
    assert on.calls("GET", "/guilds/1001") == 0


# --- failures ------------------------------------------------------------------------------------------------------


async def failure(on: OnDiscord, *, under: Ref | None = None, key: str = "k", to: Channel = HERE) -> Failure:
    with pytest.raises(DeliveryError) as caught:
        await on.post(under=under, key=key, to=to)
    assert TOKEN not in str(caught.value)
    return caught.value.kind


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {"code": 10_003, "message": "Unknown Channel"}, Failure.CHANNEL_GONE),
        (403, {"code": 50_001, "message": "Missing Access"}, Failure.CHANNEL_GONE),
        (403, {"code": 50_013, "message": "Missing Permissions"}, Failure.CHANNEL_GONE),
        (400, {"code": 40_067, "message": "A tag is required"}, Failure.CHANNEL_GONE),
        (404, {"code": 10_004, "message": "Unknown Guild"}, Failure.WORKSPACE_CLOSED),
        (400, {"code": 50_035, "message": "Invalid Form Body"}, Failure.MESSAGE_REFUSED),
        (400, {"code": 200_000, "message": "blocked"}, Failure.MESSAGE_REFUSED),
        (403, {}, Failure.CHANNEL_GONE),
        (400, {"code": 160_006, "message": "Maximum number of active threads reached"}, Failure.LATER),
        (400, {"code": 160_002, "message": "Cannot reply without the history"}, Failure.CHANNEL_GONE),
        (403, "<html>Cloudflare</html>", Failure.LATER),
        (404, "<html>a proxy</html>", Failure.LATER),
        (400, "<html>a proxy</html>", Failure.LATER),
        (429, "error code: 1015", Failure.LATER),
        (200, "<html>the hotel's own page</html>", Failure.UNKNOWN),
        (401, {}, Failure.LATER),
        (429, {"retry_after": 7.5}, Failure.LATER),
        (503, {}, Failure.LATER),
        (501, {}, Failure.UNKNOWN),
    ],
)
async def test_each_refusal_is_classified(on: OnDiscord, status: int, body: dict[str, object] | str, kind: Failure):
    on.discord.fails("POST", "/messages", status, body)
    assert await failure(on) is kind
    assert on.fake_channel.messages == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, "<html>Cloudflare</html>"),
        (403, {}),
        (404, {}),
        (401, {}),
        (200, "<html>the hotel's own page</html>"),
        (503, {}),
    ],
)
async def test_a_failed_login_is_no_fault_of_the_channel(on: OnDiscord, status: int, body: dict[str, object] | str):
    on.discord.fails("GET", "/users/@me", status, body)
    assert await failure(on) is Failure.LATER
    await on.post()


async def test_a_post_cancelled_during_a_global_rate_limit_does_not_block_later_ones(on: OnDiscord):
    await on.post("First")
    on.discord.fails("POST", "/messages", 429, {"retry_after": 20.0, "global": True}, {"Via": "1.1 google"})
    second, http = asyncio.create_task(on.post("Second")), await on.client.login()

    async def held() -> bool:
        return not http._global_over.is_set()

    await eventually(held, expected=True)
    second.cancel()
    await asyncio.wait([second])
    assert second.cancelled()
    async with asyncio.timeout(60):
        await on.post("Third")


async def test_expired_rate_limits_are_swept_once_a_minute_and_not_with_each_new_channel(
    on: OnDiscord, monkeypatch: pytest.MonkeyPatch
):
    await on.post()
    http = await on.client.login()
    checks, ahead, is_inactive = [0], [0.0], Ratelimit.is_inactive

    def counted(limit: Ratelimit) -> bool:
        checks[0] += 1
        return is_inactive(limit)

    now = http.loop.time
    monkeypatch.setattr(http.loop, "time", lambda: now() + ahead[0])
    monkeypatch.setattr(Ratelimit, "is_inactive", counted)
    for ahead[0] in (60.0, 61.0):
        for number in range(1_000):
            limit = http.get_ratelimit(f"{ahead[0]} {number}")
            limit._last_request = http.loop.time()
    assert checks[0] <= 1_000
    ahead[0] = 1_000.0
    http.get_ratelimit("new")._last_request = http.loop.time()
    ahead[0] = 1_061.0
    http.get_ratelimit("newer")
    assert len(http._buckets) < 10, "those of old are gone"


async def test_a_token_with_a_line_break_and_an_address_with_its_version_are_accepted(on: OnDiscord):
    client = DiscordClient(f"{TOKEN}\n", f"{on.discord.api_url}/v10/")
    await DiscordOutlet(client).post(HERE, say("Hello"), under=None, key="k")
    await client.close()
    assert len(on.fake_channel.messages) == 1


async def test_the_seconds_of_a_rate_limit_are_passed_on(on: OnDiscord):
    on.discord.fails("POST", "/messages", 429, {"retry_after": 7.5}, {"Retry-After": "7.5"})
    with pytest.raises(DeliveryError) as caught:
        await on.post()
    assert caught.value.retry_after == 7.5
    on.discord.fails("POST", "/messages", 429, {"retry_after": 99.0, "global": False}, {"Via": "1.1 google"})
    with pytest.raises(DeliveryError) as caught:
        await on.post()
    assert caught.value.retry_after == 99.0, "too long to wait for in a post"


async def test_a_short_rate_limit_is_waited_for_by_the_library(on: OnDiscord):
    on.discord.fails("POST", "/messages", 429, {"retry_after": 0.01, "global": False}, {"Via": "1.1 google"})
    await on.post()
    assert len(on.fake_channel.messages) == 1


async def test_a_cut_connection_is_an_unknown_outcome_and_a_refused_one_is_not(on: OnDiscord):
    await on.post()
    on.discord.fails("POST", "/messages", DROP)
    assert await failure(on) is Failure.UNKNOWN
    dead = DiscordOutlet(DiscordClient(TOKEN, "http://127.0.0.1:9/api"))
    with pytest.raises(DeliveryError) as caught:
        await dead.post(HERE, say("Hello"), under=None, key="k")
    assert caught.value.kind is Failure.LATER


@pytest.mark.parametrize("missing", [VIEW, SEND])
async def test_a_missing_permission_is_named(on: OnDiscord, missing: int):
    on.fake_channel.bot_permissions = ALL & ~missing
    with pytest.raises(DeliveryError) as caught:
        await on.post()
    assert caught.value.kind is Failure.CHANNEL_GONE
    [name] = [name for name, bit in PERMISSIONS.items() if bit == missing]
    assert [each for each in PERMISSIONS if f"“{each}”" in caught.value.reason] == [name], "and no other"


@pytest.mark.parametrize(("missing", "name"), [(THREADS, "Create Public Threads"), (IN_THREADS, "in Threads")])
async def test_where_threads_are_forbidden_a_reply_is_and_the_opener_is_not(on: OnDiscord, missing: int, name: str):
    on.fake_channel.bot_permissions = ALL & ~missing
    opener = await on.post()
    with pytest.raises(DeliveryError, match=name) as caught:
        await on.post(under=opener, key="r")
    assert caught.value.kind is Failure.THREAD_FORBIDDEN
    on.fake_channel.bot_permissions = ALL & ~missing & ~SEND
    assert await failure(on, under=opener) is Failure.CHANNEL_GONE, "the next opener would be refused too"


async def test_a_person_who_takes_no_direct_messages_counts_as_gone(on: OnDiscord):
    on.discord.dm("42").takes_dms = False
    assert await failure(on, to=ADA) is Failure.CHANNEL_GONE


async def test_a_locked_thread_counts_as_gone(on: OnDiscord):
    opener = await on.post()
    await on.post("Reply", under=opener)
    on.discord.channels[str(opener)].locked = True
    assert await failure(on, under=opener, key="z") is Failure.THREAD_GONE


@pytest.mark.parametrize("address", ["discord:1001", "discord:1001/x", "slack:T1/C1", "discord:@/"])
async def test_an_address_of_another_kind_counts_as_gone(on: OnDiscord, address: str):
    assert await failure(on, to=Channel(address)) is Failure.CHANNEL_GONE
    assert on.discord.requests == []


# --- proving -------------------------------------------------------------------------------------------------------


async def test_a_proof_is_one_message_that_is_deleted(on: OnDiscord):
    await on.outlet.prove(HERE)
    assert [post.deleted for post in on.discord.posts] == [True]
    await on.outlet.prove(ADA)
    assert [post.deleted for post in on.discord.posts] == [True, True]
    assert set(on.discord.channels) == {"2001", on.discord.dm("42").id}, "no thread"


@pytest.mark.parametrize(
    ("bit", "name", "kind", "posts"),
    [
        (VIEW, "View Channels", Failure.CHANNEL_GONE, 0),
        (SEND, "Send Messages", Failure.CHANNEL_GONE, 0),
        (THREADS, "Create Public Threads", Failure.THREAD_FORBIDDEN, 1),
        (IN_THREADS, "Send Messages in Threads", Failure.THREAD_FORBIDDEN, 1),
    ],
)
async def test_a_proof_names_the_one_missing_permission(on: OnDiscord, bit: int, name: str, kind: Failure, posts: int):
    on.fake_channel.bot_permissions = ALL & ~bit
    with pytest.raises(DeliveryError) as caught:
        await on.outlet.prove(HERE)
    assert caught.value.kind is kind
    assert [each for each in PERMISSIONS if f"“{each}”" in caught.value.reason] == [name]
    assert [post.deleted for post in on.discord.posts] == [True] * posts


async def test_a_proof_whose_message_cannot_be_deleted_says_so_and_a_deleted_one_is_fine(on: OnDiscord):
    on.discord.fails("DELETE", "/messages/", 404, {"code": 10_008, "message": "Unknown Message"})
    await on.outlet.prove(HERE)
    on.discord.fails("DELETE", "/messages/", 403, {"code": 50_013, "message": "Missing Permissions"})
    with pytest.raises(DeliveryError):
        await on.outlet.prove(HERE)


@pytest.mark.parametrize("what", ["first opener", "first reply", "reply", "forum post", "direct message"])
async def test_a_message_is_claimed_directly_before_it_is_sent(on: OnDiscord, what: str):
    to, under = (Channel("discord:@/42") if what == "direct message" else HERE), None
    if what == "forum post":
        on.fake_channel.kind = FORUM
    if what != "first opener":
        opener = await on.post("Opener", key="o")
        under = opener if "reply" in what else None
    if what == "reply":
        await on.post("Reply", under=opener, key="r")
    claimed: list[int] = []

    async def claim() -> None:
        claimed.append(len(on.discord.requests))

    await on.outlet.post(to, say("Claimed"), under=under, key="k", claim=claim)
    [before] = claimed
    path = f"/channels/{HERE.rpartition('/')[2]}/threads" if what == "forum post" else "/messages"
    [(method, sent)] = on.discord.requests[before:]
    assert (method, sent.endswith(path)) == ("POST", True)


# --- forums ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def forum(on: OnDiscord) -> OnDiscord:
    """Discord whose channel is a forum."""
    on.fake_channel.kind = FORUM
    return on


async def test_in_a_forum_the_opener_is_a_post_and_the_replies_are_under_it(forum: OnDiscord):
    opener = await forum.post("Opener", key="o")
    reply = await forum.post("Reply", under=opener, key="r")
    post = forum.discord.channels[str(opener)]
    assert (post.parent, post.name) == (forum.fake_channel, "Opener")
    assert [each.id for each in post.messages] == [opener, reply]
    assert forum.fake_channel.messages == []


async def test_another_process_goes_on_in_a_forums_post_and_finds_both(forum: OnDiscord):
    opener = await forum.post("Opener", key="o")
    reply = await forum.post("Reply", under=opener, key="r")
    await DiscordOutlet(forum.client).post(HERE, say("Next"), under=opener, key="n")
    other = DiscordOutlet(forum.client)
    since = datetime.now(UTC) - timedelta(hours=1)
    assert await other.find(HERE, "o", under=None, since=since) == opener
    assert await other.find(HERE, "r", under=opener, since=since) == reply
    assert await other.find(HERE, "x", under=None, since=since) is None
    await other.post(HERE, say("More"), under=opener, key="m")
    assert len(forum.discord.channels[str(opener)].messages) == 4


async def test_an_archived_forum_post_is_found_and_a_post_of_another_author_is_not(forum: OnDiscord):
    opener = await forum.post("Opener", key="o")
    forum.discord.channels[str(opener)].archived = True
    assert await forum.find("o") == opener
    forum.discord.person("43")
    forum.discord.channels[str(opener)].posts[0].author = "43"
    assert await forum.find("o") is None


@pytest.mark.parametrize("failure_kind", [DROP_AFTER, GARBAGE_AFTER, 500, 502, 504])
async def test_a_forum_post_is_sent_once_and_a_lost_answer_is_settled_by_find(
    forum: OnDiscord, failure_kind: str | int
):
    await forum.post("Yesterday", key="y")
    forum.discord.fails("POST", "/threads", failure_kind)
    with pytest.raises(DeliveryError) as raised:
        await forum.post("Opener", key="o")
    assert raised.value.kind is Failure.UNKNOWN
    assert forum.calls("POST", "/threads") == 2
    assert bool(await forum.find("o")) == (failure_kind in {DROP_AFTER, GARBAGE_AFTER})


async def test_a_post_in_a_forum_that_requires_a_tag_gets_ours_else_the_first(forum: OnDiscord):
    forum.fake_channel.requires_tag = True
    with pytest.raises(DeliveryError) as raised:
        await forum.post("None there", key="a")
    assert raised.value.kind is Failure.CHANNEL_GONE
    assert "requires a tag" in raised.value.reason
    forum.fake_channel.tags = {"News": "71"}
    await forum.post("One", key="b")
    forum.fake_channel.tags = {"News": "71", "Papers": "72"}
    await forum.post("Two", key="c")
    assert len(forum.discord.posts) == 2
    assert forum.discord.applied_tags == ["71", "72"]


async def test_a_retracted_forum_post_is_emptied_and_archived(forum: OnDiscord):
    proof = await forum.post("Proof", key="p")
    await forum.outlet.retract(HERE, proof)
    post = forum.discord.channels[str(proof)]
    assert post.messages == []
    assert post.archived


async def test_in_a_forum_without_the_history_permission_find_raises_cannot_tell(forum: OnDiscord):
    await forum.post("Opener", key="o")
    forum.fake_channel.bot_permissions &= ~HISTORY
    with pytest.raises(CannotTell):
        await forum.find("o")


async def test_in_a_forum_nothing_is_posted_for_a_proof(forum: OnDiscord):
    with pytest.raises(CannotTell, match="no permission is missing"):
        await forum.outlet.prove(HERE)
    forum.fake_channel.requires_tag = True
    with pytest.raises(DeliveryError, match="requires a tag"):
        await forum.outlet.prove(HERE)
    forum.fake_channel.bot_permissions = ALL & ~THREADS & ~IN_THREADS
    forum.fake_channel.requires_tag = False
    with pytest.raises(DeliveryError, match="lacks the permission “Send Messages in Threads” here") as caught:
        await forum.outlet.prove(HERE)
    assert caught.value.kind is Failure.THREAD_FORBIDDEN
    assert forum.discord.posts == []


async def test_a_forum_where_posts_are_forbidden_is_named(forum: OnDiscord):
    forum.fake_channel.bot_permissions = ALL & ~SEND
    with pytest.raises(DeliveryError, match="“Send Messages” here") as caught:
        await forum.post(key="o")
    assert caught.value.kind is Failure.CHANNEL_GONE


async def test_it_says_who_may_view_a_channel(on: OnDiscord):
    owner, guild = Channel("discord:@/2"), on.discord.guilds["1001"]
    assert await on.outlet.is_member(HERE, ADA)
    calls = len(on.discord.requests)
    guild.left.add("42")
    assert await on.outlet.is_member(HERE, ADA)
    assert len(on.discord.requests) == calls, "the answer is kept for some minutes"
    assert not await DiscordOutlet(on.client).is_member(HERE, ADA), "who left the server"
    guild.left.clear()
    on.fake_channel.hidden_from_people = True
    later = DiscordOutlet(on.client)
    assert [await later.is_member(HERE, each) for each in (ADA, owner)] == [False, True]
    on.discord.fails("GET", "/members", 503)
    with pytest.raises(DeliveryError) as failed:
        await DiscordOutlet(on.client).is_member(HERE, ADA)
    assert failed.value.kind is Failure.LATER
