"""The liked paper that a pick is close to, as JSON."""

from __future__ import annotations

from dataclasses import replace

from pydantic import TypeAdapter

from bot.model import Channel, LikedNeighbour
from bot.store.sql.transaction import Transaction

_JSON = TypeAdapter(LikedNeighbour)


def dump_neighbour(neighbour: LikedNeighbour) -> str:
    """JSON of a neighbour, without the link, which is made when it is posted."""
    return _JSON.dump_json(replace(neighbour, url=None), exclude_none=True).decode()


def erase_neighbours(db: Transaction, channel: Channel) -> None:
    """Forget which picks of a channel were close to what its people had liked, as all of that is forgotten."""
    db.execute("UPDATE picks SET neighbour = NULL WHERE channel = ? AND neighbour IS NOT NULL", (channel,))


def to_neighbour(text: str) -> LikedNeighbour:
    """The neighbour of a JSON text."""
    return _JSON.validate_json(text)
