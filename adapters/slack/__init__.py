"""Slack: a digest as a thread in Block Kit, slash commands, buttons, a modal, App Home. See README.md.

Posting     outlet.py       post, edit, find, prove        blocks.py        a message as Block Kit
            buttons.py      buttons, a menu, and back      mentions.py      channel addresses as references
            markup.py       spans as mrkdwn or rich text
            usergroups.py   a workspace's user groups      pacer.py         calls at Slack's pace
            new_blocks.py   tables, feedback buttons       work_objects.py  papers as Work Objects
            failures.py     Slack's error codes            limits.py        Slack's limits and rate limits
Answering   front.py        common part of both fronts     interactions.py  commands, buttons, forms
            socket.py       Socket Mode                    events.py        reactions, invitations, removals
            http.py         signed HTTP, OAuth pages       replies.py       routes back to the caller
            inbound.py      a request's JSON, checked      shapes.py        the shapes that Slack documents
            origin.py       channel and person             forms.py         a form as a modal
            inputs.py       a field as an input            home_view.py     App Home as Block Kit
            people.py       callers and their rights       home.py          App Home
            obstacles.py    why it could not post here     files.py         files to direct messages
            visibility.py   answers for one reader         repeats.py       repeats of calls that failed
            agent.py        suggestions, threads           links.py         cards for linked papers
Setting up  connect.py      settings -> outlet and front   client.py        HTTP session and SDK logs
            workspaces.py   tokens by workspace            installs.py      installations, stored encrypted
            states.py       OAuth states                   manifest.py      the app manifest
            diagnostics.py  `paperboy doctor`
"""

from adapters.slack.connect import connect
from adapters.slack.diagnostics import examine
from adapters.slack.manifest import manifest_text

__all__ = ["connect", "examine", "manifest_text"]
