"""Answers to one person, answers about Paperboy itself, and answers to invalid lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from bot.commands import COMMANDS
from bot.model import Form, Message, SourceReport, Subscription
from tests.fakes import reactions
from tests.harness.desk import ADA, BEN, HERE, NOW, OMNI, Desk, listed
from tests.harness.examples import examples


async def test_a_reading_list_is_ones_own(desk):
    await desk.press(await desk.ask(f"paper {OMNI}"), "Save")
    assert listed(await desk.ask("saved")) == [OMNI]
    assert "reading list is empty" in (await desk.ask("saved", BEN)).text
    assert "Saved before" in (await desk.ask(f"save {OMNI}")).text
    assert "Taken off" in (await desk.ask(f"unsave {OMNI}")).text
    assert "was not on" in (await desk.ask(f"unsave {OMNI}")).text
    assert "nothing to export" in (await desk.ask("saved export")).text


async def test_a_long_reading_list_is_paged_and_exported_whole(desk):
    paper_ids = [trend.paper.id for trend in (await desk.engine.shortlist()).trends[:25]]
    for paper_id in paper_ids:
        await desk.ask(f"save {paper_id}")
    first = await desk.ask("saved")
    assert len(listed(first)) == 10
    files = await desk.press(first, "Export")
    for label, mark in (("BibTeX", "eprint = {%s}"), ("CSV", "\n%s,"), ("RIS", "AN  - arXiv:%s")):
        exported = await desk.press(files, label) if label != "BibTeX" else files
        assert "25 papers" in exported.text
        assert exported.private
        assert exported.file is not None
        text = exported.file.content.decode()
        assert all(mark % paper_id in text for paper_id in paper_ids)


async def test_thumbs_are_recorded_by_channel(desk):
    card = await desk.ask(f"paper {OMNI}")
    await desk.press(card, "👍")
    assert await reactions(desk.store, HERE) == [(OMNI, 1)]
    await desk.press(card, "👎")
    assert await reactions(desk.store, HERE) == [(OMNI, -1)]


async def test_forgetting_asks_then_erases_what_is_ones_own(desk):
    await desk.ask(f"save {OMNI}")
    await desk.press(await desk.ask(f"paper {OMNI}"), "👍")
    question = await desk.ask("forget me")
    assert await desk.store.people.reading_list(ADA.user)
    assert "Erased: 1 saved paper and 1 reaction." in (await desk.press(question, "Erase")).text
    assert not await desk.store.people.reading_list(ADA.user)
    assert "nothing to erase" in (await desk.run("forget", what="channel", confirm="yes")).text
    assert "you need" in (await desk.run("forget", BEN, what="channel", confirm="yes")).text


async def test_forgetting_somebody_erases_their_name_on_digests_and_the_notices_to_them(desk):
    await desk.ask("subscribe")
    await desk.store.people.queue_notice(ADA.user, HERE, "skipped", NOW.date(), "For Ada.", NOW)
    question = await desk.ask("forget me")
    assert "and on the digests that you set up" in question.text
    assert "Erased: 1 notice and 1 mention." in (await desk.press(question, "Erase")).text
    assert (await desk.subscription()).set_by is None
    assert await desk.store.people.due_notices(NOW) == []


async def test_status_names_sources_and_the_next_digest(desk):
    await desk.store.papers.report(SourceReport("huggingface", NOW, NOW, 50, 120))
    await desk.ask("subscribe")
    text = (await desk.ask("status")).text
    assert "Hugging Face: fine, last answered just now, 50 papers, 120 new observations" in text
    assert "next digest Sat 25 Oct, 09:00" in text
    assert "67 papers" in text


async def test_help_explains_everything_a_group_or_one(desk):
    start = await desk.ask("help")
    assert len([each for each in start.blocks if each.role == "item"]) == 5, "a phone's screen"
    assert "Search all papers" in (await desk.press(start, "All commands")).text
    assert "topics mute" in (await desk.ask("help topics")).text
    assert "/papers subscribe" in (await desk.ask("help subscribe")).text
    assert "size: Papers in a digest" in (await desk.ask("help settings")).text
    assert "Did you mean /papers help search?" in (await desk.ask("help serch")).text
    assert "arXiv" in (await desk.ask("about")).text


async def test_only_managers_change_a_channel_and_the_others_are_told_what_they_need(desk):
    for command in COMMANDS.values():
        answer = await desk.handlers.run(command.name, BEN, {})
        refused = isinstance(answer, Message) and "the permission “Manage Channels”" in answer.text
        assert refused == (command.permission == "managers"), command.name
    assert await desk.store.subscriptions.get(HERE) is None


async def test_completion_is_from_memory_and_fits_what_is_typed(desk):
    await desk.run("topics add", topic="video diffusion", confirm="yes")
    await desk.run("topics mute", topic="medical", confirm="yes")

    async def offered(command: str, option: str, prefix: str) -> tuple[str, ...]:
        return await desk.handlers.complete(command, option, prefix, ADA)

    assert await offered("topics remove", "topic", "") == ("video diffusion",)
    assert await offered("topics unmute", "topic", "med") == ("medical",)
    assert await offered("search", "query", "vid") == ("vid", "video diffusion")
    assert (await offered("topics add", "topic", "agents cat:cs.C"))[0] == "agents cat:cs.CL"
    assert (await offered("subscribe", "timezone", "berl"))[0] == "Europe/Berlin"
    assert (await offered("subscribe", "timezone", "new y"))[0] == "America/New_York"
    assert (await offered("subscribe", "days", "week"))[0] == "weekdays"
    assert await offered("subscribe", "style", "c") == ("compact",)
    assert "topics add" in await offered("help", "command", "topics")
    assert await offered("nothing", "x", "y") == ()
    assert len(await offered("subscribe", "timezone", "")) == 25


async def test_completion_knows_a_channel_nobody_has_asked_about_yet(desk):
    await desk.store.subscriptions.put(Subscription(HERE, topics=("video",)))
    assert await desk.handlers.complete("topics remove", "topic", "", ADA) == ("video",)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("serch video", "Did you mean /papers search video?"),
        ("subscribe timezone:berlim", "Did you mean Europe/Berlin?"),
        ("subscribe at:25", "09:00, 9am or 21.30"),
        ("subscribe days:frday", "Did you mean friday?"),
        ("subscribe size:21", "At most 20 papers."),
        ("digest 2025-99-01", "is not a day"),
        ("pause yesterday", "not ahead"),
        ("catchup 99", "At most"),
        ("topics add cat:", "needs a value"),
        ("saved export pdf", "bibtex, csl, csv or ris"),
        ("forget everything", "me or channel"),
    ],
)
async def test_a_wrong_line_gets_one_line_with_the_remedy(desk, line, expected):
    message = await desk.ask(line)
    assert expected in message.text
    assert len(message.blocks) == 1
    assert "\n" not in message.text


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("week"))
    yield desk
    desk.store.close()


VISIBLE = [command.name for command in COMMANDS.values() if not command.hidden]
PIECES = [*VISIBLE, "confirm:yes", "share:yes", "page:2", "at:9", "count:2", "video", OMNI, "cat:cs.CL", "2w", '"', "|"]
PIECES += ["-x", "me"]


@examples(75, HealthCheck.function_scoped_fixture)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map(" ".join)))
async def test_any_typed_line_is_answered_and_never_raises(week, line):
    answer = await week.say(line)
    assert isinstance(answer, Message | Form)
    if isinstance(answer, Message):
        assert answer.blocks
        assert answer.title
        for action in answer.actions:
            command = COMMANDS[action.command]
            assert set(action.options) <= {option.name for option in command.options}


def test_the_sample_is_looked_at_on_a_friday():
    assert NOW.date() == date(2025, 10, 24)
