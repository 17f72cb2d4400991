"""The commands of watches."""

from __future__ import annotations

from bot.commands.command import Command, Option
from bot.commands.options import CONFIRM, MOST_PAPERS, PAGE, TOPIC

TO = Option("to", "Post it here, or to you alone by direct message", "choice", choices=("here", "dm"), example="dm")

WATCH_COMMANDS = (
    Command(
        "watch add",
        "Post a paper when it comes, not at an hour; shows what it would have brought first",
        (
            TOPIC,
            Option(
                "most",
                "Papers a day that come one by one; the rest in one message",
                "int",
                minimum=1,
                maximum=MOST_PAPERS,
                example="5",
            ),
            Option("quiet", "Hours without a post, such as 22:00-08:00; off for none", "hours", example="22:00-08:00"),
            TO,
            CONFIRM,
        ),
        examples=(
            'watch add "speculative decoding"',
            'watch add author:"Yejin Choi" to:dm',
            "watch add org:allenai | org:nvidia most:5 quiet:22:00-08:00",
        ),
        detail="In a channel its managers set watches; with to:dm anybody sets their own. "
        "A paper comes within half an hour, in the thread of the day's first one; never one shown before.",
        writes=True,
        names_obstacle=True,
        aliases=("watch",),
        team=True,
    ),
    Command(
        "watch list",
        "What is watched here, and what you watch yourself",
        (PAGE,),
        examples=("watch list",),
        aliases=("watches",),
        team=True,
    ),
    Command(
        "watch remove",
        "Stop watching",
        (
            Option(
                "watch",
                "One of the watches, as listed",
                required=True,
                rest=True,
                completes="watched",
                listed_by="watch list",
            ),
            Option("to", "The one here, or your own", "choice", choices=("here", "dm")),
        ),
        examples=('watch remove "speculative decoding"', "watch remove #1"),
        writes=True,
        aliases=("unwatch",),
        team=True,
    ),
)
