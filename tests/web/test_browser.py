"""The site in a real browser: on a phone and a desktop, light and dark, by keyboard, and without JavaScript."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.harness.desk import OMNI
from tests.web.browser import ALL_RULES, DESKTOP, PHONE, RULES_OF_COLOUR, axe, browsing, faults
from tests.web.harness import running_site

if TYPE_CHECKING:
    from playwright.async_api import Browser

PAGES = (
    "/",
    "/search",
    "/search?q=video&order=newest",
    "/search?q=%22open",
    "/topics",
    "/topics/video",
    f"/paper/{OMNI}",
    "/day/2025-10-23",
    "/week/2025-W43",
    "/month/2025-10",
    "/calendar/2025-10",
    "/?cat=cs.CV",
    "/author/Tao%20Zhang",
    "/organization/NVIDIA",
    "/about",
    "/nothing",
)


LOOKS: tuple[tuple[dict[str, int], str, dict[str, Any]], ...] = (
    (PHONE, "light", ALL_RULES),
    (DESKTOP, "light", ALL_RULES),
    (PHONE, "dark", RULES_OF_COLOUR),
)
"""Sizes and colour schemes, and what axe is asked there: the dark changes colours alone."""
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all of these tests: it takes a second to start."""
    async with browsing() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """URL of one site for all of these tests: they only read."""
    async with running_site(tmp_path_factory.mktemp("site")) as reader:
        yield reader.url


async def test_pages_are_accessible_and_fit_the_window(browser: Browser, site: str):
    """Each page is loaded once: without scripts, what a window or a scheme changes is done by CSS."""
    page = await browser.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    requested_urls: list[str] = []
    page.on("request", lambda request: requested_urls.append(request.url))
    for path in PAGES:
        complaints.clear()
        await page.goto(f"{site}{path}")
        await page.evaluate(axe())
        for size, scheme, rules in LOOKS:
            where = path, size, scheme
            await page.set_viewport_size(size)
            await page.emulate_media(color_scheme=scheme)
            assert await faults(page, rules) == [], where
            page_width, window_width = await page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
            assert window_width == size["width"]
            assert page_width <= window_width, where
            background = await page.evaluate("() => getComputedStyle(document.body).backgroundColor")
            assert (sum(map(int, background[4:-1].split(","))) < 384) == (scheme == "dark"), where
        assert [text for text in complaints if "Failed to load resource" not in text] == [], path
    assert {url for url in requested_urls if not url.startswith(site)} == set()
    await page.close()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_searching_and_reading_work_without_javascript(browser: Browser, site: str, size):
    context = await browser.new_context(viewport=size, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(site)
    assert await page.locator("h1").inner_text() == "Trending papers\u00a0· Fri 24 Oct"
    await page.get_by_role("searchbox", name="Search papers").fill("video generation")
    await page.get_by_role("button", name="Search").click()
    assert await page.locator("h1").inner_text() == "Papers for video generation"
    await page.get_by_role("link", name="Newest").click()
    assert "order=newest" in page.url
    assert await page.locator("a[aria-current=true]").inner_text() == "Newest"
    title = await page.locator("article h2 a").first.inner_text()
    await page.locator("article h2 a").first.click()
    assert await page.locator("h1").inner_text() == title
    await page.get_by_role("searchbox", name="Search papers").fill(f"https://arxiv.org/abs/{OMNI}")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{site}/paper/{OMNI}")
    assert await page.get_by_role("img", name="upvotes on Hugging Face").count() >= 1
    values = page.get_by_text("Values of upvotes on Hugging Face")
    await values.click()
    assert await page.locator("details[open] td").count() >= 2
    box = await page.locator("figure svg").first.bounding_box()
    assert box is not None
    assert box["width"] > 250


async def test_text_follows_the_readers_size_and_the_dark_is_for_screens_alone(browser: Browser, site: str):
    page = await browser.new_page(viewport=PHONE, color_scheme="dark")
    await page.goto(site)
    elements = "[...document.querySelectorAll('h1, h2, p, a, input, button, summary')]"
    sizes = f"{elements}.map(element => parseFloat(getComputedStyle(element).fontSize))"
    before = await page.evaluate(sizes)
    await page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    assert await page.evaluate(sizes) == [2 * size for size in before]
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.emulate_media(media="print", color_scheme="dark")
    background = await page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, background[4:-1].split(","))) > 700


async def test_the_keyboard_reaches_every_link_and_the_focus_is_visible(browser: Browser, site: str):
    page = await browser.new_page(viewport=DESKTOP)
    await page.goto(site)
    reached = []
    for _ in range(9):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("() => document.activeElement.innerText || document.activeElement.name"))
        outline = await page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", reached
    pages = ["Today", "Week", "Calendar", "Topics", "About"]
    assert reached == ["Skip to the content", "Paperboy", *pages, "q", "Search"]
    await page.goto(site)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    inside = "() => document.querySelector('main').contains(document.activeElement)"
    assert await page.evaluate(inside)
