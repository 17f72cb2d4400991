"""`recap`: how it stands, what it would be, on and off, and what is no way to say it."""

from __future__ import annotations

from datetime import time

from tests.harness.desk import BEN, HERE, Desk

OMNI = "2510.15870"


async def test_it_is_off_until_it_is_switched_on_for_a_day_and_hour(desk: Desk):
    await desk.ask("subscribe timezone:Europe/Berlin")
    state = await desk.ask("recap")
    assert "There is no weekly recap here." in state.text
    assert [action.label for action in state.actions] == ["On, on Fridays at 16:00", "Preview"]
    on = await desk.ask("recap on day:tue at:9am")
    assert "a recap comes here on Tuesdays at 09:00 (Europe/Berlin), next on Tue 28 Oct, 09:00." in on.text
    settings = await desk.store.channels.settings(HERE)
    assert (settings.recap_day, settings.recap_at, settings.recap_from) == (1, time(9), desk.clock())
    assert "09:00" in (await desk.ask("recap day:fri")).text, "what is not named stays"
    off = await desk.press(await desk.ask("recap"), "Off")
    assert "No weekly recap any more." in off.text
    assert (await desk.store.channels.settings(HERE)).recap_day is None


async def test_the_button_switches_it_on(desk: Desk):
    await desk.ask("subscribe")
    await desk.press(await desk.ask("recap"), "On, on Fridays at 16:00")
    assert (await desk.store.channels.settings(HERE)).recap_day == 4


async def test_a_preview_shows_the_last_seven_days(desk: Desk):
    await desk.ask("subscribe")
    assert "would be skipped" in (await desk.press(await desk.ask("recap"), "Preview")).text
    await desk.run("like", paper=OMNI)
    await desk.run("discuss", BEN, paper=OMNI)
    preview = await desk.press(await desk.ask("recap"), "Preview")
    assert preview.private
    assert "Most liked\n👍 1 · OmniVinci" in preview.text
    assert "To be discussed\n💬 1 · OmniVinci" in preview.text
    await desk.ask("club start day:thu at:15:00")
    assert "Journal club: Thu " in (await desk.press(await desk.ask("recap"), "Preview")).text


async def test_what_cannot_be_is_said_with_the_remedy(desk: Desk):
    assert "/papers subscribe" in (await desk.ask("recap on")).text
    await desk.ask("subscribe")
    assert "takes on or off" in (await desk.ask("recap maybe")).text
    assert "fri" in (await desk.ask("recap on day:freitag")).text
    assert "16:00" in (await desk.ask("recap on at:late")).text


async def test_everybody_reads_how_it_stands_and_managers_change_it(desk: Desk):
    await desk.ask("subscribe")
    assert "no weekly recap" in (await desk.run("recap", BEN)).text
    assert "Manage Channels" in (await desk.run("recap", BEN, state="on")).text
    assert (await desk.store.channels.settings(HERE)).recap_day is None
