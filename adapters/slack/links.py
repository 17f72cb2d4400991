"""Papers that people link to: a card under their message, as Slack unfurls links.

https://docs.slack.dev/messaging/unfurling-links-in-messages
"""

from __future__ import annotations

import logging
from dataclasses import replace

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from adapters.paper_links import linked_paper_ids
from adapters.slack.blocks import payload
from adapters.slack.client import error_summary
from adapters.slack.failures import TRANSPORT
from adapters.slack.origin import Body, CommandName, Origin, from_event
from adapters.slack.people import SlackUsers
from adapters.slack.repeats import repeated
from bot.model import Message
from bot.ports import Desk
from bot.wording.typed import as_typed

log = logging.getLogger("paperboy.slack")

COMPOSER = "composer"
"""Source of links in a message that is still being written, and may never be posted."""


class SharedLinks:
    """Shows cards for the papers that messages link to."""

    def __init__(self, desk: Desk, users: SlackUsers, command: CommandName) -> None:
        self._desk, self._users, self._command = desk, users, command

    async def on_shared(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """A message with links to papers was posted."""
        event = body["event"]
        if event.get("source") == COMPOSER or not event.get("message_ts") or event["user"] == context.bot_user_id:
            return
        urls: dict[str, str] = {}
        for link in event["links"]:
            for paper_id in linked_paper_ids(link["url"])[:1]:
                urls.setdefault(paper_id, link["url"])
        if not urls:
            return
        origin = replace(from_event(body, context, client), command_word=self._command.word)
        cards = await self._desk.linked(await self._users.caller(origin), tuple(urls))
        if cards:
            await _unfurl(origin, event["message_ts"], {urls[each]: card for each, card in cards.items()})


async def _unfurl(origin: Origin, ts: str, cards: dict[str, Message]) -> None:
    """Put the cards under the message, by the URLs as they were posted; a repeat changes nothing."""
    unfurls = {url: {"blocks": payload(as_typed(card, origin.command_word))["blocks"]} for url, card in cards.items()}
    try:
        unfurl = origin.client.chat_unfurl
        await repeated(lambda: unfurl(channel=origin.channel, ts=ts, unfurls=unfurls), harmless=True)
    except TRANSPORT as error:
        log.warning("could not show a card channel=%s reason=%r", origin.address, error_summary(error))
