"""Digests and other posts as messages, with what their channel has set about how posts come."""

from __future__ import annotations

import asyncio

from bot.model import OPENER, ChannelSettings, Digest, Message, Post
from bot.wording.digest import digest_thread
from bot.wording.mail_digest import digest_message
from bot.wording.posting_options import with_options

WORDED_AT_ONCE = 1
"""Digests worded in a thread, 1 to 30 ms each: the other threads stay free for commands."""
WORDED_AT_SIGHT = 5
"""Papers of a single message that is worded on the event loop, in 0.03 to 2 ms: a thread would cost more."""


class Worded:
    """Words posts, one at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(WORDED_AT_ONCE)

    async def messages(self, content: Digest | Post, settings: ChannelSettings, *, threads: bool) -> dict[int, Message]:
        """The messages of a digest, or of another post, by slot."""
        return with_options(await self._plain(content, threads=threads), content, settings, threads=threads)

    async def _plain(self, content: Digest | Post, *, threads: bool) -> dict[int, Message]:
        if isinstance(content, Post):
            return dict(enumerate(content.messages))
        if not threads and len(content.picks) <= WORDED_AT_SIGHT:
            return {OPENER: digest_message(content)}
        async with self._turn:
            if not threads:
                return {OPENER: await asyncio.to_thread(digest_message, content)}
            return dict(enumerate((await asyncio.to_thread(digest_thread, content)).messages))
