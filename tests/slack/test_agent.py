"""The app as an agent: suggestions, threads with a title and a status, follow-ups, and what a plain app does not do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack.connect import SlackConfig
from adapters.slack.manifest import AGENT_SCOPES, OPTIONAL_SCOPES, SCOPES, manifest
from tests.slack.fake import FakeSlack, Fault, Posted, subscriptions
from tests.slack.harness import Workspace, over_oauth, paperboy, workspace


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path, with_agent=True) as ready:
        yield ready
        assert ready.slack.pings == []


def root(w: Workspace) -> Posted:
    """The latest message that Ada wrote outside of threads."""
    return [post for post in w.ada.dm.roots if post.raw["user"] == w.ada.id][-1]


async def test_opening_the_messages_offers_the_persons_topics_and_what_trends(w: Workspace):
    [trend, why, similar] = await w.ada.opens_messages()
    assert trend == ("What trends today", "today")
    assert why[0].startswith("Why does “")
    assert why[1].startswith("why 2")
    await w.ada.writes("topics add video diffusion confirm:yes")
    prompts = await w.ada.opens_messages()
    assert prompts[0] == ("New on video diffusion", "today video diffusion")
    for _, line in (*prompts, similar):
        assert not (await w.ada.writes(line)).text.startswith("Did you mean")


async def test_beside_a_channel_its_topics_are_offered_to_those_who_may_see_it(w: Workspace):
    secret = w.team.channel("C7", [w.ada], private=True)
    await w.ada.command("/papers", "topics add robotics confirm:yes", secret)
    assert ("New on robotics", "today robotics") in await w.ada.opens_messages(beside=secret)
    assert ("New on robotics", "today robotics") not in await w.ben.opens_messages(beside=secret)


async def test_a_question_is_a_thread_with_a_title_a_status_and_links_to_the_papers(w: Workspace):
    reply = await w.ada.writes("any papers on long context reasoning?")
    asked, answer = root(w), reply.message
    assert answer.thread_ts == asked.ts
    assert "Papers for long context reasoning" in answer.shown
    assert any("arxiv.org/abs/" in url or "huggingface.co" in url for url, _ in answer.links)
    assert answer.notification.startswith("Papers for")
    assert w.ada.dm.statuses == [(asked.ts, "is searching…")]
    assert w.ada.dm.titles == {asked.ts: "any papers on long context reasoning?"}


async def test_follow_ups_narrow_the_search_turn_its_pages_and_name_papers_by_number(w: Workspace):
    first = (await w.ada.writes("search diffusion count:2")).message
    thread = root(w).ts
    more = (await w.ada.writes("more", thread_ts=thread)).message
    assert "3. " in more.shown
    assert more.thread_ts == thread
    narrowed = (await w.ada.writes("only with code", thread_ts=thread)).message
    assert "Papers for diffusion has:code" in narrowed.shown
    newest = (await w.ada.writes("newest first", thread_ts=thread)).message
    assert "has:code" in newest.shown
    card = (await w.ada.writes("what is 1 about?", thread_ts=thread)).message
    title = newest.links[0][1]
    assert title in card.shown
    assert list(w.ada.dm.titles.values()) == ["search diffusion count:2"]
    assert first.shown not in card.shown


async def test_a_pressed_button_answers_in_the_thread_and_the_list_above_is_still_what_follow_ups_are_about(
    w: Workspace,
):
    found = (await w.ada.writes("search diffusion count:2")).message
    card = (await w.ada.click(found, "#2")).message
    assert (card.kind, card.thread_ts) == ("message", root(w).ts)
    assert card.buttons[-3:] == ["👍", "👎", "Delete"]
    await w.ada.click(found, "More")
    assert "3. " in found.shown, "turned in place"
    narrowed = (await w.ada.writes("only with code", thread_ts=root(w).ts)).message
    assert "Papers for diffusion has:code" in narrowed.shown


async def test_another_question_in_a_thread_is_a_search_and_commands_still_work(w: Workspace):
    await w.ada.writes("video diffusion")
    thread = root(w).ts
    assert "Papers for robot" in (await w.ada.writes("robot manipulation", thread_ts=thread)).text
    assert "Status" in (await w.ada.writes("status", thread_ts=thread)).text
    assert "Trending now" in (await w.ada.writes("today", thread_ts=thread)).text


async def test_a_line_that_is_too_long_is_answered_with_that_in_a_thread_too(w: Workspace):
    await w.ada.writes("video diffusion")
    for thread in (None, root(w).ts):
        assert "too long" in (await w.ada.writes("long " * 700, thread_ts=thread)).text


async def test_after_the_last_page_there_is_no_more(w: Workspace):
    await w.ada.writes("search 2510.20579")
    assert "There are no more." in (await w.ada.writes("more", thread_ts=root(w).ts)).text


async def test_thanks_are_not_answered_and_show_no_status(w: Workspace):
    await w.ada.writes("thanks!", answered=False)
    await w.backend.settled()
    assert w.ada.dm.statuses == []
    assert len(w.ada.dm.messages) == 1


async def test_an_answer_comes_though_slack_refuses_status_title_and_the_threads_messages(w: Workspace):
    for method in ("assistant.threads.setStatus", "assistant.threads.setTitle"):
        w.slack.fails(method, Fault.error("internal_error"))
    assert "Papers for" in (await w.ada.writes("video diffusion")).text
    w.slack.fails("conversations.replies", Fault.error("internal_error"))
    assert "Papers for robots" in (await w.ada.writes("robots", thread_ts=root(w).ts)).text


async def test_an_answer_can_be_deleted_by_its_bin(w: Workspace):
    answer = (await w.ada.writes("video diffusion")).message
    assert answer.buttons[-1] == "Delete"
    await w.ada.click(answer, "Delete", answered=False)
    await w.slack.until(lambda: answer.deleted)


async def test_a_plain_app_answers_as_before_and_suggests_nothing(tmp_path: Path):
    async with workspace(tmp_path) as w:
        answer = (await w.ada.writes("video diffusion")).message
        assert answer.thread_ts is None
        assert "Delete" not in answer.buttons
        await w.ada.opens_home(tab="messages", answered=False)
        await w.backend.settled()
        assert not [call for call in w.slack.all_calls if call.method.startswith("assistant.")]


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_a_workspace_that_installs_by_oauth_is_asked_for_the_features_that_are_set(tmp_path: Path):
    made = manifest("http://127.0.0.1:3000", with_agent=True, with_links=True)
    async with FakeSlack(manifest=made) as slack:
        ada = slack.team("T9", installed=False).user("U1", named="ada")
        async with paperboy(slack, tmp_path, over_oauth(slack, features=("agent",))) as backend:
            await ada.installs(f"{backend.url}/slack/install")
            assert ada.team.token is not None
            assert "assistant:write" in ada.team.token.scopes
            assert "links:read" not in ada.team.token.scopes
            assert "What trends today" in dict(await ada.opens_messages())
            assert (await ada.writes("video diffusion")).message.thread_ts


def test_an_unknown_feature_is_named():
    assert "PAPERBOY_SLACK_FEATURES are links and agent, not 'agents'" in SlackConfig(features=("agents",)).problems()


def test_the_manifest_is_an_agents_only_where_that_is_wanted():
    plain, agent = manifest(None), manifest(None, with_agent=True)
    assert subscriptions.of(plain).scopes == {*SCOPES, *OPTIONAL_SCOPES}
    assert subscriptions.of(agent).scopes - subscriptions.of(plain).scopes == set(AGENT_SCOPES) == {"assistant:write"}
    assert subscriptions.of(agent).events == subscriptions.of(plain).events
    assert "agent_view" not in plain["features"]
    view = agent["features"]["agent_view"]
    assert len(view["agent_description"]) <= 300
    assert len(view["suggested_prompts"]) <= 4
    assert "assistant_view" not in agent["features"]
