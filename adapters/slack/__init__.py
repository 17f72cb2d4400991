"""Slack: a digest as a thread in Block Kit, slash commands, buttons, a modal, App Home. See README.md.

Posting      outlet.py     post, find, retract                  blocks.py      a message as Block Kit; buttons and back
             markup.py     spans as mrkdwn or rich text         mentions.py    channel addresses as references
             failures.py   Slack's error codes                  limits.py      Slack's limits and rate limits
Answering    socket.py     Socket Mode                          http.py        signed HTTP, OAuth pages
             interactions.py  commands, buttons, forms          events.py      reactions, invitations, removals
             origin.py     where and by whom                    people.py      callers and their rights
             visibility.py    what a caller may see             replies.py     routes back to the caller
             forms.py      a form as a modal                    home.py        App Home
Setting up   connect.py    settings -> outlet and front         client.py      HTTP session and SDK logs
             workspaces.py tokens by workspace                  installs.py    installations, stored encrypted
             states.py     OAuth states                         manifest.py    the app manifest
             diagnostics.py   `paperboy doctor`
"""

from adapters.slack.blocks import decode_action, payload
from adapters.slack.connect import SlackConfig, build, connect
from adapters.slack.diagnostics import examine
from adapters.slack.manifest import manifest, manifest_text
from adapters.slack.outlet import SlackOutlet

__all__ = [
    "SlackConfig",
    "SlackOutlet",
    "build",
    "connect",
    "decode_action",
    "examine",
    "manifest",
    "manifest_text",
    "payload",
]
