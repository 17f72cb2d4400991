"""A form as a modal: its limits, what is wrong under which field, and what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import forms
from adapters.slack.forms import FormContext
from bot.model import Channel, Form, FormField, Subscription
from tests.harness.desk import NOW
from tests.harness.examples import examples
from tests.slack.fake import Fault
from tests.slack.fake.blockkit import view_faults
from tests.slack.harness import Workspace, workspace

HERE = FormContext("T1", "C1", None, "https://hooks.example/1")


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as ready:
        yield ready


def initial_state(element: dict[str, Any]) -> dict[str, Any]:
    """The state of an input that nobody touched."""
    if element["type"] == "checkboxes":
        return {"selected_options": element.get("initial_options", [])}
    if element["type"] == "timepicker":
        return {"selected_time": element.get("initial_time")}
    if element["type"] == "static_select":
        return {"selected_option": element.get("initial_option")}
    return {"value": element.get("initial_value")}


def submitted(form: Form) -> Form:
    """The form as it is submitted without any change."""
    view = forms.modal(form, HERE)
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    values = {}
    for block in inputs:
        element = block["element"]
        values[block["block_id"]] = {element["action_id"]: initial_state(element)}
    return forms.submitted_form({**view, "state": {"values": values}})


async def test_settings_open_as_they_are_and_are_saved(w: Workspace):
    opened = await w.ada.command("/papers", "settings", w.channel)
    assert opened.view.raw["title"]["text"] == "Digest settings"
    reply = await w.ada.submit(
        opened.view, {"topics": "video\ncat:cs.CL", "size": "7", "style": "compact", "early": "3"}
    )
    assert reply.errors == {}
    assert not opened.view.open
    assert "Subscribed" in (await opened.more()).shown
    assert len(w.ada.private(w.channel)) == 1
    subscription = await w.subscription()
    assert subscription is not None
    assert subscription.early == 3
    assert (subscription.topics, subscription.size, subscription.style, subscription.timezone) == (
        ("video", "cat:cs.CL"),
        7,
        "compact",
        "Europe/Berlin",
    )


async def test_a_form_offers_the_other_digests_and_another_one(w: Workspace):
    await w.ada.command("/papers", "subscribe size:3", w.channel)
    view = (await w.ada.command("/papers", "settings", w.channel)).view
    assert "Another digest of this channel instead" in view.shown
    another = (await w.ada.click(view, "Add a digest")).view
    assert another is view
    assert view.raw["title"]["text"] == "Settings: another digest"[:24]
    reply = await w.ada.submit(view, {"name": "main", "topics": "agents"})
    assert reply.errors["name"].endswith("This channel has a digest main already.")
    await w.ada.submit(view, {"name": "RL", "topics": "agents", "size": "2"})
    await w.slack.until(lambda: "Subscribed to “rl”" in w.ada.private(w.channel)[-1].shown)
    view = (await w.ada.command("/papers", "settings name:rl", w.channel)).view
    assert view.raw["title"]["text"] == "Settings: rl"
    await w.ada.click(view, "main")
    assert view.raw["title"]["text"] == "Settings: main"
    await w.ada.submit(view, {"size": "9"})
    await w.slack.until(lambda: "Changed the size of “main”" in w.ada.private(w.channel)[-1].shown)
    digests = await w.backend.store.subscriptions.of(Channel("slack:T1/C1"))
    assert [(each.name, each.topics, each.size) for each in digests] == [("main", (), 9), ("rl", ("agents",), 2)]


async def test_what_is_wrong_stands_under_its_field_and_nothing_is_saved(w: Workspace):
    view = (await w.ada.command("/papers", "settings", w.channel)).view
    reply = await w.ada.submit(view, {"topics": 'video\n"unclosed', "size": "many"})
    assert set(reply.errors) == {"topics", "size"}
    assert "quote is never closed" in reply.errors["topics"]
    assert view.open
    assert await w.subscription() is None
    assert (await w.ada.submit(view, {"topics": "video", "size": "5", "at": "10:00"})).errors == {}
    assert not view.open


async def test_hour_days_and_zone_are_picked(w: Workspace):
    await w.ada.command("/papers", "subscribe at:7:30 days:mon,wed timezone:America/Argentina/Buenos_Aires", w.channel)
    opened = await w.ada.command("/papers", "settings", w.channel)
    hour, days, zone = (opened.view.fields[name]["element"] for name in ("at", "days", "timezone"))
    assert (hour["type"], hour["initial_time"]) == ("timepicker", "07:30")
    assert (days["type"], [each["value"] for each in days["initial_options"]]) == ("checkboxes", ["mon", "wed"])
    assert [each["text"]["text"] for each in days["options"]][::6] == ["Monday", "Sunday"]
    assert zone["initial_option"]["text"]["text"] == "America/Argentina/Buenos Aires"
    offered = [each["value"] for each in zone["option_groups"][0]["options"]]
    assert offered == ["America/Argentina/Buenos_Aires", "Europe/Berlin", "UTC"], "the present, Ada's own, UTC"
    picked = {"at": "18:05", "days": ["Saturday", "Sunday"], "timezone": "Asia/Tokyo"}
    assert (await w.ada.submit(opened.view, picked)).errors == {}
    await opened.more()
    subscription = await w.subscription()
    assert subscription is not None
    assert (f"{subscription.at:%H:%M}", sorted(subscription.days), subscription.timezone) == (
        "18:05",
        [5, 6],
        "Asia/Tokyo",
    )


async def test_every_place_can_be_picked_and_no_picker_can_be_left_empty(w: Workspace):
    view = (await w.ada.command("/papers", "settings", w.channel)).view
    groups = view.fields["timezone"]["element"]["option_groups"]
    zones = [each["value"] for group in groups for each in group["options"]]
    assert len(zones) == len(set(zones))
    assert {"America/New_York", "Asia/Kolkata", "Europe/Berlin", "Pacific/Auckland", "UTC"} <= set(zones)
    assert not any(each.startswith(("Etc/", "US/")) or "/" not in each for each in zones if each != "UTC")
    with pytest.raises(AssertionError, match="Slack asks for “Days”"):
        await w.ada.submit(view, {"days": []})


def test_a_picker_shows_what_is_stored_where_the_answer_is_wrong():
    fields = (
        FormField("at", "Hour", "09:00", "time"),
        FormField("days", "Days", "mon-fri", "days"),
        FormField("timezone", "Time zone", "UTC", "timezone"),
    )
    form = Form("Settings", "settings", fields).filled({"at": "25:00", "days": "someday", "timezone": "Atlantis"})
    assert [field.value for field in submitted(form).fields] == ["09:00", "mon,tue,wed,thu,fri", "UTC"]
    blank = Form("Settings", "settings", tuple(replace(field, value="") for field in fields))
    assert view_faults(forms.modal(blank, HERE)) == []


async def test_topics_can_be_emptied(w: Workspace):
    await w.ada.submit((await w.ada.command("/papers", "settings", w.channel)).view, {"topics": "video"})
    await w.slack.until(lambda: bool(w.ada.private(w.channel)))
    again = await w.ada.command("/papers", "settings", w.channel)
    assert again.view.fields["topics"]["element"]["initial_value"] == "video"
    await w.ada.submit(again.view, {"topics": ""})
    await again.more()
    subscription = await w.subscription()
    assert subscription is not None
    assert subscription.topics == ()


async def test_who_lost_the_right_meanwhile_saves_nothing(tmp_path: Path):
    async with workspace(tmp_path, managers="admins") as w:
        opened = await w.ada.command("/papers", "settings", w.channel)
        w.backend.later = 601
        w.ada.admin = False
        await w.ada.submit(opened.view, {"size": "3"})
        await opened.more()
        assert "admin or owner" in opened.message.shown
        assert await w.subscription() is None


async def test_a_form_that_slack_no_longer_opens_is_offered_again(w: Workspace):
    w.slack.fails("views.open", "expired_trigger_id")
    reply = await w.ada.command("/papers", "settings", w.channel)
    assert "three seconds" in reply.text
    assert (await w.ada.click(reply.message, "Digest settings")).view.kind == "modal"


async def test_the_confirmation_comes_as_a_direct_message_when_nothing_else_works(w: Workspace):
    outside = w.team.channel("C9", [w.ada], bot=False)
    opened = await w.ada.command("/papers", "settings", outside)
    w.slack.later(31 * 60)
    await w.ada.submit(opened.view, {"size": "3"})
    await w.slack.until(lambda: bool(w.ada.dm.messages))
    assert "Subscribed" in w.ada.dm.messages[0].shown
    assert w.ada.dm.messages[0].buttons == [], "there they would change the settings of the direct messages"


async def test_a_form_from_a_thread_is_confirmed_there(w: Workspace):
    first, *_ = await w.digest()
    offered = await w.ada.mentions(w.channel, first.thread_ts, "settings")
    opened = await w.ada.click(offered.message, "Digest settings")
    await w.ada.submit(opened.view, {"size": "9"})
    await opened.more()
    [answer, *_] = opened.messages
    assert answer.thread_ts == first.thread_ts
    assert "Changed" in answer.shown


async def test_a_view_of_another_workspace_is_not_carried_out(w: Workspace):
    view = (await w.ada.command("/papers", "settings", w.channel)).view
    view.raw["private_metadata"] = view.raw["private_metadata"].replace("T1", "T2")
    await w.ada.submit(view, {"size": "3"})
    await w.ada.command("/papers", "help", w.channel)
    assert await w.backend.store.subscriptions.all() == []


async def test_more_topics_than_an_input_holds_are_all_kept_and_one_can_be_added(w: Workspace):
    topics = tuple(f"topic{number} {'word ' * 60}end" for number in range(26))
    await w.backend.store.subscriptions.put(Subscription(Channel("slack:T1/C1"), topics, next_due=NOW))
    opened = await w.ada.command("/papers", "settings", w.channel)
    parts = [name for name in opened.view.fields if name.startswith("topics")]
    assert len(parts) > 2
    last = opened.view.fields[parts[-1]]["element"].get("initial_value") or ""
    await w.ada.submit(opened.view, {parts[-1]: f"{last}\none more".strip(), "size": "4"})
    await opened.more()
    subscription = await w.subscription()
    assert subscription is not None
    assert subscription.topics == (*topics, "one more")
    assert subscription.size == 4


async def test_a_check_that_hangs_asks_to_press_again(w: Workspace, monkeypatch):
    view = (await w.ada.command("/papers", "settings", w.channel)).view
    monkeypatch.setattr("adapters.slack.interactions.CHECK_SECONDS", 0.05)
    w.slack.fails("users.info", Fault("hang"))
    w.backend.later = 601
    reply = await w.ada.submit(view, {"size": "3"})
    assert "press the button again" in reply.errors["topics"]


_words = st.text(st.characters(codec="utf-8"), max_size=200)
_fields = st.builds(
    FormField,
    name=st.sampled_from(["topics", "size", "style"]),
    label=_words,
    value=_words | st.text("ab \n", min_size=2_900, max_size=7_000),
    kind=st.sampled_from(["line", "lines", "choice", "time", "days", "timezone"]),
    choices=st.lists(st.text("abc", min_size=1, max_size=90), min_size=1, max_size=5, unique=True).map(tuple),
    help=_words | st.text("x", min_size=1_990, max_size=2_100),
    error=st.none() | _words | st.just("e" * 900),
)


@examples(30)
@given(title=_words, submit=_words, fields=st.lists(_fields, min_size=1, max_size=3, unique_by=lambda f: f.name))
def test_any_form_is_a_valid_modal(title, submit, fields):
    view = forms.modal(Form(title, "settings", tuple(fields), submit), HERE)
    assert view_faults(view) == []


@examples(40)
@given(st.lists(st.text("abc ", min_size=1, max_size=500).map(str.strip).filter(bool), max_size=50))
def test_lines_survive_the_way_there_and_back(lines: list[str]):
    value = "\n".join(lines)
    back = submitted(Form("Settings", "settings", (FormField("topics", "Topics", value, "lines"),)))
    assert back.fields[0].value == value
    assert back.command == "settings"


def test_a_view_without_our_metadata_has_no_place():
    assert forms.form_context({"private_metadata": "not json"}) is None
    assert forms.form_context({"private_metadata": "[]"}) is None
    assert forms.form_context({}) is None
    assert forms.form_context(forms.modal(Form("a", "b", ()), HERE)) == HERE


async def test_a_typed_setting_that_is_refused_is_shown_beside_what_is_stored(w: Workspace):
    opened = await w.ada.command("/papers", "settings size:99", w.channel)
    texts = [each["elements"][0]["text"] for each in opened.view.raw["blocks"] if each["type"] == "context"]
    assert texts[0] == "Nothing was saved: 1 answer needs another look."
    assert texts[1].endswith("At most 20 papers. Saved now: 5")
    assert len(texts) == 2
    reply = await w.ada.submit(opened.view, {"size": "many"})
    assert reply.errors["size"].startswith("Nothing was saved: 1 answer needs another look. “many” is not a number")


def test_what_is_stored_stands_beside_every_answer_that_was_not_saved():
    stored = Form(
        "Settings", "settings", (FormField("topics", "Topics", "a\nb", "lines"), FormField("at", "Hour", "9"))
    )
    wrong = stored.filled({"topics": "-x", "at": "7"}).with_faults({"topics": "leaves nothing."})
    texts = [each["elements"][0]["text"] for each in forms.modal(wrong, HERE)["blocks"] if each["type"] == "context"]
    assert texts[1:] == ["Topics: leaves nothing. Saved now: a; b", "Hour: Saved now: 9"]
