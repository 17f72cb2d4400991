"""Counts on cards in Slack: reactions come over the WebSocket, edits go out over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.app.recap import RecapRoutine
from bot.model import Channel
from tests.contracts.outlet import say
from tests.fakes import reactions
from tests.harness.engine import eventually
from tests.slack.fake import Posted
from tests.slack.harness import Workspace, workspace
from tests.slack.test_outlet import OnSlack, on_slack, session, slack  # noqa: F401 - its fixtures

HERE = Channel("slack:T1/C1")


async def counted(w: Workspace, number: int) -> None:
    """Wait until so many reactions are stored."""

    async def stored() -> int:
        return len(await reactions(w.backend.store, HERE))

    await eventually(stored, number)


async def look(w: Workspace, **span: float) -> int:
    """Edit what is due after this time; how many edits Slack has got in all."""
    w.backend.clock.advance(**span)
    await w.backend.counts.edit_due()
    return len(w.slack.calls("chat.update"))


def last_note(post: Posted) -> str:
    return [block for block in post.raw["blocks"] if block["type"] == "context"][-1]["elements"][-1]["text"]


async def test_a_card_shows_who_likes_it_and_wants_to_discuss_it_and_stays_what_it_was(tmp_path: Path):
    async with workspace(tmp_path) as w:
        card, *_ = await w.digest()
        before = {name: card.raw[name] for name in ("metadata", "thread_ts")}
        buttons, menu = card.buttons, card.menu
        await w.ben.reacts(card, "+1")
        await counted(w, 1)
        for label in ("Save", "Let's discuss"):
            await w.ben.click(card, label)
        assert await look(w) == 1
        assert "👍 1 · 💬 1 wants to discuss" in last_note(card)
        assert {name: card.raw[name] for name in before} == before, "it is found again by its key"
        assert (card.buttons, card.menu) == (buttons, menu)
        [call] = w.slack.calls("chat.update")
        assert set(call.args) <= {"channel", "ts", "text", "blocks", "metadata"}
        await w.ada.click(card, "Let's discuss")
        assert await look(w, seconds=59) == 1
        assert await look(w, seconds=1) == 2
        assert "💬 2 want to discuss" in last_note(card)
        assert w.slack.pings == []


async def test_a_burst_of_a_hundred_reactions_is_one_edit(tmp_path: Path):
    async with workspace(tmp_path) as w:
        card, *_ = await w.digest()
        people = [w.team.user(f"UX{number}") for number in range(100)]
        await w.ben.reacts(card, "+1")
        await counted(w, 1)
        assert await look(w) == 1
        for person in people:
            await person.reacts(card, "+1")
        await counted(w, 101)
        assert await look(w, seconds=59) == 1
        assert await look(w, seconds=1) == 2
        assert "👍 101" in last_note(card)
        assert await look(w, hours=2) == 2


async def test_a_deleted_card_is_dropped_without_a_word(tmp_path: Path):
    async with workspace(tmp_path) as w:
        card, other, *_ = await w.digest()
        for each in (card, other):
            await w.ben.click(each, "👍")
        card.deleted = True
        assert await look(w) == 2
        assert "👍 1" in last_note(other)
        assert await look(w, hours=1) == 2
        subscription = await w.subscription()
        assert subscription is not None
        assert subscription.paused_at is None


async def test_edits_of_a_workspace_keep_to_slacks_pace(on_slack: OnSlack):  # noqa: F811 - a fixture
    ref = await on_slack.outlet.post(HERE, say("One"), under=None, key="k")
    on_slack.hours.slept.clear()
    for number in range(51):
        await on_slack.outlet.edit(HERE, ref, say(f"{number}"), under=None, key="k")
    assert sum(on_slack.hours.slept) >= 60, "tier 3: 50 a minute"


async def test_a_recap_is_switched_on_previewed_and_posted_with_links_to_the_thread(tmp_path: Path):
    async with workspace(tmp_path) as w:
        card, *_ = await w.digest()
        await w.ben.click(card, "👍")
        w.backend.engine.routines = (RecapRoutine(w.backend.store, w.backend.engine),)
        await w.ada.command("/papers", "recap on day:mon at:09:00", w.channel)
        state = (await w.ada.command("/papers", "recap", w.channel)).message
        assert "on Mondays at 09:00" in state.shown
        assert "Most liked" in (await w.ada.click(state, "Preview")).message.shown
        local = w.backend.clock().astimezone(ZoneInfo("Europe/Berlin"))
        monday = local.date() + timedelta(days=(7 - local.weekday()) % 7 or 7)
        w.backend.clock.set(datetime.combine(monday, time(9), ZoneInfo("Europe/Berlin")).astimezone(UTC))
        await w.backend.deliver()
        [recap] = [post for post in w.channel.roots if "Papers of the week" in post.shown]
        assert "👍 1" in recap.shown
        assert f"/archives/C1/p{card.ts.replace('.', '')}" in str(recap.raw["blocks"])
        assert w.slack.pings == []
