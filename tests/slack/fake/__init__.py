"""A fake Slack on loopback: real HTTP and WebSocket, the documented limits, and people who act in it.

    async with FakeSlack() as slack:                        # or FakeSlack(manifest={...}, per_channel=1.0)
        team = slack.team("T1")                             # installed: team.bot (user id), team.bot_token
        alice = team.user("U1", tz="Europe/Berlin", admin=True)
        ch = team.channel("C1", members=[alice])            # private=False, bot=True (the bot is in it)
        client = AsyncWebClient(team.bot_token, base_url=slack.api_url)
        handler = AsyncSocketModeHandler(app, slack.app_token)  # app = AsyncApp(client=client, ...)
        slack.events_to("http://127.0.0.1:1234/slack/events")   # signed HTTP instead of Socket Mode

        reply = await alice.command("/papers", "search video", ch)   # returns when acked and answered
        reply.text, reply.message, reply.view, reply.answers, reply.ack, reply.seconds
        await alice.click(reply.message, "Share")           # by label, action_id, or (action_id, value)
        view = (await alice.command("/papers", "settings", ch)).view
        reply = await alice.submit(view, {"topics": "video"}); reply.errors, reply.ack
        await alice.reacts(message, "+1"); await alice.unreacts(message, "+1")
        reply = await alice.mentions(ch, message.ts, "why 2405.14105"); reply = await alice.writes("help")  # a DM
        home = (await alice.opens_home()).view
        reply = await alice.shortcut(message, "card")       # message shortcut, by callback_id
        await alice.invites(ch); await alice.removes(ch); await alice.archives(ch); await alice.unarchives(ch)
        await alice.deletes_channel(ch); await team.uninstalls(); await team.revokes_tokens()
        await alice.installs("http://127.0.0.1:1234/slack/install")  # OAuth in a browser
        slack.posts, ch.messages, ch.roots, ch.thread(ts), alice.private(ch)   # Posted: .shown .pings .links .raw
        slack.fails("chat.postMessage", Fault.status(503), DROP_AFTER)   # Fault.error, .wait, HANG, DROP; "error_code"
        await slack.disconnect("warning"); slack.drop_sockets(); async with slack.offline(): ...
        slack.fails("response_url", DROP_AFTER)
        slack.later(31 * 60)                                # the fake's clock jumps
        assert slack.pings == []; slack.calls("chat.postMessage"); slack.acks
        await slack.until(lambda: len(ch.messages) == 3)    # never sleep

`tests.fakes.process` starts the same in a process of its own, which is `python -m tests.slack.fake`.

server        FakeSlack: settings, faults, observations             api_server answering   HTTP; faults
methods       token, scopes, arguments, refusals, pace               faults     planned faults of calls
apps chat conversations views    the Web API methods, a table each   hooks      response_url
limits shapes blockkit           Block Kit and its numbers           reading    mrkdwn as a person reads it; pings
state team people                state; workspaces; people's actions  forms      a person's client
payloads subscriptions           payloads, and the events an app gets   deliveries sockets signed   delivery
replies       answers to an action      installing  OAuth as a browser     remote         the same over HTTP
"""

from tests.slack.fake.faults import DROP, DROP_AFTER, GARBAGE_AFTER, HANG, HANG_AFTER, Fault
from tests.slack.fake.people import User
from tests.slack.fake.replies import Ack, Reply, Unanswered
from tests.slack.fake.server import FakeSlack
from tests.slack.fake.state import Channel, Posted, View
from tests.slack.fake.team import Team

__all__ = [
    "DROP",
    "DROP_AFTER",
    "GARBAGE_AFTER",
    "HANG",
    "HANG_AFTER",
    "Ack",
    "Channel",
    "FakeSlack",
    "Fault",
    "Posted",
    "Reply",
    "Team",
    "Unanswered",
    "User",
    "View",
]
