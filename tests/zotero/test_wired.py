"""The whole way as it is wired: settings, a store on disk, the desk, the part in the background, HTTP on loopback."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot import settings
from bot.app import databases, scheduler, wiring
from bot.errors import SettingsError
from bot.model import Caller, Channel, FilledForm, Form, Message
from bot.store.encryption import new_key
from tests.fakes.zotero import FakeZotero
from tests.harness.desk import ADA, OMNI, sample_database


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "week.db"
    path.write_bytes(sample_database())
    return path


async def test_a_save_in_a_running_bot_arrives_in_zotero(database, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with FakeZotero() as zotero:
        key = new_key()
        chosen = settings.load(db=database, secret_key=key, zotero_url=zotero.url, sources=())
        with databases.open_store(chosen.db, write=True, keys=(key,)) as store:
            async with wiring.build(chosen, store) as app:
                form = await app.desk.run("zotero connect", ADA, {})
                assert isinstance(form, Form)
                filled = await app.desk.read(form.filled({"key": zotero.key}), ADA.channel)
                assert isinstance(filled, FilledForm)
                assert "Connected to Zotero as ada" in (await app.desk.apply(filled, ADA)).text
                part = asyncio.create_task(scheduler._parts(app)["zotero"]())
                zotero.written.clear()
                await app.desk.run("save", ADA, {"paper": OMNI})
                async with asyncio.timeout(60):
                    await zotero.written.wait()
                part.cancel()
                await asyncio.gather(part, return_exceptions=True)
        [item] = zotero.items()
        assert item["archiveID"] == f"arXiv:{OMNI}"
        assert zotero.requests[0].headers["user-agent"].startswith("Paperboy/")
        assert zotero.key not in caplog.text


async def test_without_a_secret_key_nothing_runs_and_the_command_says_what_is_missing(database):
    chosen = settings.load(db=database, sources=())
    with databases.open_store(chosen.db, write=True) as store:
        async with wiring.build(chosen, store) as app:
            assert "zotero" not in scheduler._parts(app)
            answer = await app.desk.run("zotero", Caller(Channel("fake:T1/C1"), Channel("fake:T1/U1")), {})
            assert isinstance(answer, Message)
            assert "PAPERBOY_SECRET_KEY" in answer.text


@pytest.mark.parametrize("url", ["https://zotero.example.org/api/", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_where_zotero_is_can_be_set(url):
    assert settings.load(zotero_url=url).zotero_url == url.rstrip("/")


@pytest.mark.parametrize("url", ["http://zotero.example.org", "http://127.0.0.1.example.org", "ftp://x", "zotero"])
def test_keys_are_sent_to_https_alone(url):
    with pytest.raises(SettingsError, match="PAPERBOY_ZOTERO_URL: write"):
        settings.load(zotero_url=url)
