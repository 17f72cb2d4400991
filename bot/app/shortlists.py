"""The ranked candidates of the moment, kept until the next look at the sources; those of thirty days beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.app import candidates
from bot.app.forecasts import Forecasts
from bot.app.metrics import Metrics
from bot.digest import selection
from bot.digest.shortlist import Shortlist
from bot.ports import Clock, Source
from bot.query.analysis import Analyses
from bot.store import Store

SHORTLIST_AGE = timedelta(minutes=45)
"""Age at which a shortlist is ranked again; new signals arrive only with `collect`, which expires it at once."""


class Shortlists:
    """Ranks once for all who ask."""

    def __init__(
        self, store: Store, sources: Sequence[Source], clock: Clock, metrics: Metrics, forecasts: Forecasts | None
    ) -> None:
        self._store, self._sources, self._clock = store, sources, clock
        self._metrics = metrics
        self._forecasts, self._analyses = forecasts or Forecasts(), Analyses()
        self.latest: Shortlist | None = None
        """The last one; None before the first ranking."""
        self._long: tuple[Shortlist, Shortlist] | None = None  # of 30 days, behind that of 14 beside it
        self._collections = self._ranked = 0
        """Number of the latest collection, of this process or another, and of the one that the shortlist is of."""
        self._ranking, self._ranking_long = asyncio.Lock(), asyncio.Lock()

    def collected(self, collections: int) -> None:
        """Note the number of a collection, of this process or another: a shortlist of an earlier one is outdated."""
        self._collections = max(collections, self._collections)

    @property
    def is_outdated(self) -> bool:
        """Whether there is a shortlist, and the sources were asked since."""
        return self.latest is not None and self._ranked < self._collections

    async def current(self) -> Shortlist:
        """The ranked candidates; the previous ones while new ones are being ranked."""
        if self.latest is not None and self._ranking.locked():
            return self.latest
        return await self.fresh(self._clock())

    async def of(self, span: timedelta) -> Shortlist:
        """The ranked candidates of the last 14 days, or where `span` is longer, of 30 days."""
        shortlist = await self.current()
        if span <= selection.LONGEST_WINDOW:
            return shortlist
        async with self._ranking_long:
            if self._long is None or self._long[0] is not shortlist:
                facts = self._store, self._sources, shortlist.now, selection.LONGEST_CATCHUP
                self._long = shortlist, await candidates.rank_candidates(*facts)
            return self._long[1]

    async def fresh(self, now: datetime) -> Shortlist:
        """The candidates as ranked since the last look at the sources, at most 45 minutes before `now`."""
        async with self._ranking:
            shortlist, collections = self.latest, self._collections
            if shortlist is None or self._ranked < collections or not now - SHORTLIST_AGE < shortlist.now <= now:
                started = asyncio.get_running_loop().time()
                shortlist = await candidates.rank_candidates(
                    self._store, self._sources, now, forecasts=self._forecasts, analyses=self._analyses
                )
                self._metrics.ranked(len(shortlist), asyncio.get_running_loop().time() - started)
                self.latest, self._ranked = shortlist, collections
            return shortlist
