"""App Home, and what of other channels anybody is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import home_view as home
from adapters.slack.origin import Origin
from adapters.slack.people import SlackUsers
from adapters.slack.visibility import Visibility
from bot.model import Action, Block, Channel, Message, Span, Subscription
from tests.harness.desk import NOW
from tests.slack.fake import FakeSlack
from tests.slack.fake.blockkit import view_faults
from tests.slack.harness import Workspace, workspace


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as ready:
        yield ready


async def follows(w: Workspace, *channels: str) -> None:
    await w.backend.store.subscriptions.put(
        *(Subscription(Channel(each), topics=(f"topic {each[-2:]}",), next_due=NOW) for each in channels)
    )


async def test_home_shows_the_reading_list_and_what_channels_follow(w: Workspace):
    await w.ada.command("/papers", "save 2510.20579", w.channel)
    await w.ada.command("/papers", "subscribe", w.channel)
    text = (await w.ada.opens_home()).view.shown
    assert "Your reading list (1 paper, 1 unread)" in text
    assert "Open-o3" in text
    assert "#c1" in text
    assert "set by Ada" in text, "people are shown by name"
    assert "slack:T1" not in text


async def test_home_introduces_itself_and_brings_a_digest_to_the_direct_messages(w: Workspace):
    view = (await w.ada.opens_home()).view
    assert "trending research papers" in view.shown.partition("Your own digest")[0]
    assert "You have none yet" in view.shown
    await w.ada.click(view, "Get it daily at 09:00")
    assert w.ada.view is not None
    assert "Subscribed" in w.ada.view.shown
    subscription = await w.subscription(w.ada.dm)
    assert subscription is not None
    assert subscription.timezone == "Europe/Berlin"
    await w.slack.until(lambda: "at 09:00 (Europe/Berlin)" in view.shown)
    assert "You have none yet" not in view.shown, "the tab shows at once what was changed"
    assert "topics add" not in view.shown, "typed in a channel, it would change that channel's digest"
    assert {"Settings", "Topics", "Preview"} <= set(view.buttons)


@pytest.mark.parametrize(("channel", "name"), [("C1", "#c1"), ("C2", "#with_marks")])
async def test_a_channels_settings_open_beside_it(w: Workspace, channel: str, name: str):
    w.team.channel("C2", [w.ada, w.ben], named="with_marks")
    await follows(w, "slack:T1/C1", "slack:T1/C2")
    view = (await w.ada.opens_home()).view
    [button] = [each for each in view.controls if each.get("value") == f'["settings",{{"channel":"{channel}"}}]']
    assert button["accessibility_label"] == f"Settings of {name}"
    form = (await w.ada.click(view, (button["action_id"], button["value"]))).view
    await w.ada.submit(form, {"size": "9"})
    await w.slack.until(lambda: "9 papers" in view.shown)
    subscription = await w.subscription(w.team.channels[channel])
    assert subscription is not None
    assert subscription.size == 9
    assert "Changed the size" in w.ada.private(w.team.channels[channel])[-1].shown


async def test_each_digest_of_a_channel_has_its_settings_beside_it(w: Workspace):
    for line in ("subscribe size:3", "subscribe name:rl agents"):
        await w.ada.command("/papers", line, w.channel)
    view = (await w.ada.opens_home()).view
    assert "1 channel with 2 digests" in view.shown
    values = [each["value"] for each in view.controls if str(each.get("value")).startswith('["settings",{"channel"')]
    assert values == [f'["settings",{{"channel":"C1","name":"{name}"}}]' for name in ("main", "rl")]
    [button] = [each for each in view.controls if each.get("value") == values[1]]
    form = (await w.ada.click(view, (button["action_id"], button["value"]))).view
    assert form.raw["title"]["text"] == "Settings: rl"


async def test_settings_of_a_channel_that_one_may_no_longer_see_stay_closed(w: Workspace):
    secret = w.team.channel("C2", [w.ada], private=True, named="secret")
    await follows(w, "slack:T1/C2")
    view = (await w.ada.opens_home()).view
    secret.members.discard(w.ada.id)
    w.backend.later = 61
    await w.ada.click(view, "Settings")
    assert w.ada.view is not None
    assert "cannot see this channel" in w.ada.view.shown


async def test_the_reading_list_is_ones_own(w: Workspace):
    await w.ada.command("/papers", "save 2510.20579", w.channel)
    assert "Open-o3" not in (await w.ben.opens_home()).view.shown


async def test_pages_turn_on_their_own(w: Workspace):
    for number in range(12):
        w.team.channel(f"C{number + 20}", [w.ada])
    await follows(w, *(f"slack:T1/C{number + 20}" for number in range(12)))
    view = (await w.ada.opens_home()).view
    assert "Page 1 of 2" in view.shown
    turned = (await w.ada.click(view, "More")).view
    assert turned is view
    assert "Page 2 of 2" in turned.shown
    assert "reading list" in turned.shown
    back = (await w.ada.click(turned, "Back")).view
    assert "Page 1 of 2" in back.shown


async def test_a_private_channel_is_shown_to_its_members_alone(w: Workspace):
    w.team.channel("C2", [w.ada], private=True, named="secret")
    await follows(w, "slack:T1/C1", "slack:T1/C2")
    assert "#secret" in (await w.ada.opens_home()).view.shown
    text = (await w.ben.opens_home()).view.shown
    assert "#c1" in text
    assert "C2" not in text
    assert "secret" not in text
    answer = await w.ben.command("/papers", "subscriptions", w.channel)
    assert "secret" not in answer.text
    assert "C2" not in answer.text
    assert "left out" in answer.text
    assert "#secret" in (await w.ada.command("/papers", "subscriptions", w.channel)).text


async def test_a_private_channel_that_paperboy_cannot_look_into_is_shown_to_nobody(w: Workspace):
    w.team.channel("C2", [w.ada], private=True, bot=False)
    await follows(w, "slack:T1/C2")
    assert "topic" not in (await w.ada.opens_home()).view.shown


async def test_another_workspaces_channels_are_never_shown(w: Workspace):
    other = w.slack.team("T2")
    other.channel("C7", [other.user("U7")], named="theirs")
    await follows(w, "slack:T2/C7", "slack:T1/C1")
    for text in (
        (await w.ada.opens_home()).view.shown,
        (await w.ada.command("/papers", "subscriptions", w.channel)).text,
    ):
        assert "C7" not in text
        assert "theirs" not in text


async def test_direct_messages_are_shown_to_their_owner_alone(w: Workspace):
    await follows(w, f"slack:T1/{w.ada.dm.id}", f"slack:T1/{w.ben.dm.id}")
    text = (await w.ada.opens_home()).view.shown
    assert text.count("Direct messages") == 1
    assert w.ben.dm.id not in text


async def test_a_guest_sees_public_channels_only_from_within(w: Workspace):
    guest = w.team.user("U5", guest=True)
    w.channel.members.add(guest.id)
    w.team.channel("C2", [w.ada], named="open")
    await follows(w, "slack:T1/C1", "slack:T1/C2")
    assert "open" not in (await guest.opens_home()).view.shown
    here = await guest.command("/papers", "subscriptions", w.channel)
    assert "#c1" in here.text
    assert "open" not in here.text


async def test_where_admins_manage_others_are_not_shown_the_channels(tmp_path: Path):
    async with workspace(tmp_path, managers="admins") as w:
        await follows(w, "slack:T1/C1")
        assert "1 channel" in (await w.ada.opens_home()).view.shown
        text = (await w.ben.opens_home()).view.shown
        assert "channel with a digest" not in text
        assert "reading list" in text


async def test_a_button_answers_in_a_modal_and_the_next_one_in_its_place(w: Workspace):
    view = (await w.ada.opens_home()).view
    modal = (await w.ada.click(view, "Today's papers")).view
    assert modal.kind == "modal"
    assert "Share" not in modal.buttons
    card = (await w.ada.click(modal, "#1")).view
    assert card is modal
    await w.ada.click(card, "Save")
    assert "Saved" in card.shown
    assert "(1 paper, 1 unread)" in (await w.ada.opens_home()).view.shown


async def test_an_answer_too_late_for_a_modal_comes_as_a_direct_message(w: Workspace):
    view = (await w.ada.opens_home()).view
    w.slack.fails("views.open", "expired_trigger_id")
    reply = await w.ada.click(view, "Today's papers", answered=False)
    await w.slack.until(lambda: bool(w.ada.dm.messages))
    assert "Trending now" in w.ada.dm.messages[0].shown
    assert reply.failure is None


async def test_the_messages_tab_is_not_drawn_over(w: Workspace):
    await w.ada.opens_home(tab="messages", answered=False)
    await w.ada.command("/papers", "help", w.channel)
    assert w.slack.calls("views.publish") == []


def test_the_longest_answers_fit_into_a_home_and_into_a_modal():
    actions = tuple(Action(f"#{n}", "paper", {"paper": f"2510.{n:05d}"}) for n in range(60))
    blocks = tuple(Block("heading" if n % 2 else "text", (Span(f"{n} *& <{'x' * 60}"),)) for n in range(100))
    long = Message(blocks, actions, "t" * 90)
    sections = [home.message_blocks(each) for each in (long, long, replace(long, actions=()))]
    view = home.home_view(sections, home.ViewState("D1", {"saved list": "2"}))
    assert view_faults(view) == []
    assert home.view_state(view) == home.ViewState("D1", {"saved list": "2"})
    assert view_faults(home.answer_modal(long, home.ViewState())) == []
    assert home.view_state({"private_metadata": "[1]"}) == home.ViewState()


async def test_a_paragraph_about_another_workspace_is_taken_out_whoever_wrote_it():
    async with FakeSlack() as slack:
        team = slack.team("T1")
        ada = team.user("U1")
        team.channel("C1", [ada])
        client = AsyncWebClient(team.bot_token, base_url=slack.api_url)
        sight = Visibility(SlackUsers("members", clock=lambda: 0.0), clock=lambda: 0.0)
        blocks = tuple(Block("item", (Span(each, code=True), Span(" x"))) for each in ("slack:T2/C1", "slack:T1/C1"))
        visible = await sight.visible_part(Message(blocks), Origin(client, "T1", "C9", "U1"))
        assert [block.text for block in visible.blocks] == ["#c1 x", "Channels that you cannot see are left out."]


async def test_a_tick_in_the_tab_marks_a_paper_and_draws_the_tab_again_without_a_modal(w: Workspace):
    await w.ada.command("/papers", "save 2510.20579")
    view = (await w.ada.opens_home()).view
    assert "1 unread" in view.shown
    reply = await w.ada.click(view, "✓ 1")
    assert reply.view is view
    assert "(1 paper, 0 unread)" in view.shown
    assert "✓ read" in view.shown
