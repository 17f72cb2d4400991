"""Slack: a digest as a thread in Block Kit, slash commands, buttons, a modal, App Home.

limits.py     what Slack takes, by name
markup.py     foreign text made harmless; spans as mrkdwn, or as rich text where that could be misread
blocks.py     a message as Block Kit, every limit kept; buttons and back
failures.py   Slack's error codes and what follows from each
outlet.py     posting, finding, taking back
rooms.py      channels' addresses in notices, made readable
manifest.py   the app manifest

front.py      what people do, acknowledged and carried to the desk      events.py    what happens without anybody asking
spot.py       where it happened   people.py   who asks   sight.py   what they may see   replies.py   the way back
forms.py      a form as a modal   home.py   App Home
socket.py     Socket Mode         http.py   signed HTTP and OAuth       access.py    tokens by workspace
installs.py   installations, kept in a safe             states.py   an installation under way
connect.py    settings -> outlet and front           examine.py    what the doctor asks
"""

from adapters.slack.blocks import decode_action, payload
from adapters.slack.connect import SlackConfig, connect, make
from adapters.slack.diagnostics import examine
from adapters.slack.installs import Safe
from adapters.slack.manifest import manifest
from adapters.slack.outlet import Clients, SlackOutlet

__all__ = [
    "Clients",
    "Safe",
    "SlackConfig",
    "SlackOutlet",
    "connect",
    "decode_action",
    "examine",
    "make",
    "manifest",
    "payload",
]
