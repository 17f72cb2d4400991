"""Settings of channels, one JSON text each."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import fields

from pydantic import TypeAdapter

from bot.model import Channel, ChannelSettings
from bot.store.sql.connection import Part, reads, writes
from bot.store.sql.rows import id_list
from bot.store.sql.transaction import Transaction, put

_JSON = TypeAdapter(ChannelSettings)
_NAMES = frozenset(field.name for field in fields(ChannelSettings))


class Channels(Part):
    """Settings of channels that hold whatever their digests are."""

    async def settings(self, channel: Channel) -> ChannelSettings:
        """A channel's settings; the defaults where none were changed."""
        return (await self.settings_of((channel,)))[channel]

    @reads
    def settings_of(self, db: Transaction, channels: Collection[Channel]) -> dict[Channel, ChannelSettings]:
        """Settings of these channels, the defaults included."""
        stored = _texts(db, channels)
        return {each: to_settings(stored.get(each)) for each in channels}

    @writes
    def change(self, db: Transaction, channel: Channel, before: ChannelSettings, after: ChannelSettings) -> bool:
        """Store settings in place of those that were read.

        False, and nothing changes, if they are no longer as they were read.
        """
        text = _texts(db, (channel,)).get(channel, "{}")
        if _JSON.validate_json(text) != before:
            return False
        # What a newer version has stored beside them stays.
        others = {name: value for name, value in json.loads(text).items() if name not in _NAMES}
        settings = others | _JSON.dump_python(after, mode="json", exclude_defaults=True)
        put(db, "channel_settings", ("channel",), {"channel": channel, "settings": json.dumps(settings)})
        return True


def to_settings(text: str | None) -> ChannelSettings:
    """Settings of a stored text; the defaults where there is none."""
    return ChannelSettings() if text is None else _JSON.validate_json(text)


def _texts(db: Transaction, channels: Iterable[Channel]) -> dict[Channel, str]:
    sql = "SELECT channel, settings FROM channel_settings WHERE channel IN (SELECT value FROM json_each(?))"
    rows: Iterable[tuple[Channel, str]] = db.execute(sql, (id_list(channels),))
    return dict(rows)
