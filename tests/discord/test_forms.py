"""The inputs of a settings form are those of `discord.ui`, so that Discord takes them."""

from __future__ import annotations

import discord
import pytest

from adapters.discord import forms
from bot.model import Form, FormField

FORM = Form(
    "settings",
    "Settings",
    (
        FormField("days", "Days", value="mon,fri", kind="days"),
        FormField("style", "Style", value="compact", kind="choice", choices=("thread", "compact")),
        FormField("quiet", "On a day without papers", value="say", kind="choice", choices=("say", "skip")),
    ),
)


def component(name: str) -> forms.Json:
    rows = forms.modal(FORM, 0)["components"]
    return next(row["component"] for row in rows if row["component"]["custom_id"] == name)  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", ["style", "quiet"])
def test_a_choice_is_a_radio_group(name: str):
    [field] = [each for each in FORM.fields if each.name == name]
    ours = component(name)
    options = [
        discord.RadioGroupOption(label=label, value=value, default=value == field.value)
        for value, label in field.labelled_choices
    ]
    theirs = discord.ui.RadioGroup(custom_id=name, options=options).to_component_dict()
    assert {"required": True, **ours} == theirs


def test_days_are_a_checkbox_group():
    ours = component("days")
    options = [
        discord.CheckboxGroupOption(label=each["label"], value=each["value"], default=each["default"])
        for each in ours["options"]
    ]
    group = discord.ui.CheckboxGroup(custom_id="days", options=options, min_values=1, max_values=7)
    assert {"required": True, **ours} == group.to_component_dict()
    assert [each["value"] for each in ours["options"] if each["default"]] == ["mon", "fri"]
