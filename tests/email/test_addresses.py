"""Mail addresses: which are accepted, and which lead to one inbox."""

from __future__ import annotations

import re
from email.headerregistry import Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.mail import limits
from bot.delivery.mail.addresses import address_key, read_address
from bot.delivery.mail.limits import inbox_key
from bot.errors import UserError
from tests.harness.examples import examples


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.Lovelace+papers@Example.ORG ", "Ada.Lovelace+papers@example.org"),
        ("ada@bücher.example.org", "ada@xn--bcher-kva.example.org"),
        ("o'hara@example.org", "o'hara@example.org"),
        ("jürgen@BÜCHER.example.org", "jürgen@xn--bcher-kva.example.org"),
        ("ju\u0308rgen@example.org", "jürgen@example.org"),
        ("शीला@example.org", "शीला@example.org"),
        ("用户@例え.jp", "用户@xn--r8jz45g.jp"),
    ],
)
def test_addresses_are_read(typed: str, address: str):
    assert read_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "", "eve", "eve@", "@eve.example.org", "eve@example", "Eve <eve@example.org>",
        "eve@example.org, ben@example.org",
        "eve@example.org\nBcc: ben@example.org", "eve@example.org\r\nRCPT TO:<ben@example.org>", "eve@example.org\x00",
        '"eve lovelace"@example.org', "eve@[192.0.2.1]", "eve@localhost",
        "jü\u202ergen@example.org", "e" * 300 + "@a.org",
        "eve|ls@example.org", "eve%example.org@example.net", "example.net!eve@example.org", "-eve@example.org",
        '"eve"@example.org', "/etc/eve@example.org", "`eve`@example.org", "$eve@example.org", "e" * 65 + "@example.org",
        "eve@example.org>", "<eve@example.org", "eve(comment)@example.org", "eve@exa mple.org", "eve@-example.org",
    ],
)  # fmt: skip
def test_text_that_is_no_address_is_refused_without_repeating_it(typed: str):
    with pytest.raises(UserError) as caught:
        read_address(typed)
    assert not typed.strip() or typed.strip() not in str(caught.value)


@examples(100)
@given(st.text(max_size=60) | st.emails() | st.builds("{}@{}".format, st.text(max_size=20), st.text(max_size=20)))
def test_every_accepted_address_is_safe_in_a_header_and_in_an_smtp_command(typed: str):
    try:
        address = read_address(typed)
    except UserError:
        return
    assert re.fullmatch(r"[^@]+@[a-zA-Z0-9.-]+", address)
    assert address.isprintable()
    assert not set(address) & set('<>,;:\\"()[] ')
    assert not address.isascii() or Address(addr_spec=address).addr_spec == address


def test_spellings_of_one_inbox_are_counted_together():
    assert address_key("Ada@Example.org") == address_key("ada@example.org")
    inboxes = {inbox_key(address) for address in ("ada@gmail.com", "A.d.a+x@gmail.com", "ada+y@GMAIL.com")}
    assert len(inboxes) == 1
    assert inbox_key("a.da@example.org") != inbox_key("ada@example.org"), "elsewhere a dot is a dot"


def test_clients_are_counted_by_network_and_cannot_be_read_from_the_hash():
    assert limits.client_limits("k", "2001:db8::1") == limits.client_limits("k", "2001:db8::ffff:1")
    assert limits.client_limits("k", "2001:db8::1") != limits.client_limits("k", "2001:db8:0:1::1")
    assert limits.client_limits("k", "192.0.2.1") != limits.client_limits("k", "192.0.2.2")
    assert limits.client_limits("k", "192.0.2.1") != limits.client_limits("other key", "192.0.2.1")
    assert limits.client_limits("k", "not an address")
    assert "192" not in limits.client_limits("k", "192.0.2.1")[0].requester
