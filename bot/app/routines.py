"""Routines, run after every collection and at every tick, and the storing of the posts that they make."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.errors import PaperboyError
from bot.model import Nudge, Post, PostKey
from bot.ports import Clock, Routine
from bot.ports.queue import Queue
from bot.store import Store

log = logging.getLogger("paperboy.engine")


async def run_all(routines: Iterable[Routine], clock: Clock) -> None:
    """Run each routine; one that fails is logged and holds up no other."""
    for routine in routines:
        try:
            await routine.run(clock())
        except PaperboyError as error:
            log.error("a routine failed routine=%s reason=%s", routine.name, error)  # noqa: TRY400 - one line says it
        except Exception:
            log.exception("a routine failed routine=%s", routine.name)


async def keep_posts(store: Store, queue: Queue | None, posts: Sequence[Post], now: datetime) -> frozenset[PostKey]:
    """Store posts within what their channels allow and have them delivered; the keys of those that are stored now."""
    settings = await store.channels.settings_of({post.channel for post in posts})
    openers = {channel: each.openers for channel, each in settings.items()}
    kept = await store.ledger.keep_posts(posts, now, openers)
    if queue is not None and kept:
        await queue.nudge([Nudge(channel) for channel in dict.fromkeys(key.channel for key in kept)])
    return kept
