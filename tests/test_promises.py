"""Settings, command line, chat commands and ports are as 1.0.0 promised them, and what is new is written down."""

from __future__ import annotations

import json

import pytest

from tests.promises import GOLDEN, promises

PROMISED = json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("interface", PROMISED)
def test_what_was_promised_still_holds(interface: str):
    assert promises()[interface] == PROMISED[interface], "taken away: needs 2.0.0; new: python -m tests.promises"


def test_every_interface_is_written_down():
    assert promises().keys() == PROMISED.keys()
    assert all(PROMISED.values())
