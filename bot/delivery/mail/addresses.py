"""Mail addresses as people type them. Pure."""

from __future__ import annotations

import regex
from email_validator import EmailNotValidError, validate_email

from bot.errors import UserError

MAX_ADDRESS_LENGTH = 254
"""Characters (https://www.rfc-editor.org/errata/eid1690)."""
SAFE_ADDRESS = regex.compile(r"[A-Za-z0-9_+=~#&'\p{L}\p{N}][A-Za-z0-9_+=~#&'\p{L}\p{M}\p{N}.-]{0,63}@[A-Za-z0-9.-]+")
"""Addresses that no mail server takes for a route (%, !), a program (|), a file (/), an option (-) or a pattern; of
letters of any script before the @ (https://www.rfc-editor.org/rfc/rfc6531)."""


def read_address(text: str) -> str:
    """The address with its domain in lower case and Punycode. Raises UserError that does not repeat the text.

    DNS is not asked: the confirmation letter is the proof.
    """
    text = text.strip().removeprefix("mailto:")
    if not text or len(text) > MAX_ADDRESS_LENGTH:
        raise UserError("Write an e-mail address, such as ada@example.org.")
    try:
        valid = validate_email(text, check_deliverability=False)
        address = f"{valid.local_part}@{valid.ascii_domain}"
    except EmailNotValidError:
        address = ""
    if not SAFE_ADDRESS.fullmatch(address):
        raise UserError(f"This is no e-mail address: {_address_fault(text)}.")
    return address


def _address_fault(text: str) -> str:
    """Reason why a text is not one address, without repeating it."""
    if text.count("@") > 1:
        return "write one, such as ada@example.org"
    if "<" in text or " " in text:
        return "write it alone, such as ada@example.org, without a name or spaces"
    if "@" in text and "." not in text.rpartition("@")[2]:
        return "after the @ comes a domain with a dot, as in ada@example.org"
    return "write it like ada@example.org"


def address_key(address: str) -> str:
    """The address as it is compared: in any case it is the same subscriber."""
    return address.casefold()


def address_fault(text: str) -> str:
    """The error of a text that is no address; empty if it is one."""
    try:
        read_address(text)
    except UserError as error:
        return str(error)
    return ""
