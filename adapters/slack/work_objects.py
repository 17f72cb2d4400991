"""Papers as Work Objects: the metadata of a card under a link, and the details beside the conversation.

https://docs.slack.dev/messaging/work-objects-implementation
"""

from __future__ import annotations

from collections.abc import Iterable

from adapters.slack.buttons import button
from adapters.slack.markup import Json, escape, one_line
from bot.model import Action, Message, Paper
from bot.wording.parts import byline

CONTENT_ITEM = "slack#/entities/content_item"
REFERENCE = "paper"
"""Type of our references to papers, whose id is the paper's."""
PRIMARY, OVERFLOW = ("save", "similar"), ("why", "follow", "less")
"""Commands of the buttons that a paper has; two and five at most."""
NOT_FOUND: Json = {
    "status": "custom",
    "custom_title": "Nothing about this paper",
    "custom_message": "It is not stored any more, or no source answered. Open the link, or try again in a minute.",
}


def entity(card: Message, paper: Paper, link: str | None = None) -> Json:
    """A paper by its card; `link`: the address as it was posted, for the card under a message. Pure."""
    people = one_line(byline(paper))
    facts = [(block.role, one_line(block.text)) for block in card.blocks[1:-1]]  # between the title and the links
    summary = [text for role, text in facts if role == "text"]
    evidence = [text for role, text in facts if role == "note" and text != people]
    fields: Json = {}
    if summary:
        fields["description"] = {"value": escape("\n".join(summary)), "long": True}
    if people:
        fields["created_by"] = {"type": "string", "label": "Authors", "value": escape(people)}
    if paper.published_at:
        fields["date_created"] = {"label": "Published", "value": int(paper.published_at.timestamp())}
    custom = [
        {"key": "evidence", "label": "Noticed", "type": "string", "value": escape(" ".join(evidence)), "long": True}
    ]
    place = {"app_unfurl_url": link} if link else {}
    return place | {
        "entity_type": CONTENT_ITEM,
        "url": paper.url,
        "external_ref": {"id": paper.id, "type": REFERENCE},
        "entity_payload": {
            "attributes": {
                "title": {"text": escape(one_line(card.title))},
                "display_type": "Paper",
                "display_id": paper.id,
                "product_name": "Paperboy",
            },
            "fields": fields,
            "custom_fields": custom if evidence else [],
            "display_order": [*fields, *(["evidence"] if evidence else [])],
            "actions": {
                "primary_actions": _buttons(card.actions, PRIMARY),
                "overflow_actions": _buttons(card.actions, OVERFLOW),
            },
        },
    }


def _buttons(actions: Iterable[Action], commands: tuple[str, ...]) -> list[Json]:
    """Buttons of a Work Object, whose text is no text object."""
    chosen = sorted(
        (each for each in actions if each.command in commands), key=lambda each: commands.index(each.command)
    )
    buttons = ((each.command, button(each)) for each in chosen)
    return [{"text": b["text"]["text"], "action_id": f"{name}:0", "value": b["value"]} for name, b in buttons]
