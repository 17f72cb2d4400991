"""Slack's limits and rate limits. Characters are counted after escaping; a limit that no page states says so."""

from __future__ import annotations

# https://docs.slack.dev/reference/block-kit/blocks
BLOCKS = 50
"""Blocks in a message; a modal or an App Home takes 100."""
HEADER = 150
SECTION = 3_000
ALT_TEXT = 2_000
"""Of a picture."""
NOTE = 2_000
"""One element of a context block. No page states it; text objects take 3,000."""

# https://docs.slack.dev/reference/block-kit/blocks/table-block
TABLE_ROWS = 100
"""With the head."""
CELL = 300
"""Characters; our own limit, so that a row stays a row."""

# https://docs.slack.dev/reference/block-kit/block-elements/button-element
BUTTON = 75
VALUE = 2_000
ACTION_ID = 255
# https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element
MENU_ENTRIES = 5
MENU_VALUE = 75
"""Of the two limits that Slack's pages name for an option's value (the other is 150) the one that is safe."""

ROWS = 10
"""Rows of buttons in a message: our own limit, so that there is room for text."""

MESSAGE = 12_000
"""All blocks of a message as JSON. The limit is undocumented: `msg_blocks_too_long` came at 13,297 characters of text
in few blocks, and at 11,341 in 45 (https://github.com/slackapi/bolt-js/issues/2509 and 2867). This is below every way
of counting."""
TEXT = 3_000
"""The text for notifications and screen readers. Slack takes 40,000; it counts into some of its limits, see above."""
LEAST_TEXT = 600
"""Characters of it where the blocks fill the message: together they stay below the shortest that was too long."""

URL = 2_000
"""An address inside a section shares the section's 3,000 (a button's own takes 3,000)."""

# https://docs.slack.dev/apis/web-api/rate-limits and the changelog of 2025-05-29
SECONDS_BETWEEN_POSTS = 1.0
"""In one channel."""
SECONDS_BETWEEN_EDITS = 1.2
"""chat.update, in one workspace: tier 3 allows at least 50 a minute."""
SECONDS_BETWEEN_READS = 60.0
"""conversations.history and .replies, each, for apps sold outside Slack's marketplace."""
OBJECTS_IN_A_READ = 15
OBJECTS_IN_AN_INTERNAL_READ = 200
