"""Every channel's profile, learnt when it is asked for: lessons ─► votes ─► profile ─► its leaning on candidates."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.model import Channel, Lessons, Paper
from bot.ranking.profile import Corpus, Example, Leaning, Profile, learn_profile
from bot.ranking.votes import votes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bot.digest.selection import Shortlist
    from bot.store import Store

Meaning = Callable[[Sequence[str]], Awaitable["NDArray[np.float32]"]]
"""Paper ids -> their vectors, all zero where there is none."""


class Learner:
    """Learns off the event loop; what the candidates are usually like is worked out once for all channels."""

    def __init__(self, store: Store, meaning: Meaning | None = None) -> None:
        self._store = store
        self._meaning = meaning
        self._known: tuple[Shortlist, Corpus] | None = None
        self._reading = asyncio.Lock()

    async def leaning(self, channel: Channel, shortlist: Shortlist) -> Leaning | None:
        """How a channel's profile leans on these candidates; None where nothing was taught."""
        return (await self.leanings((channel,), shortlist)).get(channel)

    async def leanings(self, channels: Iterable[Channel], shortlist: Shortlist) -> dict[Channel, Leaning]:
        """How the profile of each of these channels leans; those that taught nothing are left out."""
        lessons = await self._store.feedback.lessons(channels)
        if not lessons:
            return {}
        corpus = await self._corpus(shortlist)
        weighed = await asyncio.to_thread(_weigh, lessons)
        ids = list({paper_id for each in weighed.values() for paper_id in each})
        papers = await self._store.papers.get(ids)
        vectors = dict(zip(ids, await self._meaning(ids), strict=True)) if self._meaning else {}
        return await asyncio.to_thread(_lean, lessons, weighed, papers, vectors, corpus)

    async def _corpus(self, shortlist: Shortlist) -> Corpus:
        async with self._reading:
            if self._known is None or self._known[0] is not shortlist:
                ids = [trend.paper.id for trend in shortlist.trends]
                vectors = await self._meaning(ids) if self._meaning else None
                corpus = await asyncio.to_thread(_made, shortlist, vectors)
                self._known = (shortlist, corpus)
            return self._known[1]


def _made(shortlist: Shortlist, vectors: NDArray[np.float32] | None) -> Corpus:
    corpus = Corpus(shortlist.documents.bags, vectors)
    corpus.scores({}, None)  # works out all that channels share here
    return corpus


def _weigh(lessons: Mapping[Channel, Lessons]) -> dict[Channel, dict[str, float]]:
    return {
        channel: {paper_id: weight for paper_id, weight in votes(each.feedback).items() if paper_id not in each.papers}
        for channel, each in lessons.items()
    }


def _lean(
    lessons: Mapping[Channel, Lessons],
    weighed: Mapping[Channel, Mapping[str, float]],
    papers: Mapping[str, Paper],
    vectors: Mapping[str, NDArray[np.float32]],
    corpus: Corpus,
) -> dict[Channel, Leaning]:
    def profile(channel: Channel) -> Profile:
        known = ((papers[paper_id], weight) for paper_id, weight in weighed[channel].items() if paper_id in papers)
        examples = [Example(paper, weight, vectors.get(paper.id)) for paper, weight in known]
        return learn_profile(examples, corpus, forgotten=lessons[channel].words)

    return {channel: Leaning(profile(channel), corpus) for channel in lessons}
