"""Addresses as people type them. Pure: no look-up is made, the letter itself is the proof."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from bot.errors import UserError

LONGEST = 254
"""https://www.rfc-editor.org/errata/eid1690"""
DOTS_MEAN_NOTHING = frozenset({"gmail.com", "googlemail.com"})
"""https://support.google.com/mail/answer/7436150"""


def read_address(text: str) -> str:
    """The address, ASCII, its domain in lower case and Punycode. Raises UserError that does not repeat it."""
    plain = text.strip()
    if not plain or len(plain) > LONGEST:
        raise UserError("Write a mail address, such as ada@example.org.")
    try:
        found = validate_email(plain, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise UserError("This is no mail address. Write it like ada@example.org, without a name around it.") from None
    assert found.ascii_email is not None  # noqa: S101 - so it is without SMTPUTF8
    return found.ascii_email


def name_of(address: str) -> str:
    """What two spellings of one address have in common."""
    return address.casefold()


def inbox_of(address: str) -> str:
    """Whose inbox it is, as far as can be told: without a tag after `+`, and without the dots Gmail ignores."""
    local, _, domain = name_of(address).rpartition("@")
    local = local.partition("+")[0] or local
    return f"{local.replace('.', '') if domain in DOTS_MEAN_NOTHING else local}@{domain}"
