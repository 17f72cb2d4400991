"""The site in a real browser: on a phone and a desktop, light and dark, by keyboard, and without JavaScript."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.desk import OMNI
from tests.web.browser import DESKTOP, PHONE, axe, browsing, faults
from tests.web.harness import running_site

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
    "/about",
    "/nothing",
)


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "light"), (DESKTOP, "light"), (PHONE, "dark")], ids=["phone", "desktop", "phone-dark"]
)
async def test_pages_are_accessible_and_fit_the_window(tmp_path: Path, size, scheme):
    source = axe()
    async with browsing() as browser, running_site(tmp_path) as reader:
        page = await browser.new_page(viewport=size, color_scheme=scheme)
        complaints: list[str] = []
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
        )
        requested_urls: list[str] = []
        page.on("request", lambda request: requested_urls.append(request.url))
        for path in PAGES:
            complaints.clear()
            await page.goto(f"{reader.url}{path}")
            assert [text for text in complaints if "Failed to load resource" not in text] == [], path
            assert await faults(page, source) == [], path
            page_width, window_width = await page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
            assert page_width <= window_width, f"{path} is {page_width} px wide on a window of {window_width}"
            background = await page.evaluate("() => getComputedStyle(document.body).backgroundColor")
            assert (sum(map(int, background[4:-1].split(","))) < 384) == (scheme == "dark")
        assert {url for url in requested_urls if not url.startswith(reader.url)} == set()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_searching_and_reading_work_without_javascript(tmp_path: Path, size):
    async with browsing() as browser, running_site(tmp_path) as reader:
        context = await browser.new_context(viewport=size, java_script_enabled=False)
        page = await context.new_page()
        await page.goto(reader.url)
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
        await page.wait_for_url(f"{reader.url}/paper/{OMNI}")
        assert await page.get_by_role("img", name="upvotes on Hugging Face").count() >= 1
        values = page.get_by_text("Values of upvotes on Hugging Face")
        await values.click()
        assert await page.locator("details[open] td").count() >= 2
        box = await page.locator("figure svg").first.bounding_box()
        assert box is not None
        assert box["width"] > 250


async def test_text_follows_the_readers_size_and_the_dark_is_for_screens_alone(tmp_path: Path):
    async with browsing() as browser, running_site(tmp_path) as reader:
        page = await browser.new_page(viewport=PHONE, color_scheme="dark")
        await page.goto(reader.url)
        elements = "[...document.querySelectorAll('h1, h2, p, a, input, button, summary')]"
        sizes = f"{elements}.map(element => parseFloat(getComputedStyle(element).fontSize))"
        before = await page.evaluate(sizes)
        await page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
        assert await page.evaluate(sizes) == [2 * size for size in before]
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.emulate_media(media="print", color_scheme="dark")
        background = await page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        assert sum(map(int, background[4:-1].split(","))) > 700


async def test_the_keyboard_reaches_every_link_and_the_focus_is_visible(tmp_path: Path):
    async with browsing() as browser, running_site(tmp_path) as reader:
        page = await browser.new_page(viewport=DESKTOP)
        await page.goto(reader.url)
        reached = []
        for _ in range(9):
            await page.keyboard.press("Tab")
            reached.append(await page.evaluate("() => document.activeElement.innerText || document.activeElement.name"))
            outline = await page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", reached
        pages = ["Today", "Week", "Month", "Topics", "About"]
        assert reached == ["Skip to the content", "Paperboy", *pages, "q", "Search"]
        await page.goto(reader.url)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        inside = "() => document.querySelector('main').contains(document.activeElement)"
        assert await page.evaluate(inside)
