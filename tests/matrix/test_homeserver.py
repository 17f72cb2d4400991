"""Matrix on a real homeserver: the contracts of outlet and front, rooms, encryption, reactions, limits."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from adapters.matrix import examine
from adapters.matrix.client import ENCRYPTED
from adapters.matrix.client import MatrixClient as Account
from adapters.matrix.content import ACTIONS
from adapters.matrix.front import LEFT, REMOVED, MatrixFront
from adapters.matrix.outlet import MatrixOutlet
from bot.errors import DeliveryError, Failure
from bot.model import Action, Block, Caller, Channel, Form, Message, Ref, Span
from bot.ports.leases import Leases
from bot.settings import load
from bot.store import Store
from bot.wording.notices import GREETING
from bot.wording.zotero import connect_form, in_a_form
from tests.contracts.front import SETTINGS, FrontContract, eventually
from tests.contracts.outlet import OutletContract, samples, say
from tests.contracts.test_contracts import stop
from tests.fakes import MONDAY
from tests.fakes.front import FakeDesk
from tests.matrix.homeserver import Homeserver, homeserver
from tests.matrix.person import Json, Person, opener_of

NUMBERS = count(1)
ALLOWED = "a|br|code|em|h4|li|ol|p|span|strong"
CONTROLS = r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]"
DISGUISED = re.compile(rf"<(?!/?(?:{ALLOWED})\b)|javascript:|@room|{CONTROLS}", re.IGNORECASE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    with homeserver(tmp_path_factory.mktemp("homeserver")) as started:
        yield started


@pytest.fixture
async def bot(server: Homeserver) -> AsyncIterator[Account]:
    account = Account(server.url, *server.register(f"paperboy{next(NUMBERS)}"))
    yield account
    await account.nio.close()


@pytest.fixture
async def alice(server: Homeserver) -> AsyncIterator[Person]:
    async with Person(server.url, *server.register(f"alice{next(NUMBERS)}")) as person:
        yield person


@pytest.fixture(scope="module")
def accounts(server: Homeserver) -> tuple[tuple[str, str], ...]:
    return server.register("paperboy"), server.register("alice")


class InARoom:
    """An outlet in a room, and a member who reads it."""

    def __init__(self, account: Account, reader: Person, room: str) -> None:
        self.outlet, self.channel = MatrixOutlet(account), account.address(room)
        self._account, self._reader, self.room = account, reader, room

    async def roots(self) -> list[str]:
        return [shown(event) for event in await self._reader.messages(self.room) if opener_of(event) is None]

    async def replies(self, root: int) -> list[str]:
        messages = await self._reader.messages(self.room)
        opener = [each["event_id"] for each in messages if opener_of(each) is None][root]
        return [shown(each) for each in messages if opener_of(each) == opener]

    async def is_gone(self, ref: Ref, text: str) -> bool:
        return text not in "".join(await self.roots())

    def pings(self, shown: str) -> bool:
        return bool(DISGUISED.search(shown)) or any(self._reader.highlights.values())

    def fails_next(self) -> bool:
        send = self._account.nio.send

        async def breaks(*_: Any, **__: Any) -> None:
            self._account.nio.send = send
            raise aiohttp.ServerDisconnectedError

        self._account.nio.send = breaks
        return True


def shown(event: Json) -> str:
    return str(event["content"].get("formatted_body", event["content"]["body"]))


class TestMatrixOutlet(OutletContract):
    @pytest.fixture
    async def platform(self, server: Homeserver, accounts: tuple[tuple[str, str], ...]) -> AsyncIterator[InARoom]:
        own, reader = accounts
        account = Account(server.url, *own)
        async with Person(server.url, *reader) as alice:
            room = await alice.room(account.user)
            await account.ask(account.nio.join(room))
            yield InARoom(account, alice, room)
        await account.nio.close()


@asynccontextmanager
async def serving(
    account: Account, desk: FakeDesk, notes: Any = None, leases: Leases | None = None
) -> AsyncIterator[None]:
    task = asyncio.create_task(MatrixFront(account, notes, leases).serve(desk))
    yield
    await stop(task)


class InDirectMessages:
    """A person in a room with Paperboy, who is answered there and in direct messages."""

    def __init__(self, person: Person, bot: str, room: str) -> None:
        self._person, self._bot, self._room = person, bot, room

    async def says(self, line: str) -> None:
        await self._person.send(self._room, f"!papers {line}")

    async def presses(self, label: str) -> None:
        await self._person.reply(self._answers()[-1], label)

    async def fills_in(self, form: Form, values: dict[str, str]) -> None:
        await self._person.reply(self._answers()[-1], "\n".join(f"{name}: {value}" for name, value in values.items()))

    async def completes(self, command: str, option: str, prefix: str) -> None:
        return None

    def _answers(self) -> list[Json]:
        own = [each for each in self._person.seen if each["sender"] == self._bot and each["type"] == "m.room.message"]
        return [each for each in own if each["content"].get("msgtype") != "m.file"]

    @property
    def screen(self) -> str:
        return "\n".join(f"{each['content']['body']}\n{shown(each)}" for each in self._answers())

    @property
    def received(self) -> str:
        return "".join(file.decode() for file in self._person.files)

    def pings(self, shown: str) -> bool:
        return any(self._person.highlights.values())


class TestMatrixFront(FrontContract):
    @pytest.fixture
    async def chat(self, bot: Account, alice: Person, desk: FakeDesk) -> AsyncIterator[InDirectMessages]:
        async with serving(bot, desk):
            room = await alice.room(bot.user)
            await eventually(lambda: any("Hello" in each["content"].get("body", "") for each in alice.seen))
            yield InDirectMessages(alice, bot.user, room)


# --- what no contract says ---------------------------------------------------------------------------------------


class Log(FakeDesk):
    """A desk that keeps what it is told of rooms."""

    def __init__(self, **answers: Message | Form) -> None:
        super().__init__({"today": say("Nothing today"), **answers})
        self.told: list[tuple[str, ...]] = []
        self.cards: list[tuple[str, ...]] = []

    async def gone(self, where: Channel, reason: str) -> None:
        self.told.append(("gone", where, reason))

    async def moved(self, old: Channel, new: Channel) -> None:
        self.told.append(("moved", old, new))

    async def joined(self, channel: Channel, user: Channel | None) -> Message | None:
        self.told.append(("joined", channel, str(user)))
        return GREETING

    async def linked(self, caller: Caller, ids: Sequence[str]) -> dict[str, Message]:
        self.cards.append(tuple(ids))
        return {each: say(f"A card of {each}") for each in ids}


def from_bot(person: Person, bot: Account, room: str | None = None) -> list[Json]:
    own = [each for each in person.seen if each["sender"] == bot.user and room in {None, each["room_id"]}]
    return [each for each in own if each["type"] == "m.room.message"]


async def sees(person: Person, bot: Account, text: str, room: str | None = None) -> Json:
    """Wait until a person sees a message of Paperboy's with these words."""

    def hits() -> list[Json]:
        return [each for each in from_bot(person, bot, room) if text in each["content"]["body"]]

    try:
        await eventually(lambda: bool(hits()))
    except TimeoutError:
        pytest.fail(f"“{text}” was not seen, but: {[each['content'].get('body') for each in from_bot(person, bot)]}")
    return hits()[-1]


async def test_it_joins_says_hello_and_a_room_that_removes_it_is_gone(bot: Account, alice: Person) -> None:
    desk = Log()
    async with serving(bot, desk):
        room = await alice.room(bot.user)
        hello = await sees(alice, bot, "Hello! I bring", room)
        assert "!papers today" in hello["content"]["body"], "Element keeps /papers to itself"
        await alice.call("POST", "rooms", room, "kick", body={"user_id": bot.user})
        await eventually(lambda: ("gone", bot.address(room), REMOVED) in desk.told)
        await alice.call("POST", "rooms", room, "invite", body={"user_id": bot.user})
        await eventually(lambda: [each[0] for each in desk.told] == ["joined", "gone", "joined"])
        assert desk.told[0] == ("joined", bot.address(room), bot.address(alice.user))


async def test_an_encrypted_room_is_told_why_it_leaves(bot: Account, alice: Person) -> None:
    desk = Log()
    async with serving(bot, desk):
        room = await alice.room(bot.user, encrypted=True)
        await sees(alice, bot, "unencrypted messages only", room)
        members = await eventual_members(alice, room, 1)
        assert members == {alice.user}
        await eventually(lambda: bool(desk.told))
        assert [each[0] for each in desk.told] == ["gone"], "nobody is greeted there"


async def test_encrypted_direct_messages_are_answered_with_an_invitation_to_some_without(
    bot: Account, alice: Person
) -> None:
    desk = Log()
    async with serving(bot, desk):
        room = await alice.room(bot.user, encrypted=True, is_direct=True)
        await sees(alice, bot, "unencrypted messages only", room)
        hello = await sees(alice, bot, "Hello! I bring")
        assert hello["room_id"] != room
        await alice.send(hello["room_id"], "today")
        await sees(alice, bot, "Nothing today", hello["room_id"])
        assert desk.calls[-1][2].channel == desk.calls[-1][2].user == bot.address(alice.user)


async def test_a_room_in_which_encryption_is_switched_on_is_gone(bot: Account, alice: Person) -> None:
    desk = Log()
    async with serving(bot, desk):
        room = await alice.room(bot.user)
        await sees(alice, bot, "Hello", room)
        algorithm = {"algorithm": "m.megolm.v1.aes-sha2"}
        await alice.call("PUT", "rooms", room, "state", "m.room.encryption", "", body=algorithm)
        await sees(alice, bot, "any more", room)
        await eventually(lambda: ("gone", bot.address(room), ENCRYPTED) in desk.told)
        with pytest.raises(DeliveryError, match="encrypted"):
            await MatrixOutlet(bot).prove(bot.address(room))


async def test_direct_messages_are_the_persons_and_end_when_they_leave(bot: Account, alice: Person) -> None:
    desk = Log()
    async with serving(bot, desk):
        room = await alice.room(bot.user, is_direct=True)
        await sees(alice, bot, "Hello", room)
        assert desk.told == [("joined", bot.address(alice.user), bot.address(alice.user))]
        await alice.send(room, "today")
        await sees(alice, bot, "Nothing today", room)
        caller = desk.calls[-1][2]
        assert (caller.channel, caller.direct, caller.may_manage) == (bot.address(alice.user), True, True)
        assert await bot.room_of(bot.address(alice.user)) == room, "a notice comes there too"
        await alice.call("POST", "rooms", room, "leave", body={})
        await eventually(lambda: ("gone", bot.address(alice.user), LEFT) in desk.told)
        assert await bot.room_of(bot.address(alice.user)) != room


async def test_direct_messages_that_another_process_began_are_heard(
    server: Homeserver, bot: Account, alice: Person
) -> None:
    desk, other = Log(), Account(server.url, bot.user, bot.nio.access_token)
    async with serving(bot, desk):
        await sees(alice, bot, "Hello", await alice.room(bot.user))
        await MatrixOutlet(other).post(bot.address(alice.user), say("A notice"), under=None, key="pb1")
        notice = await sees(alice, bot, "A notice")
        await alice.send(notice["room_id"], "today")
        await sees(alice, bot, "Nothing today", notice["room_id"])
        assert desk.calls[-1][2].direct
    await other.nio.close()


async def test_a_third_person_in_direct_messages_makes_them_a_room(
    server: Homeserver, bot: Account, alice: Person
) -> None:
    desk = Log()
    async with serving(bot, desk), Person(server.url, *server.register(f"bob{next(NUMBERS)}")) as bob:
        room = await alice.room(bot.user, is_direct=True)
        await sees(alice, bot, "Hello", room)
        await alice.call("POST", "rooms", room, "invite", body={"user_id": bob.user})
        await eventually(lambda: any(each["room_id"] == room for each in bob.seen))
        await alice.send(room, "today")  # is said to Bob
        await alice.send(room, "!papers today")
        await sees(bob, bot, "Nothing today", room)
        [(_, _, caller)] = desk.calls
        assert (caller.channel, caller.direct) == (bot.address(room), False)


async def test_who_has_the_power_of_a_moderator_may_change_the_room(
    server: Homeserver, bot: Account, alice: Person
) -> None:
    desk = Log()
    async with serving(bot, desk), Person(server.url, *server.register(f"bob{next(NUMBERS)}")) as bob:
        room = await alice.room(bot.user, bob.user)
        await sees(bob, bot, "Hello", room)
        for person, level in ((alice, None), (bob, None), (bob, 50)):
            if level:
                levels = await alice.call("GET", "rooms", room, "state", "m.room.power_levels")
                levels["users"][bob.user] = level
                await alice.call("PUT", "rooms", room, "state", "m.room.power_levels", "", body=levels)
            await person.send(room, "!papers today")
            calls = len(desk.calls) + 1
            await eventually(lambda calls=calls: len(desk.calls) == calls)
        rights = [(caller.may_manage, caller.admin, caller.name) for _, _, caller in desk.calls]
        assert rights == [(True, True, alice.name), (False, False, bob.name), (True, False, bob.name)]
        assert "power level 50" in desk.calls[-1][2].needs


async def test_whoever_made_a_room_of_version_12_has_all_power_in_it(bot: Account, alice: Person) -> None:
    desk = Log()
    async with serving(bot, desk):
        room = await alice.room(bot.user, room_version="12")
        await sees(alice, bot, "Hello", room)
        await alice.send(room, "!papers today")
        await sees(alice, bot, "Nothing today", room)
        assert (desk.calls[-1][2].may_manage, desk.calls[-1][2].admin) == (True, True)


async def test_what_is_written_to_it_is_answered_and_nothing_else(bot: Account, alice: Person) -> None:
    desk, name = Log(help=say("Some help"), search=say("The end")), bot.user[1:].partition(":")[0]
    pill = f'<a href="https://matrix.to/#/{bot.user}">{name}</a> today'
    async with serving(bot, desk):
        room = await alice.room(bot.user)
        await sees(alice, bot, "Hello", room)
        edit = {"m.relates_to": {"rel_type": "m.replace", "event_id": await alice.send(room, "to be edited")}}
        for text, more in (
            ("!papers today", {}),
            ("!PAPERS", {}),
            (f"{name}: today", {}),
            (f"@{name}, today", {}),
            (f"{name} today", {"format": "org.matrix.custom.html", "formatted_body": pill}),
            (f"{name} was here today", {}),
            ("!paperstoday", {}),
            ("today", {}),
            ("!papers today", {"msgtype": "m.notice"}),  # of another bot
            ("* !papers today", edit),
            ("!papers search the end", {}),
        ):
            await alice.send(room, text, **more)
        answer = await sees(alice, bot, "The end", room)
        assert [call[0] for call in desk.calls] == ["today", "help", "today", "today", "today", "search"]
        assert answer["content"]["msgtype"] == "m.notice"
        assert answer["content"]["m.relates_to"]["m.in_reply_to"]


async def test_what_is_for_one_person_comes_as_a_direct_message_and_a_letter_says_so(
    bot: Account, alice: Person
) -> None:
    saved = replace(say("Your list"), private=True, announcement="Alice did something")
    desk = Log(**{"saved list": saved, "settings": replace(say("Changed"), private=True)})
    async with serving(bot, desk):
        room = await alice.room(bot.user)
        await sees(alice, bot, "Hello", room)
        question = await alice.send(room, "!papers saved list")
        answer = await sees(alice, bot, "Your list")
        assert answer["room_id"] != room
        await sees(alice, bot, "Alice did something", room)
        [letter] = [each for each in alice.seen if each["type"] == "m.reaction"]
        assert letter["content"]["m.relates_to"] == {"rel_type": "m.annotation", "event_id": question, "key": "✉️"}
        await alice.send(room, "!papers settings")
        await sees(alice, bot, "Changed", room)  # is about the room
        desk.answers["search"] = replace(say("Nothing found"), private=True)
        await alice.send(room, "!papers search x")
        await sees(alice, bot, "Nothing found", room)
        share = Action("Share", "search", {"query": "x", "share": "yes"})
        desk.answers["search"] = replace(say("Not to be shared here"), private=True, actions=(share,))
        await alice.send(room, "!papers search x")
        await sees(alice, bot, "Not to be shared here", answer["room_id"])


async def test_a_command_in_a_thread_is_answered_there_and_names_it(bot: Account, alice: Person) -> None:
    desk, outlet = Log(), MatrixOutlet(bot)
    async with serving(bot, desk):
        room = await alice.room(bot.user)
        await sees(alice, bot, "Hello", room)
        ref = await outlet.post(bot.address(room), say("Opener"), under=None, key="pb1")
        last = {"is_falling_back": True, "m.in_reply_to": {"event_id": ref}}
        thread = {"m.relates_to": {"rel_type": "m.thread", "event_id": ref, **last}}
        await alice.send(room, "!papers today", **thread)
        answer = await sees(alice, bot, "Nothing today", room)
        assert opener_of(answer) == ref
        assert desk.calls[-1][2].thread == ref


async def test_a_reply_presses_a_button_also_of_a_message_from_before_a_restart(bot: Account, alice: Person) -> None:
    outlet, card = MatrixOutlet(bot), samples()["reply"]
    desk = Log(similar=say("Its neighbours"), like=say("Liked"))
    room = await alice.room(bot.user)
    await bot.ask(bot.nio.join(room))
    await outlet.post(bot.address(room), card, under=None, key="pb1")
    async with serving(bot, desk):
        posted = await sees(alice, bot, "Reply with: Save", room)
        assert posted["content"]["body"].endswith("; or react 👍 👎)")
        for reply in ("what is that?", "Similar to what?", "similar"):
            await alice.reply(posted, reply)
        await sees(alice, bot, "Its neighbours", room)
        assert [call[:2] for call in desk.calls] == [("similar", {"paper": "2511.00001"})]
        mine = await alice.send(room, "not Paperboy's", **{ACTIONS: [["Save", "save", {}]]})
        await alice.reply({"room_id": room, "event_id": mine}, "save")
        await alice.reply(posted, "👍")
        await sees(alice, bot, "Liked", room)
        assert [call[0] for call in desk.calls] == ["similar", "like"]


async def test_reactions_count_by_their_majority_and_are_taken_back(bot: Account, alice: Person) -> None:
    desk, outlet = Log(), MatrixOutlet(bot)
    async with serving(bot, desk):
        room = await alice.room(bot.user)
        await sees(alice, bot, "Hello", room)
        ref = await outlet.post(bot.address(room), samples()["reply"], under=None, key="pb1")
        reactions = {}
        for key in ("👍🏽", "👎", "⭐", "🎉"):
            reactions[key] = await alice.react(room, ref, key)
            number = len(reactions)
            await eventually(lambda number=number: len(desk.reactions) == number)
        for key in ("👍🏽", "⭐"):
            await alice.redact(room, reactions[key])
        await eventually(lambda: len(desk.reactions) == 6)
        assert [value for *_, value in desk.reactions] == [1, 0, 1, 1, 0, -1]
        assert desk.reactions[0][:3] == (bot.address(room), ref, bot.address(alice.user))


async def test_papers_that_people_link_to_get_a_card_in_a_thread(bot: Account, alice: Person) -> None:
    desk = Log()
    async with serving(bot, desk):
        room = await alice.room(bot.user)
        await sees(alice, bot, "Hello", room)
        linked = await alice.send(room, "look: https://arxiv.org/abs/2511.00001")
        assert opener_of(await sees(alice, bot, "A card of 2511.00001", room)) == linked
        assert desk.cards == [("2511.00001",)]


async def test_a_form_waits_for_its_lines_until_it_is_cancelled(bot: Account, alice: Person) -> None:
    desk = Log(settings=SETTINGS)
    async with serving(bot, desk):
        room = await alice.room(bot.user)
        await sees(alice, bot, "Hello", room)
        thread = {"rel_type": "m.thread", "event_id": await alice.send(room, "a thread begins")}
        await alice.send(room, "!papers settings", **{"m.relates_to": thread})
        form = await sees(alice, bot, "Digest settings")
        assert form["room_id"] != room
        assert "at: 09:00" in form["content"]["body"]
        await alice.send(form["room_id"], "what is this?")
        await eventually(lambda: len([e for e in from_bot(alice, bot) if "at: 09:00" in e["content"]["body"]]) == 2)
        await alice.send(form["room_id"], "cancel")
        nothing = await sees(alice, bot, "Nothing was changed.", form["room_id"])
        assert (opener_of(form), opener_of(nothing)) == (None, None), "the thread is in the room"
        await alice.send(form["room_id"], "today")
        await sees(alice, bot, "Nothing today", form["room_id"])
        assert [call[0] for call in desk.calls] == ["settings", "today"]


async def test_nobody_is_notified_by_what_stands_in_a_text(bot: Account, alice: Person) -> None:
    outlet = MatrixOutlet(bot)
    room = await alice.room(bot.user)
    await bot.ask(bot.nio.join(room))
    text = f"@room {alice.user} {alice.name}: read this"
    await bot.send(room, {"msgtype": "m.text", "body": text}, "loud")  # as a client without m.mentions would
    await eventually(lambda: alice.highlights.get(room) == 1)
    await outlet.post(bot.address(room), say(text), under=None, key="pb1")
    await sees(alice, bot, "@\u2060room")
    assert alice.highlights[room] == 1


async def test_a_key_is_posted_once_and_found_wherever_it_stands(
    bot: Account, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet, since = MatrixOutlet(bot), MONDAY
    room = await alice.room(bot.user)
    await bot.ask(bot.nio.join(room))
    channel = bot.address(room)
    first = await outlet.post(channel, say("Once"), under=None, key="pb1")
    assert await outlet.post(channel, say("Once"), under=None, key="pb1") == first, "it is answered with the first"
    monkeypatch.setattr("adapters.matrix.outlet.PAGE", 5)
    for number in range(12):
        await bot.send(room, {"msgtype": "m.text", "body": str(number)}, f"filler {number}")
    assert await outlet.find(channel, "pb1", under=None, since=since) == first
    assert await outlet.find(channel, "pb1", under=Ref("$other"), since=since) is None
    link = await outlet.link(channel, first, opener=None)
    assert link == f"https://matrix.to/#/{quote(room)}/{quote(first)}?via=example.org"
    assert await outlet.link(bot.address(alice.user), first, opener=None) is None
    await outlet.retract(channel, first)
    assert await outlet.find(channel, "pb1", under=None, since=since) is None
    with pytest.raises(DeliveryError) as caught:
        await outlet.post(channel, say("Reply"), under=first, key="pb2")
    assert caught.value.kind is Failure.THREAD_GONE


async def test_what_keeps_it_from_posting_is_named(bot: Account, alice: Person) -> None:
    outlet = MatrixOutlet(bot)
    room = await alice.room(bot.user, power_level_content_override={"events_default": 30})
    channel = bot.address(room)
    for prove in (outlet.prove(channel), outlet.post(channel, say("x"), under=None, key="pb1")):
        with pytest.raises(DeliveryError, match="invite it again") as caught:
            await prove
        assert caught.value.kind is Failure.CHANNEL_GONE
    await bot.ask(bot.nio.join(room))
    with pytest.raises(DeliveryError, match="give it power level 30 there"):
        await outlet.prove(channel)
    with pytest.raises(DeliveryError, match="no Matrix address"):
        await outlet.prove(Channel("matrix:example.org/papers"))
    with pytest.raises(DeliveryError) as caught:
        await outlet.prove(bot.address("@nobody:nowhere.invalid"))
    assert caught.value.kind is not Failure.UNKNOWN


async def test_a_homeserver_that_asks_to_go_slower_is_asked_later_and_an_answer_waits(
    server: Homeserver, bot: Account, alice: Person
) -> None:
    outlet, desk = MatrixOutlet(bot), Log()
    async with serving(bot, desk):
        room = await alice.room(bot.user)
        await sees(alice, bot, "Hello", room)
        server.limit(bot.user, {"messages_per_second": 1, "burst_count": 1})
        posts = (outlet.post(bot.address(room), say("Fast"), under=None, key=f"pb{n}") for n in range(4))
        results = await asyncio.gather(*posts, return_exceptions=True)
        refused = [each for each in results if isinstance(each, DeliveryError)]
        assert {each.kind for each in refused} == {Failure.LATER}
        assert all(0 < (each.retry_after or 0) < 10 for each in refused)
        await alice.send(room, "!papers today")
        await sees(alice, bot, "Nothing today", room)


async def test_a_wrong_token_or_account_is_one_line_with_the_setting(
    server: Homeserver, bot: Account, caplog: pytest.LogCaptureFixture
) -> None:
    token = bot.nio.access_token
    wrong = [(bot.user, "s3cr3t"), ("@other:example.org", token)]
    for user, used in wrong:
        account = Account(server.url, user, used)
        await MatrixFront(account).serve(Log())
        with pytest.raises(DeliveryError) as caught:
            await account.check_account()
        assert caught.value.kind is Failure.LATER, "a wrong setting of ours erases nothing"
        await account.nio.close()
    lost = Account("http://127.0.0.1:9", bot.user, token)
    await MatrixFront(lost).serve(Log())
    await lost.nio.close()
    lines = [record.getMessage() for record in caplog.records if record.name == "paperboy.matrix"]
    assert [word in line for word, line in zip(("MATRIX_ACCESS_TOKEN", "MATRIX_USER", "reached"), lines, strict=True)]
    assert not any(used in line for line in lines for _, used in wrong)


async def test_the_doctor_names_the_account_and_the_rooms_in_which_it_cannot_post(
    bot: Account, alice: Person, server: Homeserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATRIX_HOMESERVER", server.url)
    monkeypatch.setenv("MATRIX_USER", bot.user)
    monkeypatch.setenv("MATRIX_ACCESS_TOKEN", bot.nio.access_token)
    joined, other = await alice.room(bot.user), await alice.room()
    await bot.ask(bot.nio.join(joined))
    channels = [bot.address(joined), bot.address(other), bot.address(alice.user), Channel("slack:T1/C1")]
    account, room = await examine(load(), None, channels)
    assert (account.fault, account.result) == (False, f"connected as {bot.user}")
    assert (room.fault, room.subject) == (True, f"channel {bot.address(other)}")
    assert "invite it again" in room.result


async def test_it_goes_on_reading_where_it_stopped(bot: Account, alice: Person, server: Homeserver) -> None:
    desk, notes = Log(), {}

    class Notes:
        async def put_note(self, name: str, text: str) -> None:
            notes[name] = text

        async def get_note(self, name: str) -> str | None:
            return notes.get(name)

    room = await alice.room(bot.user)
    async with serving(bot, desk, Notes()):
        await sees(alice, bot, "Hello", room)
        ref = await MatrixOutlet(bot).post(bot.address(room), samples()["reply"], under=None, key="pb1")
        await alice.send(room, "!papers today")
        await sees(alice, bot, "Nothing today", room)
        await eventually(lambda: len(notes) == 1)
        await asyncio.sleep(0)
    await alice.react(room, ref, "👍")
    again = Account(server.url, bot.user, bot.nio.access_token)
    async with serving(again, desk, Notes()):
        await eventually(lambda: len(desk.reactions) == 1)
    await again.nio.close()
    assert len(desk.calls) == 1, "what was answered is not answered again"


async def test_one_of_several_processes_listens(bot: Account, alice: Person, stores: tuple[Store, Store]) -> None:
    first, second = Log(), Log()
    room = await alice.room(bot.user)
    async with serving(bot, first, leases=stores[0].leases):
        await sees(alice, bot, "Hello", room)
        async with serving(bot, second, leases=stores[1].leases):
            await alice.send(room, "!papers today")
            await sees(alice, bot, "Nothing today", room)
    assert (len(first.calls), len(second.calls)) == (1, 0)


async def test_a_room_that_is_upgraded_is_followed_and_no_other_can_pretend_to_be_it(
    bot: Account, alice: Person
) -> None:
    desk = Log()
    async with serving(bot, desk):
        room = await alice.room(bot.user)
        await sees(alice, bot, "Hello", room)
        false = {"predecessor": {"room_id": room, "event_id": "$x"}}
        other = await alice.room(bot.user, creation_content=false)
        await sees(alice, bot, "Hello", other)
        upgraded = await alice.call("POST", "rooms", room, "upgrade", body={"new_version": "11"})
        new = str(upgraded["replacement_room"])
        await alice.call("POST", "rooms", new, "invite", body={"user_id": bot.user})
        await eventually(lambda: any(each[0] == "moved" for each in desk.told))
        assert [each for each in desk.told if each[0] == "moved"] == [("moved", bot.address(room), bot.address(new))]


async def eventual_members(person: Person, room: str, count: int) -> set[str]:
    for _ in range(600):
        joined = (await person.call("GET", "rooms", room, "joined_members"))["joined"]
        if len(joined) == count:
            break
        await asyncio.sleep(0.1)
    return set(joined)


async def test_it_says_who_is_in_a_room(server: Homeserver, bot: Account, alice: Person) -> None:
    outlet = MatrixOutlet(bot)
    async with Person(server.url, *server.register(f"ben{next(NUMBERS)}")) as ben, serving(bot, Log()):
        room = bot.address(await alice.room(bot.user, ben.user))
        await sees(alice, bot, "Hello! I bring", room.partition("/")[2])
        people = bot.address(alice.user), bot.address(ben.user), bot.address("@nobody:example.org")
        await eventually_member(outlet, room, people[1], expected=True)
        assert [await outlet.is_member(room, each) for each in people] == [True, True, False]
        await ben.call("POST", "rooms", room.partition("/")[2], "leave", body={})
        await eventually_member(outlet, room, people[1], expected=False)
        assert await outlet.is_member(room, people[0])
    with pytest.raises(DeliveryError) as failed:
        await outlet.is_member(bot.address(await alice.room()), people[0])
    assert failed.value.kind is Failure.CHANNEL_GONE


async def eventually_member(outlet: MatrixOutlet, room: Channel, person: Channel, *, expected: bool) -> None:
    """Wait until a person is or is not in a room: the homeserver reports it with the next sync."""
    async with asyncio.timeout(20):
        while await outlet.is_member(room, person) is not expected:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("began", ["by us", "by the person"])
async def test_a_message_with_a_key_is_removed_or_it_is_said_that_it_stays(
    bot: Account, alice: Person, began: str
) -> None:
    desk = Log(**{"zotero connect": connect_form()})
    async with serving(bot, desk):
        room = await alice.room(bot.user, is_direct=began == "by the person")
        await sees(alice, bot, "Hello", room)
        await alice.send(room, "!papers zotero connect")
        form = await sees(alice, bot, "API key")
        desk.answers["zotero connect"] = Message((Block("text", (Span("Connected to Zotero as ada."),)),))
        key = await alice.send(form["room_id"], "P9NiFoyLeZu2bZNvvuQPDWsd")
        await sees(alice, bot, "Connected to Zotero", form["room_id"])
        assert desk.calls[-1][1] == {"form": "yes", "key": "P9NiFoyLeZu2bZNvvuQPDWsd"}
        left = [each["event_id"] for each in await alice.messages(form["room_id"])]
        if began == "by us":
            assert key not in left
        else:
            assert form["room_id"] == room
            assert key in left, "here it has no power"
            await sees(alice, bot, "with the key stays in this room", room)


async def test_a_key_typed_in_a_line_is_removed_from_a_room_that_it_moderates(bot: Account, alice: Person) -> None:
    desk = Log(**{"zotero connect": in_a_form()})
    async with serving(bot, desk):
        room = await alice.room(bot.user, power_level_content_override={"users": {bot.user: 50}})
        await sees(alice, bot, "Hello", room)
        line = await alice.send(room, "!papers zotero connect P9NiFoyLeZu2bZNvvuQPDWsd")
        await sees(alice, bot, "belongs in the form")
        assert line not in [each["event_id"] for each in await alice.messages(room)]
