"""Discord's limits. Text is counted in UTF-16 units, the widest of the ways in which Discord's parts count."""

from __future__ import annotations

# https://discord.com/developers/docs/components/reference, https://discord.com/developers/docs/resources/message
TEXT = 4_000
"""Units of all text displays of a message together."""
COMPONENTS = 40
"""Components of a message, nested ones included."""
ALT_TEXT = 1_024
"""Units of a picture's description."""
BUTTONS_IN_A_ROW = 5
BUTTON = 80
CUSTOM_ID = 100
URL = 512
"""Units of a link button's URL."""
COMPONENTS_V2 = 1 << 15
EPHEMERAL = 1 << 6
SUPPRESS_NOTIFICATIONS = 1 << 12
"""Members see the message, and no push or desktop notification comes with it."""

# https://discord.com/developers/docs/resources/channel#start-thread-from-message
THREAD_NAME = 100
ARCHIVE_AFTER = 10_080
"""Minutes without a message after which a thread is archived: a week, the maximum."""
ARCHIVE_DURATIONS = frozenset({60, 1_440, 4_320, ARCHIVE_AFTER})
"""Minutes that a thread can be set to."""
APPLIED_TAGS = 5
"""Tags of a forum's post."""

# https://discord.com/developers/docs/interactions/receiving-and-responding
MODAL_TITLE = 45
MODAL_INPUTS = 5
MODAL_LABEL = 45
MODAL_VALUE = 4_000
PLACEHOLDER = 100
FOLLOW_UPS = 5
"""Further messages after an answer, for who has the application where it is not installed itself."""

# https://discord.com/developers/docs/interactions/application-commands
CHOICES = 25
CHOICE = 100
DESCRIPTION = 100

HISTORY_PAGE = 100
ACKNOWLEDGED_WITHIN = 2.5
"""Seconds for one attempt to acknowledge; Discord gives three."""
ANSWERED_WITHIN = 10.0
"""Seconds for one attempt to send an answer."""


def archive_after(minutes: int | None) -> int:
    """Minutes after which a thread is archived: as wished if Discord knows that duration, else the longest."""
    return minutes if minutes in ARCHIVE_DURATIONS else ARCHIVE_AFTER
