"""`python -m tests.discord.picture` draws five pictures beside the adapter, by simcord.

Needs Chromium and `pip install 'simcord[preview,screenshot]'`.
"""

from __future__ import annotations

import asyncio
import functools
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from discord.http import Route
from playwright.async_api import BrowserType

from adapters.discord.blocks import payload
from adapters.web.share_card import share_card
from bot.app.cli import preview
from bot.settings import Settings
from bot.sources import sample
from bot.wording.digest import digest_thread
from tests.discord.simulated import Simulated, simulated

OUT = Path(__file__).parents[2] / "adapters" / "discord"
QUERY = "long context reasoning"
PHONE = 420
Assets = dict[str, tuple[str, bytes]]
"""Names and bytes of files, by their addresses."""


async def draw() -> None:
    """Draw all five pictures."""
    with tempfile.TemporaryDirectory() as folder:
        async with simulated(Path(folder)) as s:
            clock = s.env.backend.clock
            clock.advance((sample.NOW - clock.now()).total_seconds())  # so that messages are as old as their digest
            asking, reading, setting = (s.guild.create_text_channel("papers") for _ in range(3))
            await s.bob.slash(asking, "papers search", query=QUERY, count=3)
            await photograph(s, asking, OUT / "search.png", 800)
            thread, pictures = await post_digest(s, reading)
            await photograph(s, reading, OUT / "digest.png", 840)
            await photograph(s, thread, OUT / "thread.png", 980, assets=pictures)
            for words in ("papers subscribe", "papers settings"):
                await s.mod.slash(setting, words)
            await photograph(s, setting, OUT / "settings.png", 890, by=s.mod)
            elsewhere, eve = await s.elsewhere()
            linked = await eve.send(elsewhere, "worth reading: https://arxiv.org/abs/2510.20579")
            await eve.context_menu(elsewhere, "Save this paper", linked)
            await eve.slash(elsewhere, "papers search", query="long video memory", count=1)
            await eve.slash(elsewhere, "papers subscribe")
            await photograph(s, elsewhere, OUT / "elsewhere.png", 1000, by=eve)


async def post_digest(s: Simulated, channel: Any) -> tuple[Any, Assets]:
    """The opener in the channel, and a thread from it with two replies; returns the thread and its pictures.

    They are our own cards of the papers: Hugging Face's pictures cannot be fetched here.
    """
    digest, _ = await preview.choose(Settings(), preview.console_subscription((), 5), sample=True)
    thread = digest_thread(digest)
    opener = await post(s, channel.id, payload(thread.opener, key="key"))
    path = "/channels/{channel_id}/messages/{message_id}/threads"
    start = Route("POST", path, channel_id=channel.id, message_id=int(opener["id"]))
    started = await s.env.bot.http.request(start, json={"name": thread.opener.title, "auto_archive_duration": 10_080})
    for reply in thread.replies[:2]:
        await post(s, int(started["id"]), payload(reply, key="key"))
    await s.env.settle()
    cards = zip(thread.replies, digest.picks, strict=True)
    return channel.threads[0], {
        reply.image.url: ("card.png", share_card(pick.trend)) for reply, pick in cards if reply.image
    }


async def post(s: Simulated, channel: int, body: dict[str, Any]) -> Any:
    """Post a message as the outlet does."""
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
    return await s.env.bot.http.request(route, json=body)


async def photograph(
    s: Simulated, channel: Any, path: Path, height: int, *, by: Any = None, assets: Assets | None = None
) -> None:
    """Draw the end of a channel on somebody's phone, Bob's by default; `assets`: pictures by their addresses."""
    drawing = s.env.preview(
        channel, viewers=[by or s.bob], layout="channel", display="fixed", width=PHONE, height=height, assets=assets
    )
    async with drawing as page:
        await page.screenshot(path, mode="viewport", allow_incomplete=True)
    print(path)


def main() -> None:
    """Draw with Debian's Chromium, which Playwright does not look for."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Pictures need Chromium. On Debian: apt-get install chromium fonts-noto-color-emoji")
    launch = BrowserType.launch
    BrowserType.launch = functools.partialmethod(launch, executable_path=chromium, args=["--no-sandbox"])  # type: ignore[assignment, method-assign]
    asyncio.run(draw())


if __name__ == "__main__":
    main()
