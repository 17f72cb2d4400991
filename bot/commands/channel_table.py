"""The command of what holds in a channel whatever its digests are: who may do what, and how posts come."""

from __future__ import annotations

from bot.commands.command import Command, Option

ON, OFF = "on", "off"
ON_OFF = (ON, OFF)
ARCHIVE_MINUTES = {"1h": 60, "1d": 1_440, "3d": 4_320, "1w": 10_080}
"""Durations that Discord offers, in minutes."""
MOST_OPENERS = 10
DISCORD_ALONE = frozenset({"silent", "crosspost", "tags", "archive"})
"""Options of what other platforms do not have."""
_WHO = "members, managers, or a role or user group"


def _switch(name: str, explained: str) -> Option:
    return Option(name, explained, "choice", choices=ON_OFF)


CHANNEL_COMMANDS = (
    Command(
        "channel",
        "Who may do what here, and how posts come; all of it in one form",
        (
            Option("managers", f"Who may change settings: {_WHO}", completes="groups", example="@ops"),
            Option("sharers", f"Who may share answers here: {_WHO}", completes="groups", example="members"),
            Option("feedback", f"Whose 👍 and 👎 count: {_WHO}", completes="groups", example="members"),
            _switch("updates", "A reply where a paper was shown when something about it changed"),
            _switch("memory", "A line where a paper is close to one that people here liked"),
            _switch("counts", "How many liked a paper or want to discuss it, on its card"),
            _switch("pictures", "The picture that Hugging Face has of a paper, on its card"),
            Option(
                "openers",
                f"Messages a day besides the digests, 0 to {MOST_OPENERS}",
                "int",
                minimum=0,
                maximum=MOST_OPENERS,
                unit="messages",
                example="2",
            ),
            _switch("silent", "On Discord: posts notify nobody"),
            _switch("crosspost", "On Discord: an announcement channel's digests are published to its followers"),
            _switch("tags", "On Discord: a digest in a forum gets the tags that are named like its topics"),
            Option(
                "archive",
                "On Discord: after how long without a message a thread is archived",
                "choice",
                choices=tuple(ARCHIVE_MINUTES),
            ),
        ),
        "managers",
        ("channel", "channel managers:@ops", "channel updates:off openers:1"),
        "Whoever runs the server or workspace can always change settings, so a channel cannot be locked out.",
        writes=True,
        form=True,
        team=True,
    ),
)
