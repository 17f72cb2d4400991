"""All commands as data. Menus, help, parsing, permission, completion and dispatch read these declarations."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.channel_table import CHANNEL_COMMANDS
from bot.commands.club_table import CLUB_COMMANDS, CLUB_GROUP
from bot.commands.command import Command, CommandGroup, Option
from bot.commands.links_table import LINKS_COMMANDS
from bot.commands.mcp_table import MCP_COMMANDS
from bot.commands.memory_table import MEMORY_COMMANDS
from bot.commands.options import (
    ABOUT,
    AT,
    CONFIRM,
    COUNT,
    DATE,
    DAYS,
    EARLY,
    MENTION,
    NAME,
    NAME_OR_ALL,
    NEW_NAME,
    ORDER,
    ORDER_TODAY,
    PAGE,
    PAPER,
    QUIET,
    SHARE,
    SIZE,
    START,
    STYLE,
    SUMMARIES,
    TIMEZONE,
    TOPICS,
    UNTIL,
    WEEKLY,
)
from bot.commands.recap_table import RECAP_COMMANDS
from bot.commands.saved_table import SAVED_COMMANDS
from bot.commands.topic_table import TOPIC_COMMANDS
from bot.commands.watch_table import WATCH_COMMANDS
from bot.commands.zotero_table import ZOTERO_COMMANDS, ZOTERO_GROUP
from bot.query.fields import FIELDS

_FIELD_NAMES = " ".join(f"{name}:" for name in sorted(FIELDS, key="like".__eq__))
"""`like:` last, because it also ranks."""

GROUPS = {
    group.name: group
    for group in (
        CommandGroup("topics", "What this channel follows and mutes", "topics list"),
        CommandGroup("watch", "Papers that are posted when they come", "watch list"),
        CommandGroup("saved", "Your reading list", "saved list"),
        ZOTERO_GROUP,
        CommandGroup("tuning", "What this channel's feedback has taught", "tuning list"),
        CLUB_GROUP,
    )
}

_ALL = (
    Command(
        "today",
        "The papers trending now",
        (ABOUT, COUNT, ORDER_TODAY, PAGE, START, SHARE),
        examples=("today", "today video diffusion count:10", "today cat:cs.CL order:early"),
        detail="Papers of the last three days, judged among those of their own age; near-duplicates are left out.",
        aliases=("trending", "top", "papers", "latest"),
        anywhere=True,
    ),
    Command(
        "search",
        "Search all papers Paperboy knows",
        (
            Option("query", "Words, a title, an arXiv id or link", required=True, rest=True, completes="queries"),
            COUNT,
            ORDER,
            PAGE,
            START,
            SHARE,
        ),
        examples=(
            "search video diffusion count:5",
            'search "speculative decoding" since:30d',
            'search author:"Yejin Choi"',
        ),
        detail=(
            f'Words match by stem; "a phrase", {_FIELD_NAMES} narrow it down, -word leaves out, a | b takes either.'
        ),
        aliases=("find",),
        anywhere=True,
    ),
    Command(
        "paper",
        "One paper: summary, evidence, links",
        (PAPER, SHARE),
        examples=("paper 2405.14105", "paper https://arxiv.org/abs/2405.14105"),
        detail="A paper nobody listed yet is looked up.",
        aliases=("show",),
        anywhere=True,
    ),
    Command(
        "similar",
        "Papers like this one",
        (PAPER, COUNT, PAGE, START, SHARE),
        examples=("similar 2405.14105",),
        aliases=("like",),
        anywhere=True,
    ),
    Command(
        "why",
        "Why a paper ranks where it does: every signal, its weight and source",
        (PAPER, SHARE),
        examples=("why 2405.14105",),
        aliases=("explain",),
        anywhere=True,
    ),
    Command(
        "catchup",
        "The best of the days you missed, in one list",
        (
            Option("days", "How many days back, 1 to 30", "duration", required=True, minimum=1, maximum=30, rest=True),
            replace(COUNT, default="10"),
            NAME,
            PAGE,
            START,
            SHARE,
        ),
        examples=("catchup 5", "catchup 1w count:20"),
        detail="With this channel's topics and mutes if it has some, papers already shown included.",
    ),
    *TOPIC_COMMANDS,
    *WATCH_COMMANDS,
    Command(
        "subscribe",
        "A digest here every day, or on the days you choose",
        (AT, TIMEZONE, DAYS, WEEKLY, TOPICS, SIZE, STYLE, QUIET, EARLY, SUMMARIES, MENTION, NEW_NAME),
        "managers",
        (
            "subscribe",
            "subscribe at:09:00 timezone:Europe/Berlin days:mon-fri",
            "subscribe weekly:fri size:10",
            "subscribe name:rl reinforcement learning weekly:mon",
        ),
        "No papers come before the first digest. Again, it changes only what you name. With a name, it makes a second"
        " digest here; two digests of a channel never bring the same paper.",
        writes=True,
        names_obstacle=True,
        aliases=("start", "sub"),
        other_words="topics add",
    ),
    Command(
        "pause",
        "No digests for a while",
        (UNTIL, NAME_OR_ALL),
        "managers",
        ("pause", "pause until:2026-12-01", "pause 2w"),
        writes=True,
    ),
    Command(
        "resume",
        "Digests again after a pause",
        (NAME_OR_ALL,),
        "managers",
        ("resume",),
        writes=True,
        names_obstacle=True,
        aliases=("unpause",),
    ),
    Command(
        "unsubscribe",
        "No more digests here",
        (NAME_OR_ALL, CONFIRM),
        "managers",
        ("unsubscribe",),
        "Topics and settings of the channel are deleted; past digests can still be read.",
        writes=True,
        aliases=("stop", "unsub"),
    ),
    Command(
        "settings",
        "Everything about this channel's digest in one form",
        (
            NAME,
            Option("new", "A form for another digest", "choice", choices=("yes", "no"), hidden=True),
            Option("topics", "One topic a line", "topics", hidden=True),
            Option("mutes", "One mute a line", "topics", hidden=True),
            *(
                replace(option, rest=False, hidden=True, completes=None)
                for option in (SIZE, EARLY, AT, TIMEZONE, DAYS, STYLE, QUIET, SUMMARIES)
            ),
        ),
        "managers",
        ("settings",),
        form=True,
        writes=True,
        names_obstacle=True,
        aliases=("config", "preferences"),
    ),
    Command(
        "test",
        "Prove that the digest can be posted here, and say when it comes; leaves nothing behind",
        (),
        "managers",
        ("test",),
        names_obstacle=True,
    ),
    *CHANNEL_COMMANDS,
    Command("preview", "The next digest as it would be now, with reasons", (NAME, SHARE), examples=("preview",)),
    Command(
        "digest",
        "A past digest of this channel",
        (DATE, NAME, SHARE),
        examples=("digest yesterday", "digest 2026-11-22"),
        aliases=("history",),
    ),
    Command(
        "tuning list",
        "Words and papers that count for and against in this channel's ranking",
        (PAGE,),
        examples=("tuning",),
        detail="👍, 👎, saves, shares and “Let's discuss” teach it. 👍 and 👎 move topics too, a little.",
        aliases=("profile", "feedback"),
    ),
    Command(
        "tuning forget",
        "A word or a paper no longer counts",
        (
            Option("item", "A word, or a paper's id, as listed", required=True, rest=True, listed_by="tuning"),
            Option("back", "Count it again", "choice", choices=("yes", "no"), default="no", hidden=True),
        ),
        "managers",
        ("tuning forget diffusion", "tuning forget 2405.14105"),
        writes=True,
    ),
    Command(
        "tuning undo",
        "Take back the latest 👍, 👎, save, share, wish to discuss or step of a topic here",
        (),
        "managers",
        ("tuning undo",),
        writes=True,
        aliases=("undo",),
    ),
    Command(
        "tuning reset",
        "Forget all feedback of this channel; asks first",
        (CONFIRM,),
        "managers",
        ("tuning reset",),
        writes=True,
    ),
    *SAVED_COMMANDS,
    *ZOTERO_COMMANDS,
    Command(
        "forget",
        "Erase what is stored about you, or about this channel",
        (Option("what", "me, or channel", "choice", choices=("me", "channel"), required=True, rest=True), CONFIRM),
        examples=("forget me", "forget channel"),
        detail="Saved papers, reactions and what they taught; a channel's only by who may manage it.",
        writes=True,
        aliases=("delete",),
        anywhere=True,
    ),
    Command(
        "subscriptions", "All channels here that get a digest, and how it goes", (PAGE,), "managers", ("subscriptions",)
    ),
    Command("status", "How the sources do, and when the next digest comes", (SHARE,), examples=("status",)),
    Command(
        "help",
        "What Paperboy can do",
        (Option("command", "Explain one command; all lists every one", rest=True, completes="commands"),),
        examples=("help", "help all", "help topics add"),
        anywhere=True,
    ),
    Command(
        "about", "What this is, and whom to thank", (SHARE,), examples=("about",), aliases=("info",), anywhere=True
    ),
    *MEMORY_COMMANDS,
    *LINKS_COMMANDS,
    *RECAP_COMMANDS,
    *CLUB_COMMANDS,
    *MCP_COMMANDS,
    # reached by buttons only
    Command("like", "More like this", (PAPER,), hidden=True, writes=True),
    Command("dislike", "Not for us", (PAPER,), hidden=True, writes=True),
    Command("discuss", "Say that you want to discuss it, or no longer", (PAPER,), hidden=True, writes=True),
    Command("follow", "Follow its authors, organisation or subject", (PAPER,), "managers", hidden=True),
    Command("less", "Mute its authors, organisation or subject", (PAPER,), "managers", hidden=True),
)

COMMANDS = {command.name: command for command in _ALL}
