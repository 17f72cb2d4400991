"""Queries and changes of people: reading lists, feedback, mail addresses, secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.model import Channel, Feedback, Gesture, Lessons, Notice, Paper, Subscriber, Subscription
from bot.model.mailbox import RequestLimit


class People(Protocol):
    """Reading lists, reactions, and notices to persons."""

    async def save(self, user: Channel, paper_id: str, now: datetime) -> bool:
        """Put a paper on a reading list, and on its way to the person's Zotero. False if it was there."""

    async def unsave(self, user: Channel, paper_id: str) -> bool:
        """Take a paper off a reading list. False if it was not there."""

    async def reading_list(self, user: Channel) -> list[Paper]:
        """Saved papers of a person, latest first."""

    async def react(  # noqa: PLR0913, PLR0917 - a reaction is exactly these facts
        self, channel: Channel, user: Channel, paper_id: str, value: int, now: datetime, topics: Sequence[str] = ()
    ) -> None:
        """Store a reaction, +1 or -1; 0 deletes it. `topics`: the channel's that the paper is of now."""

    async def forget(self, who: Channel) -> dict[str, int]:
        """Erase saves, reactions, gestures, profile and watches of a person or channel, notices to a person, their
        connection to Zotero and their name on subscriptions and watches. Returns the number of each, by its name in
        the singular.
        """

    async def queue_notice(  # noqa: PLR0913, PLR0917 - a notice is exactly these facts
        self, recipient: Channel | None, about: Channel, kind: str, day: date, text: str, now: datetime
    ) -> None:
        """Queue a notice, unless there is one of this kind about this channel and day; without a recipient, untold."""

    async def due_notices(self, now: datetime, recipient: Channel | None = None) -> list[Notice]:
        """Notices that may be delivered now, of everybody or one recipient.

        A recipient who must wait for one notice waits for all of them.
        """

    async def untold_notices(self, about: Channel) -> list[Notice]:
        """Notices about a channel that could not be delivered to a person, oldest first, each text once."""

    async def claim_notice(self, notice_id: int, now: datetime) -> bool:
        """Record that this process is about to post a notice. False if another one posted it or has it in hand."""

    async def settle_untold(self, about: Channel) -> None:
        """Record that all untold notices about a channel were shown there."""

    async def settle_notice(self, notice_id: int, state: str) -> None:
        """Record the outcome of a notice: `told` or `dropped`."""

    async def postpone_notice(self, notice_id: int, until: datetime, *, unknown: bool) -> None:
        """Try a notice again later; `unknown`: it may have arrived. Counts an attempt."""


class FeedbackLog(Protocol):
    """Feedback that channels' profiles are learnt from, and what of it was excluded."""

    async def lessons(self, channels: Iterable[Channel]) -> dict[Channel, Lessons]:
        """Feedback and exclusions of each channel; channels without feedback are left out."""

    async def record(self, channel: Channel, user: Channel, paper_id: str, gesture: Gesture, now: datetime) -> None:
        """Record that a person saved, shared or wants to discuss a paper; a paper that is not stored is passed over."""

    async def toggle(self, channel: Channel, user: Channel, paper_id: str, gesture: Gesture, now: datetime) -> bool:
        """Record a gesture, or delete it where it is recorded. Returns whether it is recorded now."""

    async def withdraw(self, user: Channel, paper_id: str, gesture: Gesture) -> None:
        """Delete a person's gesture in every channel."""

    async def undo_latest(self, channel: Channel) -> Feedback | None:
        """Delete the latest feedback of a channel and return it; None if there is none."""

    async def reset(self, channel: Channel) -> int:
        """Delete feedback and exclusions of a channel. Returns the number of reactions and gestures deleted."""

    async def exclude(self, channel: Channel, stems: Iterable[str], papers: Iterable[str], now: datetime) -> None:
        """Leave stems and papers out of a channel's profile."""

    async def include(self, channel: Channel, stems: Iterable[str], papers: Iterable[str], now: datetime) -> None:
        """Let stems and papers count again."""


class Subscribers(Protocol):
    """Mail addresses, their confirmation letters and bounces. No other part stores an address."""

    async def get(self, subscriber: int) -> Subscriber | None:
        """Subscriber of a number."""

    async def by_name(self, name: str) -> Subscriber | None:
        """Subscriber of an address in its comparable form."""

    async def count_request(self, limits: Sequence[RequestLimit], now: datetime) -> str | None:
        """Count a request for each requester, unless one has reached a limit: that requester is returned."""

    async def requests(self, requester: str, since: datetime) -> int:
        """Number of a requester's counted requests since a time."""

    async def request_letter(  # noqa: PLR0913 - a request is exactly these facts
        self,
        address: str,
        name: str,
        answers: Mapping[str, str],
        now: datetime,
        *,
        turn: int = 0,
        most_waiting: int = 0,
    ) -> bool:
        """Queue a letter to an address, new or known; a confirmed one keeps its subscription instead of `answers`.

        Lower turns are sent first. False if `most_waiting` letters (0: any number) of no higher turn wait already;
        otherwise one of the highest turn makes room.
        """

    async def due_letters(self, now: datetime) -> list[Subscriber]:
        """Subscribers whose letter may be sent now, by turn, then oldest first."""

    async def waiting_letters(self) -> list[Subscriber]:
        """Subscribers whose letter is still to be sent, now or later."""

    async def next_letter(self) -> datetime | None:
        """Earliest time at which a letter may be sent."""

    async def claim_letter(self, subscriber: int) -> bool:
        """Record that a letter is about to be sent; False if it is no longer wanted."""

    async def settle_letter(self, subscriber: int, *, again: datetime | None = None, claimed: bool = True) -> None:
        """Record that a letter was sent or given up; or, with `again`, queue it anew, which counts an attempt.

        `claimed`: whether it was claimed; a letter that was asked for anew meanwhile stays as it is.
        """

    async def confirm(self, subscription: Subscription, now: datetime) -> bool:
        """Confirm an address and store its subscription. False, and nothing changes, if it was confirmed."""

    async def remove(self, subscriber: int) -> bool:
        """Erase an address and its subscription. False if there was none."""

    async def bounces(self) -> dict[Channel, int]:
        """Number of bounces in a row by channel; addresses without are left out."""

    async def count_bounce(self, channel: Channel) -> int:
        """Count a bounce; returns how many there were in a row, 0 if there is no such address."""

    async def reset_bounces(self, channel: Channel) -> None:
        """Count an address's bounces from 0 again."""

    async def purge(self, unconfirmed_before: datetime, requests_before: datetime) -> int:
        """Erase addresses that stayed unconfirmed, and old requests. Returns the number of addresses erased."""


class Secrets(Protocol):
    """Short texts by name: secrets, encrypted with the store's keys, and notes, which are not secret."""

    async def put(self, name: str, text: str) -> None:
        """Store a secret in place of an older one. Raises StoreError without a key."""

    async def get(self, name: str) -> str | None:
        """A secret; None if there is none, or no key that decrypts it."""

    async def delete(self, name: str) -> bool:
        """Delete a secret; False if there was none."""

    async def unreadable(self) -> list[str]:
        """Names of the secrets that no key decrypts; all of them without a key."""

    async def reseal(self) -> int:
        """Encrypt with the first key what an older one encrypted; returns how many. What is unreadable stays."""

    async def names(self, prefix: str) -> list[str]:
        """Names of secrets that begin with a prefix."""

    async def put_note(self, name: str, text: str) -> None:
        """Store a note in place of an older one; needs no key.

        A note whose name begins with an address and a space is erased with that place or person.
        """

    async def get_note(self, name: str) -> str | None:
        """A note."""

    async def first_note(self, name: str, text: str) -> str:
        """The note of a name, stored now if there is none; of several processes one decides it."""

    async def notes(self, prefix: str) -> dict[str, str]:
        """Notes by name, of the names that begin with a prefix."""

    async def delete_note(self, name: str) -> None:
        """Delete a note, if there is one."""

    async def use_once(self, name: str, until: datetime) -> bool:
        """Record until a time that a name is used. False if it was used before."""

    async def unuse(self, name: str) -> None:
        """Let a name be used again: what it was used for did not happen."""

    async def forget_used(self, now: datetime) -> None:
        """Forget the names whose time is over."""
