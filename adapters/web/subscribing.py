"""The pages of mail: subscribe, confirm, change, leave. They work without JavaScript, and opening one changes nothing.

Who may post: a link in a mail is its owner's alone, so a form under it needs no other proof (and a mail program's
one-click POST has none, RFC 8058). A form that anybody can open is taken from this site only, where the browser says
from where; what another site could send without one is what everybody may send, within the limits on letters.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.routing import Route

from adapters.web.guard import client_of
from bot.errors import UserError
from bot.model import Form, Message

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from adapters.web.site import Site

UNSEEN = {"X-Robots-Tag": "noindex"}
FAULTY = 422
"""Understood, but not to be done as written (https://www.rfc-editor.org/rfc/rfc9110#section-15.5.21)."""
MOST_FIELDS = 20


def routes(site: Site) -> list[Route]:
    """The pages."""
    pages = Subscribing(site)
    found = (
        ("/subscribe", pages.subscribe, pages.asked),
        ("/confirm/{token}", pages.proposal, pages.confirmed),
        ("/preferences/{token}", pages.preferences, pages.changed),
        ("/unsubscribe/{token}", pages.leaving, pages.left),
    )
    return [
        route
        for path, look, do in found
        for route in (Route(path, look, methods=["GET"]), Route(path, do, methods=["POST"]))
    ]


class Subscribing:
    """Two methods a page: what it shows, and what its button does."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def subscribe(self, request: Request) -> Response:
        """The form."""
        return await self._form(request, self._site.mailing.form())

    async def asked(self, request: Request) -> Response:
        """Have a letter sent."""
        if not self._from_here(request):
            raise HTTPException(403, "This form was sent from another site. Please fill it in here.")
        answers = await _answers(request)
        client = client_of(request)
        return await self._answer(request, lambda: self._site.mailing.request(answers, client), refused=429)

    async def proposal(self, request: Request) -> Response:
        """What confirming would start, and the button."""
        return await self._ask(request, self._site.mailing.proposal, "Confirm")

    async def confirmed(self, request: Request) -> Response:
        """Start the digests."""
        return await self._answer(request, lambda: self._site.mailing.confirm(_token(request)))

    async def preferences(self, request: Request) -> Response:
        """The wish, to be changed."""
        return await self._answer(request, lambda: self._site.mailing.preferences(_token(request)))

    async def changed(self, request: Request) -> Response:
        """Save it."""
        answers = await _answers(request)
        return await self._answer(request, lambda: self._site.mailing.change(_token(request), answers))

    async def leaving(self, request: Request) -> Response:
        """A question, and the button: programs that open every link in a mail end nothing."""
        return await self._ask(request, self._site.mailing.unsubscribe_question, "Unsubscribe")

    async def left(self, request: Request) -> Response:
        """End it, whether a reader or a mail program pressed the button."""
        return await self._answer(request, lambda: self._site.mailing.unsubscribe(_token(request)))

    # --- answers --------------------------------------------------------------------------------------------------

    async def _answer(
        self, request: Request, do: Callable[[], Awaitable[Message | Form]], *, refused: int = 400
    ) -> Response:
        try:
            answer = await do()
        except UserError as error:
            raise HTTPException(refused, str(error)) from None
        if isinstance(answer, Form):
            return await self._form(request, answer)
        return await self._message(request, answer)

    async def _ask(self, request: Request, look: Callable[[str], Awaitable[Message]], button: str) -> Response:
        try:
            question = await look(_token(request))
        except UserError as error:
            raise HTTPException(400, str(error)) from None
        return await self._message(request, question, button=button)

    async def _message(self, request: Request, message: Message, *, button: str = "") -> Response:
        return await self._site.page(
            request, "said.html", title=message.title, message=message, button=button, fresh=0, headers=UNSEEN
        )

    async def _form(self, request: Request, form: Form) -> Response:
        """The form as it is, with what is wrong under each field."""
        token = request.path_params.get("token")
        way_out = self._site.mailing.unsubscribe_url(token) if token else ""
        status = FAULTY if form.faults else 200
        facts = {"title": form.title, "form": form, "way_out": way_out}
        return await self._site.page(request, "form.html", status=status, fresh=0, headers=UNSEEN, **facts)

    def _from_here(self, request: Request) -> bool:
        """Whether a page of ours sent it, as far as the browser says (https://www.w3.org/TR/fetch-metadata/)."""
        if (site := request.headers.get("sec-fetch-site")) is not None:
            return site in {"same-origin", "none"}
        origin = request.headers.get("origin", "null")
        return origin in {"null", f"{request.url.scheme}://{request.url.netloc}", self._site.address(request, "")}


def _token(request: Request) -> str:
    return str(request.path_params["token"])


async def _answers(request: Request) -> dict[str, str]:
    """What was filled in. Raises HTTPException (400) for what no form of ours sends."""
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as sent:
        return {name: value.replace("\r\n", "\n") for name, value in _texts(sent) if "\0" not in value}


def _texts(sent: FormData) -> list[tuple[str, str]]:
    return [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]
