"""The middleware before every page as the server calls it: announced lengths, broken pages, what is no request."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from adapters.shared_rate import ClientRate
from adapters.web.guard import Guard
from adapters.web.site import Site


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("16384", 200),
        ("16385", 413),
        ("1" + "0" * 19, 413),
        ("9" * 5_000, 413),
        ("-1", 200),
        ("x", 200),
        ("٣" * 9, 200),
    ],
)  # fmt: skip
async def test_the_length_that_a_request_announces_is_believed_where_it_is_a_number(length: str, status: int):
    answers: list[int] = []

    async def page(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answers.append(message["status"])

    await guarded(page)(scope(headers=[(b"content-length", length.encode())]), nothing_more, send)
    assert answers == [status]


async def test_an_error_after_the_beginning_of_an_answer_adds_no_second_one():
    sent: list[str] = []

    async def page(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("a bug")

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await guarded(page)(scope(), nothing_more, send)
    assert sent == ["http.response.start"]


async def test_what_is_no_request_gets_no_answer():
    async def page(*_: Any) -> None:
        raise AssertionError

    async def send(message: Any) -> None:
        raise AssertionError(message)

    for kind in ("lifespan", "websocket"):
        await guarded(page)({**scope(), "type": kind}, nothing_more, send)


async def test_a_reader_who_leaves_before_the_form_was_sent_is_no_error(caplog: pytest.LogCaptureFixture):
    async def page(*_: Any) -> None:
        raise ClientDisconnect

    async def send(message: Any) -> None:
        raise AssertionError(message)

    await guarded(page)(scope(), nothing_more, send)
    assert caplog.text == ""


@pytest.mark.parametrize("page", ["confirm", "preferences", "unsubscribe", "reading-list", "paper"])
async def test_the_token_of_a_page_that_fails_is_not_in_the_log(page: str, caplog: pytest.LogCaptureFixture):
    async def fails(*_: Any) -> None:
        raise RuntimeError("a bug")

    async def send(_message: Any) -> None:
        pass

    await guarded(fails)(scope(path=f"/{page}/the-token"), nothing_more, send)
    assert ("the-token" in caplog.text) is (page == "paper")
    assert page in caplog.text


def guarded(page: Any) -> Guard:
    """The guard before one page, without an engine."""
    return Guard(page, Site(), pages=ClientRate(1_000), pictures=ClientRate(1_000))


def scope(*, path: str = "/x", headers: list[tuple[bytes, bytes]] | None = None) -> dict[str, Any]:
    """A request as the server hands it on."""
    return {
        "type": "http", "method": "POST", "scheme": "http", "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": headers or [], "client": ("192.0.2.1", 1), "server": ("h", 80),
    }  # fmt: skip


async def nothing_more() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}
