"""A real Chromium, driven by Playwright, and axe-core, which reports barriers to accessibility.

Chromium is Debian's package; axe-core is fetched by npm and kept in a cache outside the tree.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

AXE = "4.11.0"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "paperboy-tests" / f"axe-core-{AXE}"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
QUIET = ("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update")
ALL_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
RULES_OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
SERIOUS = {"serious", "critical"}


def chromium() -> str:
    """The browser's path. Skips the test where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium")
    return path


def axe() -> str:
    """axe-core's source, fetched once. Skips the test where that can't be done."""
    source = CACHE / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        if (npm := shutil.which("npm")) is None:
            pytest.skip("npm is missing: it fetches axe-core")
        CACHE.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(CACHE), f"axe-core@{AXE}"]
        fetched = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if fetched.returncode or not source.exists():
            pytest.skip(f"npm could not fetch axe-core@{AXE}: {fetched.stderr.strip()[-200:]}")
    return source.read_text(encoding="utf-8")


@contextlib.asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """A running browser."""
    playwright = pytest.importorskip("playwright.async_api", reason="Playwright is missing: pip install playwright")
    path = chromium()
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=["--no-sandbox", *QUIET])
        try:
            yield browser
        finally:
            await browser.close()


async def faults(page: Page, rules: dict[str, Any] = ALL_RULES) -> list[str]:
    """Faults that axe rates serious or critical: the rule and the element.

    Axe's source was evaluated by the driver before, since the page's own policy forbids scripts.
    """
    options = json.dumps({"runOnly": rules, "resultTypes": ["violations"]})
    report: dict[str, Any] = await page.evaluate(f"() => axe.run(document, {options})")
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for each in report["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]
