"""The paper that a command typed in the thread of a digest is about: `why #4`, or `why` alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.commands import Command, typed
from bot.errors import UserError
from bot.handlers.context import Context
from bot.model import Caller, Message, Ref
from bot.wording.notices import which_paper
from bot.wording.parts import count

_PLACE = re.compile(r"#\s?(\d{1,2})\b|(?:(?:number|no\.?|paper)\s)?(\d{1,2})")
_THIS = re.compile(
    r"(?:\b(?:this|that|it|the|an?|paper|one|here|is|was|does|did|rank|ranked|so|high|chosen|picked)\b|\W)*"
)
"""Words that name no other paper than the thread's: `why does this rank so high?`."""


async def with_threads_paper(
    context: Context, command: Command, caller: Caller, raw: Mapping[str, str]
) -> Mapping[str, str] | Message:
    """The options with the paper that is meant; or the question which of several. Unchanged outside of threads.

    Raises UserError for a number that no paper of the digest has, or that stands outside the thread of a digest.
    """
    option, text = command.option("paper"), raw.get("paper", "").strip()
    if option is None or not option.required:
        return raw
    if caller.thread is None:
        return _unless_number(command, text, raw)
    place = _PLACE.fullmatch(text) or re.search(r"#\s?(\d{1,2})\b", text)
    if place is None and not _THIS.fullmatch(text.lower()):
        return raw
    papers = await _papers_of(context, caller, caller.thread)
    if not papers:
        return _unless_number(command, text, raw)
    if place is None:
        stored = await context.store.papers.get(papers)
        named = [stored[each] for each in papers if each in stored]
        return {**raw, "paper": papers[0]} if len(papers) == 1 else which_paper(named, command.name, raw)
    number = int(place[1] or place[2])
    if not 1 <= number <= len(papers):
        remedy = typed(f"{command.name} #{len(papers)}")
        raise UserError(f"This digest has {count(len(papers), 'paper')}. Try {remedy}.")
    return {**raw, "paper": papers[number - 1]}


def _unless_number(command: Command, text: str, raw: Mapping[str, str]) -> Mapping[str, str]:
    """The options as they are. Raises UserError for `#4` or `this` outside the thread of a digest."""
    remedy = f"press the paper's button, or name its id: {typed(command.example)}"
    if _PLACE.fullmatch(text):
        raise UserError(f"Numbers work in a digest's thread. Here {remedy}.")
    if text and _THIS.fullmatch(text.lower()):
        raise UserError(f"Which paper? In a digest's thread I know it. Here {remedy}.")
    return raw


async def _papers_of(context: Context, caller: Caller, thread: Ref) -> tuple[str, ...]:
    """Ids of the papers of the thread's digest, in its order; of the one paper that the message is about."""
    paper = await context.store.ledger.paper_of(caller.channel, thread)
    return (paper,) if paper is not None else await context.store.ledger.papers_under(caller.channel, thread)
