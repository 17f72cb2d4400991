"""Odd frames, events and interactions: one line in the log each, and the connection goes on."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from bot.model import Action, Block, Message, Span
from tests.discord.fake import FakeDiscord
from tests.discord.fake.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL
from tests.discord.harness import connected
from tests.discord.test_connection import at_once, supervised  # noqa: F401 - a fixture
from tests.fakes.front import AnsweringDesk
from tests.harness.examples import examples
from tests.harness.json_mutations import REMOVED, mutated, paths

ANSWER = Message((Block("text", (Span("Here they are"),)),), (Action("More", "today", {"page": "2"}),))
FRAMES = (
    "[]", "7", "null", '"x"', "{", "{}", '{"op":0}', '{"op":"x"}', '{"op":99}', '{"op":10,"d":null}',
    '{"op":0,"t":7,"d":null}', '{"op":0,"t":["x"],"d":1}', '{"op":0,"t":"RESUMED","d":null}',
    '{"op":0,"t":"INTERACTION_CREATE","d":[]}', '{"op":0,"t":"INTERACTION_CREATE","s":"x","d":{}}',
    "[" * 50_000, '{"op":0,"t":"MESSAGE_CREATE","d":' + "[" * 50_000 + "]" * 50_000 + "}",
)  # fmt: skip
JUNK = (None, True, -1, 2**70, 1.5, "", "x", "\ud800", "7" * 400, [], [[]], {}, {"id": "x"}, {"type": 2})


def desk() -> AnsweringDesk:
    return AnsweringDesk(ANSWER)


async def answers(discord: FakeDiscord) -> str:
    return (await discord.interactions.command("42", discord.channels["2001"], "today")).text


async def test_frames_that_cannot_be_read_are_skipped(caplog):
    async with FakeDiscord() as discord:
        discord.guild("1001", "2001")
        async with connected(discord, desk()):
            for frame in FRAMES:
                await discord.gateway.send_raw(frame)
                assert await answers(discord) == "Here they are", frame[:80]
            discord.gateway.drop()
            assert await answers(discord) == "Here they are", "the session is resumed with the number of the last event"
            assert (discord.gateway.identified, discord.gateway.resumed) == (1, 1)
    records = [record for record in caplog.records if "cannot be read" in record.getMessage()]
    assert 8 <= len(records) <= len(FRAMES)
    assert not any(record.exc_info or "\n" in record.getMessage() for record in records)


@pytest.mark.usefixtures("at_once")
async def test_a_session_whose_first_event_cannot_be_read_is_one_line_and_begun_again(caplog):
    async with FakeDiscord() as discord:
        discord.guild("1001", "2001")
        async with supervised(discord, desk()):
            await discord.until(lambda: discord.gateway.is_connected)
            assert await answers(discord) == "Here they are"
            await discord.gateway.send_raw('{"op":0,"t":"READY","d":{}}')
            await discord.until(lambda: discord.gateway.identified == 2)
            assert await answers(discord) == "Here they are"
    assert "begins with something that Paperboy cannot read" in caplog.text
    assert "Traceback" not in caplog.text


async def test_a_channel_of_an_unknown_kind_is_answered_and_not_taken_for_direct_messages():
    people = desk()
    async with FakeDiscord() as discord:
        discord.guild("1001", "2001")
        async with connected(discord, people):
            elsewhere = discord.add_channel(discord.guilds["1001"], "2009", 99)
            reply = await discord.interactions.command("42", elsewhere, "subscribe")
            assert "which channel" in reply.text
    assert people.calls == []


async def test_a_message_without_a_text_is_one_line_in_the_log(caplog):
    async with FakeDiscord() as discord:
        discord.guild("1001", "2001")
        discord.guild("1009", "2009")
        async with connected(discord, desk()):
            for name in ("mention", "direct message"):
                event, payload = payloads(discord)[name]
                await discord.gateway.dispatch(event, {**payload, "content": None})
            assert await answers(discord) == "Here they are"
    records = [record for record in caplog.records if "could not answer a message" in record.getMessage()]
    assert len(records) == 2
    assert not any(record.exc_info for record in caplog.records)


# --- mutated payloads ----------------------------------------------------------------------------------------------


def payloads(discord: FakeDiscord) -> dict[str, tuple[str, Any]]:
    """Valid events by a name of their own."""
    channel, people = discord.channels["2001"], discord.interactions
    pressed = discord.add_message(channel, {"components": [{"type": 10, "content": "x"}]}, discord.bot["id"])
    option = {"name": "query", "type": 3, "value": "video", "focused": True}
    nested = {"id": "1", "name": "papers", "type": 1, "options": [{"name": "today", "type": 1, "options": [option]}]}
    modal = {"custom_id": "edit|settings|0", "components": [
        {"type": 18, "component": {"type": 3, "custom_id": "size", "values": ["3"]}},
        {"type": 18, "component": {"type": 4, "custom_id": "at", "value": "09:00"}}]}  # fmt: skip
    message = {"id": "5", "content": "arXiv:2510.15831", "embeds": [{"title": "x"}], "components": []}
    related = {
        "id": "2",
        "name": "Related papers",
        "type": 3,
        "target_id": "5",
        "resolved": {"messages": {"5": message}},
    }
    button = {"custom_id": '|today|"share","yes"', "component_type": 2}
    reaction = {"user_id": "42", "channel_id": "2001", "message_id": pressed.id, "type": 0, "burst": False,
                "guild_id": "1001", "emoji": {"id": None, "name": "👍"}}  # fmt: skip

    discord.person("42")
    written = discord.add_message(channel, {"content": f"<@{discord.bot['id']}> why 1"}, "42").as_json(discord.people)
    written |= {"guild_id": "1001", "mentions": [discord.person(discord.bot["id"])], "member": {"roles": []}}

    def interaction(kind: int, data: Any) -> Any:
        shown = pressed if kind in {COMPONENT, MODAL} else None
        return people.body("42", channel, kind, data, pressed=shown)

    return {
        "command": ("INTERACTION_CREATE", interaction(COMMAND, nested)),
        "completion": ("INTERACTION_CREATE", interaction(AUTOCOMPLETE, nested)),
        "message command": ("INTERACTION_CREATE", interaction(COMMAND, related)),
        "button": ("INTERACTION_CREATE", interaction(COMPONENT, button)),
        "modal": ("INTERACTION_CREATE", interaction(MODAL, modal)),
        "reaction": ("MESSAGE_REACTION_ADD", reaction),
        "reaction taken back": ("MESSAGE_REACTION_REMOVE", reaction),
        "mention": ("MESSAGE_CREATE", written),
        "direct message": ("MESSAGE_CREATE", {name: part for name, part in written.items() if name != "guild_id"}),
        "server": ("GUILD_CREATE", discord.guilds["1009"].as_json(discord.bot)),
        "server gone": ("GUILD_DELETE", {"id": "1009"}),
        "channel gone": ("CHANNEL_DELETE", discord.channels["2009"].as_json()),
        "thread": ("THREAD_CREATE", {**channel.as_json(), "id": "77", "type": 11, "parent_id": "2001"}),
    }


async def survive(choices: list[tuple[str, float, Any]]) -> None:
    """Send mutated payloads; afterwards Paperboy answers in the same session."""
    async with FakeDiscord() as discord:
        discord.guild("1001", "2001")
        discord.guild("1009", "2009")
        async with connected(discord, desk()):
            valid = payloads(discord)
            others = sorted({(field,) for _, payload in valid.values() for field in payload})
            for name, where, junk in choices:
                event, payload = valid[name]
                everywhere = [*paths(payload), *(others if junk is not REMOVED else ())]
                await discord.gateway.dispatch(event, mutated(payload, everywhere[int(where * len(everywhere))], junk))
            assert await answers(discord) == "Here they are"
            assert (discord.gateway.identified, discord.gateway.resumed) == (1, 0)
            replies = [task for task in asyncio.all_tasks() if task.get_name() == "discord.py: on_message"]
            await asyncio.gather(*replies)  # else the end of the connection cuts them short


NAMES = ("command", "completion", "message command", "button", "modal", "reaction", "reaction taken back", "mention",
         "direct message", "server", "server gone", "channel gone", "thread")  # fmt: skip
MUTATIONS = st.tuples(
    st.sampled_from(NAMES), st.floats(0, 1, exclude_max=True), st.sampled_from([*JUNK, REMOVED]) | st.text(max_size=4)
)


@examples(25, HealthCheck.function_scoped_fixture)
@given(choices=st.lists(MUTATIONS, min_size=5, max_size=60))
def test_mutated_payloads_are_at_most_one_line_in_the_log_each(choices, caplog):
    caplog.clear()
    with caplog.at_level(logging.INFO):
        asyncio.run(survive(choices))
    own = [record for record in caplog.records if record.name.startswith(("paperboy", "discord", "asyncio"))]
    tracebacks = [record.getMessage() for record in own if record.exc_info or "\n" in record.getMessage()]
    assert tracebacks == []
