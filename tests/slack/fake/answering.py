"""Handling of a Web API call, with planned faults."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.slack.fake.apps import access
from tests.slack.fake.faults import Fault
from tests.slack.fake.methods import Call, Method, Refused, arguments, check, token_of, too_fast

if TYPE_CHECKING:
    from tests.slack.fake.server import FakeSlack


async def answer_call(slack: FakeSlack, methods: Mapping[str, Method], request: web.Request) -> web.StreamResponse:
    """Carry out a call, or the fault that was planned for it."""
    name = request.match_info["method"]
    if slack.latency:
        await asyncio.sleep(slack.latency)
    call = Call(name, {}, None, slack.clock.now())
    slack.all_calls.append(call)
    headers: dict[str, str] = {}
    try:
        call.args = await arguments(request)
        fault = slack.plan.take(name, call.args)
        if fault is not None and not fault.carried_out:
            return await apply_fault(slack, request, call, fault)
        body = {"ok": True, **_run(slack, methods, request, call, headers)}
        if fault is not None:
            return await apply_fault(slack, request, call, fault)
    except Refused as refused:
        call.error, call.status = refused.code, refused.status
        headers |= refused.headers
        body = {"ok": False, "error": refused.code, **refused.more}
    finally:
        slack.notify()
    return web.json_response(body, status=call.status, headers=headers)


def _run(
    slack: FakeSlack, methods: Mapping[str, Method], request: web.Request, call: Call, headers: dict[str, str]
) -> dict[str, Any]:
    if call.method == "oauth.v2.access":
        return access(slack, request.headers.get("Authorization", ""), call.args)
    method = methods.get(call.method)
    if method is None:
        raise Refused("unknown_method", req_method=call.method)
    token = token_of(slack, request, call.args)
    call.team = token.team.id if token.team else None
    headers |= {"x-oauth-scopes": ",".join(sorted(token.scopes)), "x-accepted-oauth-scopes": ",".join(method.scopes)}
    check(token, method, call.args)
    return method.run(slack, token, call.args)


async def apply_fault(slack: FakeSlack, request: web.Request, call: Call, fault: Fault) -> web.StreamResponse:
    """Carry out a fault in place of an answer."""
    call.error, call.status = fault.code or fault.kind, fault.http
    if fault.kind == "error":
        raise Refused(fault.code)
    if fault.kind == "wait":
        raise too_fast(fault.seconds)
    if fault.kind == "status":
        return web.Response(
            status=fault.http, text="<html><title>Server Error</title></html>", content_type="text/html"
        )
    if fault.kind == "hang":
        slack.notify()
        await slack.closing.wait()
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
