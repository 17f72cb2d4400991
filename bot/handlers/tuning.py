"""Handlers of a channel's feedback profile: tuning list, undo, reset, forget."""

from __future__ import annotations

import asyncio
import difflib
from typing import TYPE_CHECKING

from bot.commands import typed
from bot.commands.times import excerpt
from bot.errors import UserError
from bot.handlers.context import Context, Invocation, announced, handles
from bot.handlers.named_digest import find_digest
from bot.handlers.topic_strictness import latest_step, without_step
from bot.model import Lessons, Message
from bot.model.paper_id import paper_id
from bot.ranking.profile import INFLUENCE_MAX
from bot.ranking.topic_votes import followed_votes
from bot.text.analyzer import stems
from bot.wording import tuning as wording
from bot.wording.changes import FEEDBACK_ERASED, strictness_changed
from bot.wording.topics import level_in

if TYPE_CHECKING:
    from bot.ranking.profile import ProfileMatch

WORDS_LISTED = 80
"""The strongest words; weaker ones change no order."""
WEIGHT_LISTED = 0.005
"""The smallest weight that two decimals show."""


@handles("tuning list")
async def list_tuning(context: Context, invocation: Invocation) -> Message:
    """Words and papers that count for and against; what others saved is counted, not named."""
    profile_match = await _profile_match(context, invocation)
    if profile_match is None:
        return wording.NOTHING_TAUGHT
    profile, lessons = profile_match.profile, await context.lessons(invocation.channel)
    votes = {
        topic: each
        for digest in await context.digests(invocation.channel)
        for topic, each in followed_votes(digest, lessons).items()
    }
    topics = tuple((topic, each) for topic, each in votes.items() if each.steps)
    left_out = sorted(profile.names.get(stem, stem) for stem in lessons.words) + sorted(lessons.papers)
    words = await asyncio.to_thread(_strongest_words, profile_match)
    own = {feedback.paper_id for feedback in lessons.feedback if feedback.user == invocation.caller.user}
    visible = [each for each in profile.examples if each.fans or each.critics or each.paper.id in own]
    papers = tuple((example.paper, example.weight) for example in visible)
    most = profile.confidence * INFLUENCE_MAX if profile.proven else None
    saved = len(profile.examples) - len(papers)
    return wording.tuning_overview(
        wording.Taught(words, papers, saved, most, left_out, topics), invocation.number("page")
    )


@handles("tuning undo")
async def undo_feedback(context: Context, invocation: Invocation) -> Message:
    """Take back the channel's latest feedback or step of a topic, anybody's; what others saved is not named."""
    digests = await context.digests(invocation.channel)
    step, latest = latest_step(digests), (await context.lessons(invocation.channel)).feedback[-1:]
    digest = find_digest(digests, step.digest) if step else None
    if digest and step and all(each.at <= step.at for each in latest):
        changed = without_step(digest, step.topic)
        await context.save(digest, changed)
        level = level_in(changed, step.topic)
        answer = wording.step_undone(step.topic, level)
        return announced(answer, invocation.caller, strictness_changed(step.topic, level, digest.label))
    feedback = await context.store.feedback.undo_latest(invocation.channel)
    if feedback is None:
        return wording.tuning_undone(None, None)
    if feedback.gesture == "save" and feedback.user != invocation.caller.user:
        return wording.SAVE_UNDONE
    return wording.tuning_undone(feedback, await context.paper(feedback.paper_id))


@handles("tuning reset")
async def reset_feedback(context: Context, invocation: Invocation) -> Message:
    """Erase the channel's feedback, after a question."""
    if not invocation.confirmed:
        return wording.tuning_reset_question(len((await context.lessons(invocation.channel)).feedback))
    answer = wording.tuning_erased(await context.store.feedback.reset(invocation.channel))
    return announced(answer, invocation.caller, FEEDBACK_ERASED)


@handles("tuning forget")
async def exclude_from_tuning(context: Context, invocation: Invocation) -> Message:
    """Exclude a word or a paper from the profile, or include it again."""
    item, back = invocation.text("item"), invocation.text("back") == "yes"
    lessons = await context.lessons(invocation.channel)
    change = context.store.feedback.include if back else context.store.feedback.exclude
    paper = paper_id(item)
    if paper is None:
        words = await _learnt_stems(context, invocation, item, lessons)
        await change(invocation.channel, words, (), invocation.now)
    elif paper in {feedback.paper_id for feedback in lessons.feedback}:
        await change(invocation.channel, (), (paper,), invocation.now)
    else:
        raise UserError(f"There is no feedback on {paper} here. {typed('tuning')} shows what counts.")
    return wording.tuning_forgotten(paper or item, back=back)


async def _learnt_stems(context: Context, invocation: Invocation, item: str, lessons: Lessons) -> set[str]:
    """The typed stems that the profile has or excludes. Raises UserError if there are none."""
    profile_match = await _profile_match(context, invocation)
    names = profile_match.profile.names if profile_match is not None else {}
    learnt = {stem for stem in stems(item, stop_words=False) if stem in names or stem in lessons.words}
    if not learnt:
        nearest = difflib.get_close_matches(item.casefold(), sorted(names.values()), n=1)
        lines = tuple((word, f"tuning forget {word}") for word in nearest)
        hint = f"Did you mean {typed(lines[0][1])}?" if lines else f"{typed('tuning')} shows what counts."
        raise UserError(f"“{excerpt(item)}” is no word that was learnt here. {hint}", lines=lines)
    return learnt


async def _profile_match(context: Context, invocation: Invocation) -> ProfileMatch | None:
    return await context.engine.profile_match(invocation.channel, await context.engine.shortlist())


def _strongest_words(profile_match: ProfileMatch) -> list[tuple[str, float]]:
    """The profile's strongest words as papers write them, with the change of standing each brings."""
    profile = profile_match.profile
    moves = ((profile.names[stem], profile_match.word_effect(stem)) for stem in profile.words if stem in profile.names)
    strongest = sorted(moves, key=lambda pair: (-abs(pair[1]), pair[0]))[:WORDS_LISTED]
    return [(word, weight) for word, weight in strongest if abs(weight) >= WEIGHT_LISTED]
