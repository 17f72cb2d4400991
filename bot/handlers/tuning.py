"""Answers about what a channel's feedback has taught: tuning list, undo, reset, forget."""

from __future__ import annotations

import asyncio
import difflib

from bot.errors import UserError
from bot.handlers.context import Asked, Room
from bot.model import Lessons, Message
from bot.model.paper_id import paper_id
from bot.ranking.profile import MOST, Leaning
from bot.text.analyzer import stems
from bot.wording.tuning import (
    Tuning,
    tuning_erased,
    tuning_forgotten,
    tuning_overview,
    tuning_reset_question,
    tuning_undone,
)

WORDS_MOST = 80
"""The strongest; the rest move nothing that anybody sees."""


class TuningAnswers:
    """Everything a profile knows can be seen and taken back."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def tuning_list(self, asked: Asked) -> Message:
        """Words and papers that count for and against."""
        leaning = await self._leaning(asked)
        if leaning is None:
            return tuning_overview(Tuning((), (), 0.0), 1)
        lessons = await self._lessons(asked)
        left_out = await asyncio.to_thread(_left_out, lessons, leaning)
        words = await asyncio.to_thread(_words, leaning)
        papers = tuple((example.paper, example.weight) for example in leaning.profile.examples)
        most = leaning.profile.confidence * MOST
        return tuning_overview(Tuning(words, papers, most, left_out), asked.number("page"))

    async def tuning_undo(self, asked: Asked) -> Message:
        """Take back the latest sign, whoever gave it."""
        last = await self._room.store.feedback.undo_latest(asked.channel)
        if last is None:
            return tuning_undone(None, None)
        return tuning_undone(last, await self._room.paper(last.paper_id))

    async def tuning_reset(self, asked: Asked) -> Message:
        """Forget everything, after asking."""
        if not asked.confirmed:
            return tuning_reset_question(len((await self._lessons(asked)).feedback))
        return tuning_erased(await self._room.store.feedback.reset(asked.channel))

    async def tuning_forget(self, asked: Asked) -> Message:
        """A word or a paper no longer counts, or counts again."""
        item, back = asked.text("item"), asked.text("back") == "yes"
        lessons = await self._lessons(asked)
        papers = {each.paper_id for each in lessons.feedback}
        book = self._room.store.feedback
        change = book.include if back else book.exclude
        if (found := paper_id(item)) is not None:
            if found not in papers:
                raise UserError(f"There is no feedback on {found} here. Type “tuning” to see what counts.")
            await change(asked.channel, (), (found,), asked.now)
        else:
            await change(asked.channel, await self._known(asked, item, lessons), (), asked.now)
        return tuning_forgotten(found or item, back=back)

    async def _known(self, asked: Asked, item: str, lessons: Lessons) -> set[str]:
        """The stems of what was typed that the profile knows. Raises UserError if it knows none."""
        leaning = await self._leaning(asked)
        names = leaning.profile.names if leaning is not None else {}
        known = {stem for stem in stems(item, stop_words=False) if stem in names or stem in lessons.words}
        if not known:
            nearest = difflib.get_close_matches(item.casefold(), sorted(names.values()), n=1)
            hint = f"Did you mean “{nearest[0]}”?" if nearest else "Type “tuning” to see what counts."
            raise UserError(f"“{item[:60]}” is no word that was learnt here. {hint}")
        return known

    async def _leaning(self, asked: Asked) -> Leaning | None:
        return await self._room.engine.leaning(asked.channel, await self._room.engine.shortlist())

    async def _lessons(self, asked: Asked) -> Lessons:
        return (await self._room.store.feedback.lessons((asked.channel,))).get(asked.channel, Lessons())


def _words(leaning: Leaning) -> list[tuple[str, float]]:
    """The strongest words, as the papers write them."""
    profile = leaning.profile
    moved = ((profile.names[stem], leaning.moves(stem)) for stem in profile.words if stem in profile.names)
    strongest = sorted(moved, key=lambda pair: (-abs(pair[1]), pair[0]))
    return [(word, weight) for word, weight in strongest[:WORDS_MOST] if abs(weight) >= 0.005]


def _left_out(lessons: Lessons, leaning: Leaning) -> list[str]:
    return sorted(leaning.profile.names.get(stem, stem) for stem in lessons.words) + sorted(lessons.papers)
