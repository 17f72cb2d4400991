"""Messages and modals that the fake Slack refuses: each limit met once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.slack.fake import FakeSlack
from tests.slack.fake.blockkit import message_faults, view_faults
from tests.slack.fake_client import actions, button, client, plain, refuses, section


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as slack:
        slack.team("T1").channel("C1", [slack.team("T1").user("U1")])
        yield slack


TOO_MUCH: dict[str, list[dict[str, Any]]] = {
    "51 blocks": [{"type": "divider"}] * 51,
    "a section of 3,001": [section("x" * 3_001)],
    "an empty section": [section("")],
    "a section of nothing": [{"type": "section"}],
    "11 fields": [{"type": "section", "fields": [plain("x")] * 11}],
    "a field of 2,001": [{"type": "section", "fields": [plain("x" * 2_001)]}],
    "a header of 151": [{"type": "header", "text": plain("x" * 151)}],
    "a header in mrkdwn": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    "11 in a context": [{"type": "context", "elements": [plain("x")] * 11}],
    "nothing in a context": [{"type": "context", "elements": []}],
    "26 actions": [actions(*(button(action_id=str(n)) for n in range(26)))],
    "a label of 76": [actions(button(text=plain("x" * 76)))],
    "a value of 2,001": [actions(button(value="x" * 2_001))],
    "an action_id of 256": [actions(button(action_id="x" * 256))],
    "an action_id twice": [actions(button(), button())],
    "a block_id twice": [section(block_id="b"), section(block_id="b")],
    "an address of 3,001": [actions(button(url="https://a.example/" + "x" * 3_000))],
    "an address that is none": [actions(button(url="no address"))],
    "a style of its own": [actions(button(style="loud"))],
    "an unknown field": [section(colour="red")],
    "an unknown block": [{"type": "marquee"}],
    "an option of 76": [
        actions({"type": "overflow", "action_id": "o", "options": [{"text": plain("x" * 76), "value": "v"}]})
    ],
    "a menu's entry in mrkdwn": [
        actions(
            {"type": "overflow", "action_id": "o", "options": [{"text": {"type": "mrkdwn", "text": "x"}, "value": "v"}]}
        )
    ],
    "6 in an overflow": [
        actions({"type": "overflow", "action_id": "o", "options": [{"text": plain("x"), "value": "v"}] * 6})
    ],
    "a value twice": [
        actions({"type": "checkboxes", "action_id": "c", "options": [{"text": plain("x"), "value": "v"}] * 2})
    ],
    "a first option that is none": [
        actions(
            {
                "type": "static_select",
                "action_id": "s",
                "options": [{"text": plain("x"), "value": "v"}],
                "initial_option": {"text": plain("y"), "value": "v"},
            }
        )
    ],
    "an hour that is none": [actions({"type": "timepicker", "action_id": "t", "initial_time": "9:00"})],
    "101 options": [
        actions({"type": "static_select", "action_id": "s", "options": [{"text": plain("x"), "value": "v"}] * 101})
    ],
}
JUST_RIGHT: list[dict[str, Any]] = [
    section("x" * 3_000, accessory=button(text=plain("x" * 75), value="x" * 2_000)),
    {"type": "section", "fields": [plain("x" * 100)] * 10},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "context", "elements": [plain("x")] * 10},
    actions(*(button(action_id=str(n)) for n in range(25))),
    *[{"type": "divider"}] * 45,
]


@pytest.mark.parametrize("what", TOO_MUCH)
async def test_blocks_beyond_the_limits_are_refused_with_the_place(slack: FakeSlack, what: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        await client(slack).chat_postMessage(channel="C1", text="x", blocks=TOO_MUCH[what])
    assert refused.value.response["error"] == "invalid_blocks"
    assert "[json-pointer:/blocks" in refused.value.response["response_metadata"]["messages"][0]


async def test_blocks_at_the_limits_are_taken(slack: FakeSlack) -> None:
    await client(slack).chat_postMessage(channel="C1", text="x", blocks=JUST_RIGHT)
    assert message_faults(JUST_RIGHT) == []


async def test_a_message_is_too_long_as_a_whole(slack: FakeSlack) -> None:
    with refuses("msg_blocks_too_long"):
        await client(slack).chat_postMessage(channel="C1", text="x", blocks=[section("x" * 3_000)] * 4 + [section()])
    with refuses("msg_too_long"):
        await client(slack).chat_postMessage(channel="C1", text="x" * 40_001)
    with refuses("no_text"):
        await client(slack).api_call("chat.postMessage", json={"channel": "C1", "text": " "})
    sent = await client(slack).chat_postMessage(channel="C1", text="x")
    with refuses("msg_too_long"):
        await client(slack).chat_update(channel="C1", ts=sent["ts"], text="x" * 4_001)


def test_a_modal_has_limits_of_its_own() -> None:
    modal: dict[str, Any] = {"type": "modal", "title": plain("x" * 24), "blocks": [section()] * 100}
    field = {"type": "input", "label": plain("x"), "element": {"type": "plain_text_input"}}
    assert view_faults(modal) == []
    assert view_faults({**modal, "title": plain("x" * 25)})
    assert view_faults({**modal, "blocks": [section()] * 101})
    assert view_faults({**modal, "private_metadata": "x" * 3_001})
    assert view_faults({**modal, "colour": "red"})
    assert view_faults({**modal, "blocks": [field]}) == ["missing required field: submit [json-pointer:/view]"]
    assert view_faults({"type": "home", "blocks": [section()], "title": plain("x")})
