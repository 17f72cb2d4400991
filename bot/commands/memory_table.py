"""The command that searches what a channel was shown and liked."""

from __future__ import annotations

from bot.commands.command import Command, Option
from bot.commands.options import COUNT, PAGE, SHARE, START

MEMORY_COMMANDS = (
    Command(
        "memory",
        "Search what this channel was shown and liked",
        (
            Option("query", "Words, as in search", required=True, rest=True, completes="queries"),
            COUNT,
            PAGE,
            START,
            SHARE,
        ),
        examples=("memory video diffusion", 'memory "speculative decoding"', 'memory author:"Yejin Choi"'),
        detail="With the day and a link to the message, best first. What people saved is private and not counted.",
        aliases=("remember", "recall"),
        team=True,
    ),
)
