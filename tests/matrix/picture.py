"""`python -m tests.matrix.picture` draws the README's picture: the HTML of an opener and a reply, as a client shows it.

Needs Chromium and Playwright. The page around the HTML imitates a client; what stands in it is the events' content.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from adapters.matrix.content import content
from bot.app.cli import preview
from bot.model import Message
from bot.settings import Settings
from bot.wording.digest import digest_thread
from tests.web.browser import browsing

TARGET = Path(__file__).parents[2] / "adapters" / "matrix" / "thread.png"
PAGE = """
<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 12px 16px; width: 420px; font: 15px/1.45 Inter, "DejaVu Sans", sans-serif; color: #1b1d22 }
.event { display: flex; gap: 10px; margin-bottom: 14px }
.avatar { flex: none; width: 32px; height: 32px; border-radius: 50%; background: #368bd6;
  color: #fff; text-align: center; line-height: 32px }
.name { color: #368bd6; font-weight: 600; font-size: 14px }
.text h4 { margin: 2px 0 6px; font-size: 17px } .text p { margin: 0 0 6px }
.text ol { margin: 0 0 6px; padding-left: 22px }
.text li { margin-bottom: 5px } .text a { color: #0467dd; text-decoration: none } [data-mx-color] { font-size: 13px }
.thread { border-left: 3px solid #e3e8f0; padding-left: 12px; margin-left: 42px }
.reactions span { border: 1px solid #d0d5dd; border-radius: 12px; padding: 2px 9px; font-size: 13px; margin-right: 6px }
</style>
"""
EVENT = """<div class="event"><div class="avatar">P</div>
<div><div class="name">Paperboy</div><div class="text">{}</div>{}</div></div>"""
REACTIONS = '<div class="reactions"><span>👍 3</span></div>'


def event(message: Message, beneath: str = "") -> str:
    """An event as a client shows it; what is grey is so by its own attribute."""
    html = content(message, key="key")["formatted_body"].replace('data-mx-color="', 'data-mx-color style="color:')
    return EVENT.format(html, beneath)


async def main() -> None:
    digest, _ = await preview.choose(Settings(), preview.console_subscription((), 3), sample=True)
    thread = digest_thread(digest)
    page_html = f'{PAGE}{event(thread.opener)}<div class="thread">{event(thread.replies[0], REACTIONS)}</div>'
    async with browsing() as browser:
        page = await browser.new_page(viewport={"width": 452, "height": 100}, device_scale_factor=1.25)
        await page.set_content(page_html)
        await page.screenshot(path=TARGET, full_page=True)


if __name__ == "__main__":
    asyncio.run(main())
