"""Small parts for the tests of the fake: a client without retries, blocks, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.fake import FakeSlack


def client(slack: FakeSlack, token: str | None = None, **more: Any) -> AsyncWebClient:
    """The SDK without retries of its own."""
    bot_token = slack.team("T1").bot_token if token is None else token
    return AsyncWebClient(bot_token, base_url=slack.api_url, retry_handlers=[], **more)


def refuses(code: str) -> Any:
    """The SDK raises with this error."""
    return pytest.raises(SlackApiError, match=f"'error': '{code}'")


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("x"), "action_id": "a", **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}
