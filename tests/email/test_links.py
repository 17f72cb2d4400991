"""Signed links: one purpose each, expiry, rotation of keys; forged and altered tokens are refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.mail.links import GOOD_FOR, MAX_TOKEN_LENGTH, Links, Purpose
from bot.errors import ExpiredLinkError, SettingsError, UserError
from bot.store.encryption import new_key
from tests.email.harness import BASE_URL, token
from tests.fakes import MONDAY, FakeClock
from tests.harness.examples import examples

OLD, NEW = new_key(), new_key()


def links(*keys: str, clock: FakeClock | None = None) -> Links:
    return Links(keys or (NEW,), f"{BASE_URL}/", clock or FakeClock(MONDAY))


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_names_its_subscriber_until_it_expires(purpose: Purpose):
    clock = FakeClock(MONDAY)
    signed_links = links(clock=clock)
    url = signed_links.url(purpose, 17)
    assert url.startswith(f"{BASE_URL}/{purpose}/")
    clock.advance(seconds=GOOD_FOR[purpose].total_seconds())
    assert signed_links.read(purpose, token(url)) == 17
    clock.advance(seconds=1)
    with pytest.raises(UserError, match="has expired"):
        signed_links.read(purpose, token(url))


@pytest.mark.parametrize(
    ("purpose", "days"), [(Purpose.CONFIRM, 3), (Purpose.PREFERENCES, 90), (Purpose.UNSUBSCRIBE, 730)]
)
def test_a_link_is_good_for_as_many_days_as_promised_and_then_says_what_to_do(purpose: Purpose, days: int):
    """Three days to confirm, a quarter for the form, two years for leaving: mail is kept for years."""
    clock = FakeClock(MONDAY)
    signed_links = links(clock=clock)
    signed = token(signed_links.url(purpose, 17))
    clock.advance(days=days)
    assert signed_links.read(purpose, signed) == 17
    clock.advance(seconds=1)
    with pytest.raises(ExpiredLinkError, match="has expired. Use the one in your latest e-mail"):
        signed_links.read(purpose, signed)
    assert signed_links.read_expired(purpose, signed) == 17
    with pytest.raises(UserError, match="This link is incomplete"):
        signed_links.read_expired(Purpose.READER, signed)


@pytest.mark.parametrize("between", ["\n", "\r\n  ", " ", "=\r\n", "=", "\n> ", "\u200b"])
def test_a_link_that_a_mail_program_broke_is_read(between: str):
    link_token = token(links().url(Purpose.PREFERENCES, 17))
    assert links().read(Purpose.PREFERENCES, link_token[:20] + between + link_token[20:]) == 17
    assert links().read(Purpose.PREFERENCES, f"{link_token}{between}") == 17
    for cut in (link_token[:20], link_token[20:], ""):
        with pytest.raises(UserError, match=r"This link is incomplete\. Copy all of it from the e-mail\."):
            links().read(Purpose.PREFERENCES, cut)


def test_a_link_is_valid_for_its_own_purpose_alone():
    signed_links = links()
    for purpose in Purpose:
        for other in set(Purpose) - {purpose}:
            with pytest.raises(UserError):
                signed_links.read(other, token(signed_links.url(purpose, 17)))


def test_a_link_of_the_old_key_is_read_and_new_ones_are_signed_with_the_first():
    of_the_old = token(links(OLD).url(Purpose.UNSUBSCRIBE, 17))
    both = links(NEW, OLD)
    assert both.read(Purpose.UNSUBSCRIBE, of_the_old) == 17
    assert links(NEW).read(Purpose.UNSUBSCRIBE, token(both.url(Purpose.UNSUBSCRIBE, 17))) == 17
    with pytest.raises(UserError):
        links(NEW).read(Purpose.UNSUBSCRIBE, of_the_old)


def test_without_a_key_there_are_no_links():
    with pytest.raises(SettingsError, match="PAPERBOY_SECRET_KEY"):
        Links((), BASE_URL, FakeClock(MONDAY))
    with pytest.raises(SettingsError, match="PAPERBOY_SECRET_KEY"):
        Links(("short",), BASE_URL, FakeClock(MONDAY))


def test_a_token_fits_a_header_and_a_path():
    link_token = token(links().url(Purpose.UNSUBSCRIBE, 2**40))
    assert len(link_token) < MAX_TOKEN_LENGTH
    assert set(link_token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@examples(100)
@given(st.text(max_size=300) | st.text("abcXYZ019-_.", max_size=120))
def test_text_that_is_no_token_of_ours_is_refused(text: str):
    with pytest.raises(UserError):
        links().read(Purpose.CONFIRM, text)


@examples(100)
@given(st.data())
def test_a_token_with_one_letter_changed_names_no_other_subscriber(data: st.DataObject):
    link_token = token(links().url(Purpose.PREFERENCES, 17))
    at = data.draw(st.integers(0, len(link_token) - 1))
    letter = data.draw(st.sampled_from("abcXYZ019-_.%/ \u00e9\n"))
    altered = link_token[:at] + letter + link_token[at + 1 :]
    try:
        assert links().read(Purpose.PREFERENCES, altered) == 17  # the last letter's spare bits mean nothing
    except UserError:
        assert altered != link_token


def test_a_link_from_a_clock_that_was_ahead_is_not_good_yet():
    ahead = links(clock=FakeClock(MONDAY + timedelta(days=1))).url(Purpose.CONFIRM, 17)
    with pytest.raises(UserError):
        links().read(Purpose.CONFIRM, token(ahead))
