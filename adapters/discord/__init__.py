"""Discord: a digest as a thread of Components V2, a command group, buttons, a settings panel.

limits.py     what Discord takes, by name
markup.py     foreign text made harmless; spans as markdown
blocks.py     a message as components, every limit kept; buttons and back
failures.py   Discord's error codes and what follows from each
rooms.py      channels' addresses in notices, made readable
wire.py       discord.py's HTTP client, without a gateway
outlet.py     posting, finding, taking back
manifest.py   the invite link

front.py      the connection, and the menu told to Discord      hearing.py     what people do, carried to the desk
menu.py       the command table as Discord's menu               happenings.py  what happens without anybody asking
spot.py       where it happened, and the way back               sight.py       what a person may see
forms.py      a form as a panel and modals
connect.py    settings -> outlet and front                      examine.py     what the doctor asks
"""

from adapters.discord.blocks import decode_action, payload
from adapters.discord.client import DiscordClient
from adapters.discord.connect import connect
from adapters.discord.diagnostics import examine
from adapters.discord.front import DiscordFront
from adapters.discord.manifest import invite
from adapters.discord.outlet import DiscordOutlet

__all__ = ["DiscordClient", "DiscordFront", "DiscordOutlet", "connect", "decode_action", "examine", "invite", "payload"]
