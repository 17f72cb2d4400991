"""Mention, silence, pictures, tags and crosspost of a channel's posts, set on their messages. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from bot.model import OPENER, ChannelSettings, Digest, Message, Post, group_of
from bot.model.delivery import COMPACT


def with_options(
    messages: Mapping[int, Message], content: Digest | Post, settings: ChannelSettings, *, threads: bool
) -> dict[int, Message]:
    """The messages by slot: all silent or not, with pictures or without, in threads archived as the channel wants; a
    digest's first one with its mention, its tags and its crosspost. `threads` as in `pictured`.
    """
    messages = {slot: pictured(each, settings, threads=threads) for slot, each in messages.items()}
    silent, archived = settings.silent, settings.archive_minutes
    if silent or archived is not None:
        messages = {slot: replace(each, silent=silent, archive_minutes=archived) for slot, each in messages.items()}
    if not isinstance(content, Digest) or not content.picks:  # a quiet day calls nobody
        return dict(messages)
    group = group_of(content.mention)
    changes = {
        "mention": group.id if group else "",
        "crosspost": settings.crosspost,
        "tags": digest_topics(content) if settings.tags else (),
    }
    if not any(changes.values()):
        return dict(messages)
    return {
        slot: replace(each, **changes) if slot in {OPENER, COMPACT} else each  # type: ignore[arg-type]  # by name
        for slot, each in messages.items()
    }


def pictured(message: Message, settings: ChannelSettings, *, threads: bool) -> Message:
    """The message, without its picture where the channel wants none; `threads`: not by mail."""
    wants_pictures = settings.pictures if threads else settings.mail_pictures
    return message if wants_pictures or message.image is None else replace(message, image=None)


def digest_topics(digest: Digest) -> tuple[str, ...]:
    """The topics that a digest's papers matched, those of most papers first."""
    counts = Counter(topic for pick in digest.picks for topic in pick.topics)
    return tuple(topic for topic, _ in counts.most_common())
