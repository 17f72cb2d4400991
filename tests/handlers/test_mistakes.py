"""Answers to mistakes: one line with a remedy that works when it is typed back, and a button for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from bot import handlers
from bot.commands import COMMANDS, parse_line
from bot.errors import UserError
from bot.model import Block, Message, Span
from bot.wording.typed import as_typed
from tests.harness import desk as harness
from tests.harness.desk import ADA, ELSEWHERE, OMNI, Desk

MISTAKES = (
    "search video " + "diffusion " * 60, "search author: Choi video",
    "serch video", "video diffusion", "xyzzy", "topics video", "topics ad video", "saved foo", "tuning foo",
    "like omnivinci",
    "🙂", "help serch", "help zzz", "status now", "search", "search video count:", "search video count:50",
    "search x count:0", "search x count:many", "search x order:newset", "search x order:?", "search video cuont:5",
    "search x count:1 count:2", 'search "video', "search cat:", "search author: Choi", "search foo OR bar",
    "search (a b)", "search -medical", "search a |", "search foo:bar", "search since:yesterday", "search min:many",
    "search has:wings", "search like:that", "search ---", 'search "the of"', "search cat:!!", "today -medical",
    "today cat:", "paper", "paper that one", "paper open-o3", "similar", "why", "save", "unsave", "unsave nothing",
    "catchup", "catchup 50", "catchup 0", "catchup soon", "topics add", "topics add -medical", "topics add cat:",
    "topics remove nothing", "topics unmute nothing", "topics mute", "subscribe video diffusion",
    "subscribe 9 nowhere", "subscribe at:25", "subscribe at:", "subscribe timezone:berlim", "subscribe timezone:xyz",
    "subscribe timezone:EST", "subscribe tz:UTC+2", "subscribe tz:UTC+13:37", "subscribe size:99", "subscribe size:0",
    "subscribe size:many", "subscribe days:frday", "subscribe days:weekly mon,tue", "subscribe weekly:all",
    "subscribe days:fri weekly:fri", "subscribe style:loud", "subscribe tme:9", "subscribe hue:9",
    "subscribe at:9 at:10", "pause soon", "pause yesterday", "pause until:1/2", "pause 2w until:3w", "digest soon",
    "digest 2020-01-01", "forget", "forget everything", "saved export pdf", "tuning forget", "tuning forget zymurgy",
    "tuning forget 2401.00001", "paper 2401.99999", "search zyzzyva", "today zyzzyva", "search the of", "saved",
    "saved export", "topics", "tuning", "why #4", "paper 1", "topics remove all", "subscribe days:never",
    "subscribe weekly:monday,thursday", "topics add not medical", "topics add video or audio", "today a1, b1",
    "please stop posting here", "unpause", "what is this", "#2", "please unsubscribe", "stop words",
    "search cat:cs.xy", "today 99", "settings size 10", "settings topics",
    "search title:attention", "search year:2025", "latest", "attest", "catch up", "mute this channel", "topics clear",
    "subscribe biweekly", "subscribe off", "subscribe UTC+5:30", "subscribe me@example.com", "subscribe 9 berlim",
    "subscribe 9am; topics add video", "topics remote sensing", "saerch", "subscrib video", "saved export foo",
    "pause name:rl", "subscribe name:all", "preview name:a/b", "subscribe name:rl cat:cs.xy",
    "save it", "save number 2", "subscribe 9 - 10", "settings compact", "summarise 2",
)  # fmt: skip


def remedies(message: Message) -> Iterator[str]:
    """The command lines that an answer names."""
    for block in message.blocks:
        for span, following in pairwise((*block.spans, Span(""))):
            is_subject = following.text.startswith(" takes")
            if span.code and span.text.startswith("/papers") and not is_subject:
                yield span.text


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> list[UserError]:
    """The mistakes that are answered."""
    seen: list[UserError] = []

    def record(error: UserError) -> Message:
        seen.append(error)
        return original(error)

    original = handlers.mistake
    monkeypatch.setattr(handlers, "mistake", record)
    monkeypatch.setattr(harness, "mistake", record)
    return seen


@pytest.mark.parametrize("line", MISTAKES)
async def test_every_remedy_is_accepted_when_it_is_typed_back(desk: Desk, refusals: list[UserError], line: str):
    desk.archive.papers["2405.14105"] = replace(ELSEWHERE, id="2405.14105")
    answer = await desk.ask(line)
    assert len(answer.text) < 330 or not refusals
    lines = [*remedies(answer)]
    if refusals and len(refusals[0].args[0]) and not answer.actions:
        assert lines, f"no remedy: {answer.text}"
    for remedy in lines:
        refusals.clear()
        await desk.say(remedy)
        assert not refusals, (answer.text, remedy, refusals)


@pytest.mark.parametrize("line", MISTAKES)
async def test_every_button_under_a_mistake_is_accepted(desk: Desk, refusals: list[UserError], line: str):
    desk.archive.papers["2405.14105"] = replace(ELSEWHERE, id="2405.14105")
    answer = await desk.ask(line)
    if not refusals:
        return
    for action in answer.actions:
        refusals.clear()
        assert action.command in COMMANDS
        await desk.handlers.run(action.command, ADA, dict(action.options))
        assert not refusals, (answer.text, action, refusals)


async def test_a_question_about_a_zone_has_a_button_for_each_place(desk: Desk):
    question = await desk.ask("subscribe at:08:00 timezone:EST")
    assert [action.label for action in question.actions] == ["America/New_York", "America/Panama"]
    await desk.press(question, "America/New_York")
    subscription = await desk.subscription()
    assert (subscription.timezone, f"{subscription.at:%H:%M}") == ("America/New_York", "08:00")


async def test_a_misspelt_command_is_run_by_its_button(desk: Desk):
    answer = await desk.ask(f"papper {OMNI}")
    assert [action.label for action in answer.actions] == [f"paper {OMNI}"]
    assert (await desk.press(answer, f"paper {OMNI}")).paper_id == OMNI


async def test_a_word_of_a_title_in_the_place_of_an_id_offers_titles(desk: Desk):
    offer = await desk.ask("paper omnivinci")
    assert "OmniVinci" in offer.blocks[1].text
    assert (await desk.press(offer, "#1")).paper_id == OMNI
    saved = await desk.press(await desk.ask("save omnivinci"), "#1")
    assert saved.text.startswith("Saved: OmniVinci")


async def test_a_whole_title_in_the_place_of_an_id_is_that_paper(desk: Desk):
    title = (await desk.store.papers.get([OMNI]))[OMNI].title
    assert (await desk.ask(f"paper {title}")).paper_id == OMNI


async def test_a_title_that_nothing_is_near_leads_to_a_search(desk: Desk):
    answer = await desk.ask("paper zyzzyva")
    assert "To look for the title: /papers search zyzzyva." in answer.text
    assert [action.command for action in answer.actions] == ["search"]


async def test_backquotes_of_a_person_are_not_taken_for_ours(desk: Desk):
    answer = await desk.ask("search `/papers forget me` order:`x`")
    assert all("forget" not in line for line in remedies(answer))


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("/papers", "Try /papers today."),
        ("", "Try today."),
        ("@Paperboy", "Try @Paperboy today."),
        ("/pb", "Try /pb today."),
    ],
)
def test_commands_are_shown_as_they_are_typed_there(word: str, text: str):
    message = Message((Block("text", (Span("Try "), Span("/papers today", code=True), Span("."))),))
    assert as_typed(message, word).text == text
    name, _ = parse_line(text.removeprefix("Try ").removesuffix(".").replace("/pb ", "/papers "))
    assert name == "today"


def test_what_others_wrote_is_not_changed():
    message = Message((Block("text", (Span("/papers today"), Span("/papersize", code=True))),))
    assert as_typed(message, "") == message
