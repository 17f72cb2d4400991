"""A Slack on loopback: real HTTP, real WebSocket, the documented limits enforced, and people to play with.

    async with FakeSlack() as slack:                        # or FakeSlack(manifest={...}, latency=0.02, per_channel=True)
        team = slack.team("T1")                             # installed: team.bot (user id), team.bot_token
        alice = team.user("U1", tz="Europe/Berlin", admin=True)
        ch = team.channel("C1", members=[alice])            # private=False, bot=True (the bot is a member)
        client = AsyncWebClient(team.bot_token, base_url=slack.api_url)
        handler = AsyncSocketModeHandler(app, slack.app_token)  # app's client has base_url=slack.api_url
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
        slack.posts, ch.messages, ch.roots, ch.thread(ts), alice.private(ch)   # Posted: .shown .pings .links .raw
        slack.fails("chat.postMessage", Fault.status(503), times=2)   # .error .wait .hang .drop .drop_after .garbage
        await slack.disconnect("warning"); await slack.drop_sockets(); async with slack.offline(): ...
        slack.later(31 * 60)                                # the fake's clock jumps
        assert slack.pings == []; slack.calls("chat.postMessage"); slack.acks

Map: see below; each file says what it enforces and under which page of docs.slack.dev.
"""
