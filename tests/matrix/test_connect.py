"""Matrix's settings and the doctor's checks, without a homeserver."""

from __future__ import annotations

import sys

import pytest

from adapters.matrix import connect, examine
from bot.app import platforms
from bot.errors import SettingsError
from bot.model import Channel
from bot.settings import load

HOMESERVER, USER, TOKEN = "https://matrix.example.org", "@paperboy:example.org", "syt_s3cr3t"


def setting(monkeypatch: pytest.MonkeyPatch, url: str = HOMESERVER, user: str = USER, token: str = TOKEN) -> None:
    for name, value in (("HOMESERVER", url), ("USER", user), ("ACCESS_TOKEN", token)):
        monkeypatch.setenv(f"MATRIX_{name}", value)


async def test_nothing_set_is_no_platform() -> None:
    assert connect(load(), None) is None
    assert await examine(load(), None, ()) == []


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        ({"url": ""}, ["MATRIX_HOMESERVER is missing"]),
        ({"user": "paperboy"}, ["MATRIX_USER: write the account's whole name"]),
        ({"token": ""}, ["MATRIX_ACCESS_TOKEN is missing"]),
        ({"token": "two words"}, ["MATRIX_ACCESS_TOKEN is missing, or is none"]),
        ({"url": "", "user": ""}, ["MATRIX_HOMESERVER", "MATRIX_USER"]),
    ],
)
async def test_what_is_missing_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], faults: list[str]
) -> None:
    setting(monkeypatch, **wrong)
    with pytest.raises(SettingsError) as caught:
        connect(load(), None)
    assert [fault in given for fault, given in zip(faults, caught.value.faults, strict=True)] == [True] * len(faults)
    assert "two words" not in str(caught.value)
    checks = [check for check in await platforms.examine(load(), None, ()) if check.subject == "matrix"]
    assert [check.fault for check in checks] == [True] * len(faults)


async def test_without_the_extra_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch)
    for name in [name for name in sys.modules if name.startswith("adapters.matrix.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nio", None)
    with pytest.raises(SettingsError, match=r"pip install '.\[matrix\]' in Paperboy's checkout"):
        connect(load(), None)
    [check] = [check for check in await platforms.examine(load(), None, ()) if check.subject == "matrix"]
    assert "variable" not in check.remedy, "no setting is at fault"


async def test_a_homeserver_that_cannot_be_reached_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, url="http://127.0.0.1:9")
    [check] = await examine(load(), None, (Channel("matrix:example.org/!room"),))
    assert (check.fault, check.result) == (True, "the homeserver cannot be reached")
    assert TOKEN not in f"{check}"
