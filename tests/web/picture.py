"""Draws the README's pictures of the site from the bundled sample: `python -m tests.web.picture [FOLDER]`.

Needs Chromium and Playwright. Into a FOLDER it draws every page, on a phone and a desktop, light and dark, to look at.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image

from tests.harness.desk import OMNI
from tests.web.browser import DESKTOP, PHONE, browsing
from tests.web.harness import running_site

TARGET = Path(__file__).parents[2] / "adapters" / "web"
README: dict[str, tuple[str, int, int, Literal["dark", "light"]]] = {
    "today": ("/", 860, 806, "light"),
    "paper": (f"/paper/{OMNI}", PHONE["width"], 780, "dark"),
    "calendar": ("/calendar/2025-10", PHONE["width"], 690, "light"),
}
"""Path, size and colours of the README's pictures."""
COLORS = 64
"""Of their palettes: a quarter of the size, and no eye sees it."""
ALL = {
    "today": "/", "search": "/search?q=video+diffusion", "malformed": "/search?q=%22video", "paper": f"/paper/{OMNI}",
    "day": "/day/2025-10-23", "week": "/week/2025-W43",
    "calendar": "/calendar/2025-10", "author": "/author/Tao%20Zhang", "organization": "/organization/NVIDIA",
    "filtered": "/?cat=cs.CV", "topics": "/topics", "topic": "/topics/video", "about": "/about", "missing": "/nothing",
}  # fmt: skip


async def main(folder: Path | None) -> None:
    """The README's, or all of them."""
    with tempfile.TemporaryDirectory() as data:
        async with browsing() as browser, running_site(Path(data)) as reader:
            if folder is None:
                for name, (path, width, height, scheme) in README.items():
                    viewport = {"width": width, "height": height}
                    page = await browser.new_page(viewport=viewport, device_scale_factor=1.5, color_scheme=scheme)
                    await page.goto(f"{reader.url}{path}", wait_until="networkidle")
                    image = Image.open(BytesIO(await page.screenshot())).convert("RGB")
                    image.quantize(COLORS).save(TARGET / f"{name}.png", optimize=True)
                (TARGET / "card.png").write_bytes((await reader.get(f"/card/{OMNI}.png")).answer.content)
                return
            for name, path in ALL.items():
                for size, viewport in (("phone", PHONE), ("desktop", DESKTOP)):
                    for scheme in ("light", "dark"):
                        page = await browser.new_page(viewport=viewport, color_scheme=scheme)
                        await page.goto(f"{reader.url}{path}", wait_until="networkidle")
                        await page.screenshot(path=folder / f"{name}-{size}-{scheme}.png", full_page=True)
                        await page.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
