"""The page shows a whole thread, and text of others does nothing in it."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

from adapters.html import thread_page
from bot.model import Action, Block, Message, Span, Thread


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def message(*spans: Span, role="text", actions=()) -> Message:
    return Message((Block(role, spans),), actions)


THREAD = Thread(
    Message(
        (
            Block("heading", (Span("Trending papers"),)),
            Block("item", (Span("A Study", url="https://arxiv.org/abs/1"), Span("\nIn short")), (Span("3 upvotes"),)),
            Block("item", (Span("Another"),)),
            Block("note", (Span("Following everything."),)),
        )
    ),
    (message(Span("reply"), actions=(Action("Save", "save"), Action("Open", url="https://arxiv.org/abs/1"))),),
)


def test_a_page_shows_the_opener_its_replies_and_its_buttons():
    page = Page(thread_page([THREAD], "A title"))
    assert [a["class"] for a in page.all("article")] == ["post opener", "post reply"]
    assert len(page.all("ol")) == 1
    assert len(page.all("li")) == 2
    assert "A Study\nIn short3 upvotes" in page.text
    assert "1 reply" in page.text
    assert [a["href"] for a in page.all("a")] == ["https://arxiv.org/abs/1"] * 2
    assert [s["class"] for s in page.all("span") if "button" in (s.get("class") or "")] == ["button plain"]


def test_text_styles_are_kept():
    html = thread_page([Thread(message(Span("b", bold=True), Span("i", italic=True), Span("c  d", code=True)))], "x")
    assert "<strong>b</strong><em>i</em><code>c  d</code>" in html


def test_hostile_text_is_shown_and_does_nothing():
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\u202e{{ 7 * 7 }}"
    thread = Thread(
        message(Span(hostile), Span(hostile, url=f'https://h/"onmouseover="{hostile}'), role="heading"),
        (message(Span(hostile, code=True), role="item", actions=(Action(hostile, url="javascript:alert(1)"),)),),
    )
    source = thread_page([thread], hostile)
    page = Page(source)
    assert not page.all("script")
    assert not page.all("img")
    assert not page.all("a")
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", source)
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_an_address_cannot_leave_its_attribute():
    page = Page(thread_page([Thread(message(Span("x", url="https://h/\"onclick='a'><b>")))], "x"))
    assert page.all("a")[0]["href"] == "https://h/%22onclick=%27a%27%3E%3Cb%3E"
    assert set(page.all("a")[0]) == {"href", "rel"}


def test_only_web_addresses_become_links():
    for url in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//host", " https://h"):
        page = Page(thread_page([Thread(message(Span("x", url=url), actions=(Action("y", url=url),)))], "x"))
        assert not page.all("a")


def test_the_page_needs_nothing_from_elsewhere_and_its_policy_allows_nothing_else():
    source = thread_page([THREAD], "x")
    page = Page(source)
    assert not page.all("link")
    assert not page.all("script")
    assert "url(" not in source
    assert "@import" not in source
    policy = next(m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy") or ""
    style = re.search(r"<style>(.*?)</style>", source, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


def test_a_page_without_threads_is_still_a_page():
    assert Page(thread_page([], "Nothing")).all("main")


def test_each_paragraph_runs_in_the_direction_of_its_own_text():
    thread = Thread(message(Span("نموذج لغوي"), role="item"), (message(Span("نموذج")), message(Span("In English"))))
    page = Page(thread_page([thread], title="Today"))
    assert [each["dir"] for each in page.all("li") + page.all("p") if each.get("class") != "count"] == ["auto"] * 3


def test_what_stands_in_a_menu_is_one_button_after_the_others():
    actions = (Action("Save", "save"), Action("Why?", "why", in_menu=True), Action("Similar", "similar", in_menu=True))
    page = Page(thread_page([Thread(message(Span("reply"), actions=actions))], "T"))
    assert len([s for s in page.all("span") if "button" in (s.get("class") or "")]) == 2
    assert "More…" in page.text
    assert "Similar" not in page.text


def test_a_note_stands_above_the_threads_and_is_no_markup():
    noted, plain = (Page(thread_page([THREAD], "Today", note)) for note in ("Its abstracts are <retold>.", ""))
    assert "Its abstracts are <retold>." in noted.text
    assert "Macro" not in noted.text + plain.text
    assert len(noted.all("p")) == len(plain.all("p")) + 1
