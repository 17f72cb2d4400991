"""Pages of mail: subscribe, confirm, change, unsubscribe. They work without JavaScript, and a GET changes nothing.

Who may post: the token of a link proves its owner, so a form under it needs no other proof (and a mail program's
one-click POST has none, RFC 8058). The form that anybody can open is accepted from this site alone, where the browser
names the origin; a client that names none can send no more than anybody may, within the limits on letters.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.html_templates import paragraph_groups
from adapters.shared_rate import client_key
from adapters.web.guard import HEADERS
from adapters.web.params import query_of
from adapters.web.reader import message_page
from adapters.web.site import NOINDEX, PageGroup, http_error
from bot.errors import UserError
from bot.model import Action, Block, Form, Message

FORM_HEADERS = NOINDEX | {"Content-Security-Policy": f"{HEADERS['Content-Security-Policy']}; script-src 'self'"}
"""A form has a script of ours, which fills in the browser's time zone; it works without."""
UNPROCESSABLE = 422
"""Status of a form with faults (https://www.rfc-editor.org/rfc/rfc9110#section-15.5.21)."""
MAX_FIELDS = 20
INPUTS = {
    "address": Markup(' inputmode="email" autocomplete="email" autocapitalize="none" spellcheck="false" required'),
    "size": Markup(' inputmode="numeric" autocomplete="off"'),
    "at": Markup(' type="time" autocomplete="off"'),
    "other": Markup(' autocomplete="off"'),
}
"""Attributes of an input by its field: what a phone's keyboard needs. An address is text, since a field of type email
takes no letters outside ASCII."""


class Subscribing(PageGroup):
    """Two methods a page: one shows it, one does what its button says."""

    def routes(self) -> list[Route]:
        """A GET and a POST route a page, and a POST for a new link."""
        handlers = (
            ("/subscribe", self.subscribe, self.request_letter),
            ("/confirm/{token}", self.proposal, self.confirm),
            ("/preferences/{token}", self.preferences, self.change),
            ("/unsubscribe/{token}", self.unsubscribe_question, self.unsubscribe),
        )
        pages = [
            route
            for path, get, post in handlers
            for route in (Route(path, get, methods=["GET"]), Route(path, post, methods=["POST"]))
        ]
        return [*pages, Route("/new-link/{page}/{token}", self.renew, methods=["POST"])]

    async def subscribe(self, request: Request) -> Response:
        """The sign-up form, with topics that a page of ours filled in."""
        form, topics = self._site.mailing.form, query_of(request, "topics")
        return await self._form(request, form({"topics": topics}) if topics else form())

    async def request_letter(self, request: Request) -> Response:
        """Have a confirmation letter sent."""
        if not self._is_same_site(request):
            raise HTTPException(403, "This form was sent from another site. Please fill it in here.")
        answers, client = await _answers(request), client_key(request)
        if answers.get("do") == "preview":
            return await self._preview(request, self._site.mailing.form(answers), answers)
        return await self._answer(request, self._site.mailing.request(answers, client))

    async def renew(self, request: Request) -> Response:
        """Have a new link sent to the address behind an expired one."""
        page, client = str(request.path_params["page"]), client_key(request)
        return await self._answer(request, self._site.mailing.renew(page, _token(request), client))

    async def proposal(self, request: Request) -> Response:
        """The subscription that confirming would start, and the button."""
        return await self._answer(request, self._site.mailing.proposal(_token(request)))

    async def confirm(self, request: Request) -> Response:
        """Start the subscription."""
        return await self._answer(request, self._site.mailing.confirm(_token(request)))

    async def preferences(self, request: Request) -> Response:
        """The settings form."""
        return await self._answer(request, self._preferences(request, request.query_params))

    async def change(self, request: Request) -> Response:
        """Save the settings."""
        answers = await _answers(request)
        if answers.get("do") == "preview":
            form = await self._preferences(request, answers)
            return await self._preview(request, form.filled(answers), answers)
        if button := answers.get("move"):
            form = await self._preferences(request, answers)
            return await self._form(request, form.filled(answers), await self._moved(request, button))
        return await self._answer(request, self._site.mailing.change(_token(request), answers))

    async def _preferences(self, request: Request, options: Mapping[str, str]) -> Form:
        """The settings form of the digest that options name, or of another one."""
        is_new = options.get("new") == "yes"
        name = "" if is_new else options.get("name", "")
        return await self._site.mailing.preferences(_token(request), name, new=is_new)

    async def _moved(self, request: Request, button: str) -> Sequence[Block]:
        """Preview of a topic after one of its buttons; the rest of the form is as it was filled in."""
        try:
            return (await self._site.mailing.move_topic(_token(request), button)).blocks
        except UserError as error:
            raise http_error(request, error) from None

    async def unsubscribe_question(self, request: Request) -> Response:
        """A question and a button, so that programs that open every link in a mail end nothing."""
        return await self._answer(request, self._site.mailing.unsubscribe_question(_token(request)))

    async def unsubscribe(self, request: Request) -> Response:
        """End the subscription, whether a reader or a mail program sent the POST."""
        return await self._answer(request, self._site.mailing.unsubscribe(_token(request)))

    async def _answer(self, request: Request, result: Awaitable[Message | Form]) -> Response:
        """The answer as a page: a form, or a message with its buttons."""
        try:
            answer = await result
        except UserError as error:
            raise http_error(request, error) from None
        if isinstance(answer, Form):
            return await self._form(request, answer)
        return await message_page(self._site, request, answer)

    async def _preview(self, request: Request, form: Form, answers: dict[str, str]) -> Response:
        """The form as filled in, with what it would have brought."""
        preview = await self._site.mailing.preview(answers, request.path_params.get("token"))
        if isinstance(preview, Form):
            errors = {field.name: field.error for field in preview.fields if field.error}
            return await self._form(request, form.with_faults(errors))
        return await self._form(request, form.with_faults({}), preview.blocks)

    async def _form(self, request: Request, form: Form, preview: Sequence[Block] = ()) -> Response:
        token = request.path_params.get("token")
        unsubscribe_url = self._site.mailing.unsubscribe_url(token) if token else ""
        state = await self._site.mailing.state(token) if token else None
        is_new = "new" in form.options
        topics = await self._site.mailing.topics(token, form.options.get("name", "")) if token and not is_new else None
        status = UNPROCESSABLE if form.faults else 200
        return await self._site.page(
            request,
            "form.html",
            status=status,
            max_age=0,
            headers=FORM_HEADERS,
            title=form.title,
            form=form,
            preview=tuple(paragraph_groups(preview)),
            unsubscribe_url=unsubscribe_url,
            state=tuple(paragraph_groups(state.blocks)) if state else (),
            resume_url=next((action.url for action in state.actions if action.command), None) if state else None,
            links=[action for action in state.actions if not action.command] if state else [],
            topics=_with_buttons(topics) if topics else (),
            inputs=INPUTS,
        )

    def _is_same_site(self, request: Request) -> bool:
        """Whether one of our pages sent the form, by the browser's word (https://www.w3.org/TR/fetch-metadata/)."""
        if (fetch_site := request.headers.get("sec-fetch-site")) is not None:
            return fetch_site in {"same-origin", "none"}
        origin = request.headers.get("origin", "null")
        return origin in {"null", f"{request.url.scheme}://{request.url.netloc}", self._site.url(request, "")}


def _with_buttons(topics: Message) -> list[tuple[Block, list[Action]]]:
    """Each topic with its buttons, made harmless."""
    blocks = [each for group in paragraph_groups(topics.blocks) for each in group.blocks]
    names = [each.spans[0].text for each in topics.blocks]
    buttons = [[each for each in topics.actions if each.options["topic"] == name] for name in names]
    return list(zip(blocks, buttons, strict=True))


def _token(request: Request) -> str:
    return str(request.path_params["token"])


async def _answers(request: Request) -> dict[str, str]:
    """Text fields of the form. Raises HTTPException (400) for more fields, or files, than our forms have."""
    async with request.form(max_files=0, max_fields=MAX_FIELDS) as form:
        texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    answers = {name: text.replace("\r\n", "\n") for name, text in texts if "\0" not in text}
    if "days" in answers:  # checkboxes, after a hidden field that is sent when none is ticked
        answers["days"] = ",".join(text for name, text in texts if name == "days" and text.strip("\0"))
    return answers
