"""Papers that people link to: a card under their message, as Slack unfurls links.

https://docs.slack.dev/messaging/unfurling-links-in-messages and work_objects.py
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.paper_links import linked_paper_ids
from adapters.slack.blocks import payload
from adapters.slack.client import WebClient, error_summary
from adapters.slack.failures import TRANSPORT, delivery_error
from adapters.slack.markup import Json
from adapters.slack.origin import Body, CommandName, Origin, from_event
from adapters.slack.people import SlackUsers
from adapters.slack.repeats import repeated
from adapters.slack.work_objects import NOT_FOUND, entity
from bot.errors import Failure
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

    async def on_details(self, body: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """A person opened the card of a paper: present what is known of it, beside the conversation."""
        event = body["event"]
        origin = replace(from_event(body, context, client), command_word=self._command.word)
        paper_id = str((event.get("external_ref") or {}).get("id") or "")
        answer = await self._desk.run("paper", await self._users.caller(origin), {"paper": paper_id})
        details: Json = {"error": NOT_FOUND}
        if isinstance(answer, Message) and answer.paper is not None:
            details = {"metadata": entity(answer, answer.paper)}
        try:
            await client.entity_presentDetails(trigger_id=event["trigger_id"], **details)
        except TRANSPORT as error:
            log.warning("could not present a paper channel=%s reason=%r", origin.address, error_summary(error))


async def _unfurl(origin: Origin, ts: str, cards: dict[str, Message]) -> None:
    """Put the cards under the message, by the URLs as they were posted, as Work Objects too; harmless if repeated.

    Without pictures: Slack would refuse all cards for one that it can't download, as it refuses Work Objects.
    """
    plain = {url: as_typed(replace(card, image=None), origin.command_word) for url, card in cards.items()}
    unfurls = {url: {"blocks": payload(card)["blocks"]} for url, card in plain.items()}
    entities = [entity(card, card.paper, url) for url, card in cards.items() if card.paper is not None]
    unfurl = partial(origin.client.chat_unfurl, channel=origin.channel, ts=ts, unfurls=unfurls)
    try:
        if not await _took_objects(origin.client, partial(unfurl, metadata={"entities": entities})):
            await repeated(unfurl, harmless=True)
    except TRANSPORT as error:
        log.warning("could not show a card channel=%s reason=%r", origin.address, error_summary(error))


async def _took_objects(client: AsyncWebClient, unfurl: Callable[[], Awaitable[object]]) -> bool:
    """Whether Slack took cards with Work Objects; a workspace that refused them is asked no more. Raises TRANSPORT.

    It refuses them to an app whose manifest is from before there were any.
    """
    refused = (client.token or "", "work objects")
    refusals = client.refusals if isinstance(client, WebClient) else {refused: True}
    if refused in refusals:
        return False
    try:
        await repeated(unfurl, harmless=True)
    except SlackApiError as error:
        if delivery_error(error).kind is not Failure.MESSAGE_REFUSED:
            raise
        refusals[refused] = True
        log.info("no Work Objects in a workspace reason=%r", error_summary(error))
        return False
    return True
