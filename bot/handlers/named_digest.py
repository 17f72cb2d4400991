"""The digest of a channel that a command is about: the one it names, the only one, `main`, or a question which."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from bot.commands import typed
from bot.commands.options import ALL_DIGESTS
from bot.errors import UserError
from bot.handlers.context import Context, Invocation
from bot.handlers.topic_lines import named_line
from bot.model import MAIN, MOST_DIGESTS, Form, Subscription
from bot.text import joined

EVERY_LINE = frozenset({"all", "everything", "*"})
"""In place of a topic or a mute: every one."""


async def read_digest(context: Context, invocation: Invocation) -> Subscription | None:
    """The digest that a command which changes nothing is about; None in a channel without one."""
    digests = await context.digests(invocation.channel)
    if invocation.has("name"):
        return by_name(digests, invocation.text("name"))
    return next(iter(digests), None)


async def changed_digest(context: Context, invocation: Invocation) -> Subscription | None:
    """The digest that a command changes; None for a channel without one. Asks which only where none is `main`."""
    digests = await context.digests(invocation.channel)
    if invocation.has("name"):
        return by_name(digests, invocation.text("name"))
    if len(digests) > 1 and digests[0].name != MAIN:
        raise _which(digests, invocation)
    return next(iter(digests), None)


async def named_digests(context: Context, invocation: Invocation) -> tuple[Subscription, ...]:
    """The digests that a command for one or `all` is about; asks which where a channel has several."""
    digests = await context.digests(invocation.channel)
    name = invocation.text("name") if invocation.has("name") else ""
    if not digests or name == ALL_DIGESTS:
        return digests
    if name:
        return (by_name(digests, name),)
    if len(digests) > 1:
        raise _which(digests, invocation, ALL_DIGESTS)
    return digests


async def digest_with_line(context: Context, invocation: Invocation, *, mute: bool) -> Subscription | None:
    """The digest that follows a topic, or has a mute: the named one, or the one that has the line."""
    digests = await context.digests(invocation.channel)
    if invocation.has("name"):
        return by_name(digests, invocation.text("name"))
    text = invocation.text("topic")
    having = [each for each in digests if named_line(text, each, mute=mute)]
    if not having and text.casefold() in EVERY_LINE:
        having = [each for each in digests if (each.mutes if mute else each.topics)]
    if len(having) > 1:
        raise _which(having, invocation)
    return next(iter(having or digests), None)


def find_digest(digests: Sequence[Subscription], name: str | None) -> Subscription | None:
    """The digest of a name, or without one the channel's first; None if there is none."""
    return next((each for each in digests if name in {None, each.name}), None)


def by_name(digests: Sequence[Subscription], name: str) -> Subscription:
    """The digest of a name. Raises UserError with the names that there are."""
    if (digest := find_digest(digests, name)) is not None:
        return digest
    if len(digests) < 2:
        line = f"subscribe name:{name}"
        raise UserError(f"There is no digest “{name}” here. To make one: {typed(line)}.", lines=((line, line),))
    names = [each.name for each in digests]
    nearest = difflib.get_close_matches(name, names, n=1)
    suggestion = f" Did you mean {nearest[0]}?" if nearest else ""
    raise UserError(f"There is no digest “{name}” here.{suggestion} This channel has {joined(names)}.")


def check_room(digests: Sequence[Subscription], name: str) -> None:
    """Raise UserError for a name that means all, or for one digest more than a channel can have."""
    if name == ALL_DIGESTS:
        raise UserError(
            f"“{ALL_DIGESTS}” means every digest of this channel. Take another name: {typed('subscribe name:rl')}."
        )
    if len(digests) >= MOST_DIGESTS:
        names = joined([each.name for each in digests])
        remedy = f"To end one: {typed(f'unsubscribe name:{digests[-1].name}')}."
        raise UserError(f"A channel can have {MOST_DIGESTS} digests, and this one has: {names}. {remedy}")


def name_fault(form: Form, digests: Sequence[Subscription]) -> str:
    """The fault of the name in the form of a new digest; empty for a free name, and for other forms."""
    name = next((field.value.strip().lower() for field in form.fields if field.name == "name"), None)
    if name is None:
        return ""
    if find_digest(digests, name or None):
        return f"This channel has a digest {name} already." if name else "Give it a name, such as rl."
    try:
        check_room(digests, name)
    except UserError as error:
        return str(error)
    return ""


def _which(digests: Sequence[Subscription], invocation: Invocation, *others: str) -> UserError:
    """The question which digest is meant, with a button for each."""
    names = [*(each.name for each in digests), *others]
    lines = tuple((name, invocation.command.line({**invocation.raw, "name": name})) for name in names)
    return UserError(f"Which digest: {joined(names, 'or')}? {typed(lines[0][1])} is the first.", lines=lines)
