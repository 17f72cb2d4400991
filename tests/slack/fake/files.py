"""files.*: an address to upload to, the upload, and its completion in a conversation.

https://docs.slack.dev/messaging/working-with-files#uploading_files
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.slack.fake.chat import content
from tests.slack.fake.methods import Method, Refused, channel_of, team_of
from tests.slack.fake.state import Token, name

if TYPE_CHECKING:
    from tests.slack.fake.server import FakeSlack


@dataclass
class Upload:
    """A file under way, or shared."""

    id: str
    name: str
    length: int
    content: bytes | None = None
    shared: bool = False


def upload_url(slack: FakeSlack, _token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/files.getUploadURLExternal."""
    upload = Upload(name("F"), str(args["filename"]), int(args["length"]))
    if upload.length < 1:
        raise Refused("invalid_arguments")
    slack.uploads[upload.id] = upload
    return {"upload_url": f"{slack.url}/upload/{upload.id}", "file_id": upload.id}


async def receive(slack: FakeSlack, request: web.Request) -> web.Response:
    """Endpoint of an upload: the bytes as they are."""
    upload = slack.uploads.get(request.match_info["token"])
    body = await request.read()
    if upload is None or upload.content is not None or len(body) != upload.length:
        return web.Response(status=400, text="bad upload")
    upload.content = body
    return web.Response(text=f"OK - {len(body)}")


def attach(slack: FakeSlack, content: bytes) -> dict[str, Any]:
    """A file that a person attaches, as an event names it."""
    upload = Upload(name("F"), "refs.bib", len(content), content, shared=True)
    slack.attached[upload.id] = upload
    url = f"{slack.url}/files/{upload.id}"
    return {"id": upload.id, "name": upload.name, "size": upload.length, "url_private_download": url}


async def download(slack: FakeSlack, request: web.Request) -> web.Response:
    """The file for a bot that may read files; the sign-in page for anybody else."""
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = slack.tokens.get(bearer)
    if token is None or "files:read" not in token.scopes:
        return web.Response(text="<html>Sign in</html>", content_type="text/html")
    return web.Response(body=slack.attached[request.match_info["id"]].content, content_type="application/octet-stream")


def complete(slack: FakeSlack, token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/files.completeUploadExternal."""
    files = json.loads(args["files"]) if isinstance(args["files"], str) else args["files"]
    uploads = [slack.uploads.get(each["id"]) for each in files]
    if not all(upload and upload.content is not None and not upload.shared for upload in uploads):
        raise Refused("file_not_found")
    for upload in uploads:
        upload.shared = True
    rows = [{"id": each["id"], "title": each.get("title")} for each in files]
    if args.get("channel_id"):
        channel = channel_of(token, args, "channel_id")
        if team_of(token).bot not in channel.members:
            raise Refused("not_in_channel")
        message = {**content(slack, token, {"text": args.get("initial_comment") or ""}), "files": rows}
        slack.add_message(channel, message, args, thread=args.get("thread_ts"))
    return {"files": rows}


_COMPLETE = frozenset({"files", "channel_id", "channels", "initial_comment", "thread_ts", "blocks"})
METHODS = {
    "files.getUploadURLExternal": Method(
        upload_url,
        frozenset({"filename", "length", "alt_txt", "snippet_type"}),
        ("files:write",),
        required=("filename", "length"),
    ),
    "files.completeUploadExternal": Method(complete, _COMPLETE, ("files:write",), required=("files",)),
}
