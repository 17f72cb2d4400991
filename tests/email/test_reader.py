"""Pages that a digest by mail leads to: looking changes nothing, a button votes, saves or pauses."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.model import Channel
from tests.email.server import Mail, links
from tests.fakes import reactions
from tests.web.harness import Pictures
from tests.web.test_subscribing import Visitor, running_site_with_mail, trusted

__all__ = ["trusted"]
ADA = Channel("mail:1")


@pytest.fixture
async def visitor(tmp_path: Path):
    async with running_site_with_mail(tmp_path) as visitor:
        await visitor.subscribed()
        await visitor.digest()
        yield visitor


def paths(visitor: Visitor, page: str) -> list[str]:
    """Paths of a reader's pages of one kind in the newest mail."""
    mail: Mail = visitor.server.mails[-1]
    return [link.removeprefix(visitor.url) for link in links(mail) if "/reader/" in link and f"/{page}" in link]


async def test_opening_every_link_of_a_mail_votes_saves_and_pauses_nothing(visitor: Visitor):
    for link in links(visitor.server.mails[-1]):
        if link.startswith(visitor.url):
            page = await visitor.get(link.removeprefix(visitor.url))
            assert page.status == 200, link
            assert page.heading
            assert page.answer.headers["cache-control"] == "no-store"
            assert page.answer.headers["x-robots-tag"] == "noindex"
    assert await reactions(visitor.mail.store, ADA) == []
    assert await visitor.mail.store.people.reading_list(ADA) == []
    subscription = await visitor.mail.store.subscriptions.get(ADA)
    assert subscription is not None
    assert subscription.paused_at is None


async def test_a_vote_moves_the_topic_that_brought_the_paper_and_says_so(tmp_path: Path):
    async with running_site_with_mail(tmp_path) as visitor:
        await visitor.subscribed(topics="video")
        await visitor.digest()
        first, *_ = paths(visitor, "pick/")
        noted = await visitor.post(first, do="like")
        assert noted.heading == "👍 Noted"
        assert "video is slightly wider." in noted.text
        why = (await visitor.get(first)).text
        assert "it takes 0.47 (slightly wider than usual)." in why
        await visitor.post(first, do="unvote")
        assert "than usual" not in (await visitor.get(first)).text


async def test_a_vote_teaches_the_readers_profile(visitor: Visitor):
    first, second, *_ = paths(visitor, "pick/")
    page = await visitor.get(first)
    assert page.all(".//main//button") == ["👍 More like this", "👎 Less like this", "Save for later"]
    assert "Score" in page.text, "it says why the paper is there"
    assert "In your digests: it has been shown" in page.text
    assert (await visitor.post(first, do="like")).heading == "👍 Noted"
    raised = (await visitor.get(first)).text
    assert "Your feedback raises it" in raised
    assert "channel" not in raised
    assert (await visitor.post(second, do="dislike")).heading == "👎 Noted"
    assert sorted(value for _, value in await reactions(visitor.mail.store, ADA)) == [-1, 1]
    done = await visitor.post(first, do="dislike")
    assert done.all(".//main//button") == ["Take it back"], "what is done shows no other button"
    assert [value for _, value in await reactions(visitor.mail.store, ADA)] == [-1, -1], "the last word counts"
    assert (await visitor.post(first, do="unvote")).heading == "Taken back"
    assert [paper_id for paper_id, _ in await reactions(visitor.mail.store, ADA)] == [second.rpartition("/")[2]]


async def test_a_vote_is_shown_on_the_buttons_and_can_be_taken_back_there(visitor: Visitor):
    pick = paths(visitor, "pick/")[0]
    paper = pick.replace("/pick/", "/paper/")
    for vote, label, place in (("like", "Take 👍 back", 0), ("dislike", "Take 👎 back", 1)):
        await visitor.post(pick, do=vote)
        for page in (pick, paper):
            buttons = (await visitor.get(page)).all(".//main//form[@class='votes']/button")
            assert buttons[place] == label
            assert buttons[1 - place].endswith("like this"), "the other one is still to be had"
    [back] = [
        button.attrib["value"]
        for button in (await visitor.get(paper)).tree.iter("button")
        if (button.text or "").startswith("Take")
    ]
    assert (await visitor.post(pick, do=back)).heading == "Taken back"
    assert await reactions(visitor.mail.store, ADA) == []
    assert "Take" not in (await visitor.get(paper)).text


async def test_the_reading_list_can_be_saved_as_a_file(visitor: Visitor):
    pick = paths(visitor, "pick/")[0]
    saved = f"{pick.partition('/pick/')[0]}/saved"
    assert "Save as" not in (await visitor.get(saved)).text
    await visitor.post(pick, do="save")
    files = [link for link in (await visitor.get(saved)).links() if "/reading-list/" in link]
    names = {}
    for link in files:
        answer = await visitor.client.get(link)
        names[answer.headers["content-disposition"].partition("=")[2]] = answer.text
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert list(names) == [f'"reading-list.{each}"' for each in ("bib", "json", "csv", "ris")]
    assert all(pick.rpartition("/")[2] in text for text in names.values())
    await visitor.post(pick, do="unsave")
    assert (await visitor.get(files[0].removeprefix(visitor.url))).status == 400
    assert (await visitor.get(f"{files[0].rpartition('/')[0]}/exe".removeprefix(visitor.url))).status == 400


async def test_a_saved_paper_is_on_the_readers_list(visitor: Visitor):
    first = paths(visitor, "pick/")[0]
    saved = await visitor.post(first, do="save")
    [reading_list] = [link.removeprefix(visitor.url) for link in saved.links() if link.endswith("/saved")]
    assert "more like it" not in saved.text
    title = (await visitor.get(first)).heading
    listed = await visitor.get(reading_list)
    assert title in listed.text
    assert visitor.url + first in listed.links()
    assert (await visitor.get(first)).all(".//main//button")[2] == "Remove from your reading list"
    [form] = listed.tree.findall(".//main//li//form")
    [button] = form.findall("button")
    assert (button.text, button.attrib["aria-label"]) == ("Remove", f"Remove {title}")
    removed = await visitor.post(form.attrib["action"].removeprefix(visitor.url), do=button.attrib["value"])
    assert (removed.heading, title in removed.text) == ("Removed", True)
    assert title not in (await visitor.get(reading_list)).text
    assert await visitor.mail.store.people.reading_list(ADA) == []


async def test_a_papers_own_page_has_the_votes_of_a_reader_who_came_from_a_mail(visitor: Visitor):
    path = paths(visitor, "paper/")[0]
    page = await visitor.get(path)
    assert page.all(".//form[@class='votes']/button") == ["👍 More like this", "👎 Less like this", "Save for later"]
    [form] = page.tree.findall(".//form[@class='votes']")
    assert (await visitor.post(form.attrib["action"], do="like")).heading == "👍 Noted"
    stranger = await visitor.get(f"/paper/{path.rpartition('/')[2]}")
    assert stranger.all(".//form[@class='votes']/button") == []
    assert "no-store" not in stranger.answer.headers["cache-control"]


async def test_a_digest_in_the_browser_has_the_sites_own_picture_above_its_first_paper(visitor: Visitor):
    visitor.mail.backend.desk.pictures = Pictures(visitor.mail.backend)
    page = await visitor.get(paths(visitor, "digest/")[0])
    [picture] = page.tree.findall(".//img[@class='picture']")
    first = paths(visitor, "paper/")[0].rpartition("/")[2]
    assert picture.attrib["src"] == f"/pictures/{first}.webp"
    children = [each.get("class") for each in page.tree.find(".//main")]
    assert children[children.index("picture") + 1] == "lead"


async def test_the_digest_can_be_read_in_the_browser(visitor: Visitor):
    [path] = paths(visitor, "digest/")
    page = await visitor.get(path)
    assert page.heading.startswith("Your digest · ")
    titles = page.all(".//h2")
    assert len(titles) == 5
    assert all(title in " ".join(visitor.server.mails[-1].text.split()) for title in titles)
    assert "invalid" not in page.answer.text
    assert page.tree.findall(".//img[@class='picture']") == [], "pictures are off"
    assert page.all(".//p[@class='dateline']")[0] == "5 papers", "the heading has the date"
    notes = [text for text in page.all(".//p[@class='note']") if "Why," in text]
    assert len(notes) == 5
    assert all(" · Why," in text for text in notes)
    for day, heading in (
        ("2020-01-01", "No digest of that day is stored."),
        ("2099-01-01", "That digest is still to come."),
        ("yesterday", "There is no such digest: its address ends with a day, as in 2026-11-22."),
    ):
        missing = await visitor.get(f"{path[:-10]}{day}")
        assert (missing.status, missing.heading) == (400, heading)
        assert "/subscribe" not in missing.links(), "the link is good: no new one is needed"


async def test_a_pause_of_a_week_and_its_end(visitor: Visitor):
    [path] = paths(visitor, "pause")
    assert (await visitor.get(path)).all(".//main//button") == ["Pause for a week"]
    paused = await visitor.post(path, do="pause")
    assert (paused.heading, paused.all(".//main//button")) == ("Your digests are paused", ["Resume now"])
    assert (await visitor.get(path)).heading == "Your digests are paused"
    before = len(visitor.server.mails)
    for _ in range(5):
        await visitor.mail.deliver(days=1)
    assert len(visitor.server.mails) == before
    for _ in range(4):
        await visitor.mail.deliver(days=1)
    assert len(visitor.server.mails) > before, "after a week they come again"
    await visitor.post(path, do="pause")
    resumed = await visitor.post(path, do="resume")
    assert resumed.heading == "Your digests come again"
    assert "(UTC)" in resumed.text, "the hour has its time zone"
    subscription = await visitor.mail.store.subscriptions.get(ADA)
    assert subscription is not None
    assert subscription.paused_at is None


async def test_the_settings_page_shows_a_pause_and_ends_it(visitor: Visitor):
    [pause] = paths(visitor, "pause")
    assert paths(visitor, "saved"), "the mail links the reading list"
    [preferences] = [link for link in links(visitor.server.mails[-1]) if "/preferences/" in link]
    preferences = preferences.removeprefix(visitor.url)
    page = await visitor.get(preferences)
    assert {visitor.url + pause, visitor.url + pause.replace("/pause", "/saved")} <= set(page.links())
    assert "paused" not in page.text
    await visitor.post(pause, do="pause")
    paused = await visitor.get(preferences)
    assert "The digest is paused until" in paused.text
    [form] = paused.tree.findall(".//form[@class='votes']")
    resumed = await visitor.post(form.attrib["action"].removeprefix(visitor.url), do="resume")
    assert resumed.heading == "Your digests come again"
    assert "paused" not in (await visitor.get(preferences)).text


async def test_forged_expired_and_ended_links_do_nothing_and_say_what_to_do(visitor: Visitor):
    pick, pause = paths(visitor, "pick/")[0], paths(visitor, "pause")[0]
    assert (await visitor.post(pick.replace("/reader/", "/reader/x"), do="like")).status == 400
    for button in ("", "forget", "pause"):
        assert (await visitor.post(pick, do=button)).status == 400
    await visitor.post(visitor.server.mails[-1].message["List-Unsubscribe"].strip("<>").removeprefix(visitor.url))
    for path, button in ((pick, "like"), (pause, "pause")):
        ended = await visitor.post(path, do=button)
        assert (ended.status, "has ended" in ended.heading) == (410, True)
        assert "/subscribe" in ended.links()
    visitor.mail.clock.advance(seconds=timedelta(days=91).total_seconds())
    expired = await visitor.get(pick)
    assert (expired.status, "has expired" in expired.heading) == (410, True)


async def test_leaving_erases_votes_and_the_reading_list(visitor: Visitor):
    first = paths(visitor, "pick/")[0]
    await visitor.post(first, do="like")
    await visitor.post(first, do="save")
    await visitor.post(visitor.server.mails[-1].message["List-Unsubscribe"].strip("<>").removeprefix(visitor.url))
    assert await reactions(visitor.mail.store, ADA) == []
    assert await visitor.mail.store.people.reading_list(ADA) == []


async def test_an_unknown_paper_and_a_strange_path_are_no_internal_error(visitor: Visitor):
    base = paths(visitor, "pause")[0].removesuffix("/pause")
    odd = ("pick/2401.99999", "pick/%00", "pick/x", "saved/0", "saved/99", "saved/x", "paper/x", "digest/", "no")
    unknown = await visitor.get(f"{base}/pick/2401.99999")
    assert (unknown.status, unknown.heading) == (404, "No source knows a paper 2401.99999.")
    assert "/papers" not in unknown.text
    assert "/search" in unknown.links()
    for path in odd:
        answer: httpx.Response = (await visitor.get(f"{base}/{path}")).answer
        assert answer.status_code in {200, 308, 400, 404, 410}, path
