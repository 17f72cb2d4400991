"""A channel that liked a paper, and three weeks later gets one that is close to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot import embeddings
from bot.app import collect
from bot.model import Channel, Digest, Findings, Paper, Signal, Style, Subscription
from tests.harness.desk import NOW
from tests.harness.engine import Backend

LATER = NOW + timedelta(days=20)


async def like_first(backend: Backend, channel: Channel, *, style: Style = "thread") -> Paper:
    """Deliver a digest, and have three people like its first paper."""
    subscription = Subscription(channel, size=2, set_at=NOW, next_due=NOW, at=NOW.time(), style=style)
    await backend.store.subscriptions.put(subscription)
    await backend.deliver()
    digest = await backend.store.ledger.digest(channel, NOW.date())
    assert digest is not None
    liked = digest.picks[0].paper
    for number in range(3):
        user = Channel(f"{channel.partition('/')[0]}/{700 + number}")
        await backend.store.people.react(channel, user, liked.id, 1, NOW)
    return liked


async def close_paper(backend: Backend, channel: Channel, liked: Paper) -> Digest:
    """Deliver, twenty days after, a digest with a paper that says the same as the liked one."""
    backend.clock.set(LATER)
    close = replace(liked, id="2601.00001", title=f"{liked.title}, Again", listed_at=LATER - timedelta(hours=5))
    signal = Signal(close.id, "huggingface", "upvotes", 50, LATER - timedelta(hours=1))
    await backend.store.papers.add(Findings((close,), (signal,)), "huggingface", LATER)
    await collect.describe(backend.store)
    await collect.embed(backend.store, embeddings.load(embeddings.DEFAULT))
    stored = await backend.store.subscriptions.get(channel)
    assert stored is not None
    await backend.store.subscriptions.reschedule({stored.key: LATER})
    await backend.deliver()
    digest = await backend.store.ledger.digest(channel, LATER.date())
    assert digest is not None
    assert [pick.paper.id for pick in digest.picks] == [close.id]
    return digest
