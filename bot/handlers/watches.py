"""Handlers of watches: watch add, list, remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.commands import typed
from bot.errors import UserError
from bot.handlers.context import Context, Invocation, announced, handles
from bot.handlers.corrections import category_question, respelled, with_corrections, with_hints
from bot.handlers.permission import refusal
from bot.handlers.topic_lines import comparable, line_number, no_such_line
from bot.handlers.topic_preview import preview_of
from bot.model import Action, Caller, Channel, Message, QuietHours, Subscription, Watch
from bot.query.strictness import USUAL
from bot.wording.watch import (
    watch_changed,
    watch_list,
    watch_preview,
    watch_removed,
    watch_saved,
    watches_rest,
)

WATCHES_MOST = 20
"""Watches of a channel, and of a person."""


@handles("watch add")
async def add_watch(context: Context, invocation: Invocation) -> Message:
    """Preview a watch, then save it; of one that is there already, change what is named."""
    channel = _place(invocation)
    here = channel == invocation.channel
    refused = None if _is_own(channel, invocation.caller) else await refusal(context, "watch add", invocation.caller)
    if refused is not None:
        return refused
    others = await context.store.watches.of((channel,))
    before = next((each for each in others if comparable(each.line) == comparable(invocation.text("topic"))), None)
    watch = await _wanted(context, invocation, channel, others, before)
    rests = await _rests(context, channel)
    if before is not None and watch == replace(before, set_at=watch.set_at):
        return watch_saved(before, "Already watching", here=here, rests=rests)
    if before is None and len(others) >= WATCHES_MOST:
        raise _too_many()
    if before is None and not invocation.confirmed:
        return await _proposal(context, invocation, watch, here=here)
    if not await context.store.watches.put(watch, WATCHES_MOST):
        raise _too_many()
    obstacle = invocation.caller.obstacle if here else None
    answer = watch_saved(watch, "Changed:" if before else "Watching", here=here, obstacle=obstacle, rests=rests)
    if before is not None or _is_own(channel, invocation.caller):
        return answer
    return announced(answer, invocation.caller, watch_changed(watch.line, added=True))


def _place(invocation: Invocation) -> Channel:
    """The channel that a watch posts to: this one, or the person's own direct messages."""
    to_person = invocation.has("to") and invocation.text("to") == "dm"
    return invocation.caller.user if to_person and not invocation.caller.alone else invocation.channel


def _is_own(channel: Channel, caller: Caller) -> bool:
    """Whether only the caller reads a channel."""
    return caller.alone or channel == caller.user


def _too_many() -> UserError:
    remedy = f"Remove one first: {typed('watch list')} lists them. Several lines can be one watch, joined with |"
    return UserError(f"At most {WATCHES_MOST} watches. {remedy}.")


async def _wanted(
    context: Context, invocation: Invocation, channel: Channel, others: Sequence[Watch], before: Watch | None
) -> Watch:
    """The watch that is asked for: what is not named stays as it was. Changed or not, it brings what comes from now on.

    The watches of a channel have one clock.
    """
    zone = next((each.timezone for each in others), None) or await context.timezone(invocation.caller)
    base = before or Watch(channel, invocation.text("topic"), timezone=zone)
    return replace(
        base,
        most=invocation.number("most") if invocation.has("most") else base.most,
        quiet=_quiet(invocation) if invocation.has("quiet") else base.quiet,
        direct=_is_own(channel, invocation.caller),
        set_by=base.set_by or invocation.caller.user,
        set_at=invocation.now,
        stop_reason="",
    )


def _quiet(invocation: Invocation) -> QuietHours | None:
    hours = invocation.options["quiet"]
    return hours if isinstance(hours, QuietHours) else None


async def _proposal(context: Context, invocation: Invocation, watch: Watch, *, here: bool) -> Message:
    """Preview of a watch: its papers of the last 14 days, its misspelt words corrected, as for a topic."""
    options = {name: text for name, text in invocation.again.items() if name != "confirm"}
    as_typed = Action("Save as typed", "watch add", {**options, "confirm": "yes"})
    corrected, corrections = await respelled(context.search, watch.line, invocation.now)
    preview = await preview_of(context, invocation, corrected, level=USUAL, with_others=True)
    if not preview.matched and (question := category_question(invocation)):
        return replace(question, actions=(*question.actions, as_typed))
    answer = watch_preview(replace(preview, strictness=None), watch, options, here=here)
    answer = with_corrections(answer, corrections, as_typed)
    return await with_hints(context, invocation, answer, is_empty=not preview.matched)


@handles("watch list")
async def list_watches(context: Context, invocation: Invocation) -> Message:
    """The watches of the channel and those of the person."""
    caller = invocation.caller
    watches, rests = await watches_of(context, caller), await _rests(context, caller.channel)
    return watch_list(watches, invocation.number("page"), direct=caller.alone, rests=rests)


@handles("watch remove")
async def remove_watch(context: Context, invocation: Invocation) -> Message:
    """Remove a watch of the channel, or one's own, by its line or its number."""
    caller, text = invocation.caller, invocation.text("watch")
    watches = await watches_of(context, caller)
    if invocation.has("to"):
        watches = [each for each in watches if each.direct == (invocation.text("to") == "dm")]
    watch = next((each for each in watches if comparable(each.line) == comparable(text)), None)
    if watch is None and not invocation.has("to"):
        number = line_number(text)
        watch = watches[number - 1] if number is not None and number <= len(watches) else None
    if watch is None:
        raise no_such_line(text, [each.line for each in watches], "watch remove")
    refused = None if _is_own(watch.channel, caller) else await refusal(context, "watch remove", caller)
    if refused is not None:
        return refused
    await context.store.watches.remove(watch.channel, watch.line)
    answer = watch_removed(watch)
    if _is_own(watch.channel, caller):
        return answer
    return announced(answer, caller, watch_changed(watch.line, added=False))


async def _rests(context: Context, channel: Channel) -> bool:
    """Whether every digest of a channel is paused, and its watches with them."""
    digests = await context.digests(channel)
    return bool(digests) and all(each.paused_at is not None for each in digests)


async def with_watches(context: Context, answer: Message, channel: Channel, left: Sequence[Subscription]) -> Message:
    """The answer to a pause of digests, and that the watches rest too if all are paused. `left`: the digests now."""
    watches = [each for each in await context.store.watches.of((channel,)) if not each.stop_reason]
    paused = all(each.paused_at is not None for each in left)
    if not watches or not paused:
        return answer
    return replace(answer, blocks=(*answer.blocks, watches_rest(len(watches))))


async def watches_of(context: Context, caller: Caller) -> list[Watch]:
    """The channel's watches, then the person's own."""
    own = caller.channel, caller.user
    watches = await context.store.watches.of(own)
    return sorted(watches, key=lambda each: own.index(each.channel))
