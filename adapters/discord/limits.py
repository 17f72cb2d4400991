"""What Discord takes. Counted in UTF-16 units, the widest of the ways in which Discord's parts count text."""

from __future__ import annotations

# https://discord.com/developers/docs/components/reference, https://discord.com/developers/docs/resources/message
TEXT = 4_000
"""Characters of all text displays of a message."""
COMPONENTS = 40
"""Of a message, those inside others too."""
BUTTONS_IN_A_ROW = 5
BUTTON = 80
CUSTOM_ID = 100
URL = 512
"""Of a link button."""
COMPONENTS_V2 = 1 << 15
EPHEMERAL = 1 << 6

# https://discord.com/developers/docs/resources/channel#start-thread-from-message
THREAD_NAME = 100
ARCHIVE_AFTER = 10_080
"""Minutes without a message after which a thread is folded away: a week, the longest there is."""

# https://discord.com/developers/docs/interactions/receiving-and-responding
MODAL_TITLE = 45
MODAL_INPUTS = 5
MODAL_LABEL = 45
MODAL_VALUE = 4_000
PLACEHOLDER = 100
ANSWERABLE = 15 * 60.0
"""Seconds that an interaction's token lives."""

# https://discord.com/developers/docs/interactions/application-commands
CHOICES = 25
CHOICE = 100
DESCRIPTION = 100

SECONDS_BETWEEN_POSTS = 0.0
"""discord.py waits as the headers of each channel's bucket say."""
HISTORY_PAGE = 100
ACKNOWLEDGED_WITHIN = 10.0
"""Seconds after which nobody waits for an acknowledgement any more; Discord itself gives three."""
