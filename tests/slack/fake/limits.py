"""Slack's limits. https://docs.slack.dev/reference/block-kit/blocks and the methods' own pages."""

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_TEXT = 40_000
UPDATE_TEXT = 4_000
"""https://docs.slack.dev/reference/methods/chat.update"""
ALL_BLOCKS_TEXT = 12_000
"""Texts and addresses of one message together. Undocumented: 12,000 "with a buffer" (bolt-js#2509); texts of 11,341
characters were refused and 9,597 taken (bolt-js#2867), so stay well below."""
PRIVATE_METADATA = 3_000
METADATA = 16_000
"""Bytes of `event_payload`, about; the page gives `metadata_too_large` without a number."""
HISTORY_OBJECTS = 15
HISTORY_SECONDS = 60.0
"""https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps"""
TRIGGER_SECONDS = 3.0
RESPONSE_USES = 5
RESPONSE_SECONDS = 30 * 60.0
CONNECTIONS = 10
"""https://docs.slack.dev/apis/events-api/using-socket-mode"""

# https://docs.slack.dev/reference/app-manifest
APP_NAME = 35
APP_DESCRIPTION = 140
APP_LONG_DESCRIPTION = (174, 4_000)
BOT_NAME = 80
COMMAND = 32
COMMAND_DESCRIPTION = 2_000
USAGE_HINT = 1_000
SHORTCUT_NAME = 24
SHORTCUT_DESCRIPTION = 150
