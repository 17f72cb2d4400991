"""Notes, tags, read marks, and what a channel liked, as a person meets them."""

from __future__ import annotations

import pytest

from bot.model import FilledForm, Form, Message
from tests.harness.desk import ADA, BEN, HERE, OMNI, SINKS, Desk, listed


async def saved(desk: Desk, number: int) -> list[str]:
    """Ids of so many saved papers, the latest first."""
    ids = [trend.paper.id for trend in (await desk.engine.shortlist()).trends[:number]]
    for paper_id in reversed(ids):
        await desk.ask(f"save {paper_id}")
        desk.clock.advance(minutes=1)
    return ids


async def filled(desk: Desk, form: Form, **answers: str) -> Message | Form:
    """The answer to a filled-in form, or the form with its faults."""
    read = await desk.handlers.read(form.filled(answers), HERE)
    if isinstance(read, Form):
        return read
    assert isinstance(read, FilledForm)
    return await desk.handlers.apply(read, ADA)


async def test_a_note_and_tags_show_on_the_list_and_on_its_entry(desk):
    await desk.ask(f"save {SINKS}")
    desk.clock.advance(minutes=1)
    answer = await desk.ask(f'saved note {OMNI} compare "table 3: ours')
    assert 'compare "table 3: ours' in answer.text
    assert "Now #rl #to-discuss" in (await desk.ask(f"saved tag {OMNI} RL, to discuss")).text
    page = await desk.ask("saved")
    assert listed(page) == [OMNI, SINKS], "a paper that is noted about is saved"
    assert "Your reading list (2 papers, 2 unread)" in page.text
    assert f'{OMNI} · #rl #to-discuss · “compare "table 3: ours”' in page.text
    card = await desk.press(page, "#1")
    assert "Saved Fri 24 Oct, unread · #rl · #to-discuss" in card.text
    assert card.private
    assert not [action for action in card.actions if action.options.get("share")], "it cannot be shared"
    assert "No note any more" in (await desk.ask(f"saved note {OMNI} -")).text
    assert "Now #to-discuss" in (await desk.ask(f"saved tag {OMNI} -rl")).text
    assert "Now no tags" in (await desk.ask(f"saved tag {OMNI} -")).text
    assert "table 3" not in (await desk.ask("saved", BEN)).text


async def test_a_tick_marks_a_paper_and_the_list_comes_again(desk):
    ids = await saved(desk, 12)
    page = await desk.press(await desk.ask("saved unread"), "✓ 2")
    assert "Your reading list: unread (11 papers)" in page.text
    assert listed(page) == [ids[0], *ids[2:11]]
    second = await desk.press(page, "More")
    assert [a.label for a in second.actions] == ["#11", "✓ 11", "Back", "All", "Export"]
    last = await desk.press(second, "✓ 11")
    assert listed(last) == [ids[0], *ids[2:11]], "the page that is left, not an empty one"
    read = await desk.ask("saved list read")
    assert listed(read) == [ids[1], ids[11]]
    assert "✓ read" in read.text
    back = await desk.press(await desk.press(read, "#1"), "Unread")
    assert "Marked as unread" in back.text
    assert listed(await desk.press(back, "Reading list")) == ids[:10]
    assert "It was marked as unread" in (await desk.ask(f"saved unread {ids[1]}")).text


async def test_a_list_with_every_button_fits_into_a_message_of_discord(desk):
    ids = await saved(desk, 21)
    await desk.ask(f"saved tag {ids[12]} rl")
    page = await desk.press(await desk.ask("saved"), "More")
    assert len(page.actions) == 24, "at most 25"
    short = page.shortened(3)
    labels = [action.label for action in short.actions]
    assert labels == ["#11", "#12", "#13", "✓ 11", "✓ 12", "✓ 13", "Back", "More", "Unread", "Export"]


async def test_the_list_is_narrowed_by_tags(desk):
    ids = await saved(desk, 3)
    await desk.ask(f"saved tag {ids[0]} rl vision")
    await desk.ask(f"saved tag {ids[2]} rl")
    await desk.ask(f"saved read {ids[2]}")
    assert listed(await desk.ask("saved list tag:rl")) == [ids[0], ids[2]]
    assert listed(await desk.ask("saved list tag:rl,vision")) == [ids[0]]
    page = await desk.ask("saved list unread tag:#RL")
    assert listed(page) == [ids[0]]
    assert "Your tags: #rl 2, #vision 1. saved list tag:rl lists one." in page.text
    nothing = await desk.press(page, "✓ 1")
    assert "Nothing on your reading list is unread, #rl." in nothing.text
    assert listed(await desk.press(nothing, "All")) == ids


async def test_forms_hold_what_is_there_and_come_back_with_their_faults(desk):
    await desk.ask(f"saved note {OMNI} first")
    form = await desk.form("saved note", paper=OMNI)
    assert (form.fields[0].value, form.options) == ("first", {"paper": OMNI})
    wrong = await filled(desk, form, text="x" * 1_001)
    assert isinstance(wrong, Form)
    assert wrong.fields[0].value == "x" * 1_001, "nothing typed is lost"
    assert "at most 1,000 characters" in (wrong.fields[0].error or "")
    assert "second thoughts" in (await filled(desk, wrong, text="second\nthoughts")).text  # type: ignore[union-attr]
    assert "No note any more" in (await filled(desk, form, text="")).text  # type: ignore[union-attr]
    await desk.ask(f"saved tag {OMNI} a b")
    tags = await desk.form("saved tag", paper=OMNI)
    assert tags.fields[0].value == "a b"
    assert isinstance(await filled(desk, tags, tags="a b!"), Form)
    assert "Now #b #c" in (await filled(desk, tags, tags="b c")).text  # type: ignore[union-attr]
    assert "Now no tags" in (await filled(desk, tags, tags="")).text  # type: ignore[union-attr]


async def test_a_paper_has_twenty_tags_at_most(desk):
    await desk.ask(f"saved tag {OMNI} {' '.join(f't{n}' for n in range(20))}")
    assert "at most 20 tags" in (await desk.ask(f"saved tag {OMNI} more")).text
    assert "#more" in (await desk.ask(f"saved tag {OMNI} more -t0")).text


async def test_what_is_gone_is_said(desk):
    await desk.ask(f"save {OMNI}")
    page = await desk.ask("saved")
    await desk.ask(f"unsave {OMNI}")
    assert "not on your reading list any more" in (await desk.press(page, "#1")).text
    again = await desk.press(page, "✓ 1")
    assert "Your reading list (1 paper, 0 unread)" in again.text, "a tick on what was taken off puts it back"


async def test_a_channels_favourites_count_likes_and_shares_by_number_and_never_saves(desk):
    assert "Nobody has liked or shared a paper here yet." in (await desk.ask("saved channel")).text
    for who in (ADA, BEN):
        await desk.ask(f"save {OMNI}", who)
        await desk.run("like", who, paper=SINKS)
    await desk.run("paper", ADA, paper=SINKS, share="yes")
    page = await desk.ask("saved channel", BEN)
    assert listed(page) == [SINKS]
    assert "Liked and shared here (1 paper)" in page.text
    assert f"{SINKS} · 👍 2 · shared by 1" in page.text
    assert "private and does not count" in page.text
    shared = await desk.press(page, "Share", BEN)
    assert not shared.private


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("saved tag 2510.15870 so:bad", "“so:bad” can't be a tag"),
        ("saved note", "A paper is missing."),
        ("saved list tag:", "needs a value"),
        ("saved list tag:a!", "can't be a tag"),
        ("saved list later", "takes all, unread or read"),
        ("saved remark x", "is not a command"),
        ("saved note #2 x", "Numbers work in a digest's thread."),
    ],
)
async def test_a_wrong_line_gets_one_line_with_the_remedy(desk, line, expected):
    message = await desk.ask(line)
    assert expected in message.text.replace("`", "").replace("/papers ", "")
    assert len(message.blocks) == 1
