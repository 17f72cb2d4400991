"""Discord: a digest as a thread of Components V2, a command group, buttons, a settings panel. See README.md.

Posting                                                    People
client.py       discord.py's REST client, no gateway       front.py         gateway connection, command menu
outlet.py       post, find, retract, prove                 interactions.py  commands, buttons, modals, completions
forum.py        openers in forum channels                  events.py        reactions, joined and left servers
blocks.py       message -> components and back             origin.py        where an interaction happened, the answer
markup.py       spans -> Discord's markdown, escaped       visibility.py    what a person may see
mentions.py     addresses and commands -> mentions         menu.py          command table -> Discord's menu
gateway.py      odd frames and events are skipped          servers.py       servers it was in when it last ran
                                                           shards.py        shards shared by several processes
limits.py       Discord's limits                           forms.py         form -> panel and modals
failures.py     error code -> kind of delivery failure     overflow.py      options too long for a button
permissions.py  the bot's permissions in a channel         conversations.py  mentions and direct messages
roles.py        a server's roles                           crossposts.py   announcements passed on to followers
history.py      messages read page by page                 edits.py         edits of posted messages
thread_names.py names of threads

connect.py      settings -> outlet and front               diagnostics.py   the doctor's checks
manifest.py     the links that install it                  installs.py      installed by people
"""

from adapters.discord.client import DiscordClient
from adapters.discord.connect import connect
from adapters.discord.diagnostics import examine
from adapters.discord.front import DiscordFront
from adapters.discord.manifest import manifest_text
from adapters.discord.outlet import DiscordOutlet

__all__ = ["DiscordClient", "DiscordFront", "DiscordOutlet", "connect", "examine", "manifest_text"]
