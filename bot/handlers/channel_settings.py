"""Handler of the settings of a channel that hold whatever its digests are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

from bot.commands import COMMANDS
from bot.commands.channel_table import ARCHIVE_MINUTES, DISCORD_ALONE, ON, ON_OFF
from bot.commands.command import Option
from bot.commands.values import read_value
from bot.errors import UserError
from bot.handlers.context import ChangedMeanwhile, Context, Invocation, announced, handles
from bot.handlers.groups import read_rule
from bot.handlers.permission import manages
from bot.model import Caller, Channel, ChannelSettings, FilledForm, Form, Message, platform
from bot.wording.channel_settings import changed_line, channel_saved, needs_discord
from bot.wording.channel_settings_form import attribute, channel_form

_COMMAND = COMMANDS["channel"]


@handles("channel")
async def edit_channel(context: Context, invocation: Invocation) -> Message | Form:
    """The form, with errors if answers are invalid; or the confirmation once its answers are saved."""
    values, faults = await _read_all(context, invocation.channel, invocation.raw)
    if len(invocation.raw) == len(faults) == 1:
        raise next(iter(faults.values()))  # one typed option: one line
    if invocation.raw and not faults:
        return await _change(context, invocation.caller, values)
    form = channel_form(await context.store.channels.settings(invocation.channel), invocation.caller)
    return form.filled(invocation.raw).with_faults({name: str(error) for name, error in faults.items()})


async def read_channel_form(context: Context, channel: Channel, form: Form) -> FilledForm | Form:
    """The options of a filled-in form, or the form with its faults. A blank answer changes nothing."""
    answers = {field.name: field.value for field in form.fields if field.value.strip()}
    _, faults = await _read_all(context, channel, answers)
    if faults:
        return form.with_faults({name: str(error) for name, error in faults.items()})
    return FilledForm(form.command, answers)


async def _read_all(
    context: Context, channel: Channel, answers: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, UserError]]:
    """The values of options as typed, by the settings that they change; and the error of each invalid one."""
    values: dict[str, Any] = {}
    faults: dict[str, UserError] = {}
    for name, text in answers.items():
        option = _COMMAND.option(name)
        if option is None:
            faults[name] = UserError("This is not a setting.")
            continue
        try:
            values[attribute(name)] = await _value(context, channel, option, text)
        except UserError as error:
            faults[name] = error
    return values, faults


async def _value(context: Context, channel: Channel, option: Option, text: str) -> object:
    if option.name in DISCORD_ALONE and platform(channel) != "discord":
        raise UserError(needs_discord(option.name, channel))
    try:
        value = await read_rule(context, channel, text) if option.completes == "groups" else _read(option, text)
    except UserError as error:
        lines = tuple((value, _COMMAND.line({option.name: value})) for value in error.values)
        raise UserError(str(error), lines=lines) from None
    return value


def _read(option: Option, text: str) -> object:
    value = read_value(option, text, today=date.min)  # no setting is a day
    if option.name == "archive":
        return ARCHIVE_MINUTES[str(value)]
    return value == ON if option.choices == ON_OFF else value


async def _change(context: Context, caller: Caller, values: Mapping[str, Any]) -> Message:
    """Save changed settings; the answer says what holds from now on."""
    before = await context.store.channels.settings(caller.channel)
    after = replace(before, **values)
    names = [field.name for field in fields(ChannelSettings)]
    changed = [name for name in names if getattr(after, name) != getattr(before, name)]
    if not changed:
        return channel_saved(after, (), caller, shut_out=False)
    shut_out = "managers" in changed and not (await manages(context, after.managers, caller)).admitted
    if not await context.store.channels.change(caller.channel, before, after):
        raise ChangedMeanwhile
    answer = channel_saved(after, changed, caller, shut_out=shut_out)
    return announced(answer, caller, changed_line(changed))
