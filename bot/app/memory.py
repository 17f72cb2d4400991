"""Memory of a channel: liked papers that its picks are close to, read only for channels that liked any.

lessons ─► public likes ─► papers and vectors, once for all channels ─► closest ─► where they were shown
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.delivery import permalinks
from bot.digest.memory import Closeness, Example, public_likes
from bot.model import Channel, Digest, Lessons, LikedNeighbour, Paper, PublicLikes, Ref, platform
from bot.ports import Outlet
from bot.store import Store

if TYPE_CHECKING:
    from bot.app.learner import Meaning
    from bot.digest.shortlist import Shortlist

Found = dict[Channel, dict[str, LikedNeighbour]]
"""By channel and id of the paper that is close to it."""


class ChannelMemory:
    """Finds, off the event loop, the liked papers that others are close to."""

    def __init__(self, store: Store, outlets: Mapping[str, Outlet], meaning: Meaning | None = None) -> None:
        """Without `meaning` nothing is close: words alone say too little."""
        self._store, self._outlets, self._meaning = store, outlets, meaning
        self._latest: tuple[Shortlist, Closeness] | None = None

    async def with_neighbours(
        self, digests: Sequence[Digest], shortlist: Shortlist, lessons: Mapping[Channel, Lessons] | None = None
    ) -> list[Digest]:
        """The digests, their picks with the liked papers that they are close to; `lessons` are read unless given."""
        papers: dict[Channel, list[Paper]] = {}
        for digest in digests:
            if lessons is None or digest.channel in lessons:
                papers.setdefault(digest.channel, []).extend(pick.paper for pick in digest.picks)
        neighbours = await self.neighbours(papers, shortlist, lessons)
        return [
            _with(digest, neighbours[digest.channel]) if digest.channel in neighbours else digest for digest in digests
        ]

    async def neighbour(self, channel: Channel, paper: Paper, shortlist: Shortlist) -> LikedNeighbour | None:
        """The liked paper that one is close to."""
        neighbours = await self.neighbours({channel: [paper]}, shortlist)
        return neighbours.get(channel, {}).get(paper.id)

    async def link(self, channel: Channel, ref: Ref | None, opener: Ref | None) -> str | None:
        """The address of a message in a channel."""
        return await permalinks.link(self._outlets.get(platform(channel)), channel, ref, opener)

    async def neighbours(
        self,
        papers: Mapping[Channel, Sequence[Paper]],
        shortlist: Shortlist,
        lessons: Mapping[Channel, Lessons] | None = None,
    ) -> Found:
        """The liked papers that papers of each channel are close to."""
        if self._meaning is None:
            return {}
        if lessons is None:
            lessons = await self._store.feedback.lessons(papers)
        likes = {each: public_likes(lessons[each]) for each, listed in papers.items() if listed and each in lessons}
        likes = await self._wanted({channel: each for channel, each in likes.items() if each})
        if not likes:
            return {}
        examples = await self._examples(likes, papers, self._meaning)
        closeness = await self._closeness(shortlist)
        close = await asyncio.to_thread(_closest, papers, likes, examples, closeness)
        return {channel: await self._placed(channel, likes[channel], each) for channel, each in close.items()}

    async def _wanted(self, likes: dict[Channel, dict[str, PublicLikes]]) -> dict[Channel, dict[str, PublicLikes]]:
        """Likes of the channels that have not switched the memory off."""
        settings = await self._store.channels.settings_of(likes) if likes else {}
        return {channel: each for channel, each in likes.items() if settings[channel].memory}

    async def _examples(
        self,
        likes: Mapping[Channel, Mapping[str, PublicLikes]],
        papers: Mapping[Channel, Sequence[Paper]],
        meaning: Meaning,
    ) -> dict[str, Example]:
        """The papers compared, by id, each read once for all channels."""
        stored = await self._store.papers.get({paper_id for each in likes.values() for paper_id in each})
        by_id = {paper.id: paper for channel in likes for paper in papers[channel]} | stored
        vectors = await meaning(list(by_id))
        return {paper.id: Example(paper, vector) for paper, vector in zip(by_id.values(), vectors, strict=True)}

    async def _closeness(self, shortlist: Shortlist) -> Closeness:
        if self._latest is None or self._latest[0] is not shortlist:
            self._latest = shortlist, await asyncio.to_thread(Closeness, shortlist.documents.bags)
        return self._latest[1]

    async def _placed(
        self, channel: Channel, likes: Mapping[str, PublicLikes], close: Mapping[str, Paper]
    ) -> dict[str, LikedNeighbour]:
        """The neighbours by the paper that is close to them, with where the channel was shown them."""
        places = await self._store.shown.last(channel, {paper.id for paper in close.values()})
        neighbours = {}
        for paper_id, paper in close.items():
            place = places.get(paper.id)
            refs = (place.ref, place.opener) if place else (None, None)
            neighbours[paper_id] = LikedNeighbour(paper.id, paper.title, *likes[paper.id], *refs)
        return neighbours


def _closest(
    papers: Mapping[Channel, Sequence[Paper]],
    likes: Mapping[Channel, Mapping[str, PublicLikes]],
    examples: Mapping[str, Example],
    closeness: Closeness,
) -> dict[Channel, dict[str, Paper]]:
    """Channel -> id of a paper -> the liked paper that it is closest to; channels without any are left out."""
    closest_likes: dict[Channel, dict[str, Paper]] = {}
    for channel, by_paper in likes.items():
        liked = [examples[paper_id] for paper_id in by_paper if paper_id in examples]
        for paper in papers[channel]:
            if (closest := closeness.closest(examples[paper.id], liked)) is not None:
                closest_likes.setdefault(channel, {})[paper.id] = closest
    return closest_likes


def _with(digest: Digest, neighbours: Mapping[str, LikedNeighbour]) -> Digest:
    picks = (replace(pick, neighbour=neighbours.get(pick.paper.id)) for pick in digest.picks)
    return replace(digest, picks=tuple(picks))
