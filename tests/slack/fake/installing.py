"""Installation by OAuth as a browser does it: cookies, redirects, Slack's consent. https://docs.slack.dev/authentication/installing-with-oauth."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import aiohttp

from tests.slack.fake.apps import Code
from tests.slack.fake.state import name

if TYPE_CHECKING:
    from tests.slack.fake.people import User


async def install_as_a_browser(user: User, install_url: str) -> tuple[int, str]:
    """Go from the app's install page through Slack and back; the last status and page."""
    slack = user.team.slack
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        async with browser.get(install_url, allow_redirects=False) as page:
            text = await page.text()
            cookies = SimpleCookie()
            for header in page.headers.getall("Set-Cookie", []):
                cookies.load(header)
            consent = page.headers.get("Location") or _link(text, slack.authorize_url)
        back = consented(user, consent, urljoin(install_url, "/slack/oauth_redirect"))
        header = "; ".join(f"{key}={morsel.value}" for key, morsel in cookies.items())
        headers = {"Cookie": header} if header else {}
        async with browser.get(back, headers=headers, allow_redirects=False) as page:
            return page.status, await page.text()


def _link(page: str, target: str) -> str:
    match = re.search(rf'href="({re.escape(target)}[^"]*)"', page)
    assert match, f"the install page has no link to {target}: {page[:200]!r}"
    return match[1].replace("&amp;", "&")


def consented(user: User, address: str, default: str) -> str:
    """The address that Slack redirects the browser to after “Allow”."""
    slack = user.team.slack
    query = {key: values[0] for key, values in parse_qs(urlsplit(address).query, keep_blank_values=True).items()}
    assert query.get("client_id") == slack.client_id, f"another app's client_id: {query.get('client_id')!r}"
    scopes = frozenset(filter(None, query.get("scope", "").split(",")))
    assert scopes, "no scopes asked for"
    assert scopes <= slack.scopes, f"scopes the app does not have: {sorted(scopes - slack.scopes)}"
    code = name("code")
    slack.codes[code] = Code(user, scopes, query.get("redirect_uri") or None, slack.clock.now())
    state = {"state": query["state"]} if "state" in query else {}
    return f"{query.get('redirect_uri') or default}?{urlencode({'code': code, **state})}"
