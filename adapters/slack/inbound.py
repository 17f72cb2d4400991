"""Inbound requests: from bytes to JSON of the documented shape; whatever is odd is refused before Bolt reads it.

Bolt and the listeners index into a body as Slack documents it, and a signature tells who sent it, not what it is.
"""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from pydantic import ValidationError
from slack_bolt.request.async_request import AsyncBoltRequest

from adapters.slack.client import is_slack_url
from adapters.slack.origin import Body
from adapters.slack.shapes import WITHOUT_WORKSPACE, check_shape

MAX_DEPTH = 64
"""Levels of JSON. A forwarded message with rich text and attachments has some fifteen."""
MAX_FIELDS = 100
"""Fields of a form; a command has some fifteen."""
_SHAPE_ERRORS = (TypeError, ValueError, AttributeError, LookupError, RecursionError)


class MalformedRequestError(ValueError):
    """A request that is not of Slack's shape; `str()` is one short line for the log."""


def read_body(body: bytes, content_type: str) -> object:
    """The JSON of an HTTP request: an event, a form's `payload`, a command's fields. Raises MalformedRequestError."""
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip().lower() == "application/json" or text.startswith("{"):
            return json.loads(text)
        fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS))
        return json.loads(fields["payload"]) if "payload" in fields else fields
    except (ValueError, RecursionError) as error:
        raise MalformedRequestError(f"not readable ({type(error).__name__})") from None


def bolt_request(body: object, api_url: str) -> AsyncBoltRequest:
    """Bolt's request for a body whose signature, if it has one, was verified. Raises MalformedRequestError.

    A response_url of another host than Slack's is left out: Bolt calls it too.
    """
    checked = _checked(body)
    trusted = {name: value for name, value in checked.items() if name not in {"response_url", "response_urls"}}
    url = checked.get("response_url")
    if url and is_slack_url(url, api_url):
        trusted["response_url"] = url
    try:
        request = AsyncBoltRequest(body=trusted, mode="socket_mode")  # in this mode Bolt verifies no signature again
    except _SHAPE_ERRORS as error:
        raise MalformedRequestError(f"not of Slack's shape ({type(error).__name__})") from None
    _check_workspace(request)
    return request


def _checked(body: object) -> Body:
    if not isinstance(body, dict):
        raise MalformedRequestError("no JSON object")
    _check_depth_and_text(body)
    try:
        check_shape(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise MalformedRequestError(f"{where[:80]}: {first['msg'][:80]}") from None
    except LookupError:
        raise MalformedRequestError(f"unknown type {str(body.get('type'))[:40]!r}") from None
    return body


def _check_depth_and_text(body: Body) -> None:
    """Raise MalformedRequestError for too many levels, and for text that is not Unicode: it can't be stored or sent."""
    parts: list[tuple[object, int]] = [(body, 1)]
    while parts:
        part, depth = parts.pop()
        if isinstance(part, str):
            if not part.isascii() and part != part.encode("utf-8", "ignore").decode():
                raise MalformedRequestError("text with half a surrogate pair")
        elif isinstance(part, dict | list):
            if depth > MAX_DEPTH:
                raise MalformedRequestError(f"more than {MAX_DEPTH} levels")
            inner = [*part.keys(), *part.values()] if isinstance(part, dict) else part
            parts += [(each, depth + 1) for each in inner]


def _check_workspace(request: AsyncBoltRequest) -> None:
    """Raise MalformedRequestError where Bolt found no workspace, or no id where it looks for one."""
    if request.body.get("type") in WITHOUT_WORKSPACE or "ssl_check" in request.body:
        return
    context = request.context
    ids = (context.team_id, context.enterprise_id, context.user_id)
    if not all(isinstance(each, str | None) for each in ids) or not any(ids[:2]):
        raise MalformedRequestError("it names no workspace")
