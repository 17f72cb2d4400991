"""Hosts that are this machine, and URLs that secrets may be sent to."""

from __future__ import annotations

import pytest

from bot.model.client_ip import is_this_machine, keeps_secrets


@pytest.mark.parametrize(
    ("host", "own"),
    [("localhost", True), ("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True),
     ("example.org", False), ("localhost.example.org", False), ("192.168.0.1", False), ("", False)],
)  # fmt: skip
def test_a_host_is_this_machine_by_its_name_or_a_loopback_address(host: str, own: bool) -> None:
    assert is_this_machine(host) is own


@pytest.mark.parametrize(
    ("url", "private"),
    [("https://example.org/x", True), ("http://localhost:8080", True), ("http://[::1]/x", True),
     ("http://example.org", False), ("ftp://127.0.0.1", False), ("//localhost", False)],
)  # fmt: skip
def test_a_secret_is_sent_encrypted_or_to_this_machine(url: str, private: bool) -> None:
    assert keeps_secrets(url) is private
