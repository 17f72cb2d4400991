"""Every branch of every template is rendered, and every sentence that stands in one is read."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.web import site
from adapters.web.view import marked
from bot.app import collect
from bot.app.adopted_summaries import adopt
from bot.app.linked_repositories import LinkedRepositories
from bot.handlers import SignedDownloads
from bot.model import Channel, Findings, Form, FormField, LinkedRepository, Paper, SourceReport, Subscription
from bot.store.encryption import new_key
from tests.email.harness import ADA
from tests.email.server import certificate, link_to, links
from tests.fakes import paper
from tests.harness.desk import NOW, OMNI
from tests.harness.store import new_store
from tests.harness.template_branches import Branches
from tests.web.harness import Pictures, running_site
from tests.web.test_subscribing import Visitor, running_site_with_mail

TEMPLATES = Path(site.__file__).parent / "templates"
SEARCHES = (
    "/search?q=cat:cs.XX",
    "/search?q=quxzle",
    "/search?q=2512.99999",
    "/search?q=model+video+diffusion+everything",
)
PAGES = (
    "/", "/?order=early", "/?page=2", "/search", "/search?q=", "/search?q=video", "/search?q=video&page=2",
    "/search?q=%22open",
    "/search?q=2401.00001", "/search?q=zzzz", "/search?q=video+zzzz", "/topics", "/topics/video", "/topics/zzzz",
    "/topics/cat:cs.CL",
    f"/paper/{OMNI}", "/paper/2401.00001", "/day/2025-10-23", "/day/2025-10-22", "/day/2025-01-01", "/week/2025-W43",
    "/calendar/2025-10", "/calendar/2025-09", "/calendar/1999-01", "/?cat=cs.CV", "/?cat=hep-th",
    "/month/2025-10?cat=hep-th", "/author/Tao%20Zhang", "/author/Person%201?order=trending", "/organization/NVIDIA",
    "/organization/A%20Lab", "/organization/Kuaishou%20Visual%20Generation%20and%20Interaction%20Center",
    "/author/Nobody%20Here",
    "/week/2025-W42", "/month/2025-10", "/month/1999-01", "/about", "/nothing",
)  # fmt: skip


class Hub:
    """A source of what names a paper."""

    async def repositories(self, paper_id: str) -> tuple[LinkedRepository, ...]:
        url = "https://huggingface.co/nvidia/omni"
        return (LinkedRepository("model", "nvidia/omni", url, 1_200), LinkedRepository("demo", "nvidia/spaces", url))


@pytest.fixture
def branches(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate()[0]))
    watched = Branches()
    monkeypatch.setattr(site, "environment", watched.environment)
    site._templates.cache_clear()
    yield watched
    site._templates.cache_clear()


async def test_every_branch_of_every_template_is_rendered(tmp_path: Path, branches: Branches):
    bare = replace(paper(1, at=NOW, title="Quxzle Vorbin"), abstract="", authors=(), organization=None, categories=())
    papers = (
        replace(bare, listed_at=None, published_at=None),
        replace(paper(2, at=NOW, title="An Unsound Proof"), withdrawn=True),
        replace(paper(3, at=NOW, title="A Crowd"), authors=tuple(f"Person {n}" for n in range(200))),
        replace(paper(4, at=datetime(2025, 10, 2, 9, tzinfo=UTC), title="An Early One"), organization="A Lab"),
        Paper("10.1101/2025.10.01", "A Preprint", "It is elsewhere.", listed_at=NOW),
    )
    for name in ("mail", "empty"):
        (tmp_path / name).mkdir()
    new_store(tmp_path / "empty" / "week.db").close()
    async with running_site(tmp_path) as reader:
        store = reader.backend.store
        await store.papers.add(Findings(papers, ()), "huggingface", NOW)
        await store.papers.report(SourceReport("huggingface", NOW, None, fault="it is down"))
        await collect.describe(store)
        await adopt(store, [(OMNI, "OmniVinci is an omni-modal language model trained on 24M conversations.")])
        await reader.backend.engine.collect()
        for n in range(5):
            await store.subscriptions.put(Subscription(Channel(f"slack:T/C{n}"), topics=("video generation",)))
        user, downloads = Channel("slack:T1/U1"), SignedDownloads(store, (new_key(),), reader.url, lambda: NOW)
        reader.backend.desk.downloads = downloads
        reading_list = (await downloads.feed_url(user)).removeprefix(reader.url).replace("/feed/", "/page/")
        await reader.get(reading_list)
        await store.people.save(user, OMNI, NOW)
        await store.reading_lists.annotate(user, OMNI, "A note.")
        await store.reading_lists.tag(user, OMNI, ("rl",), ())
        await store.reading_lists.mark(user, OMNI, NOW)
        await store.people.save(user, bare.id, NOW)
        await reader.get(reading_list)
        reader.backend.desk.library._repositories = LinkedRepositories((Hub(),))
        for path in ("/search?q=omnivinci", *PAGES, *(f"/paper/{each.id}" for each in papers), *SEARCHES):
            page = await reader.get(path)
            assert page.heading, path
    async with running_site_with_mail(tmp_path / "mail") as visitor:
        await _subscribe_and_leave(visitor)
        blank = Form("Blank", "subscribe", (FormField("a", "No help"), FormField("b", "Wrong", error="Write b.")))
        visitor.mail.backend.desk.mailing.form = lambda: blank  # type: ignore[union-attr, method-assign]
        await visitor.get("/subscribe")
    async with running_site(tmp_path / "empty") as reader:
        for path in ("/", "/week/2025-W43"):
            await reader.get(path)
    assert branches.never() == [], "\n".join(branches.never())


async def _subscribe_and_leave(visitor: Visitor) -> None:
    await visitor.get("/")
    await visitor.get("/topics")
    await visitor.get("/author/Tao%20Zhang")
    await visitor.get("/subscribe")
    await visitor.post("/subscribe", address="ada@", size="99")
    await visitor.post("/subscribe", address=ADA, topics="video", days="fri", do="preview")
    await visitor.post("/subscribe", address=ADA)
    confirm = await visitor.letter_to("confirm")
    await visitor.get(confirm)
    await visitor.post(confirm)
    await visitor.digest()
    preferences = link_to(visitor.server.mails[-1], "preferences").removeprefix(visitor.url)
    await visitor.get(preferences)
    await visitor.post(preferences, size="99", topics='"never closed')
    await visitor.post(preferences, topics="robotics")
    await visitor.get(preferences)
    await visitor.post(preferences, topics="")
    await visitor.post(preferences, new="yes", name="rl")
    await visitor.get(f"{preferences}?name=rl")
    await visitor.post(preferences, name="rl", do="end")
    mail = visitor.server.mails[-1]
    for path in {link.removeprefix(visitor.url) for link in links(mail) if "/reader/" in link}:
        assert (await visitor.get(path)).status == 200
        pick = path.replace("/paper/", "/pick/")
        assert (await visitor.get(pick)).status == 200
        if "/paper/" in path:
            await visitor.post(pick, do="save")
            await visitor.get(f"{path.partition('/paper/')[0]}/saved")
    visitor.mail.backend.desk.pictures = Pictures(visitor.mail.backend)
    [digest] = [link.removeprefix(visitor.url) for link in links(mail) if "/digest/" in link]
    await visitor.get(digest)
    [pause] = [link.removeprefix(visitor.url) for link in links(mail) if link.endswith("/pause")]
    await visitor.post(pause, do="pause")
    await visitor.get(preferences)
    await visitor.get(link_to(mail, "unsubscribe").removeprefix(visitor.url))
    visitor.mail.backend.clock.advance(days=4)
    assert (await visitor.get(confirm)).status == 410


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.stem)
def test_every_sentence_of_a_template_has_words_alone(template: Path):
    """Not `Withshown.charts by its authors.`, which a search and replace had left."""
    text = template.read_text(encoding="utf-8")
    for left_out in (r"<code>.*?</code>", r"\{%.*?%\}", r"\{\{.*?\}\}", r"<[^>]*>", r"\{%-?.*?%\}"):
        text = re.sub(left_out, " ", text, flags=re.DOTALL)
    assert re.findall(r"\S*\w[._]\w\S*|\S*[{}<>|]\S*", text) == []


def test_words_of_a_query_are_marked_and_their_text_is_escaped():
    html = marked("A <b>model</b> & its models\u202e", frozenset({"model"}))
    assert html == "A &lt;b&gt;<mark>model</mark>&lt;/b&gt; &amp; its <mark>models</mark>"
    assert marked("<i>", frozenset()) == marked("<i>", frozenset({"model"})) == "&lt;i&gt;"
