"""From the form to the last mail, over a real SMTP server with TLS and a password."""

from __future__ import annotations

from bot.delivery.mail.addresses import read_address
from bot.model import Channel
from tests.email.harness import ADA, BASE_URL, WiredMail, token
from tests.email.server import MailServer, link_to, links


async def subscribed(mail: WiredMail, server: MailServer, address: str = ADA) -> Channel:
    """Ask, read the letter, confirm."""
    await mail.sign_up(address)
    await mail.letters.send()
    await mail.mailing.confirm(token(link_to(server.mails[-1], "confirm")))
    server.mails.clear()
    return Channel(f"mail:{(await mail.store.subscribers.by_name(address)).id}")  # type: ignore[union-attr]  # just made


async def test_subscribe_confirm_read_and_unsubscribe(mail: WiredMail, server: MailServer):
    await mail.sign_up(topics="omni-modal")
    assert server.mails == [], "the page is answered before any letter is sent"
    await mail.letters.send()
    [letter] = server.mails
    assert (letter.sender, letter.recipient) == ("papers@example.org", ADA)
    assert "omni-modal" not in letter.text, "nothing that a stranger typed"
    assert letter.message["List-Unsubscribe"] is None

    await mail.deliver(days=1)
    assert len(server.mails) == 1, "nothing comes before it is confirmed"

    confirm = token(link_to(letter, "confirm"))
    assert "3 papers at 09:00 (Europe/Berlin), every day" in (await mail.mailing.proposal(confirm)).text
    assert await mail.store.subscriptions.all() == [], "looking is not confirming"
    assert "Confirmed" in (await mail.mailing.confirm(confirm)).text

    await mail.deliver(days=1)
    [_, digest] = server.mails
    assert digest.recipient == ADA
    assert digest.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "omni-modal" in digest.text

    header = digest.message["List-Unsubscribe"].strip("<>")
    assert header.startswith(f"{BASE_URL}/unsubscribe/")
    await mail.mailing.unsubscribe_question(token(header))
    assert await mail.store.subscribers.by_name(ADA) is not None, "looking is not leaving"
    assert "Unsubscribed" in (await mail.mailing.unsubscribe(token(header))).text
    assert await mail.store.subscribers.by_name(ADA) is None
    assert await mail.store.subscriptions.all() == []

    await mail.deliver(days=1)
    assert len(server.mails) == 2
    assert "Unsubscribed" in (await mail.mailing.unsubscribe(token(header))).text, "twice is once"
    assert mail.smtp.opened == 1, "one connection carried it all"


async def test_a_digest_has_the_headers_that_mail_programs_use(mail: WiredMail, server: MailServer):
    await subscribed(mail, server)
    await mail.deliver(days=1)
    [digest] = server.mails
    message = digest.message
    assert message["Subject"] == "Every Attention Matters, BAPO, AdaSPEC"
    assert digest.text.replace("\r\n", "\n").startswith("Paperboy\n========\n\nSaturday 25 October · 3 papers ·")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "Paperboy <paperboy.example.org>"
    assert message["Message-ID"].startswith("<pb")
    assert message["Message-ID"].endswith("@example.org>")
    assert message["Date"].datetime == mail.clock()
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "arXiv" in digest.text
    assert "open access interoperability" in digest.html


async def test_preferences_are_changed_by_the_link_of_a_digest(mail: WiredMail, server: MailServer):
    channel = await subscribed(mail, server)
    await mail.deliver(days=1)
    key = token(link_to(server.mails[0], "preferences"))
    form = await mail.mailing.preferences(key)
    assert {field.name: field.value for field in form.fields}["size"] == "3"
    assert {field.name: field.value for field in form.fields}["early"] == "auto"
    assert "style" not in {field.name for field in form.fields}

    faulty = await mail.mailing.change(key, {"size": "500", "topics": 'never "closed'})
    assert len(faulty.faults) == 2  # type: ignore[union-attr]  # a form
    assert (await mail.store.subscriptions.get(channel)).size == 3  # type: ignore[union-attr]  # still there

    changed = await mail.mailing.change(
        key, {"size": "2", "days": "weekly fri", "mutes": "medical", "early": "1", "csrf": "x"}
    )
    said = "2 papers (one place kept for a paper nobody has noticed yet) at 09:00 (Europe/Berlin), Fridays by e-mail"
    assert said in changed.text  # type: ignore[union-attr]  # a message
    subscription = await mail.store.subscriptions.get(channel)
    assert subscription is not None
    assert (subscription.size, subscription.mutes, subscription.days) == (2, ("medical",), frozenset({4}))
    assert subscription.early == 1
    await mail.deliver(days=1)
    assert len(server.mails) == 1, "it is weekly from now on"


async def test_a_subscribed_address_gets_another_letter_and_nothing_changes(mail: WiredMail, server: MailServer):
    channel = await subscribed(mail, server)
    mail.clock.advance(hours=1)
    first = await mail.sign_up("somebody@example.com", client="192.0.2.7")
    again = await mail.sign_up(ADA.upper(), client="192.0.2.7", size="20", topics="video")
    told = again.text.replace(read_address(ADA.upper()), "somebody@example.com")  # type: ignore[union-attr]  # messages
    assert first.text == told, "the page does not tell who subscribes"  # type: ignore[union-attr]
    await mail.letters.send()
    [letter] = [each for each in server.mails if each.recipient == ADA]
    assert "subscribed to Paperboy already" in letter.message["Subject"]
    assert (await mail.store.subscriptions.get(channel)).size == 3  # type: ignore[union-attr]  # still there
    assert (await mail.mailing.preferences(token(link_to(letter, "preferences")))).fields


async def test_a_reader_may_have_several_digests_each_in_mails_of_its_own(mail: WiredMail, server: MailServer):
    channel = await subscribed(mail, server)
    await mail.deliver(days=1)
    key = token(link_to(server.mails[0], "preferences"))
    reader = next(link.split("/")[4] for link in links(server.mails[0]) if "/reader/" in link)
    alone = await mail.mailing.preferences(key)
    assert (alone.title, [each.label for each in alone.others]) == ("What you get by e-mail", ["Add a digest"])
    another = await mail.mailing.preferences(key, new=True)
    assert another.fields[0].name == "name"
    answers = {"new": "yes", "topics": "attention", "size": "2", "at": "09:00", "days": "daily"}
    refused = await mail.mailing.change(key, {**answers, "name": "main"})
    assert refused.faults == ("Name of this digest: This channel has a digest main already.",)  # type: ignore[union-attr]
    made = await mail.mailing.change(key, {**answers, "name": "RL"})
    assert "Saved “rl”: 2 papers" in made.text  # type: ignore[union-attr]  # a message
    server.mails.clear()
    await mail.deliver(days=1)
    main, rl = sorted(server.mails, key=lambda each: each.message["Subject"].startswith("rl: "))
    assert main.message["Subject"].startswith("main: ")
    assert main.message["Message-ID"] != rl.message["Message-ID"]
    assert "attention" in (await mail.mailing.show(reader, "digest", "2025-10-26:rl")).text.casefold()
    await mail.mailing.act(reader, "pause", "", "pause")
    assert all(each.paused_at for each in await mail.store.subscriptions.of(channel)), "a pause is of all of them"
    saved = await mail.mailing.change(key, {"name": "rl", "size": "3"})
    assert "Saved “rl”: 3 papers" in saved.text  # type: ignore[union-attr]  # a message
    assert [each.paused_at is None for each in await mail.store.subscriptions.of(channel)] == [False, True]
    await mail.mailing.change(key, {"name": "main", "do": "end"})
    assert [each.name for each in await mail.store.subscriptions.of(channel)] == ["rl"]
    await mail.mailing.change(key, {"name": "rl", "do": "end"})
    assert [each.name for each in await mail.store.subscriptions.of(channel)] == ["rl"], (
        "the last ends with its address"
    )
    await mail.mailing.unsubscribe(token(server.mails[0].message["List-Unsubscribe"].strip("<>")))
    assert await mail.store.subscriptions.of(channel) == []
