"""Draw the pictures of adapters/slack and bot/zotero: npm installs a Block Kit renderer, Chromium takes photographs."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.slack.picture import payloads

HERE = Path(__file__).parent
OUT = HERE.parents[2] / "adapters" / "slack"
ZOTERO = HERE.parents[2] / "bot" / "zotero"
PACKAGES = "npm chromium fonts-noto-core fonts-noto-color-emoji"
"""Debian's. Without fonts-noto-core the pictures are drawn in another font than those in the tree."""
CLOCK = os.environ | {"TZ": "Europe/Berlin"}
"""The reader's clock, by which Slack shows moments."""
COLOURS = 40
"""Of a picture, which a reader with a slow connection loads too."""
WIDTH = 390
"""CSS pixels: a phone. Chromium's window is no narrower than 500, so the page stands in a frame."""
QUIET = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--force-device-scale-factor=2", "--virtual-time-budget=5000"),
]
PAGE = """<!doctype html><meta charset="utf-8"><title>loading</title><style>{css}
#root {{ width: {width}px; }}</style><div id="root"></div>
<script>window.shown = {shown};</script><script>{script}</script>
<script>setTimeout(() => document.title = "height " + document.getElementById("root").scrollHeight, 1000)</script>"""


def main() -> None:
    """Draw all pictures."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None or shutil.which("npm") is None:
        sys.exit(f"Pictures need npm and chromium. On Debian: apt-get install {PACKAGES}")
    if not (HERE / "node_modules").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    draw(chromium, "digest", asyncio.run(payloads.digest()))
    draw(chromium, "search", asyncio.run(payloads.search()))
    draw(chromium, "agent", asyncio.run(payloads.agent()))
    draw(chromium, "home", asyncio.run(payloads.home()))
    draw(chromium, "daily", asyncio.run(payloads.zotero()), ZOTERO)


def draw(chromium: str, name: str, messages: list[dict[str, object]], out: Path = OUT) -> None:
    """Draw one picture, as high as its page."""
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        bundle = ["--bundle", "--minify", "--jsx=automatic", "--loader:.jsx=jsx", f"--outfile={build}/page.js"]
        subprocess.run([HERE / "node_modules/.bin/esbuild", HERE / "page.jsx", *bundle], check=True)
        page = build / "page.html"
        script = (build / "page.js").read_text(encoding="utf-8").replace("</script", "<\\/script")
        css = (build / "page.css").read_text(encoding="utf-8")
        data = json.dumps(messages).replace("</", "<\\/")
        page.write_text(PAGE.format(css=css, width=WIDTH, shown=data, script=script), encoding="utf-8")
        browser = [chromium, *QUIET, f"--user-data-dir={build}/profile"]
        browser_output = subprocess.run(
            [*browser, "--dump-dom", page.as_uri()], check=True, capture_output=True, text=True, env=CLOCK
        )
        height = re.search(r"<title>height (\d+)</title>", browser_output.stdout)
        assert height, "the page did not render"
        size = f"--window-size={WIDTH},{int(height[1]) + 8}"
        subprocess.run(
            [*browser, size, f"--screenshot={out / name}.png", page.as_uri()],
            check=True,
            capture_output=True,
            env=CLOCK,
        )
    drawn = Image.open(out / f"{name}.png").convert("RGB")
    drawn.quantize(COLOURS, dither=Image.Dither.NONE).save(out / f"{name}.png", optimize=True)
    print(out / f"{name}.png")


main()
