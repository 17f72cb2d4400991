"""Mail as an operator meets it: settings, the doctor, the command line, the wiring."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.email import examine
from adapters.email.connect import read_sender, read_server, setting_faults
from bot import settings
from bot.__main__ import main
from bot.app import wiring
from bot.app.cli import actions, transfer
from bot.errors import SettingsError
from bot.model import Channel, Subscription, platform
from bot.model.mailbox import subscriber_id
from bot.settings import Settings
from bot.store.sqlite import SqliteStore
from tests.email.harness import ADA, KEY, token
from tests.email.server import PASSWORD, MailServer, link_to
from tests.harness.store import new_store

COMPLETE = {
    "PAPERBOY_SMTP_URL": "smtps://papers@smtp.example.org",
    "PAPERBOY_SMTP_PASSWORD": PASSWORD,
    "PAPERBOY_MAIL_FROM": "Paperboy <papers@example.org>",
    "PAPERBOY_PUBLIC_URL": "https://papers.example.org",
    "PAPERBOY_SECRET_KEY": KEY,
    "PAPERBOY_WEB": "true",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, _, _ in settings.table():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.chdir(tmp_path)


def loaded(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    for name, value in {**COMPLETE, **changes}.items():
        if value:
            monkeypatch.setenv(name, value)
        else:
            monkeypatch.delenv(name, raising=False)
    return settings.load()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtps://papers@smtp.example.org", ("smtp.example.org", 465, True, False, "papers")),
        ("smtp://papers@smtp.example.org", ("smtp.example.org", 587, False, False, "papers")),
        ("smtp://a%40b.org@smtp.example.org:2525", ("smtp.example.org", 2525, False, False, "a@b.org")),
        ("smtp://localhost:25?tls=none", ("localhost", 25, False, True, None)),
        ("smtp://[::1]:25?tls=none", ("::1", 25, False, True, None)),
    ],
)
def test_a_server_is_read_from_its_url(monkeypatch, url, expected):
    server = read_server(loaded(monkeypatch, PAPERBOY_SMTP_URL=url))
    assert (server.host, server.port, server.tls, server.plain, server.user) == expected
    assert PASSWORD not in repr(server)


def test_the_password_may_stand_in_the_url(monkeypatch):
    server = read_server(
        loaded(monkeypatch, PAPERBOY_SMTP_PASSWORD="", PAPERBOY_SMTP_URL="smtps://u:p%40ss@smtp.example.org")
    )
    assert (server.user, server.password) == ("u", "p@ss")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PAPERBOY_SMTP_URL", "https://smtp.example.org", "PAPERBOY_SMTP_URL"),
        ("PAPERBOY_SMTP_URL", "smtp://", "PAPERBOY_SMTP_URL"),
        ("PAPERBOY_SMTP_URL", "smtp://host:99999", "PAPERBOY_SMTP_URL"),
        ("PAPERBOY_SMTP_URL", "smtp://smtp.example.org?tls=none", "on this machine"),
        ("PAPERBOY_SMTP_URL", "smtp://papers@localhost?tls=none", "without TLS"),
        ("PAPERBOY_SMTP_PASSWORD", "", "PAPERBOY_SMTP_PASSWORD is missing"),
        ("PAPERBOY_MAIL_FROM", "", "PAPERBOY_MAIL_FROM"),
        ("PAPERBOY_MAIL_FROM", "Papers", "PAPERBOY_MAIL_FROM"),
        ("PAPERBOY_MAIL_FROM", "Papers <>", "PAPERBOY_MAIL_FROM"),
        ("PAPERBOY_PUBLIC_URL", "", "PAPERBOY_PUBLIC_URL"),
        ("PAPERBOY_SECRET_KEY", "", "PAPERBOY_SECRET_KEY"),
        ("PAPERBOY_WEB", "", "PAPERBOY_WEB"),
    ],
)
def test_a_missing_or_wrong_setting_is_named(monkeypatch, name, value, expected):
    [problem] = setting_faults(loaded(monkeypatch, **{name: value}))
    assert expected in problem
    assert PASSWORD not in problem


def test_everything_that_is_missing_is_named_at_once(monkeypatch):
    bare = loaded(monkeypatch, **dict.fromkeys(COMPLETE, "")).model_copy(
        update={"smtp_url": settings.SecretStr("smtp://")}
    )
    assert len(setting_faults(bare)) == 5


def test_the_sender_has_a_name(monkeypatch):
    assert read_sender(loaded(monkeypatch)).name == "Paperboy"
    assert read_sender(loaded(monkeypatch, PAPERBOY_MAIL_FROM="a@example.org")).name == "Paperboy"
    assert (
        read_sender(loaded(monkeypatch, PAPERBOY_MAIL_FROM="Papers of the Day <a@example.org>")).name
        == "Papers of the Day"
    )


async def test_the_doctor_logs_in(monkeypatch, server: MailServer):
    [fine] = await examine(loaded(monkeypatch, PAPERBOY_SMTP_URL=server.url), None, ())
    assert (fine.fault, fine.subject) == (False, "mail")
    plain = loaded(monkeypatch, PAPERBOY_SMTP_URL=server.url, PAPERBOY_PUBLIC_URL="http://papers.example.org")
    assert "https" in (await examine(plain, None, ()))[1].remedy
    monkeypatch.setenv("PAPERBOY_PUBLIC_URL", COMPLETE["PAPERBOY_PUBLIC_URL"])
    [wrong_one] = await examine(
        loaded(monkeypatch, PAPERBOY_SMTP_URL=server.url, PAPERBOY_SMTP_PASSWORD="no"), None, ()
    )
    assert wrong_one.fault
    assert "PAPERBOY_SMTP_PASSWORD" in wrong_one.result
    assert [each.fault for each in await examine(loaded(monkeypatch, PAPERBOY_MAIL_FROM=""), None, ())] == [True]
    assert await examine(loaded(monkeypatch, PAPERBOY_SMTP_URL=""), None, ()) == []


async def test_without_a_mail_server_there_is_no_mail_and_with_half_its_settings_an_error(monkeypatch, tmp_path):
    with new_store(tmp_path / "p.db") as store:
        assert wiring.mail(loaded(monkeypatch, PAPERBOY_SMTP_URL=""), store) is None
        with pytest.raises(SettingsError, match="PAPERBOY_MAIL_FROM"):
            wiring.mail(loaded(monkeypatch, PAPERBOY_MAIL_FROM=""), store)
        async with wiring.build(loaded(monkeypatch), store, mail=wiring.mail(loaded(monkeypatch), store)) as built:
            assert built.desk.mailing is not None
            assert "address" in {field.name for field in built.desk.mailing.form().fields}


def paperboy(*words: str) -> Result:
    return CliRunner().invoke(main, words, catch_exceptions=False)


async def at_the_command_line(*words: str) -> Result:
    """Run the command in a thread, as the server runs in this one."""
    return await asyncio.to_thread(paperboy, *words)


async def test_a_letter_is_requested_at_the_command_line_and_confirmed(monkeypatch, server: MailServer, tmp_path):
    settings = loaded(monkeypatch, PAPERBOY_SMTP_URL=server.url)
    result = await at_the_command_line(
        "mail", "subscribe", ADA, "--topic", "video", "--at", "08:00", "--days", "weekly fri"
    )
    assert (result.exit_code, result.stdout) == (
        0,
        "mail:1: a letter with a link was sent; digests start when it is confirmed\n",
    )
    assert "ada" not in result.output
    with new_store(Path("paperboy.db")) as store:
        mail = wiring.mail(settings, store)
        async with wiring.build(settings, store, mail=mail) as built:
            assert built.desk.mailing is not None
            await built.desk.mailing.confirm(token(link_to(server.mails[0], "confirm")))
        subscription = await store.subscriptions.get(Channel("mail:1"))
    assert subscription is not None
    assert (subscription.topics, subscription.at.hour, subscription.days) == (("video",), 8, frozenset({4}))

    again = await at_the_command_line("mail", "subscribe", ADA)
    assert again.exit_code == 2
    assert "a short while ago" in again.stderr
    result = await at_the_command_line("mail", "unsubscribe", ADA)
    assert result.stdout == "mail:1: unsubscribed, and the address is erased\n"
    assert (await at_the_command_line("mail", "unsubscribe", "mail:1")).exit_code == 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("mail", "subscribe", "ada@"), "no e-mail address"),
        (("mail", "subscribe", ADA, "--size", "99"), "At most 20 papers."),
        (("mail", "unsubscribe", "mail:x"), "Nobody gets mail"),
    ],
)
def test_a_wrong_command_line_is_answered_in_one_line(monkeypatch, words, expected):
    loaded(monkeypatch, PAPERBOY_SMTP_URL="smtp://localhost:1?tls=none")
    result = paperboy(*words)
    assert result.exit_code == 2
    assert expected in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_without_settings_the_command_line_says_which_are_needed():
    result = paperboy("mail", "subscribe", ADA)
    assert (result.exit_code, "PAPERBOY_SMTP_URL" in result.stderr) == (2, True)


def test_a_letter_that_cannot_be_sent_now_waits_and_is_said(monkeypatch, tmp_path):
    loaded(monkeypatch, PAPERBOY_SMTP_URL="smtp://localhost:1?tls=none")
    result = paperboy("mail", "subscribe", ADA)
    assert result.exit_code == 2
    assert "goes on trying" in result.stderr


async def test_forgetting_a_mail_channel_erases_its_address_too(monkeypatch, tmp_path):
    settings = loaded(monkeypatch)
    with new_store(Path("paperboy.db")) as store:
        await store.subscribers.request_letter(ADA, ADA, {}, wiring.clock(settings)())
        await store.connection.write(lambda db: db.execute("UPDATE mail_subscribers SET confirmed_at = 1"))
    assert (await actions.forget(settings, "mail:1"))["mail_subscribers"] == 1
    with SqliteStore(Path("paperboy.db"), write=False) as store:
        assert await store.subscribers.by_name(ADA) is None


@pytest.mark.parametrize(
    "channel", ["mail:", "mail:x", "mail:-1", "mail:1/2", "slack:1", "17", "mail:" + "9" * 40, "mail:²"]
)
def test_only_a_mail_channel_has_a_number(channel: str):
    assert subscriber_id(Channel(channel)) == 0
    assert subscriber_id(Channel("mail:17")) == 17
    assert platform(Channel("mail:17")) == "mail"


async def test_subscriptions_by_mail_are_not_exported_without_their_addresses(monkeypatch, tmp_path):
    loaded(monkeypatch)
    with new_store(Path("paperboy.db")) as store:
        await store.subscriptions.put(Subscription(Channel("mail:1")), Subscription(Channel("console:local")))
    [line] = await transfer.export_lines(Path("paperboy.db"))
    assert "console:local" in line
