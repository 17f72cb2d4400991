"""Links to papers in messages: a card as a reply, where the operator may read messages."""

from __future__ import annotations

from pathlib import Path

from adapters.discord.interactions import Interactions
from tests.discord.fake import Posted
from tests.discord.harness import Server, server


async def paper_url(s: Server) -> str:
    return f"https://arxiv.org/abs/{(await s.backend.engine.shortlist()).trends[0].paper.id}"


def replies(s: Server, post: Posted) -> list[Posted]:
    return [
        each for each in post.channel.messages if (each.raw.get("message_reference") or {}).get("message_id") == post.id
    ]


async def test_a_link_gets_a_card_as_a_reply_that_pings_nobody(tmp_path: Path):
    async with server(tmp_path, reads_messages=True) as s:
        await s.command("links", state="on")
        url = await paper_url(s)
        post = await s.discord.interactions.write(s.ben, s.channel, f"look at {url}, and at nothing else")
        await s.discord.until(lambda: replies(s, post))
        [card] = replies(s, post)
        assert card.raw["allowed_mentions"] == {"parse": []}
        assert "Save" in [button["label"] for button in card.buttons]
        again = await s.discord.interactions.write(s.ben, s.channel, url)
        other = await s.discord.interactions.write(s.ben, s.channel, f"<@{s.discord.bot['id']}> help")
        await s.discord.until(lambda: replies(s, other))
        assert replies(s, again) == [], "once a day"
        await s.click(card, "Save", by=s.ben)
        assert len(await s.backend.store.people.reading_list("discord:@/43")) == 1


async def test_without_the_intent_links_are_not_read_and_the_answer_says_what_is_missing(tmp_path: Path):
    async with server(tmp_path) as s:
        answer = (await s.command("links", state="on")).message
        assert answer is not None
        assert "PAPERBOY_DISCORD_MESSAGE_CONTENT" in answer.text
        post = await s.discord.interactions.write(s.ben, s.channel, await paper_url(s))
        other = await s.discord.interactions.write(s.ben, s.channel, f"<@{s.discord.bot['id']}> help")
        await s.discord.until(lambda: replies(s, other))
        assert replies(s, post) == []


async def test_the_intent_is_asked_for_only_where_the_operator_says_so():
    for reads_messages in (False, True):
        client = Interactions(object(), object(), reads_messages=reads_messages)  # type: ignore[arg-type]  # not used
        assert client.intents.message_content is reads_messages
