"""Bibliographies that people attach to a message to Paperboy: `saved import` with a file.

Reading one needs files:read, which is optional. https://docs.slack.dev/reference/objects/file-object
"""

from __future__ import annotations

import logging

from adapters.slack.client import error_summary, is_slack_url
from adapters.slack.failures import TRANSPORT
from adapters.slack.origin import Body, Origin
from adapters.text import decoded
from bot.commands import FILE_MAX
from bot.model import Action, Caller, Form, Message
from bot.ports import Desk
from bot.wording.notices import problem
from bot.wording.parts import say

log = logging.getLogger("paperboy.slack")

IMPORT = "saved import"
"""The command that takes a file."""
FILES = "files"
"""Name of the host of people's files, under slack.com."""
TOO_LARGE = problem(f"This file is too large: at most {FILE_MAX // 1_000_000} MB are read. Split it.")
NOT_READ = say(
    "Slack did not hand the file over: Paperboy needs the permission files:read for that. Paste the entries instead.",
    actions=(Action("Import…", IMPORT),),
)


async def import_file(desk: Desk, origin: Origin, event: Body, caller: Caller) -> Message | Form | None:
    """The answer to a message with a file to import; None for one without files."""
    text = await _attached_text(origin, event)
    return await desk.run(IMPORT, caller, {"file": text}) if isinstance(text, str) else text


async def _attached_text(origin: Origin, event: Body) -> str | Message | None:
    """The text of the first file of a message; what is wrong with it; None for a message without files."""
    files = event.get("files") or ()
    if not files:
        return None
    file = files[0] if isinstance(files[0], dict) else {}
    if int(file.get("size") or 0) > FILE_MAX:
        return TOO_LARGE
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    if not is_slack_url(url, origin.client.base_url, FILES):
        return NOT_READ
    try:
        return await _fetched(origin, url) or NOT_READ
    except TRANSPORT as error:
        log.warning("could not fetch an attached file channel=%s reason=%r", origin.address, error_summary(error))
        return NOT_READ


async def _fetched(origin: Origin, url: str) -> str | None:
    """The text behind a file's address; None where Slack answers with its sign-in page instead."""
    client = origin.client
    headers = {"Authorization": f"Bearer {client.token}"}
    async with client.session.get(  # type: ignore[union-attr]  # ours, see client.py
        url, headers=headers, allow_redirects=False, ssl=client.ssl or True, proxy=client.proxy
    ) as answer:
        if answer.status != 200 or answer.content_type == "text/html":
            log.info("a file was not handed over channel=%s status=%d", origin.address, answer.status)
            return None
        return decoded(await answer.content.read(FILE_MAX + 1))
