"""Handlers about Paperboy itself: status, help, about."""

from __future__ import annotations

from bot.commands import GROUPS, find
from bot.handlers.context import Context, Invocation, handles
from bot.model import Message
from bot.wording.help import ALL, about_paperboy, help_all, help_anywhere, help_group, help_on, help_start
from bot.wording.status import status_report


@handles("status")
async def show_status(context: Context, invocation: Invocation) -> Message:
    """The sources with their last success, and this channel's next digest."""
    papers, observations = await context.store.papers.count()
    return status_report(
        await context.store.papers.reports(),
        await context.digests(invocation.channel),
        papers=papers,
        observations=observations,
        now=invocation.now,
        processes=await context.store.leases.processes(),
    )


@handles("help")
async def show_help(context: Context, invocation: Invocation) -> Message:  # noqa: ARG001 - a Handler takes both
    """The first things, all commands, a group, or one; where Paperboy itself is not, the commands that work there."""
    if not invocation.has("command"):
        invite = invocation.caller.invite
        return help_anywhere(invite) if invite else help_start()
    name = " ".join(invocation.text("command").lower().removeprefix("/papers").split())
    if name == ALL:
        return help_all()
    return help_group(name) if name in GROUPS else help_on(find(name))


@handles("about")
async def show_about(context: Context, invocation: Invocation) -> Message:  # noqa: ARG001 - a Handler takes both
    """Purpose, sources and acknowledgements."""
    return about_paperboy(context.version)
