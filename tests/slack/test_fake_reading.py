"""Visible text and notifications in the fake Slack; and a manifest is enforced."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.slack.fake import FakeSlack, reading
from tests.slack.fake_client import actions, button, client, plain, section


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as slack:
        slack.team("T1").channel("C1", [slack.team("T1").user("U1")])
        yield slack


SHOWN = {
    "<!channel> now": ("@channel now", ["channel"]),
    "<!here|here>": ("@here", ["here"]),
    "<@U123> <@U9|bob>": ("@U123 bob", ["U123", "U9"]),
    "<!subteam^S1|@team>": ("@team", ["S1"]),
    "&lt;!channel&gt; &amp;lt;": ("<!channel> &lt;", []),
    "<https://a.example/?a=1&amp;b=2|A &lt;b&gt;>": ("A <b>", []),
    "*bold* _it_ ~gone~ `code` 2*3*4 a_b_c": ("bold it gone code 2*3*4 a_b_c", []),
    "*<https://a.example|Title>*": ("Title", []),
    "<!date^1700000000^{date}|Tuesday>": ("Tuesday", []),
    "<#C1|general>": ("#general", []),
    "a < b > c": ("a < b > c", []),
}


@pytest.mark.parametrize("text", SHOWN)
def test_a_text_is_read_and_notifies_as_in_slack(text: str) -> None:
    result = reading.mrkdwn(text)
    assert (result.shown, result.pings) == SHOWN[text]


def test_links_and_bare_mentions_are_noticed() -> None:
    result = reading.mrkdwn("<https://a.example/?a=1&amp;b=2|here> https://b.example @channel me@here.example")
    assert result.links == [("https://a.example/?a=1&b=2", "here"), ("https://b.example", "https://b.example")]
    assert result.auto_mentions == ["channel"]
    quiet = reading.mrkdwn("https://b.example @channel", verbatim=True)
    assert (quiet.links, quiet.auto_mentions) == ([], [])


async def test_whom_a_message_notifies_is_kept_even_when_edited_or_only_in_its_text(slack: FakeSlack) -> None:
    await client(slack).chat_postMessage(channel="C1", text="<!here>", blocks=[section("quiet")])
    sent = await client(slack).chat_postMessage(channel="C1", text="quiet", blocks=[section("a <@U1>")])
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": "<!channel>"}]}
    await client(slack).chat_postMessage(channel="C1", text="x", blocks=[{"type": "rich_text", "elements": [rich]}])
    await client(slack).chat_update(channel="C1", ts=sent["ts"], text="<!everyone>")
    assert [(post.shown, who) for post, who in slack.pings] == [
        ("quiet", "here"),
        ("@everyone", "U1"),
        ("@everyone", "everyone"),
    ]
    assert slack.posts[2].shown == "<!channel>"
    assert slack.posts[0].notification == "@here"


async def test_plain_texts_are_kept_with_entities_and_read_without(slack: FakeSlack) -> None:
    await client(slack).chat_postMessage(channel="C1", text="x", blocks=[actions(button(text=plain("a & b <c>")))])
    post = slack.posts[0]
    assert post.raw["blocks"][0]["elements"][0]["text"]["text"] == "a &amp; b &lt;c&gt;"
    assert post.buttons == ["a & b <c>"]


async def test_a_manifest_is_held_to() -> None:
    manifest = {
        "features": {"slash_commands": [{"command": "/papers"}], "shortcuts": [{"callback_id": "card"}]},
        "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
        "settings": {"event_subscriptions": {"bot_events": ["app_home_opened"]}},
    }
    async with FakeSlack(manifest=manifest) as slack:
        alice = slack.team("T1").user("U1")
        with pytest.raises(AssertionError, match="/other is not in the manifest"):
            await alice.command("/other")
        reply = await alice.reacts(alice.says(slack.team("T1").channel("C1"), "x"), "+1")
        assert str(reply.failure).startswith("not subscribed to reaction_added")
    manifest["settings"] = {"event_subscriptions": {"bot_events": ["app_mention"]}}
    with pytest.raises(AssertionError, match="app_mention needs one of"):
        FakeSlack(manifest=manifest)
