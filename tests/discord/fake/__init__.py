"""A Discord on loopback: real HTTP, a real gateway, the documented limits enforced, and simulated people.

    async with FakeDiscord() as discord:                     # or latency=0.02
        guild = discord.guild("1001", "2001", "2002")        # a server with two text channels
        channel = discord.channels["2001"]
        DiscordClient(TOKEN, discord.api_url)                # for the outlet; it also reports the gateway's URL
        reply = await discord.interactions.command("42", channel, "topics add", topic="video")
        reply.text, reply.message, reply.seconds, reply.modal
        await discord.interactions.click("42", reply.message, "Share")
        await discord.interactions.react("42", message, "👍")
        discord.fails("POST", "/messages", 503); discord.fails("POST", "/messages", DROP_AFTER)
        discord.gateway.drop(); await discord.gateway.send(RECONNECT); discord.gateway.refusals = 1
        channel.messages, channel.bot_permissions, discord.posts, discord.pings, discord.menu, discord.requests
        await discord.until(lambda: len(channel.messages) == 1)

world         state, ids, markdown as a person reads it      checks        validity of messages, threads, menus
rest          the REST calls                                 gateway       the WebSocket
interactions  people                                         server        HTTP, failures
__main__      the same in a process of its own (`tests.fakes.process`)
"""

from tests.discord.fake.gateway import INVALID, RECONNECT
from tests.discord.fake.server import APPLICATION, DROP, DROP_AFTER, GARBAGE_AFTER, TOKEN, FakeDiscord
from tests.discord.fake.world import ALL, FORUM, HISTORY, IN_THREADS, SEND, THREADS, VIEW, Channel, Guild, Posted

__all__ = [
    "ALL",
    "APPLICATION",
    "DROP",
    "DROP_AFTER",
    "FORUM",
    "GARBAGE_AFTER",
    "HISTORY",
    "INVALID",
    "IN_THREADS",
    "RECONNECT",
    "SEND",
    "THREADS",
    "TOKEN",
    "VIEW",
    "Channel",
    "FakeDiscord",
    "Guild",
    "Posted",
]
