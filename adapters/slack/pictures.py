"""Pictures in messages: their block, and the message without one that Slack can't download.

Slack refuses the whole message then, with `invalid_blocks`, now and then also for a picture that is there
(https://github.com/slackapi/python-slack-sdk/issues/1782).
"""

from __future__ import annotations

import logging
from dataclasses import replace

from slack_sdk.errors import SlackApiError

from adapters.slack import limits
from adapters.slack.failures import error_code
from adapters.slack.markup import Json, one_line
from adapters.text import truncate
from bot.model import Message

log = logging.getLogger("paperboy.slack")


def picture(message: Message) -> list[Json]:
    """The block of a message's picture, as wide as the message: an accessory would crop it to a small square.

    https://docs.slack.dev/reference/block-kit/blocks/image-block
    """
    if (image := message.image) is None:
        return []
    alt = truncate(one_line(image.alt), limits.ALT_TEXT)
    return [{"type": "image", "image_url": image.url, "alt_text": alt}]


def is_of_picture(error: SlackApiError) -> bool:
    """Whether Slack says that it could not download a picture, and not that it knows no such blocks."""
    return "image_url" in str(error.response.get("errors") or "")


def without_refused(message: Message, error: Exception) -> Message | None:
    """The message to send instead of one that was refused for its picture, as it may have been; None for any other."""
    if message.image is None or error_code(error) != "invalid_blocks":
        return None
    log.info("a message is sent without its picture, which Slack may not have got url=%s", message.image.url)
    return replace(message, image=None)
