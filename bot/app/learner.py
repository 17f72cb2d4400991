"""Profiles of channels, learnt from their feedback when needed.

lessons ─► votes ─► examples (papers with weights) ─► profile ─► ProfileMatch: its effect on the candidates
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.digest.shortlist import Shortlist
from bot.model import Channel, Feedback, Lessons, Paper
from bot.ranking.profile import Corpus, Example, ProfileMatch, learn_profile
from bot.ranking.votes import votes
from bot.store import Store

Meaning = Callable[[Sequence[str]], Awaitable["NDArray[np.float32]"]]
"""Paper ids -> their vectors, (ids, dimensions); all zero where there is none."""


class Learner:
    """Learns profiles off the event loop; what the channels share is computed once a shortlist."""

    def __init__(self, store: Store, meaning: Meaning | None = None) -> None:
        self._store = store
        self._meaning = meaning
        self._latest: tuple[Shortlist, Corpus] | None = None
        self._preparing = asyncio.Lock()

    async def profile_matches(
        self, lessons: Mapping[Channel, Lessons], shortlist: Shortlist
    ) -> dict[Channel, ProfileMatch]:
        """Effect of the profile that each channel's feedback makes on these candidates."""
        if not lessons:
            return {}
        corpus = await self._corpus(shortlist)
        weights = await asyncio.to_thread(_weights, lessons)
        ids = list({paper_id for by_paper in weights.values() for paper_id in by_paper})
        papers = await self._store.papers.get(ids)
        vectors = dict(zip(ids, await self._meaning(ids), strict=True)) if self._meaning else {}
        return await asyncio.to_thread(_profile_matches, lessons, weights, papers, vectors, corpus)

    async def _corpus(self, shortlist: Shortlist) -> Corpus:
        async with self._preparing:
            if self._latest is None or self._latest[0] is not shortlist:
                ids = [trend.paper.id for trend in shortlist.trends]
                vectors = await self._meaning(ids) if self._meaning else None
                self._latest = (shortlist, await asyncio.to_thread(Corpus, shortlist.documents.bags, vectors))
            return self._latest[1]


def _weights(lessons: Mapping[Channel, Lessons]) -> dict[Channel, dict[str, float]]:
    """The weight of each paper for each channel, without the papers the channel has excluded."""
    return {
        channel: {paper_id: weight for paper_id, weight in votes(each.feedback).items() if paper_id not in each.papers}
        for channel, each in lessons.items()
    }


def _profile_matches(
    lessons: Mapping[Channel, Lessons],
    weights: Mapping[Channel, Mapping[str, float]],
    papers: Mapping[str, Paper],
    vectors: Mapping[str, NDArray[np.float32]],
    corpus: Corpus,
) -> dict[Channel, ProfileMatch]:
    profile_matches = {}
    for channel, each in lessons.items():
        stored = ((papers[paper_id], weight) for paper_id, weight in weights[channel].items() if paper_id in papers)
        fans = _people(one for one in each.feedback if one.value > 0 and one.gesture != "save")
        critics = _people(one for one in each.feedback if one.value < 0)
        examples = [
            Example(paper, weight, vectors.get(paper.id), fans[paper.id] - critics[paper.id], critics[paper.id])
            for paper, weight in stored
        ]
        people = len({feedback.user for feedback in each.feedback if feedback.paper_id in weights[channel]})
        profile = learn_profile(examples, corpus, forgotten=each.words, people=people)
        profile_matches[channel] = ProfileMatch(profile, corpus)
    return profile_matches


def _people(feedback: Iterable[Feedback]) -> Mapping[str, frozenset[str]]:
    """By paper the people whose feedback this is."""
    people: dict[str, frozenset[str]] = defaultdict(frozenset)
    for each in feedback:
        people[each.paper_id] |= {each.user}
    return people
