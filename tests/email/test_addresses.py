"""What is taken for an address, and whose inbox it is."""

from __future__ import annotations

import re
from email.headerregistry import Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.mail import limits
from bot.delivery.mail.address import inbox_of, name_of, read_address
from bot.errors import UserError


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.Lovelace+papers@Example.ORG ", "Ada.Lovelace+papers@example.org"),
        ("ada@bücher.example.org", "ada@xn--bcher-kva.example.org"),
        ("o'hara@example.org", "o'hara@example.org"),
    ],
)
def test_addresses_are_read(typed: str, read: str):
    assert read_address(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "", "eve", "eve@", "@eve.example.org", "eve@example", "Eve <eve@example.org>",
        "eve@example.org, ben@example.org",
        "eve@example.org\nBcc: ben@example.org", "eve@example.org\r\nRCPT TO:<ben@example.org>", "eve@example.org\x00",
        '"eve lovelace"@example.org', "eve@[192.0.2.1]", "eve@localhost", "jürgen@example.org", "e" * 300 + "@a.org",
        "eve@example.org>", "<eve@example.org", "eve(comment)@example.org", "eve@exa mple.org", "eve@-example.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_repeating_it(typed: str):
    with pytest.raises(UserError) as caught:
        read_address(typed)
    assert not typed.strip() or typed.strip() not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.emails() | st.builds("{}@{}".format, st.text(max_size=20), st.text(max_size=20)))
def test_whatever_is_read_is_safe_in_a_header_and_in_a_command(typed: str):
    try:
        address = read_address(typed)
    except UserError:
        return
    assert re.fullmatch(r"[!-~]+@[a-zA-Z0-9.-]+", address)
    assert not set(address) & set('<>,;:\\"()[] ')
    assert Address(addr_spec=address).addr_spec == address


def test_spellings_of_one_inbox_are_counted_together():
    assert name_of("Ada@Example.org") == name_of("ada@example.org")
    same = {inbox_of(each) for each in ("ada@gmail.com", "A.d.a+x@gmail.com", "ada+y@GMAIL.com")}
    assert len(same) == 1
    assert inbox_of("a.da@example.org") != inbox_of("ada@example.org"), "elsewhere a dot is a dot"


def test_clients_are_counted_by_what_one_customer_has_and_cannot_be_read_back():
    assert limits.client("k", "2001:db8::1") == limits.client("k", "2001:db8::ffff:1")
    assert limits.client("k", "2001:db8::1") != limits.client("k", "2001:db8:0:1::1")
    assert limits.client("k", "192.0.2.1") != limits.client("k", "192.0.2.2")
    assert limits.client("k", "192.0.2.1") != limits.client("other key", "192.0.2.1")
    assert limits.client("k", "not an address")
    assert "192" not in limits.client("k", "192.0.2.1")
