"""Port of subscriptions by mail, part of the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bot.model import File, Form, Message


class Mailing(Protocol):
    """Everything pages and the command line may ask about subscriptions by mail.

    A token that is forged or made for another purpose raises UserError, an expired one ExpiredLinkError: one line with
    the remedy.
    """

    def form(self, answers: Mapping[str, str] | None = None) -> Form:
        """The sign-up form: an address and the questions of a subscription."""

    async def preview(self, answers: Mapping[str, str], token: str | None = None) -> Message | Form:
        """The papers that the answers would have brought in the last week; nothing is sent or saved.

        Lines that are stored for the holder of a preferences token are right.
        """

    async def request(self, answers: Mapping[str, str], client: str | None) -> Message | Form:
        """Request a digest by mail: the address gets a letter with a link, and nothing else before it is opened.

        `client` is the rate-limit key of the requester, None for the operator. The answer does not tell whether the
        address is stored; invalid answers come back in the form. Raises UserError after too many requests.
        """

    async def renew(self, purpose: str, token: str, client: str) -> Message:
        """Request a letter with a new link to the address behind a genuine link, expired or not; `purpose` is the
        first part of its path, `client` as in `request`. Raises UserError after too many requests.
        """

    async def proposal(self, token: str) -> Message:
        """Description of what `confirm` would do."""

    async def confirm(self, token: str) -> Message:
        """Start the digests; repeating it changes nothing."""

    async def show(self, token: str, page: str, key: str) -> Message:
        """A page for a mail's reader: `digest` of a day, `pick` (a paper's why and votes), `saved`, `pause`."""

    async def act(self, token: str, page: str, key: str, command: str) -> Message:
        """Do what a button of such a page says: `like`, `dislike`, `unvote`, `save`, `unsave`; `pause`,
        `resume`.
        """

    async def file(self, token: str, file_format: str) -> File:
        """The reading list of a mail's reader as a file, in a format of `saved export`."""

    async def preferences(self, token: str, digest: str = "", *, new: bool = False) -> Form:
        """The form with the subscription of a name as it is, without one the first; `new`: of another one."""

    async def state(self, subscriber_token: str) -> Message:
        """A pause and links to the reader's own pages, beside the form; `resume` posts to its action's URL."""

    async def topics(self, token: str, digest: str = "") -> Message:
        """The topics of a digest that can match more or less strictly, with the buttons that move each."""

    async def move_topic(self, token: str, button: str) -> Message:
        """Do what such a button says, by its value; the answer is what the topic would bring then."""

    async def change(self, token: str, answers: Mapping[str, str]) -> Message | Form:
        """Save the subscription that the answers name; invalid answers come back in the form.

        With `do` as `end`, end that one of several.
        """

    def unsubscribe_url(self, token: str) -> str:
        """URL of the unsubscribe page, for the holder of a preferences token."""

    async def unsubscribe_question(self, token: str) -> Message:
        """Description of what `unsubscribe` would do."""

    async def unsubscribe(self, token: str) -> Message:
        """End the subscription and erase the address; repeating it changes nothing."""
