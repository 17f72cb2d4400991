"""Help, usage and acknowledgements, generated from the table of commands. Pure."""

from __future__ import annotations

from bot.commands import COMMAND_WORD, COMMANDS, GROUPS, Command, Option
from bot.model import Action, Block, Message, Span
from bot.query.fields import help_lines
from bot.text import joined
from bot.wording.parts import block, say, share_button

THANKS_TO_ARXIV = (
    "Thank you to arXiv for use of its open access interoperability. This service was not reviewed or approved by, "
    "nor does it necessarily express or reflect the policies or opinions of, arXiv."
)
"""The wording arXiv asks for: https://info.arxiv.org/help/api/index.html"""

FIRST_THINGS = (
    ("today", "the papers trending now"),
    ("search video diffusion", "all papers Paperboy knows"),
    ("subscribe", "a digest here every day at nine; every setting can be changed later"),
    ("topics add video diffusion", "only what this channel follows; without topics, everything that trends"),
    ("catchup 5", "the best of the days you missed"),
)
"""What somebody new would type, and what it brings."""
ALL = "all"
"""What `help` takes besides the names of commands."""


def help_start() -> Message:
    """Five things to begin with, and a button that lists every command."""
    blocks = [block("Five things to begin with", "heading")]
    blocks += [block(f"`/papers {typed}`: {brings}", "item") for typed, brings in FIRST_THINGS]
    blocks.append(block("Most answers are for you alone. One command: `/papers help subscribe`.", "note"))
    every = Action("All commands", "help", {"command": ALL}, style="primary")
    actions = (every, Action("Today's papers", "today"), Action("Settings", "settings"))
    return Message(tuple(blocks), actions, "What Paperboy can do")


def help_all() -> Message:
    """Every command and every group of commands in a line, and the query language."""
    words = (("video diffusion", "words, in any form"), ('"speculative decoding"', "an exact phrase"))
    forms = (*words, *help_lines(), ("-medical", "without"), ("video | audio", "either"))
    blocks = [block("What Paperboy can do", "heading")]
    blocks.append(block("Most answers are for you alone."))
    visible = [command for command in COMMANDS.values() if not command.hidden]
    blocks += [_line(command) for command in visible if not command.group]
    blocks += map(_group_line, dict.fromkeys(command.group for command in visible if command.group))
    blocks.append(block("Topics and searches", "heading"))
    blocks += [Block("text", (Span(form, code=True), Span(f": {meaning}"))) for form, meaning in forms]
    blocks.append(block("More about one: `/papers help subscribe`.", "note"))
    return Message(tuple(blocks), title="What Paperboy can do")


def help_anywhere(invite: str) -> Message:
    """The commands that need no channel, and the link that invites Paperboy for the others."""
    rest = "Answers are for you alone here. Digests, topics and all else need Paperboy in the channel: invite it, or"
    blocks = [block("What works everywhere", "heading")]
    blocks += [_line(command) for command in COMMANDS.values() if command.anywhere and not command.hidden]
    blocks.append(block(f"{rest} write to it directly.", "note"))
    actions = (Action("Today's papers", "today", style="primary"), Action("Invite Paperboy", url=invite))
    return Message(tuple(blocks), actions, "What works everywhere")


def help_on(command: Command) -> Message:
    """One command: usage, summary, permission, options, examples."""
    blocks = [Block("heading", (Span(command.name),)), Block("text", (Span(usage(command), code=True),))]
    blocks.append(Block("text", (Span(f"{command.summary}. {command.detail}".rstrip()),)))
    if command.permission == "managers":
        blocks.append(block("For people who may manage the channel.", "note"))
    blocks += [
        Block("text", (Span(option.name, code=True), Span(f": {_explained(option)}")))
        for option in (command.options if command.form else command.shown_options)
    ]
    examples = [
        span for example in command.examples for span in (Span(", "), Span(f"{COMMAND_WORD} {example}", code=True))
    ]
    if examples:
        blocks.append(Block("note", (Span("Examples: "), *examples[1:])))
    return Message(tuple(blocks), title=f"Help: {command.name}")


def help_group(name: str) -> Message:
    """The commands that share a first word."""
    inside = [command for command in COMMANDS.values() if command.group == name and not command.hidden]
    blocks = [Block("heading", (Span(name),)), Block("text", (Span(f"{GROUPS[name].summary}."),)), *map(_line, inside)]
    actions = tuple(Action(command.name.capitalize(), "help", {"command": command.name}) for command in inside)
    return Message(tuple(blocks), actions, f"Help: {name}")


def usage(command: Command) -> str:
    """Usage of a command: `/papers search <query> [count:…] [order:…]`."""
    return " ".join((COMMAND_WORD, command.name, *map(_shape, command.shown_options)))


def about_paperboy(version: str) -> Message:
    """Purpose, sources and acknowledgements."""
    return say(
        "Paperboy brings the day's trending research papers to your channel, each with the evidence behind it.",
        "What trends is read from sources such as Hugging Face Daily Papers, arXiv and Hacker News; `/papers status`"
        " lists those in use. The rule is public: `/papers why` shows every signal of a paper and its weight. A"
        " summary is a sentence of the abstract, unless it names the model that wrote it.",
        THANKS_TO_ARXIV,
        *([f"Version {version}."] if version else []),
        actions=(Action("Help", "help"), share_button("about", {})),
    )


def _line(command: Command) -> Block:
    """The command with its required options and its free words, and the summary."""
    shapes = [_shape(option) for option in command.shown_options if option.required or option.rest or option.leading]
    return Block(
        "text", (Span(" ".join((COMMAND_WORD, command.name, *shapes)), code=True), Span(f": {command.summary}"))
    )


def _group_line(name: str) -> Block:
    """A group, whose commands its own help lists: one message holds so many lines."""
    return Block("text", (Span(f"{COMMAND_WORD} help {name}", code=True), Span(f": {GROUPS[name].summary}")))


def _shape(option: Option) -> str:
    shape = "|".join(option.choices) if option.choices else option.name
    if option.rest or option.leading:
        return f"<{shape}>" if option.required else f"[{shape}]"
    return f"[{option.name}:{shape if option.choices else '…'}]"


def _explained(option: Option) -> str:
    """The option's help, with its choices unless the help names them, and its default."""
    parts = [option.help]
    if option.choices and not all(choice in option.help for choice in option.choices):
        parts.append(f"({joined(option.choices, 'or')})")
    if option.default is not None:
        parts.append(f"(else {option.default})")
    return " ".join(parts)
