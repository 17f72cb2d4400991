"""Cards for papers that people link to: switched on by managers, once a day, named in the digest."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Channel
from bot.wording.digest import digest_thread
from tests.harness.desk import ADA, BEN, HERE, Desk


async def cards(desk: Desk, *ids: str) -> list[str]:
    return list(await desk.handlers.linked(BEN, ids))


async def likely_ids(desk: Desk) -> list[str]:
    """Papers that a digest of now would have."""
    await desk.ask("subscribe at:9 timezone:utc size:3")
    return [pick.paper.id for pick in (await desk.engine.preview(await desk.subscription())).picks]


async def test_a_channel_switches_cards_on_and_off_and_says_which_it_is(desk: Desk):
    assert (await desk.ask("links")).text == "Papers that people link to here get no card."
    on = await desk.ask("links on")
    assert on.text == "A paper that somebody links to here gets a card, once a day, and no digest repeats it."
    assert "switched on cards for papers that people link to" in on.announcement
    assert (await desk.ask("links")).text == on.text
    off = await desk.press(on, "Links off")
    assert off.text == "Papers that people link to here get no card any more."
    assert not (await desk.store.channels.settings(HERE)).links


async def test_only_managers_switch_it_and_what_is_in_the_way_is_said(desk: Desk):
    assert "you need" in (await desk.ask("links on", replace(BEN, may_manage=False))).text
    blind = replace(ADA, links_obstacle="Slack tells of links to other apps alone")
    answer = await desk.ask("links on", blind)
    assert answer.text.endswith("But none comes yet: Slack tells of links to other apps alone.")
    assert (await desk.store.channels.settings(HERE)).links


async def test_a_linked_paper_gets_a_card_once_a_day_where_that_is_on(desk: Desk):
    first, second, *_ = await likely_ids(desk)
    assert await cards(desk, first) == []
    await desk.ask("links on")
    [card] = (await desk.handlers.linked(BEN, [first])).values()
    assert (card.paper_id, card.private) == (first, False)
    assert "Save" in [action.label for action in card.actions]
    assert await cards(desk, first, second) == [second]
    desk.clock.advance(days=1)
    assert await cards(desk, first) == [first]


async def test_a_message_with_many_links_gets_three_cards_and_unknown_papers_none(desk: Desk):
    await desk.ask("links on")
    ids = [trend.paper.id for trend in (await desk.engine.shortlist()).trends[:5]]
    assert await cards(desk, *ids) == ids[:3]
    assert await cards(desk, "10.1000/nothing", "2101.99999") == []


async def test_the_digest_names_what_was_linked_to_instead_of_repeating_it(desk: Desk):
    first, *_ = await likely_ids(desk)
    await desk.ask("links on")
    await desk.handlers.linked(replace(BEN, name="Ben"), [first])
    desk.clock.advance(hours=1)
    digest = await chosen(desk)
    assert first not in [pick.paper.id for pick in digest.picks]
    assert [(each.paper.id, each.by) for each in digest.linked] == [(first, "Ben")]
    opener = digest_thread(digest).opener.text
    [linked] = digest.linked
    assert f"Shared here already: {linked.paper.title} (by Ben, Fri)." in opener


async def chosen(desk: Desk):
    """The channel's digest as a tick chooses and stores it."""
    subscription = await desk.subscription()
    await desk.store.subscriptions.put(replace(subscription, next_due=desk.clock()))
    await desk.engine.tick()
    digest = await desk.store.ledger.digest(HERE, desk.clock().date())
    assert digest is not None
    return digest


async def test_a_paper_that_no_digest_would_have_had_is_not_named(desk: Desk):
    await likely_ids(desk)
    await desk.ask("links on")
    last = (await desk.engine.shortlist()).trends[-1].paper.id
    await cards(desk, last)
    assert (await chosen(desk)).linked == ()


async def test_a_paper_that_a_digest_showed_is_not_named_when_somebody_links_to_it(desk: Desk):
    first, *_ = await likely_ids(desk)
    await desk.ask("links on")
    await chosen(desk)
    await cards(desk, first)
    desk.clock.advance(days=1)
    assert first not in [each.paper.id for each in (await chosen(desk)).linked]


async def test_names_are_plain_text_of_a_bounded_length(desk: Desk):
    first, *_ = await likely_ids(desk)
    await desk.ask("links on")
    await desk.handlers.linked(replace(BEN, name="b\nob " * 100), [first])
    note = digest_thread(await chosen(desk)).opener.text
    assert "(by b ob b ob" in note
    assert len(max(note.split("; "), key=len)) < 1_000


async def test_another_channel_is_another_matter(desk: Desk):
    first, *_ = await likely_ids(desk)
    await desk.ask("links on")
    elsewhere = replace(BEN, channel=Channel("slack:T1/C9"))
    assert await desk.handlers.linked(elsewhere, [first]) == {}
    assert await cards(desk, first) == [first]
