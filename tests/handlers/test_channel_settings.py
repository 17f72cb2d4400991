"""What holds in a channel whatever its digests are: `channel`, and the rules that it sets for everybody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import GroupsError
from bot.model import Caller, Channel, ChannelSettings, FilledForm, Form, Group, Message
from tests.harness.desk import ADA, BEN, HERE, OMNI, SINKS, Desk

OPS = Group("S2", "ops", frozenset({"U2"}))
OTHERS = Group("S3", "core team", frozenset())
CARL = replace(BEN, user=Channel("slack:T1/U3"))
"""Neither a manager nor in any group; Ben is in @ops."""
BOSS = replace(CARL, user=Channel("slack:T1/U9"), admin=True)
GUEST = replace(CARL, user=Channel("slack:T1/U8"), member=False, needs="to belong to the workspace")


class Directory:
    """The groups of the workspace, or why they are not told."""

    def __init__(self) -> None:
        self.listed: tuple[Group, ...] = (OPS, OTHERS)
        self.error: GroupsError | None = None

    async def groups(self, channel: Channel) -> tuple[Group, ...]:
        if self.error is not None:
            raise self.error
        return self.listed


@pytest.fixture
def directory(desk: Desk) -> Directory:
    directory = Directory()
    desk.outlet.groups = directory.groups  # type: ignore[attr-defined]  # makes it a GroupDirectory
    return directory


@pytest.fixture(autouse=True)
def _has_groups(directory: Directory) -> None:
    """Every channel here has groups."""


async def settings(desk: Desk) -> ChannelSettings:
    return await desk.store.channels.settings(HERE)


# --- the command and its form ----------------------------------------------------------------------------------------


async def test_everything_is_in_one_form_as_it_is(desk: Desk):
    form = await desk.form("channel")
    values = {field.name: field.value for field in form.fields}
    assert values == {
        "managers": "managers",
        "sharers": "members",
        "feedback": "members",
        "updates": "on",
        "memory": "on",
        "counts": "on",
        "pictures": "on",
        "openers": "2",
    }, "and nothing of Discord's on Slack"
    assert isinstance(await desk.handlers.run("channel", replace(ADA, channel=Channel("discord:1/2")), {}), Form)


async def test_a_form_is_read_and_saved_and_the_channel_told(desk: Desk):
    form = (await desk.form("channel")).filled({"managers": "@OPS", "updates": "off", "openers": "5"})
    changes = await desk.handlers.read(form, HERE)
    assert isinstance(changes, FilledForm)
    answer = await desk.handlers.apply(changes, replace(ADA, name="Ada"))
    assert "Settings are changed by the user group @ops and the admins." in answer.text
    assert "You are not among them yourself" in answer.text
    changed = "updates about papers, the messages between digests and who may change settings"
    assert answer.announcement == f"Ada changed {changed} in this channel."
    after = await settings(desk)
    assert (after.managers, after.updates, after.openers, after.memory) == ("S2 ops", False, 5, True)
    shown = {field.name: field.value for field in (await desk.form("channel", BOSS)).fields}
    assert (shown["managers"], shown["updates"]) == ("@ops", "off")


async def test_cards_have_pictures_until_the_channel_wants_none(desk: Desk):
    async def card() -> Message:
        answer = await desk.handlers.run("paper", ADA, {"paper": OMNI})
        assert isinstance(answer, Message)
        return answer

    assert (await card()).image is not None
    assert "Cards have no pictures." in (await desk.ask("channel pictures:off")).text
    assert (await card()).image is None


async def test_every_answer_at_fault_is_named_and_nothing_is_saved(desk: Desk):
    form = (await desk.form("channel")).filled({"managers": "@opps", "openers": "99", "silent": "on", "who": "x"})
    form = replace(form, fields=(*form.fields, replace(form.fields[0], name="silent", value="on")))
    read = await desk.handlers.read(form, HERE)
    assert isinstance(read, Form)
    faults = {field.name: field.error for field in read.fields if field.error}
    assert "Did you mean “@ops”?" in faults["managers"]
    assert "At most 10" in faults["openers"]
    assert "Slack has nothing of the kind" in faults["silent"]
    assert await settings(desk) == ChannelSettings()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("channel managers:@opps", "There is no user group “opps” here. Did you mean “@ops”?"),
        ("channel managers:zebras", "It can also be members or managers."),
        ("channel sharers:nobody", "There is no user group “nobody” here."),
        ("channel openers:-1", "not a number from 0 to 10"),
        ("channel openers:11", "At most 10 messages."),
        ("channel updates:perhaps", "It can be on or off."),
        ("channel crosspost:on", "Discord alone"),
        ("channel colour:red", "There is no option “colour:”."),
        ("channel everything", "takes no words"),
        ("subscribe mention:@opps", "Did you mean “@ops”?"),
        ("subscribe mention:members", "There is no user group “members” here. It can also be off."),
    ],
)
async def test_a_mistake_is_one_line_with_the_remedy(desk: Desk, line: str, said: str):
    answer = await desk.ask(line)
    assert said in answer.text
    assert len(answer.blocks) == 1
    assert await settings(desk) == ChannelSettings()


async def test_a_button_of_a_mistake_does_what_was_meant(desk: Desk):
    answer = await desk.ask("channel managers:@opps")
    await desk.press(answer, "@ops")
    assert (await settings(desk)).managers == "S2 ops"


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ("@ops", "S2 ops"),
        ("OPS", "S2 ops"),
        ("S2", "S2 ops"),
        ("<!subteam^S2|@ops>", "S2 ops"),
        ("<!subteam^S2>", "S2 ops"),
        ('"@core team"', "S3 core team"),
        ("everybody", "members"),
        ("Managers", "managers"),
    ],
)
async def test_people_are_named_as_people_name_them(desk: Desk, typed: str, rule: str):
    await desk.ask(f"channel sharers:{typed}")
    assert (await settings(desk)).sharers == rule


async def test_a_change_that_changes_nothing_says_so(desk: Desk):
    assert "so already" in (await desk.ask("channel updates:on")).text
    assert (await desk.ask("channel updates:on")).announcement == ""


async def test_names_are_offered_while_they_are_typed(desk: Desk, directory: Directory):
    assert await desk.handlers.complete("channel", "managers", "", ADA) == ("members", "managers", "@ops", "@core team")
    assert await desk.handlers.complete("subscribe", "mention", "o", ADA) == ("off", "@ops", "@core team")
    directory.error = GroupsError("not now", lasting=False)
    assert await desk.handlers.complete("channel", "sharers", "", ADA) == ("members", "managers")


async def test_two_roles_of_one_name_are_asked_about(desk: Desk, directory: Directory):
    directory.listed = (OPS, Group("S7", "Ops"))
    assert "Several user groups are called “ops”" in (await desk.ask("channel managers:@ops")).text
    await desk.ask("channel managers:S7")
    assert (await settings(desk)).managers == "S7 Ops"


async def test_without_the_permission_to_read_groups_one_line_says_how_to_get_it(desk: Desk, directory: Directory):
    directory.error = GroupsError("That takes the permission usergroups:read.", lasting=True)
    answer = await desk.ask("channel managers:@ops")
    assert answer.text == "That takes the permission usergroups:read."
    await desk.ask("channel managers:members")
    assert (await settings(desk)).managers == "members", "rules without a group need none"


# --- who changes settings --------------------------------------------------------------------------------------------


async def test_a_groups_people_change_settings_and_others_do_not(desk: Desk):
    await desk.ask("channel managers:@ops")
    assert "Subscribed" in (await desk.ask("subscribe", BEN)).text
    for line in ("topics add video", "settings", "pause", "channel updates:off", "forget channel", "tuning reset"):
        answer = await desk.ask(line, ADA)
        assert "the user group @ops" in answer.text or "you need" in answer.text, line
    assert "the user group @ops" in (await desk.ask("pause", ADA)).text


@pytest.mark.parametrize("caller", [BOSS, replace(ADA, channel=Channel("slack:T1/U1"), direct=True)])
async def test_who_runs_the_workspace_and_who_is_alone_is_never_locked_out(desk: Desk, caller: Caller):
    for rule, switch in (("@ops", "off"), ('"core team"', "on")):
        await desk.ask(f"channel managers:{rule}", caller)
        await desk.ask(f"channel updates:{switch}", caller)
        stored = await desk.store.channels.settings(caller.channel)
        assert (stored.managers.split()[0], stored.updates) == ("S2" if rule == "@ops" else "S3", switch == "on")


async def test_members_may_when_the_channel_says_so_and_guests_may_not(desk: Desk):
    await desk.ask("channel managers:members")
    assert "Subscribed" in (await desk.ask("subscribe", CARL)).text
    assert "to belong to the workspace" in (await desk.ask("pause", GUEST)).text


async def test_a_form_is_refused_at_its_submission_too(desk: Desk):
    form = await desk.form("channel")
    changes = await desk.handlers.read(form.filled({"openers": "0"}), HERE)
    await desk.ask("channel managers:@ops")
    assert isinstance(changes, FilledForm)
    assert "the user group @ops" in (await desk.handlers.apply(changes, ADA)).text
    assert (await settings(desk)).openers == 2


async def test_a_deleted_group_falls_back_to_the_usual_rule_and_says_so(desk: Desk, directory: Directory):
    await desk.ask("channel managers:@ops")
    directory.listed = (OTHERS,)
    allowed = await desk.ask("subscribe", ADA)
    assert "Subscribed" in allowed.text
    assert "The user group @ops no longer exists. So the usual rule holds here" in allowed.text
    refused = await desk.ask("pause", CARL)
    assert "you need the permission “Manage Channels”" in refused.text
    assert "no longer exists" in refused.text


async def test_a_revoked_scope_falls_back_and_says_how_to_get_it(desk: Desk, directory: Directory):
    await desk.ask("channel managers:@ops")
    directory.error = GroupsError("That takes the permission usergroups:read.", lasting=True)
    assert "usergroups:read" in (await desk.ask("subscribe", ADA)).text
    assert await desk.subscription()


async def test_where_groups_cannot_be_looked_up_just_now_nobody_gets_in_by_that(desk: Desk, directory: Directory):
    await desk.ask("channel managers:@ops")
    directory.error = GroupsError("Please try again in a minute.", lasting=False)
    assert "try again in a minute" in (await desk.ask("subscribe", ADA)).text
    assert await desk.store.subscriptions.get(HERE) is None
    assert "Subscribed" in (await desk.ask("subscribe", replace(CARL, groups=frozenset({"S2"})))).text, "told with it"


# --- who shares ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["@ops", "managers"])
async def test_only_those_share_who_may(desk: Desk, rule: str):
    await desk.ask(f"channel sharers:{rule}")
    may, may_not = (BEN, ADA) if rule == "@ops" else (ADA, BEN)
    shared = await desk.run("today", may, share="yes")
    assert not shared.private
    refused = await desk.run("paper", may_not, paper=OMNI, share="yes")
    assert refused.private
    assert "Sharing answers here is for" in refused.text
    assert (await desk.run("today", may_not)).private, "asking is for everybody"
    assert OMNI not in (await desk.ask("tuning")).text


async def test_guests_share_by_default(desk: Desk):
    assert not (await desk.run("today", GUEST, share="yes")).private


# --- whose feedback counts -------------------------------------------------------------------------------------------


async def test_feedback_counts_of_those_that_the_channel_names(desk: Desk):
    await desk.ask("channel feedback:@ops")
    answer = await desk.run("like", ADA, paper=OMNI)
    assert "Not counted: this channel learns from the user group @ops alone." in answer.text
    assert "Not counted" in (await desk.run("discuss", ADA, paper=OMNI)).text
    assert "Noted" in (await desk.run("like", BEN, paper=OMNI)).text
    assert "Saved" in (await desk.run("save", ADA, paper=SINKS)).text, "for herself"
    await desk.run("paper", ADA, paper=SINKS, share="yes")
    lessons = (await desk.store.feedback.lessons((HERE,)))[HERE]
    assert [each.paper_id for each in lessons.feedback] == [OMNI]


async def test_managers_feedback_is_that_of_those_who_change_settings(desk: Desk):
    await desk.ask("channel managers:@ops")
    await desk.ask("channel feedback:managers", BEN)
    assert "Noted" in (await desk.run("like", BEN, paper=OMNI)).text
    assert "Not counted" in (await desk.run("like", ADA, paper=OMNI)).text


# --- the mention of a digest -----------------------------------------------------------------------------------------


async def test_a_digest_mentions_a_group_until_it_is_switched_off(desk: Desk, directory: Directory):
    answer = await desk.ask("subscribe mention:@ops")
    assert ", for @ops" in answer.text
    assert (await desk.subscription()).mention == "S2 ops"
    assert (await desk.deliver()).mention == ""
    directory.listed = (replace_pings(OPS),)
    assert "nobody notified" in (await desk.ask("subscribe mention:@ops")).text
    assert "the mention" in (await desk.ask("subscribe mention:off")).text
    assert (await desk.subscription()).mention == ""


def replace_pings(group: Group) -> Group:
    return group._replace(pings=False)


async def test_where_there_are_no_groups_nothing_can_be_mentioned(desk: Desk, directory: Directory):
    directory.listed = ()
    assert "There is no user group here. It can be off." in (await desk.ask("subscribe mention:@ops")).text


async def test_a_groups_name_is_foreign_text(desk: Desk, directory: Directory):
    directory.listed = (Group("S6", "`/papers forget me` @everyone"),)
    answer: Message = await desk.ask("channel managers:S6")
    assert not any(span.code for block in answer.blocks for span in block.spans)
