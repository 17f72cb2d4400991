"""The command that lets a person's AI assistant in."""

from __future__ import annotations

from bot.commands.command import Command, Option

MCP_COMMANDS = (
    Command(
        "mcp",
        "A token for your AI assistant: it reads this channel's topics and your list, and saves papers",
        (
            Option(
                "action",
                "token: a new one, shown once; revoke: no more; show: whether there is one",
                "choice",
                choices=("show", "token", "revoke"),
                default="show",
                rest=True,
            ),
        ),
        examples=("mcp token", "mcp revoke", "mcp"),
        detail="By the Model Context Protocol, for this channel and you alone. forget me ends it too.",
        writes=True,
        team=True,
        aliases=("agent",),
    ),
)
