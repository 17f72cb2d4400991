"""The commands of a channel's topics and mutes."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.command import Command
from bot.commands.options import CONFIRM, FOLLOWED, MUTED, NAME, PAGE, SHARE, STRICTNESS, TOPIC

TOPIC_COMMANDS = (
    Command("topics list", "What this channel follows and mutes", (NAME, PAGE, SHARE), examples=("topics",)),
    Command(
        "topics add",
        "Follow a topic; shows what it would have brought before saving",
        (TOPIC, STRICTNESS, NAME, CONFIRM),
        "managers",
        ("topics add video diffusion", "topics add cat:cs.CL -medical", 'topics add author:"Yejin Choi" | org:allenai'),
        "A paper is delivered if it matches any topic. Without topics the channel gets everything that trends.",
        writes=True,
        names_obstacle=True,
        aliases=("follow", "add"),
    ),
    Command(
        "topics remove",
        "Stop following a topic",
        (FOLLOWED, NAME),
        "managers",
        ("topics remove video diffusion",),
        writes=True,
        aliases=("unfollow", "remove"),
    ),
    Command(
        "topics stricter",
        "Fewer papers of a topic: the surer ones",
        (FOLLOWED, NAME, replace(STRICTNESS, hidden=True)),
        "managers",
        ("topics stricter video diffusion",),
        "A step at a time, and undo takes it back. 👍 and 👎 on its papers move a topic too, by a step at most.",
        writes=True,
        aliases=("stricter",),
    ),
    Command(
        "topics wider",
        "More papers of a topic: those a little further off too",
        (FOLLOWED, NAME, replace(STRICTNESS, hidden=True)),
        "managers",
        ("topics wider video diffusion",),
        "A step at a time, and undo takes it back. 👍 and 👎 on its papers move a topic too, by a step at most.",
        writes=True,
        aliases=("wider",),
    ),
    Command(
        "topics mute",
        "Leave papers out; shows which first",
        (TOPIC, NAME, CONFIRM),
        "managers",
        ("topics mute medical", "topics mute cat:cs.CR"),
        writes=True,
        names_obstacle=True,
        aliases=("mute",),
    ),
    Command(
        "topics unmute",
        "Stop leaving papers out",
        (MUTED, NAME),
        "managers",
        ("topics unmute medical",),
        writes=True,
        aliases=("unmute",),
    ),
)
