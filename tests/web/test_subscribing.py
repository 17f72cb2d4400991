"""Pages of mail: no JavaScript, and neither a mail scanner nor another site changes anything by opening a link."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from adapters.web import WebFront
from bot.model import Channel, ChannelSettings
from tests.email.harness import ADA, WiredMail, wired_mail
from tests.email.server import MailServer, certificate, link_to, links
from tests.harness.examples import examples
from tests.web.browser import DESKTOP, PHONE, axe, browsing, faults
from tests.web.harness import UNLIMITED_RATE, Page, running_server, running_site


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate()[0]))


@dataclass
class Visitor:
    """A reader with a browser and an inbox."""

    client: httpx.AsyncClient
    mail: WiredMail
    server: MailServer
    url: str

    async def get(self, path: str) -> Page:
        return Page(await self.client.get(path))

    async def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> Page:
        return Page(await self.client.post(path, data=fields, headers=headers))

    async def letter_to(self, page: str) -> str:
        """The link to a page in the newest mail, after what waits was sent."""
        await self.mail.letters.send()
        return link_to(self.server.mails[-1], page).removeprefix(self.url)

    async def subscribed(self, **answers: str) -> None:
        await self.post("/subscribe", address=ADA, **answers)
        await self.post(await self.letter_to("confirm"))

    async def digest(self) -> None:
        await self.mail.deliver(days=1, hours=3)


@contextlib.asynccontextmanager
async def running_site_with_mail(folder: Path) -> AsyncIterator[Visitor]:
    """The site, a mail server, and the sample week behind them."""
    web = WebFront(rate=UNLIMITED_RATE)
    async with (
        MailServer() as server,
        running_server(web) as url,
        wired_mail(folder, server.server(), base=url) as mail,
    ):
        serving = asyncio.create_task(web.serve(mail.backend.desk))
        await asyncio.sleep(0)
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            yield Visitor(client, mail, server, url)
        serving.cancel()


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    async with running_site_with_mail(tmp_path) as visitor:
        yield visitor


async def test_what_an_author_writes_and_what_a_topic_has_can_be_had_by_mail(visitor: Visitor):
    page = await visitor.get("/author/Tao%20Zhang")
    [subscribe] = [link for link in page.links() if link.startswith("/subscribe?topics=")]
    form = await visitor.get(subscribe)
    assert form.status == 200
    [topics] = [each for each in form.tree.iter("textarea") if each.attrib["name"] == "topics"]
    assert topics.text.strip() == 'author:"Tao Zhang"'
    assert "/subscribe?topics=video+generation" in (await visitor.get("/topics")).links()


async def subscription_count(visitor: Visitor) -> int:
    return len(await visitor.mail.store.subscriptions.all())


async def test_from_the_box_to_the_last_mail(visitor: Visitor):
    front = await visitor.get("/")
    assert "Get it in your inbox" in front.text
    [how] = front.tree.findall(".//p[@id='by-mail-how']")
    assert (how.text or "").strip() == "Five papers, daily", "on a phone too, where the rest of the sentence is hidden"
    assert (await visitor.get("/subscribe")).heading == "Trending papers by e-mail"
    response = await visitor.post("/subscribe", address=ADA)
    assert response.status == 200
    assert response.heading == "Check your inbox"
    assert f"We e-mail a link to {ADA}." in response.text

    confirm = await visitor.letter_to("confirm")
    proposal = await visitor.get(confirm)
    assert "5 papers at 09:00 (UTC), every day" in proposal.text
    assert await subscription_count(visitor) == 0, "opening a link confirms nothing"
    assert (await visitor.post(confirm)).heading == "Confirmed"
    assert await subscription_count(visitor) == 1

    await visitor.digest()
    preferences = link_to(visitor.server.mails[-1], "preferences").removeprefix(visitor.url)
    assert (await visitor.get(preferences)).heading == "What you get by e-mail"
    refused = await visitor.post(preferences, size="99", topics="omni-modal", at="07:30")
    assert refused.status == 422
    assert "Nothing was saved: 1 answer needs another look." in refused.text
    assert "At most 20 papers. Saved now: 5" in refused.text
    stored = [text for text in refused.all(".//p[@class='help']") if text.startswith("Saved")]
    assert stored == ["Saved now: nothing", "Saved now: 5", "Saved now: 09:00"], "right answers are not saved either"
    blank = await visitor.post("/subscribe", address="ben@example.com", size="99")
    assert blank.status == 422
    assert "Saved now" not in blank.text, "a stranger has stored nothing"
    saved = await visitor.post(preferences, size="2", topics="omni-modal\nattention", days="weekly fri", at="7:30")
    assert "2 papers at 07:30 (UTC), Fridays" in saved.text
    assert "“omni-modal” and “attention”" in saved.text

    leave = visitor.server.mails[-1].message["List-Unsubscribe"].strip("<>").removeprefix(visitor.url)
    assert "End the digests by e-mail?" in (await visitor.get(leave)).text
    assert await subscription_count(visitor) == 1, "opening a link ends nothing"
    one_click = await visitor.post(leave, **{"List-Unsubscribe": "One-Click"})
    assert (one_click.status, await subscription_count(visitor)) == (200, 0)
    assert (await visitor.post(leave)).status == 200, "twice is once"


async def test_a_mail_programs_own_post_needs_nothing_but_the_link(visitor: Visitor):
    await visitor.subscribed()
    await visitor.digest()
    leave = visitor.server.mails[-1].message["List-Unsubscribe"].strip("<>").removeprefix(visitor.url)
    for headers in ({"Origin": "https://mail.example.org", "Sec-Fetch-Site": "cross-site"}, {}):
        assert (await visitor.post(leave, headers)).status == 200
    assert await subscription_count(visitor) == 0


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
)
async def test_another_site_cannot_send_the_form(visitor: Visitor, headers: dict[str, str]):
    refused = await visitor.post("/subscribe", headers, address=ADA)
    assert refused.status == 403
    assert await visitor.mail.store.subscribers.by_name(ADA) is None


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "null"}, {}])
async def test_the_site_itself_can_send_the_form(visitor: Visitor, headers: dict[str, str]):
    assert (await visitor.post("/subscribe", headers, address=ADA)).status == 200
    assert (await visitor.post("/subscribe", {"Origin": visitor.url}, address="ben@example.com")).status == 200


async def test_an_error_stands_under_its_field_and_the_answers_stay(visitor: Visitor):
    faulty = await visitor.post("/subscribe", address="ada@", size="99", topics='"never closed', mutes="<b>bold</b>")
    assert faulty.status == 422
    wrong = faulty.tree.findall(".//p[@class='wrong']")
    assert [field.attrib["id"] for field in wrong] == ["e-address", "e-topics", "e-mutes", "e-size"]
    [size] = [field for field in faulty.tree.iter("input") if field.attrib.get("name") == "size"]
    assert (size.attrib["value"], size.attrib["aria-invalid"]) == ("99", "true")
    assert set(size.attrib["aria-describedby"].split()) == {"e-size", "h-size"}
    assert "<b>" not in faulty.answer.text
    assert await visitor.mail.store.subscribers.waiting_letters() == []


async def test_the_answer_is_the_same_for_known_and_unknown_and_limited_addresses(visitor: Visitor):
    await visitor.subscribed()
    answers = [
        (await visitor.post("/subscribe", address=address)).answer.text.replace(address, "the address typed")
        for address in (ADA, ADA, "new@example.com")
    ]
    assert len(set(answers)) == 1


async def test_too_many_requests_are_turned_away(visitor: Visitor):
    statuses = [(await visitor.post("/subscribe", address=f"reader{n}@example.com")).status for n in range(7)]
    assert statuses == [200] * 5 + [429] * 2


async def test_pages_of_one_reader_are_not_cached_and_hold_no_address(visitor: Visitor, caplog):
    await visitor.subscribed()
    await visitor.digest()
    for name in ("preferences", "unsubscribe"):
        path = link_to(visitor.server.mails[-1], name).removeprefix(visitor.url)
        page = await visitor.get(path)
        assert page.answer.headers["cache-control"] == "no-store"
        assert "content-encoding" not in page.answer.headers, "its length would tell of the token in it"
        assert page.answer.headers["x-robots-tag"] == "noindex"
        assert page.answer.headers["referrer-policy"] == "no-referrer"
        assert ADA not in page.answer.text
    assert path.rpartition("/")[2] not in caplog.text
    assert ADA not in caplog.text


async def test_an_internal_error_puts_no_link_into_the_log(visitor: Visitor, caplog):
    class Broken:
        async def unsubscribe(self, token: str) -> None:
            raise RuntimeError("broken")

    visitor.mail.backend.desk.mailing = Broken()  # type: ignore[assignment]  # as broken as can be
    assert (await visitor.post("/unsubscribe/sEcReT")).status == 500
    assert "/unsubscribe/…" in caplog.text
    assert "sEcReT" not in caplog.text


async def test_preferences_link_to_the_unsubscribe_page(visitor: Visitor):
    await visitor.subscribed()
    await visitor.digest()
    path = link_to(visitor.server.mails[-1], "preferences").removeprefix(visitor.url)
    [out] = [link for link in (await visitor.get(path)).links() if "/unsubscribe/" in link]
    await visitor.post(out.removeprefix(visitor.url))
    ended = await visitor.get(path)
    assert (ended.status, "has ended" in ended.heading) == (410, True)


async def test_a_reader_who_wants_pictures_gets_one_and_nobody_else(visitor: Visitor):
    await visitor.subscribed()
    await visitor.digest()
    first = visitor.server.mails[-1]
    assert "<img" not in first.html
    path = link_to(first, "preferences").removeprefix(visitor.url)
    page = await visitor.get(path)
    assert "can see when you open a mail" in page.text
    [select] = [each for each in page.tree.iter("select") if each.get("name") == "pictures"]
    assert [each.get("value") for each in select if "selected" in each.attrib] == ["off"]
    assert (await visitor.post(path, size="2", pictures="on")).heading == "Saved"
    await visitor.digest()
    assert visitor.server.mails[-1] is not first
    assert 'src="https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/' in visitor.server.mails[-1].html
    assert (await visitor.post(path, size="2", pictures="off")).heading == "Saved"
    settings = visitor.mail.backend.store.channels.settings
    assert not (await settings(Channel("mail:1"))).mail_pictures
    await visitor.post(path, size="2", pictures="on")
    await visitor.post(link_to(first, "unsubscribe").removeprefix(visitor.url))
    assert await settings(Channel("mail:1")) == ChannelSettings(), "nothing of a reader stays"


async def test_a_page_of_something_done_shows_no_button_and_leads_on(visitor: Visitor):
    await visitor.post("/subscribe", address=ADA)
    confirm = await visitor.letter_to("confirm")
    assert (await visitor.get(confirm)).all(".//main//button") == ["Confirm"]
    await visitor.post(confirm)
    again = await visitor.get(confirm)
    assert (again.heading, again.all(".//main//button")) == ("Confirmed", [])
    [preferences] = [link for link in again.links() if "/preferences/" in link]
    saved = await visitor.post(preferences.removeprefix(visitor.url), size="2")
    assert "/" in [link for link in saved.links() if link != "/about"]
    assert [link for link in saved.links() if "/preferences/" in link]
    await visitor.digest()
    leave = link_to(visitor.server.mails[-1], "unsubscribe").removeprefix(visitor.url)
    assert (await visitor.get(leave)).all(".//main//button") == ["Unsubscribe"]
    await visitor.post(leave)
    assert (await visitor.get(leave)).all(".//main//button") == []


async def test_an_expired_link_mails_a_new_one_and_a_forged_one_does_not(visitor: Visitor):
    await visitor.post("/subscribe", address=ADA, size="2")
    confirm = await visitor.letter_to("confirm")
    visitor.mail.backend.clock.advance(days=3, hours=1)
    forged = await visitor.get(confirm.replace("confirm", "preferences"))
    assert (forged.status, forged.all(".//main//button")) == (400, []), "a forged link was never there"
    page = await visitor.get(confirm)
    assert (page.status, page.heading) == (410, "This link has expired.")
    assert page.all(".//main//button") == ["E-mail me a new link"]
    [form] = page.tree.findall(".//main//form")
    sent = await visitor.post(form.attrib["action"])
    assert (sent.status, sent.heading) == (200, "Check your inbox")
    assert ADA not in sent.answer.text
    renewed = await visitor.letter_to("confirm")
    assert renewed != confirm
    assert "2 papers at 09:00" in (await visitor.get(renewed)).text, "the answers of the form are still there"
    assert (await visitor.post(form.attrib["action"])).heading == "Check your inbox"
    assert await visitor.mail.store.subscribers.waiting_letters() == [], "one letter in ten minutes, as for sign-up"
    assert (await visitor.post(form.attrib["action"].replace("confirm", "reader"))).status == 400
    statuses = [(await visitor.post(form.attrib["action"])).status for _ in range(4)]
    assert statuses == [200] * 3 + [429], "five requests an hour"


async def test_a_link_of_an_old_digest_mails_the_way_to_the_settings(visitor: Visitor):
    await visitor.subscribed()
    await visitor.digest()
    links_of_mail = [
        link for link in links(visitor.server.mails[-1]) if "/preferences/" in link or link.endswith("/pause")
    ]
    confirm = link_to(visitor.server.mails[0], "confirm")
    visitor.mail.backend.clock.advance(days=91)
    for link in links_of_mail:
        page = await visitor.get(link.removeprefix(visitor.url))
        [form] = page.tree.findall(".//main//form")
        await visitor.post(form.attrib["action"])
        preferences = await visitor.letter_to("preferences")
        assert (await visitor.get(preferences)).heading == "What you get by e-mail"
        visitor.mail.backend.clock.advance(hours=1)
    await visitor.mail.store.subscribers.remove(1)
    gone = await visitor.post(confirm.removeprefix(visitor.url).replace("/confirm/", "/new-link/confirm/"))
    assert (gone.status, gone.heading) == (410, "Nothing is stored for this link any more.")
    assert "/subscribe" in gone.links()


@pytest.mark.parametrize(
    "cut", ["/confirm", "/confirm/", "/unsubscribe/", "/reader/a.b.c", "/reader", "/preferences/a%20b"]
)
async def test_a_link_that_was_cut_says_so(visitor: Visitor, cut: str):
    page = Page(await visitor.client.get(cut, follow_redirects=True))
    assert page.heading == "This link is incomplete. Copy all of it from the e-mail."
    assert (await visitor.get("/confirmed")).heading == "There is no such page."


async def test_a_link_that_was_broken_over_two_lines_is_read(visitor: Visitor):
    await visitor.post("/subscribe", address=ADA)
    confirm = await visitor.letter_to("confirm")
    for between in ("%0A", "%20", "=%0D%0A", "="):
        page = await visitor.get(f"{confirm[:30]}{between}{confirm[30:]}")
        assert page.all(".//main//button") == ["Confirm"]
    assert (await visitor.post(f"{confirm[:30]}%20{confirm[30:]}")).heading == "Confirmed"


FORM_TEXTS = (
    "What interests you?", "One per line. Leave empty for everything.", "Never show me", "Send a short note",
    "Send nothing", "We’ll e-mail you a link to confirm.",
)  # fmt: skip


async def test_the_form_asks_in_plain_words_with_a_clock_seven_boxes_and_a_list_of_places(visitor: Visitor):
    page = await visitor.get("/subscribe")
    for text in FORM_TEXTS:
        assert text in page.text
    fields = [each.attrib for each in page.tree.iter("input") if each.attrib.get("name")]
    boxes = [field for field in fields if field.get("type") == "checkbox"]
    assert [(box["name"], box["value"], "checked" in box) for box in boxes] == [
        ("days", day, True) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    ]
    [clock] = [field for field in fields if field["name"] == "at"]
    assert (clock["type"], clock["value"]) == ("time", "09:00")
    zones = [option.attrib["value"] for option in page.tree.findall(".//datalist/option")]
    assert {"Europe/Berlin", "Asia/Kolkata", "America/New_York"} <= set(zones)
    assert not [zone for zone in zones if zone.startswith("Etc/")]
    assert len(page.answer.content) < 50_000
    [script] = [each.attrib["src"] for each in page.tree.iter("script")]
    assert (await visitor.get(script)).answer.headers["content-type"].startswith("text/javascript")
    assert "script-src 'self'" in page.answer.headers["content-security-policy"]
    assert "script-src" not in (await visitor.get("/")).answer.headers["content-security-policy"]


async def test_ticked_days_are_kept_and_none_is_asked_about(visitor: Visitor):
    async def posted(days: list[str], **fields: str) -> Page:
        return Page(await visitor.client.post("/subscribe", data={"address": ADA, "days": days, **fields}))

    none = await posted([""])
    assert none.status == 422
    assert "Tick at least one day." in none.text
    faulty = await posted(["", "mon", "fri"], size="99")
    ticked = [each.attrib["value"] for each in faulty.tree.iter("input") if "checked" in each.attrib]
    assert ticked == ["mon", "fri"]
    assert (await posted(["", "mon", "fri"], at="07:30", timezone="Europe/Berlin")).status == 200
    proposal = await visitor.get(await visitor.letter_to("confirm"))
    assert "5 papers at 07:30 (Europe/Berlin), Mon and Fri by e-mail?" in proposal.text


async def test_what_a_topic_would_bring_is_shown_before_anything_is_sent(visitor: Visitor):
    preview = await visitor.post("/subscribe", address=ADA, topics="video", do="preview")
    assert preview.status == 200
    [shown] = preview.all(".//section")
    assert re.match(r"\d+ papers of the last week would have matched", shown)
    assert 1 <= len(preview.all(".//section/ul/li")) <= 3
    assert await visitor.mail.store.subscribers.waiting_letters() == []
    [topics] = [each.text for each in preview.tree.iter("textarea") if each.attrib["name"] == "topics"]
    assert topics is not None
    assert topics.strip() == "video", "the answers stay"
    assert "Nothing of the last week matches" in (await visitor.post("/subscribe", topics="zyx", do="preview")).text
    faulty = await visitor.post("/subscribe", topics='"never closed', do="preview")
    assert (faulty.status, len(faulty.all(".//p[@class='wrong']"))) == (422, 1), "the address is not asked for yet"
    await visitor.post("/subscribe", address=ADA, topics="video")
    proposal = await visitor.get(await visitor.letter_to("confirm"))
    assert shown.partition(" of the")[0] in proposal.text, "and again before it is confirmed"
    assert len(proposal.all(".//main//li")) == len(preview.all(".//section/ul/li"))


async def test_topics_that_cannot_work_are_explained_before_anything_is_sent(visitor: Visitor):
    listed = await visitor.post("/subscribe", topics="zyx, video, robotics", do="preview")
    assert listed.status == 200, "commas part topics, and a preview needs no address"
    assert "would have matched" in listed.text
    for fields in ({"do": "preview"}, {"address": ADA}):
        faulty = await visitor.post("/subscribe", topics="vidoe\nthe\nvideo", mutes="video", **fields)
        assert faulty.status == 422
        [topics, mutes] = faulty.all(".//p[@class='wrong']")
        assert "Did you mean “video”?" in topics
        assert "“the” is in nearly every paper" in topics
        assert mutes == "“video” is wanted too: keep it in one of the two lists."
    assert await visitor.mail.store.subscribers.waiting_letters() == []
    await visitor.post("/subscribe", address=ADA, topics="video, robotics")
    assert "On “video” and “robotics”." in (await visitor.get(await visitor.letter_to("confirm"))).text


async def test_the_preferences_page_adds_shows_and_ends_a_second_digest(visitor: Visitor):
    await visitor.subscribed(topics="")
    await visitor.digest()
    preferences = link_to(visitor.server.mails[-1], "preferences").removeprefix(visitor.url)
    page = await visitor.get(preferences)
    assert "?new=yes" in page.links()
    assert (await visitor.get(f"{preferences}?new=yes")).heading == "What you get by e-mail: another digest"
    assert (await visitor.post(preferences, new="yes", name="rl", topics="agents")).heading == "Saved"
    of_rl = await visitor.get(f"{preferences}?name=rl")
    assert of_rl.heading == "What you get by e-mail: rl"
    assert "?name=main" in of_rl.links()
    assert "End this digest" in of_rl.text
    preview = await visitor.post(preferences, name="rl", topics="video", do="preview")
    assert preview.heading == "What you get by e-mail: rl"
    assert (await visitor.post(preferences, name="rl", do="end")).heading == "Saved"
    assert (await visitor.get(f"{preferences}?name=rl")).status == 410
    assert (await visitor.get(preferences)).heading == "What you get by e-mail"


async def test_a_preview_on_the_preferences_page_saves_nothing(visitor: Visitor):
    await visitor.subscribed()
    await visitor.digest()
    preferences = link_to(visitor.server.mails[-1], "preferences").removeprefix(visitor.url)
    preview = await visitor.post(preferences, topics="video", do="preview")
    assert "would have matched" in preview.text
    [subscription] = await visitor.mail.store.subscriptions.all()
    assert subscription.topics == ()
    assert (await visitor.post(preferences, topics="video")).heading == "Saved"


async def test_topics_are_made_stricter_on_the_preferences_page(visitor: Visitor):
    await visitor.subscribed()
    await visitor.digest()
    preferences = link_to(visitor.server.mails[-1], "preferences").removeprefix(visitor.url)
    assert "How strictly" not in (await visitor.get(preferences)).text, "there is no topic yet"
    await visitor.post(preferences, topics='robotics\nvideo models\n"exact phrase"')
    page = await visitor.get(preferences)
    assert "robotics: as usual" in page.text
    assert "exact phrase: as usual" not in page.text
    values = [each.attrib["value"] for each in page.tree.iter("button") if each.attrib.get("name") == "move"]
    assert values == [
        "topics stricter:stricter:robotics",
        "topics wider:wider:robotics",
        "topics stricter:stricter:video models",
        "topics wider:wider:video models",
    ]
    for _ in range(2):  # sent again, as by the button to load the page anew, it goes no further
        moved = await visitor.post(preferences, size="9", move=values[0])
    assert moved.status == 200
    assert "robotics is stricter than usual" in moved.text
    assert "robotics: stricter than usual" in moved.text
    [size] = [each.attrib["value"] for each in moved.tree.iter("input") if each.attrib.get("name") == "size"]
    assert size == "9", "what was typed stays"
    [subscription] = await visitor.mail.store.subscriptions.all()
    assert (subscription.size, subscription.threshold("robotics")) == (5, 0.6225)
    assert (await visitor.post(preferences, move="unsubscribe::robotics")).status == 400
    gone = await visitor.post(preferences, move="topics wider:wider:never followed")
    assert (gone.status, "That topic is not among yours any more." in gone.text) == (400, True)
    assert (await visitor.post(preferences, topics="robotics")).heading == "Saved"
    [subscription] = await visitor.mail.store.subscriptions.all()
    assert subscription.threshold("robotics") == 0.6225, "saving the form keeps it"


async def test_a_preview_says_what_else_a_topic_may_mean(visitor: Visitor):
    preview = await visitor.post("/subscribe", topics="robotics", do="preview")
    assert "cat:cs.RO, arXiv's category Robotics, matches nothing yet" in preview.text, "the sample has no categories"


@examples(60, HealthCheck.function_scoped_fixture)
@given(
    st.dictionaries(
        st.sampled_from(["address", "size", "at", "days", "topics", "mutes", "x"]) | st.text(max_size=8),
        st.text(max_size=80),
        max_size=8,
    ),
    st.text(max_size=60),
)
async def test_no_posted_form_causes_an_internal_error(visitor: Visitor, fields: dict[str, str], token: str):
    sendable = {k: v.encode("utf-8", "replace").decode() for k, v in fields.items() if k.isprintable()}
    for path in ("/subscribe", f"/confirm/{httpx.QueryParams({'t': token})}", "/preferences/x", "/unsubscribe/x"):
        page = await visitor.post(
            path, headers=None, **{k: v for k, v in sendable.items() if k not in {"path", "headers", "self"}}
        )
        assert page.status in {200, 308, 400, 404, 422, 429}, page.answer.text  # 308: a stroke too many at the end
        assert page.status == 308 or page.heading


async def test_without_mail_there_is_no_box_and_no_page(tmp_path: Path):
    async with running_site(tmp_path) as reader:
        assert "inbox" not in (await reader.get("/")).text
        assert (await reader.get("/subscribe")).status == 404
        assert (await reader.get("/unsubscribe/x")).status == 404


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_in_a_real_browser_without_scripts(visitor: Visitor, size: dict[str, int]):
    async with browsing() as browser:
        without_scripts = await browser.new_context(viewport=size, java_script_enabled=False)
        page = await without_scripts.new_page()
        await page.goto(visitor.url)
        await page.fill("#address", ADA)
        await page.press("#address", "Enter")
        assert "Check your inbox" in await page.inner_text("h1")

        await page.goto(visitor.url + await visitor.letter_to("confirm"))
        await page.click("main button")
        assert await page.inner_text("h1") == "Confirmed"

        await visitor.digest()
        preferences = link_to(visitor.server.mails[-1], "preferences")
        await page.goto(preferences)
        await page.fill("#f-size", "500")
        await page.fill("#f-topics", "video | audio\nattention")
        await page.click("main button")
        assert "At most 20 papers." in await page.inner_text("#e-size")
        assert await page.input_value("#f-topics") == "video | audio\nattention"
        await page.fill("#f-size", "2")
        await page.click("main button")
        assert "Saved: 2 papers" in await page.inner_text("main")

        with_scripts = await browser.new_context(viewport=size)
        tab = await with_scripts.new_page()
        for path in (
            visitor.url,
            f"{visitor.url}/subscribe",
            preferences,
            link_to(visitor.server.mails[-1], "unsubscribe"),
        ):
            await tab.goto(path)
            await tab.evaluate(axe())
            assert await faults(tab) == [], path
            assert await tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path

        await page.goto(preferences)
        await page.click("main a[href*='/unsubscribe/']")
        await page.click("main button")
        assert "Unsubscribed" in await page.inner_text("h1")
    assert await subscription_count(visitor) == 0
