"""Draws the README's pictures of the site from the bundled sample: `python -m tests.web.picture [FOLDER]`.

Needs Chromium and Playwright. Into a FOLDER it draws every page, on a phone and a desktop, light and dark, to look at.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.harness.desk import OMNI
from tests.web.browser import DESKTOP, PHONE, browsing
from tests.web.harness import running_site

TARGET = Path(__file__).parents[2] / "adapters" / "web"
ALL = {
    "today": "/", "search": "/search?q=video+diffusion", "malformed": "/search?q=%22video", "paper": f"/paper/{OMNI}",
    "day": "/day/2025-10-23", "week": "/week/2025-W43",
    "calendar": "/calendar/2025-10", "author": "/author/Tao%20Zhang", "organization": "/organization/NVIDIA",
    "filtered": "/?cat=cs.CV", "topics": "/topics", "topic": "/topics/video", "about": "/about", "missing": "/nothing",
}  # fmt: skip


async def main(folder: Path | None) -> None:
    """The README's two, or all of them."""
    with tempfile.TemporaryDirectory() as data:
        async with browsing() as browser, running_site(Path(data)) as reader:
            if folder is None:
                page = await browser.new_page(viewport={"width": 860, "height": 806}, device_scale_factor=1.5)
                await page.goto(reader.url)
                await page.screenshot(path=TARGET / "today.png")
                page = await browser.new_page(
                    viewport={**PHONE, "height": 780}, device_scale_factor=2, color_scheme="dark"
                )
                await page.goto(f"{reader.url}/paper/{OMNI}")
                await page.screenshot(path=TARGET / "paper.png")
                return
            for name, path in ALL.items():
                for size, viewport in (("phone", PHONE), ("desktop", DESKTOP)):
                    for scheme in ("light", "dark"):
                        page = await browser.new_page(viewport=viewport, color_scheme=scheme)
                        await page.goto(f"{reader.url}{path}")
                        await page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)
                        await page.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
