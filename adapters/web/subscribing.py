"""Pages of mail: subscribe, confirm, change, unsubscribe. They work without JavaScript, and a GET changes nothing.

Who may post: the token of a link proves its owner, so a form under it needs no other proof (and a mail program's
one-click POST has none, RFC 8058). The form that anybody can open is accepted from this site alone, where the browser
names the origin; a client that names none can send no more than anybody may, within the limits on letters.
"""

from __future__ import annotations

from collections.abc import Awaitable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web.guard import client_key
from adapters.web.site import PageGroup
from bot.errors import GoneError, UserError
from bot.model import Form, Message

NOINDEX = {"X-Robots-Tag": "noindex"}
UNPROCESSABLE = 422
"""Status of a form with faults (https://www.rfc-editor.org/rfc/rfc9110#section-15.5.21)."""
MAX_FIELDS = 20


class Subscribing(PageGroup):
    """Two methods a page: one shows it, one does what its button says."""

    def routes(self) -> list[Route]:
        """A GET and a POST route a page."""
        handlers = (
            ("/subscribe", self.subscribe, self.request_letter),
            ("/confirm/{token}", self.proposal, self.confirm),
            ("/preferences/{token}", self.preferences, self.change),
            ("/unsubscribe/{token}", self.unsubscribe_question, self.unsubscribe),
        )
        return [
            route
            for path, get, post in handlers
            for route in (Route(path, get, methods=["GET"]), Route(path, post, methods=["POST"]))
        ]

    async def subscribe(self, request: Request) -> Response:
        """The sign-up form."""
        return await self._form(request, self._site.mailing.form())

    async def request_letter(self, request: Request) -> Response:
        """Have a confirmation letter sent."""
        if not self._is_same_site(request):
            raise HTTPException(403, "This form was sent from another site. Please fill it in here.")
        answers, client = await _answers(request), client_key(request)
        return await self._answer(request, self._site.mailing.request(answers, client), refused=429)

    async def proposal(self, request: Request) -> Response:
        """The subscription that confirming would start, and the button."""
        return await self._answer(request, self._site.mailing.proposal(_token(request)))

    async def confirm(self, request: Request) -> Response:
        """Start the subscription."""
        return await self._answer(request, self._site.mailing.confirm(_token(request)))

    async def preferences(self, request: Request) -> Response:
        """The settings form."""
        return await self._answer(request, self._site.mailing.preferences(_token(request)))

    async def change(self, request: Request) -> Response:
        """Save the settings."""
        answers = await _answers(request)
        return await self._answer(request, self._site.mailing.change(_token(request), answers))

    async def unsubscribe_question(self, request: Request) -> Response:
        """A question and a button, so that programs that open every link in a mail end nothing."""
        return await self._answer(request, self._site.mailing.unsubscribe_question(_token(request)))

    async def unsubscribe(self, request: Request) -> Response:
        """End the subscription, whether a reader or a mail program sent the POST."""
        return await self._answer(request, self._site.mailing.unsubscribe(_token(request)))

    async def _answer(self, request: Request, result: Awaitable[Message | Form], *, refused: int = 400) -> Response:
        """The answer as a page: a form, or a message with its buttons. `refused`: status of a UserError."""
        try:
            answer = await result
        except GoneError as error:
            raise HTTPException(410, str(error)) from None
        except UserError as error:
            raise HTTPException(refused, str(error)) from None
        if isinstance(answer, Form):
            return await self._form(request, answer)
        return await self._site.page(
            request, "message.html", max_age=0, headers=NOINDEX, title=answer.title, message=answer
        )

    async def _form(self, request: Request, form: Form) -> Response:
        token = request.path_params.get("token")
        unsubscribe_url = self._site.mailing.unsubscribe_url(token) if token else ""
        status = UNPROCESSABLE if form.faults else 200
        return await self._site.page(
            request,
            "form.html",
            status=status,
            max_age=0,
            headers=NOINDEX,
            title=form.title,
            form=form,
            unsubscribe_url=unsubscribe_url,
        )

    def _is_same_site(self, request: Request) -> bool:
        """Whether one of our pages sent the form, by the browser's word (https://www.w3.org/TR/fetch-metadata/)."""
        if (fetch_site := request.headers.get("sec-fetch-site")) is not None:
            return fetch_site in {"same-origin", "none"}
        origin = request.headers.get("origin", "null")
        return origin in {"null", f"{request.url.scheme}://{request.url.netloc}", self._site.url(request, "")}


def _token(request: Request) -> str:
    return str(request.path_params["token"])


async def _answers(request: Request) -> dict[str, str]:
    """Text fields of the form. Raises HTTPException (400) for more fields, or files, than our forms have."""
    async with request.form(max_files=0, max_fields=MAX_FIELDS) as form:
        texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return {name: text.replace("\r\n", "\n") for name, text in texts if "\0" not in text}
