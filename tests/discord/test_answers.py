"""Answers on Discord: shared once and by whom, repeated when an edit is lost, and attached files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.discord import origin
from bot.model import Caller
from tests.discord.fake import ALL, DROP, DROP_AFTER, HISTORY, IN_THREADS, SEND, THREADS, Channel, Posted
from tests.discord.fake.interactions import Reply
from tests.discord.harness import Server, delivered, logged, server

ADMINISTRATOR, MANAGE_THREADS = 1 << 3, 1 << 34


@pytest.fixture
async def s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    monkeypatch.setattr(origin, "ANSWER_PAUSES", (0.0, 0.0))
    async with server(tmp_path) as ready:
        yield ready
        assert ready.discord.pings == []
        assert ready.discord.mentions == []


def labels(message: Posted | None) -> list[str]:
    assert message is not None
    return [button["label"] for button in message.buttons]


async def searched(s: Server) -> Posted:
    message = (await s.command("search", query="video", count=2)).message
    assert message is not None
    return message


def public(s: Server) -> list[Posted]:
    return [post for post in s.channel.messages if "Papers for video" in post.text]


# --- sharing -----------------------------------------------------------------------------------------------------


async def test_a_shared_answer_says_who_shared_it_and_its_button_is_gone(s: Server):
    s.discord.person(s.ada)["global_name"] = "@everyone <@43> *Ada*"
    answer = await searched(s)
    [shared] = (await s.click(answer, "Share")).follow_ups
    assert shared.visible_to is None
    assert shared.text.startswith("Shared by @everyone <@43> *Ada*\nPapers for video")
    assert "Share" not in labels(shared)
    await s.discord.until(lambda: "Share" not in labels(answer))
    assert answer.visible_to == s.ada
    assert "Papers for video" in answer.text, "the answer stays"
    assert "More" in labels(answer)


async def test_eight_presses_are_one_message(s: Server):
    answer = await searched(s)
    presses = await asyncio.gather(*(s.click(answer, "Share") for _ in range(8)))
    await s.discord.until(lambda: all(press.follow_ups for press in presses))
    assert len(public(s)) == 1
    refusals = [post for press in presses for post in press.follow_ups if post.visible_to == s.ada]
    assert [post.text for post in refusals] == ["This answer was shared here already."] * 7


async def test_a_command_with_share_is_answered_for_everybody_and_a_fault_to_its_asker_alone(s: Server):
    await s.discord.until(lambda: s.channel.messages)  # the hello
    before = len(s.channel.messages)
    reply = await s.command("search", query="video", count=2, share=True)
    await s.discord.until(lambda: len(s.channel.messages) > before)
    [shared] = s.channel.messages[before:]
    assert "Papers for video" in shared.text
    assert "Share" not in labels(shared)
    assert reply.message is not None
    assert (reply.message.visible_to, reply.text) == (s.ada, "Shared: everybody here can read it.")
    assert reply.ack == {"type": 5, "data": {"flags": 64}}, "a fault could not be taken back from everybody"
    for options, text in (
        ({"query": "((("}, "There is no word"),
        ({"query": "video", "share": False}, "Papers for video"),
    ):
        alone = await s.command("search", **{"share": True, **options})
        assert text in alone.text
        assert alone.message is not None
        assert alone.message.visible_to == s.ada
    assert len(s.channel.messages) == before + 1


async def test_a_command_with_share_where_its_asker_may_not_write_is_answered_to_them_alone(s: Server):
    await s.discord.until(lambda: s.channel.messages)  # the hello
    before = len(s.channel.messages)
    reply = await s.command("today", share=True, permissions=ALL & ~SEND, manager=False)
    await s.discord.until(lambda: reply.follow_ups)
    assert "Trending now" in reply.text
    assert "may not write here" in reply.follow_ups[0].text
    assert len(s.channel.messages) == before
    in_dms = await s.command("today", s.discord.dm(s.ada), share=True)
    assert "Trending now" in in_dms.text
    assert in_dms.follow_ups == []


@pytest.mark.parametrize(("status", "text"), [(403, "Not shared"), ("drop", "Look whether it is here")])
async def test_a_share_by_command_that_failed_is_said_in_its_answer(s: Server, status: int | str, text: str):
    s.discord.fails("POST", "/webhooks/", status, {"code": 50_013, "message": "Missing Permissions"})
    reply = await s.command("today", share=True)
    await s.discord.until(lambda: reply.message and text in reply.message.text)
    assert reply.message is not None
    assert reply.message.visible_to == s.ada


async def test_each_of_two_equal_answers_can_be_shared(s: Server):
    answers = [await searched(s) for _ in range(2)]
    shared = [(await s.click(answer, "Share")).follow_ups[0].visible_to for answer in answers]
    assert shared == [None, None]


async def test_every_page_of_an_answer_can_be_shared_once(s: Server):
    answer = await searched(s)
    await s.click(answer, "Share")
    await s.click(answer, "More")
    [second] = (await s.click(answer, "Share")).follow_ups
    assert second.visible_to is None
    await s.click(answer, "Back")
    [refusal] = (await s.click(answer, "Share")).follow_ups
    assert refusal.text == "This answer was shared here already."


async def test_who_may_not_write_in_a_channel_shares_nothing_there(s: Server):
    answer = await searched(s)
    for permissions, shares in ((ALL & ~SEND, False), (ALL & ~SEND | ADMINISTRATOR, True)):
        reply = await s.click(answer, "Share", manager=False, permissions=permissions)
        assert (reply.follow_ups[0].visible_to is None) is shares, permissions
        assert shares or "may not write here" in reply.follow_ups[0].text
    reading = await s.command("search", query="video", manager=False, permissions=ALL & ~SEND)
    assert "Share" not in labels(reading.message), "no button that would be refused"
    assert len(public(s)) == 1


async def test_in_a_thread_sharing_needs_the_right_to_write_in_threads(s: Server):
    first, *_ = await s.digest()
    for permissions, offered in ((ALL & ~SEND, True), (ALL & ~IN_THREADS, False), (ADMINISTRATOR, True)):
        reply = await s.command("search", first.channel, query="video", manager=False, permissions=permissions)
        assert ("Share" in labels(reply.message)) is offered
    first.channel.locked = True
    await s.discord.gateway.dispatch("THREAD_UPDATE", first.channel.as_json())
    for permissions, offered in ((ALL, False), (ALL | MANAGE_THREADS, True), (ADMINISTRATOR | MANAGE_THREADS, True)):
        reply = await s.command("search", first.channel, query="video", manager=False, permissions=permissions)
        assert ("Share" in labels(reply.message)) is offered, "a locked thread"


async def test_in_direct_messages_there_is_nobody_to_share_with(s: Server):
    reply = await s.command("search", s.discord.dm(s.ada), query="video")
    assert "Share" not in labels(reply.message)


async def test_an_answer_that_became_an_error_is_not_shared(s: Server):
    await s.discord.until(lambda: s.channel.messages)  # the hello
    answer = await searched(s)
    share = next(button for button in answer.buttons if button["label"] == "Share")
    share["custom_id"] = '|search|"query","(((","share","yes"'
    for _ in range(2):
        [refusal] = (await s.click(answer, "Share")).follow_ups
        assert refusal.visible_to == s.ada
        assert "already" not in refusal.text
    assert len(s.channel.messages) == 1


@pytest.mark.parametrize("status", [DROP, DROP_AFTER])
async def test_a_share_of_unknown_fate_is_not_repeated_and_said_to_be_unknown(s: Server, status: str):
    answer = await searched(s)
    s.discord.fails("POST", "/webhooks/", status)
    reply = await s.click(answer, "Share")
    await s.discord.until(lambda: any("connection broke" in post.text for post in reply.follow_ups))
    assert len(public(s)) == (1 if status == DROP_AFTER else 0)


async def test_a_share_that_was_refused_may_be_pressed_again(s: Server):
    answer = await searched(s)
    blocked = {"message": "Message blocked", "code": 200_000}
    for status, reason in ((400, "AutoMod blocked it"), (503, "not available at the moment")):
        s.discord.fails("POST", "/webhooks/", status, blocked if status == 400 else {})
        [refusal] = (await s.click(answer, "Share")).follow_ups
        assert reason in refusal.text
    [shared] = (await s.click(answer, "Share")).follow_ups
    assert shared.visible_to is None


# --- repeats -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [DROP, DROP_AFTER, 502, 503])
async def test_a_lost_answer_is_sent_again(s: Server, status: int | str):
    s.discord.fails("PATCH", "/webhooks/", status)
    s.discord.fails("PATCH", "/webhooks/", status)
    reply = await s.command("search", query="video", count=2)
    assert "Papers for video" in reply.text
    assert len([post for post in s.discord.posts if "Papers for video" in post.text]) == 1


@pytest.mark.parametrize("status", [DROP, DROP_AFTER, 502, 503])
async def test_a_lost_acknowledgement_is_sent_again(s: Server, status: int | str):
    s.discord.fails("POST", "/callback", status)
    assert "Papers for video" in (await s.command("search", query="video", count=2)).text


@pytest.mark.parametrize(
    ("status", "code", "text"),
    [(404, 10_008, "Unknown Message"), (404, 10_015, "Unknown Webhook"), (401, 50_027, "Invalid Webhook Token")],
)
async def test_an_answer_that_came_too_late_is_one_line_in_the_log(s: Server, status: int, code: int, text: str):
    s.discord.fails("PATCH", "/webhooks/", status, {"message": text, "code": code})
    with logged() as log:
        command = asyncio.create_task(s.command("today"))
        assert text in await log.next()
        assert not command.done()
        command.cancel()
        answers = [path for method, path in s.discord.requests if (method, path[:9]) == ("PATCH", "/webhooks")]
        assert len(answers) == 1, "and not repeated"
        assert "Papers" in (await s.command("search", query="video")).text
        assert log.rest == 0


# --- files -------------------------------------------------------------------------------------------------------


async def export(s: Server) -> Reply:
    for paper in ("2510.20579", "2510.15831"):
        await s.command("save", paper=paper)
    return await s.command("saved export", format="bibtex")


async def test_an_exported_list_is_attached_for_its_reader_alone(s: Server):
    for status in (None, DROP_AFTER, 503):
        if status is not None:
            s.discord.fails("PATCH", "/webhooks/", status)
        message = (await s.command("saved export", format="bibtex") if status else await export(s)).message
        assert message is not None
        assert message.visible_to == s.ada
        assert message.files["reading-list.bib"].count(b"@misc") == 2
    assert [post for post in s.channel.messages if post.files] == []


@pytest.mark.parametrize("refused", [True, False])
async def test_a_file_that_cannot_be_attached_comes_in_parts(s: Server, refused: bool):
    first = await export(s)
    assert first.message is not None
    whole = first.message.files["reading-list.bib"].decode()
    if refused:
        s.discord.fails("PATCH", "/webhooks/", 413, {"code": 40_005, "message": "Request entity too large"})
    else:
        s.discord.interactions.attachment_size_limit = 10
    reply = await s.command("saved export", format="bibtex")
    await s.discord.until(lambda: "".join(post.text for post in reply.follow_ups).count("@misc") == 2)
    assert {post.visible_to for post in reply.follow_ups} == {s.ada}
    shown = "\n".join(post.text for post in reply.follow_ups)
    assert [line for line in whole.splitlines() if line.strip() and line.strip() not in shown] == []


# --- obstacles ---------------------------------------------------------------------------------------------------


async def callers(s: Server, monkeypatch: pytest.MonkeyPatch, channel: Channel, permissions: int) -> Caller:
    """The caller of a command where Paperboy has these permissions."""
    run, seen = s.backend.desk.run, []

    async def recorded(command: str, caller: Caller, options: dict[str, str]) -> object:
        seen.append(caller)
        return await run(command, caller, options)

    monkeypatch.setattr(s.backend.desk, "run", recorded)
    (channel.parent or channel).bot_permissions = permissions
    await s.command("help", channel)
    monkeypatch.undo()
    [caller] = seen
    return caller


@pytest.mark.parametrize(
    ("missing", "name"),
    [(SEND, "Send Messages"), (THREADS, "Create Public Threads"), (IN_THREADS, "Send Messages in Threads")],
)
async def test_a_caller_brings_the_one_permission_that_is_missing(s: Server, monkeypatch, missing: int, name: str):
    caller = await callers(s, monkeypatch, s.channel, ALL & ~missing)
    assert caller.obstacle is not None
    assert f"lacks the permission “{name}” here:" in caller.obstacle
    assert caller.name == "user42"


async def test_a_caller_brings_no_obstacle_where_a_digest_can_be_posted(s: Server, monkeypatch):
    first, *_ = await s.digest()
    for channel, permissions in (
        (s.channel, ALL),
        (s.channel, ALL & ~HISTORY),
        (s.channel, 1 << 3),
        (s.channel, 0),  # a Discord that does not say
        (first.channel, ALL),
        (s.discord.dm(s.ada), ALL),
    ):
        assert (await callers(s, monkeypatch, channel, permissions)).obstacle is None
    in_thread = await callers(s, monkeypatch, first.channel, ALL & ~IN_THREADS)
    assert in_thread.obstacle is not None
    assert "“Send Messages in Threads”" in in_thread.obstacle


async def test_where_threads_are_forbidden_the_digest_is_one_message_and_its_subscriber_is_told_once(s: Server):
    await s.command("subscribe", size=3)
    s.channel.bot_permissions = ALL & ~THREADS
    for _ in range(2):
        s.backend.clock.advance(days=1)
        await s.backend.deliver()
    digests = delivered(s.channel)
    assert len(digests) == 2, "the opener without replies is taken back"
    assert all(len([button for button in each.buttons if button["style"] != 5]) >= 3 for each in digests)
    subscription = await s.subscription()
    assert subscription is not None
    assert subscription.paused_at is None
    notices = [post.text for post in s.discord.dm(s.ada).messages]
    assert len(notices) == 1
    assert "“Create Public Threads”" in notices[0]


# --- files that people attach ------------------------------------------------------------------------------------


async def test_an_attached_bibliography_is_imported(s: Server):
    bib = "@misc{a, eprint={2510.20579}, comment={n\u00e4chste Woche}}".encode("cp1252")
    answer = await s.command("saved import", file=bib)
    assert "1 new paper on your reading list." in answer.text
    assert "nächste Woche" in (await s.command("saved list")).text
    assert "no entry in this that can be read" in (await s.command("saved import", file=b"%PDF\xff\x00")).text
    assert "at most 4 MB are read" in (await s.command("saved import", file=bytes(4_000_001))).text
    s.discord.forgets_files = True
    assert "did not hand the file over" in (await s.command("saved import", file=bib)).text


async def test_each_note_has_a_form_of_its_own(s: Server):
    papers = ("2510.20579", "2510.15831")
    panels = [(await s.command("saved note", paper=paper)).message for paper in papers]
    for panel, paper in zip(panels, papers, strict=True):
        assert panel is not None
        modal = (await s.click(panel, "Your note")).modal
        saved = await s.discord.interactions.submit(s.ada, panel, modal, {"text": f"about {paper}"})
        assert f"about {paper}" in saved.text
    notes = (await s.command("saved list")).text
    assert all(f"“about {paper}”" in notes for paper in papers)
    page = (await s.command("saved list", show="unread")).message
    ticked = await s.click(page, "✓ 1")
    assert ticked.message is page, "in its place"
    assert "unread (1 paper)" in ticked.text
