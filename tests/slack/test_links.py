"""Links to papers in messages: a card under the message, by Slack's unfurling."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack.manifest import LINK_SCOPES, SCOPES, manifest
from adapters.slack.work_objects import entity
from bot.model import Paper
from bot.wording.cards import paper_card
from tests.slack.fake import subscriptions, work_objects
from tests.slack.harness import Workspace, openers, workspace


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path, with_links=True) as ready:
        yield ready
        assert ready.slack.pings == []


async def paper_url(w: Workspace) -> str:
    [paper] = w.backend.engine.latest[:1] or (await w.backend.engine.shortlist()).trends[:1]
    return f"https://huggingface.co/papers/{getattr(paper, 'paper', paper).id}"


async def test_a_link_gets_a_card_under_its_message_with_buttons_that_work(w: Workspace):
    await w.ada.command("/papers", "links on", w.channel)
    url = await paper_url(w)
    post = await w.ben.posts_link(w.channel, f"look: <{url}>", url)
    [blocks] = post.unfurls.values()
    values = [element["value"] for block in blocks if block["type"] == "actions" for element in block["elements"][:1]]
    assert "save" in values[0]
    again = await w.ben.posts_link(w.channel, f"<{url}>", url, answered=False)
    await w.backend.settled()
    assert again.unfurls == {}, "once a day"


async def test_a_linked_paper_is_a_work_object_whose_details_open_beside_the_conversation(w: Workspace):
    await w.ada.command("/papers", "links on", w.channel)
    url = await paper_url(w)
    post = await w.ben.posts_link(w.channel, f"<{url}>", url)
    entity = post.objects[url]
    assert entity["external_ref"] == {"id": url.rpartition("/")[2], "type": "paper"}
    payload = entity["entity_payload"]
    assert payload["attributes"]["title"]["text"] in post.unfurls[url][0]["text"]["text"]
    assert payload["fields"]["description"]["value"]
    assert "upvote" in payload["custom_fields"][0]["value"]
    assert [each["text"] for each in payload["actions"]["primary_actions"]] == ["Save", "Similar"]
    details = await w.ada.opens_card(post, url)
    assert details["entity_payload"]["attributes"] == payload["attributes"]
    assert "app_unfurl_url" not in details
    people = details["entity_payload"]["fields"]["created_by"]["value"]
    assert people.split(",")[0] not in details["entity_payload"]["custom_fields"][0]["value"]
    entity["external_ref"]["id"] = "2510.99999"
    assert "try again" in (await w.ada.opens_card(post, url))["custom_message"]


async def test_an_app_without_work_objects_gets_the_card_alone_and_is_asked_once(w: Workspace):
    w.slack.work_objects = False
    await w.ada.command("/papers", "links on", w.channel)
    shortlist = await w.backend.engine.shortlist()
    urls = [f"https://huggingface.co/papers/{paper.id}" for paper in [t.paper for t in shortlist.trends][:2]]
    for url in urls:
        post = await w.ben.posts_link(w.channel, f"<{url}>", url)
        assert set(post.unfurls) == {url}
        assert post.objects == {}
    assert [call.error for call in w.slack.calls("chat.unfurl")] == ["invalid_metadata", None, None]


def test_a_papers_text_is_no_markup_in_a_work_object():
    paper = Paper("2510.00001", "<!channel> & co", "An abstract.", ("<@U1>",))
    found = entity(paper_card(paper, None), paper, "https://arxiv.org/abs/2510.00001v2")
    work_objects.check_entity(found, linked=True)
    assert "<" not in json.dumps(found)


async def test_links_get_no_card_where_nobody_wants_that_nor_before_they_are_posted(w: Workspace):
    url = await paper_url(w)
    await w.ben.posts_link(w.channel, f"<{url}>", url, answered=False)
    await w.backend.settled()
    await w.ada.command("/papers", "links on", w.channel)
    await w.ben.posts_link(w.channel, f"<{url}>", url, answered=False, composing=True)
    await w.ben.posts_link(
        w.channel, "<https://arxiv.org/list/cs.CL/new>", "https://arxiv.org/list/cs.CL/new", answered=False
    )
    await w.backend.settled()
    assert not w.slack.calls("chat.unfurl")


async def test_a_card_under_a_message_has_no_picture_for_which_slack_could_refuse_it(w: Workspace):
    await w.ada.command("/papers", "links on", w.channel)
    url = await paper_url(w)
    await w.ben.posts_link(w.channel, f"<{url}>", url)
    await w.backend.settled()
    [sent] = w.slack.calls("chat.unfurl")
    assert "cdn-thumbnails" not in str(sent.args["unfurls"])


async def test_the_next_digest_names_who_shared_it(w: Workspace):
    await w.ada.command("/papers", "links on", w.channel)
    url = await paper_url(w)
    await w.ben.posts_link(w.channel, f"<{url}>", url)
    await w.digest()
    assert "Shared here already: " in openers(w.channel)[-1].reading.shown
    assert "(by Ben, " in openers(w.channel)[-1].reading.shown


async def test_an_app_that_may_not_read_links_says_so_and_how_it_may(tmp_path: Path):
    async with workspace(tmp_path) as w:
        assert w.team.token is not None
        w.team.token.scopes -= LINK_SCOPES.keys()
        await w.ada.command("/papers", "links on", w.channel)
        assert "paperboy manifest slack --links" in w.ada.private(w.channel)[-1].reading.shown


def test_the_manifest_asks_for_links_only_where_they_are_wanted():
    plain, with_links = manifest(None), manifest(None, with_links=True)
    assert subscriptions.of(with_links).scopes - subscriptions.of(plain).scopes == set(LINK_SCOPES)
    assert subscriptions.of(with_links).events - subscriptions.of(plain).events == {
        "link_shared",
        "entity_details_requested",
    }
    assert with_links["features"]["unfurl_domains"] == ["alphaxiv.org", "arxiv.org", "doi.org", "huggingface.co"]
    assert with_links["features"]["rich_previews"]["entity_types"] == ["slack#/entities/content_item"]
    assert not {"unfurl_domains", "rich_previews"} & set(plain["features"])
    assert not set(LINK_SCOPES) & set(SCOPES)
