"""Incoming webhooks: what each service is sent, and what its answers mean, over real HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from adapters.webhook import connect, examine
from adapters.webhook.outlet import LIMITS, WebhookOutlet, payload
from bot.__main__ import main
from bot.app import databases, platforms
from bot.errors import DeliveryError, Failure, SettingsError
from bot.model import Channel, Message, Ref
from bot.settings import load
from tests.contracts.outlet import OutletContract, samples, say
from tests.fakes.http_server import DROP, Answer, Loopback

TEAM = Channel("webhook:team")
PATH = "/hooks/s3cr3t-of-the-team"
OK = {"mattermost": Answer(200, b"ok"), "teams": Answer(202), "googlechat": Answer(200, b"{}"), "json": Answer(204)}
DISGUISED = {
    "mattermost": r"@\w|(?<!\\)<|\]\((?!https://)",
    "teams": r"(?<!\\)<|\]\((?!https://)",
    "googlechat": r"@\w|<(?!https://)|<users/",
    "json": r"@\w|(?<!\\)<|\]\((?!https://)",
}
CODE = re.compile(r"(?<!\\)`[^`\n]*(?<!\\)`")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class Service:
    """A webhook of one kind, and what its channel shows."""

    channel = TEAM

    def __init__(self, server: Loopback, kind: str) -> None:
        self._server, self.kind = server, kind
        self.outlet = WebhookOutlet({"team": (kind, server.url + PATH)})
        self.outlet.threads = kind in {"googlechat", "json"}
        server.on(PATH, OK[kind])
        self._refused = 0

    def bodies(self) -> list[dict[str, Any]]:
        return [seen.json() for seen in self._server.seen(PATH)][self._refused :]

    def _thread(self, body: dict[str, Any]) -> str:
        return str(body["thread"]["threadKey"] if self.kind == "googlechat" else body.get("under") or body.get("key"))

    async def roots(self) -> list[str]:
        opened: dict[str, str] = {}
        for number, body in enumerate(self.bodies()):
            opened.setdefault(self._thread(body) if self.outlet.threads else str(number), shown(self.kind, body))
        return list(opened.values())

    async def replies(self, root: int) -> list[str]:
        if not self.outlet.threads:
            return []
        threads = [self._thread(body) for body in self.bodies()]
        opener = list(dict.fromkeys(threads))[root]
        return [shown(self.kind, body) for body in self.bodies() if self._thread(body) == opener][1:]

    async def is_gone(self, ref: Ref, text: str) -> bool:
        return False

    def pings(self, shown: str) -> bool:
        return bool(re.search(DISGUISED[self.kind], CODE.sub("", shown)) or CONTROLS.search(shown))

    def fails_next(self) -> bool:
        return False


def shown(kind: str, body: dict[str, Any]) -> str:
    if kind == "teams":
        return "\n".join(block["text"] for block in body["attachments"][0]["content"]["body"])
    return str(body["markdown" if kind == "json" else "text"])


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback() as started:
        yield started


class TestWebhooks(OutletContract):
    @pytest.fixture(params=LIMITS)
    def platform(self, server: Loopback, request: pytest.FixtureRequest) -> Service:
        return Service(server, request.param)

    async def test_replies_stand_under_their_own_opener_in_order(self, platform: Service) -> None:  # type: ignore[override]
        if not platform.outlet.threads:
            with pytest.raises(DeliveryError) as caught:
                await self.post(platform, "Reply", under=Ref("pb1"))
            assert caught.value.kind is Failure.THREAD_FORBIDDEN, "the digest comes as one message from then on"
            return
        for slot, opener in ((0, "Monday"), (10, "Tuesday")):
            ref = await self.post(platform, opener, slot=slot)
            for number in (1, 2, 3):
                await self.post(platform, f"{opener} {number}", under=ref, slot=slot + number)
        for root, opener in enumerate(("Monday", "Tuesday")):
            assert await platform.replies(root) == [f"{opener} {number}" for number in (1, 2, 3)]

    async def test_a_retracted_message_is_gone(self, platform: Service) -> None:  # type: ignore[override]
        with pytest.raises(DeliveryError, match="cannot be taken back"):
            await platform.outlet.retract(TEAM, await self.post(platform, "Stays"))

    async def test_a_message_fits_what_the_service_takes(self, platform: Service) -> None:
        long = samples()["compact"]
        await self.post_message(platform, Message(long.blocks * 8, title="t", private=False))
        [body] = platform.bodies()
        assert len(json.dumps(body, ensure_ascii=False).encode()) <= LIMITS[platform.kind]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(429, b"", {"Retry-After": "7"}), Failure.LATER),
        (Answer(404), Failure.WORKSPACE_CLOSED),
        (Answer(302, b"", {"Location": "https://elsewhere.example"}), Failure.WORKSPACE_CLOSED),
        (Answer(413), Failure.MESSAGE_REFUSED),
        (Answer(503), Failure.UNKNOWN),
        (DROP, Failure.UNKNOWN),
    ],
)
async def test_an_answer_is_a_failure_of_its_kind_and_no_error_has_the_url(
    server: Loopback, answer: Answer, kind: Failure
) -> None:
    server.on(PATH, answer)
    outlet = WebhookOutlet({"team": ("mattermost", server.url + PATH)})
    with pytest.raises(DeliveryError) as caught:
        await outlet.post(TEAM, say("Hello"), under=None, key="pb1")
    assert caught.value.kind is kind
    assert caught.value.retry_after == (7.0 if kind is Failure.LATER else None)
    assert "s3cr3t" not in f"{caught.value}{caught.value.__cause__}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert len(server.requests) == 1, "it is never sent twice"


async def test_a_webhook_that_is_not_there_pauses_and_has_nothing_erased() -> None:
    with pytest.raises(DeliveryError) as caught:
        await WebhookOutlet({}).post(TEAM, say("Hello"), under=None, key="pb1")
    assert caught.value.kind is Failure.WORKSPACE_CLOSED
    unreachable = WebhookOutlet({"team": ("json", "http://127.0.0.1:9/")})
    with pytest.raises(DeliveryError) as caught:
        await unreachable.post(TEAM, say("Hello"), under=None, key="pb1")
    assert caught.value.kind is Failure.LATER


async def test_google_chat_is_asked_to_start_a_thread_where_there_is_none(server: Loopback) -> None:
    service = Service(server, "googlechat")
    service.outlet = WebhookOutlet({"team": ("googlechat", f"{server.url}{PATH}?key=k&token=t")})
    await service.outlet.post(TEAM, say("Hello"), under=None, key="pb1")
    [seen] = server.seen(PATH)
    assert seen.query == {"key": "k", "token": "t", "messageReplyOption": "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"}


def test_the_setting_is_read_and_its_faults_name_no_url(monkeypatch: pytest.MonkeyPatch) -> None:
    assert connect(load(), None) is None
    monkeypatch.setenv("PAPERBOY_WEBHOOKS", "a=mattermost:https://m.example/hooks/1  b=json:http://127.0.0.1:80/x")
    assert connect(load(), None) is not None
    for wrong in (
        "a=irc:https://s3cr3t.example/",
        "a=json:http://s3cr3t.example/",
        "https://s3cr3t.example/",
        "a=json:",
    ):
        monkeypatch.setenv("PAPERBOY_WEBHOOKS", wrong)
        with pytest.raises(SettingsError, match="name=kind:https://") as caught:
            connect(load(), None)
        assert "s3cr3t" not in str(caught.value)


def test_the_operator_subscribes_a_webhook_which_gets_one_message_a_day(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PAPERBOY_WEBHOOKS", "team=teams:https://teams.example/hook")
    db = ("--db", str(tmp_path / "paperboy.db"))
    databases.open_store(tmp_path / "paperboy.db", write=True).close()

    def papers(*line: str) -> str:
        result = CliRunner().invoke(main, ["papers", "--in", *line, *db])
        return result.output + str(result.exception or "")

    subscribed = papers("webhook:team", "subscribe", "at:09:00")
    assert "at 09:00 (UTC), Mon–Fri, in one message" in subscribed
    assert "paperboy papers --in webhook:team topics add" in subscribed
    test = papers("webhook:team", "test")
    assert "only the next digest can prove it" in test
    assert "put right" not in test, "nothing is wrong"
    assert "write a channel like webhook:team" in papers("team", "status")
    for line in ("subscribe at:09:00", "sub at:09:00", "topics add video", "watch add video confirm:yes", "resume"):
        assert "--in webhook:taem: PAPERBOY_WEBHOOKS has no webhook:taem" in papers("webhook:taem", *line.split())
    assert "gets no digest" in papers("webhook:taem", "status"), "one that was taken out can still be unsubscribed"
    assert "discord is not set up" in papers("discord:1/2", "status")


async def test_doctor_names_a_setting_that_cannot_be_read_and_a_webhook_that_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channels = (Channel("webhook:team"), Channel("webhook:taem"), Channel("slack:T1/C1"))
    monkeypatch.setenv("PAPERBOY_WEBHOOKS", "team=teams:https://s3cr3t.example/hook")
    team, taem = await examine(load(), None, channels)
    assert (team.subject, team.fault) == ("channel webhook:team", False)
    assert (taem.result, taem.fault) == ("PAPERBOY_WEBHOOKS has no webhook:taem", True)
    assert "--in webhook:taem unsubscribe" in taem.remedy
    monkeypatch.setenv("PAPERBOY_WEBHOOKS", "team=slack:https://s3cr3t.example/hook")
    [unreadable] = [each for each in await platforms.examine(load(), None, ()) if each.subject == "webhook"]
    assert unreadable.fault
    assert "name=kind:https://" in unreadable.result
    assert "s3cr3t" not in f"{team}{taem}{unreadable}"
    monkeypatch.delenv("PAPERBOY_WEBHOOKS")
    assert await examine(load(), None, ()) == []


@pytest.mark.parametrize("kind", ["mattermost", "teams", "json"])
@pytest.mark.parametrize("reference", ["&#64;channel", "&commat;all", "&#x40;here", "&lt;at&gt;", "&#60;users/all>"])
def test_a_reference_to_a_character_stays_text(kind: str, reference: str) -> None:
    """Mattermost reads `&#64;channel` as a mention of everybody."""
    assert f"\\\\{reference[:4]}" in json.dumps(payload(kind, "key", None, say(reference)))
    assert "AT&T; R&D" in json.dumps(payload(kind, "key", None, say("AT&T; R&D"))).replace("\\\\&T;", "&T;")
