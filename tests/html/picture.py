"""Draws the README's picture of a digest from the bundled sample: `python -m tests.html.picture`. Needs Chromium."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

TARGET = Path(__file__).parents[2] / "adapters" / "html" / "digest.png"
COLORS = 128
SIZE = "860,1226"
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --hide-scrollbars"
)


def main() -> None:
    """Write the page, then photograph it."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("no Chromium found: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "digest.html"
        subprocess.run([sys.executable, "-m", "bot", "preview", "--sample", "--html", str(page)], check=True)
        options = [
            *QUIET.split(),
            f"--user-data-dir={folder}/profile",
            f"--window-size={SIZE}",
            f"--screenshot={TARGET}",
        ]
        subprocess.run([browser, *options, page.as_uri()], check=True, stderr=subprocess.DEVNULL)
    with Image.open(TARGET) as drawn:
        palette = drawn.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    palette.save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
