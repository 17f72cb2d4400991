"""Validity of messages, threads and menus by Discord's documented limits, counted in UTF-16 units."""

from __future__ import annotations

from collections.abc import Iterator

from tests.discord.fake.world import Json

# https://discord.com/developers/docs/components/reference, /resources/message, /resources/channel
COMPONENT_TYPES = {1, 2, 3, 9, 10, 12, 13, 14, 17}
KNOWN_FIELDS = frozenset(
    {
        "flags", "components", "allowed_mentions", "nonce", "enforce_nonce", "message_reference", "content", "embeds",
        "attachments", "files",
    }
)  # fmt: skip
COMPONENTS_V2 = 1 << 15
OPTIONS_IN_A_MODAL = {3: (1, 25), 21: (2, 10), 22: (1, 10)}
"""Fewest and most options of select menus, radio groups and checkbox groups."""
ARCHIVE_DURATIONS = {60, 1_440, 4_320, 10_080}


def units(text: object) -> int:
    """UTF-16 units of a text, the strictest way in which Discord counts."""
    return len(str(text).encode("utf-16-le")) // 2


def message(body: Json) -> str | None:
    """The first problem of a message; None if Discord takes it."""
    return next(_message(body), None)


def _message(body: Json) -> Iterator[str]:
    if unknown := set(body) - KNOWN_FIELDS:
        yield f"unknown fields {unknown}"
    components = body.get("components") or []
    old = body.get("content") or body.get("embeds")
    modern = bool(body.get("flags", 0) & COMPONENTS_V2)
    if modern and old:
        yield "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
    shown = {each["file"]["url"] for each in _flattened(components) if each.get("type") == 13}
    if shown != {f"attachment://{name}" for name in body.get("files") or ()}:
        yield "components: UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND, or a file that nobody sees"
    if not components and (modern or not old):
        yield "Cannot send an empty message"
    if units(body.get("content") or "") > 2_000:
        yield "content: BASE_TYPE_BAD_LENGTH"
    if units(body.get("nonce") or "") > 25:
        yield "nonce: NONCE_TYPE_INVALID"
    yield from _components(list(_flattened(components)))


def _components(every: list[Json]) -> Iterator[str]:
    if len(every) > 40:
        yield f"components: {len(every)} of 40"
    if sum(units(each["content"]) for each in every if each.get("type") == 10) > 4_000:
        yield "components: text over 4000"
    ids = [each["custom_id"] for each in every if "custom_id" in each]
    if len(set(ids)) < len(ids):
        yield "COMPONENT_CUSTOM_ID_DUPLICATED"
    for each in every:
        yield from _component(each)


def _flattened(components: list[Json]) -> Iterator[Json]:
    for each in components:
        yield each
        yield from _flattened(each.get("components") or [])


def _component(each: Json) -> Iterator[str]:
    kind = each.get("type")
    if kind not in COMPONENT_TYPES:
        yield f"components: unknown type {kind}"
    if kind == 10 and not str(each.get("content") or "").strip():
        yield "content: BASE_TYPE_REQUIRED"
    if kind == 1 and not 1 <= len(each.get("components") or []) <= 5:
        yield "row: BASE_TYPE_BAD_LENGTH"
    if kind == 2:
        yield from _button(each)
    if kind == 12:
        yield from _gallery(each)


def _gallery(each: Json) -> Iterator[str]:
    """https://discord.com/developers/docs/components/reference#media-gallery."""
    items = each.get("items") or []
    if not 1 <= len(items) <= 10 or any(units(item.get("description") or "") > 1_024 for item in items):
        yield "gallery: BASE_TYPE_BAD_LENGTH"
    if not all(str(item["media"].get("url") or "").startswith(("https://", "http://")) for item in items):
        yield "gallery: URL_TYPE_INVALID_URL"


def _button(each: Json) -> Iterator[str]:
    if not 1 <= units(each.get("label") or "") <= 80:
        yield "label: BASE_TYPE_BAD_LENGTH"
    if each.get("style") == 5:
        if "custom_id" in each or not str(each.get("url") or "").startswith(("https://", "http://")):
            yield "url: URL_TYPE_INVALID_URL"
        if units(each.get("url") or "") > 512:
            yield "url: BASE_TYPE_BAD_LENGTH"
    elif not 1 <= units(each.get("custom_id") or "") <= 100:
        yield "custom_id: BASE_TYPE_BAD_LENGTH"


def callback(body: Json) -> str | None:
    """The first problem of an interaction's response with choices or a modal."""
    data = body.get("data") or {}
    problems = _choices(data.get("choices") or []) if body["type"] == 8 else _modal(data) if body["type"] == 9 else ()
    return next(iter(problems), None)


def _choices(choices: list[Json]) -> Iterator[str]:
    if len(choices) > 25:
        yield "choices: BASE_TYPE_BAD_LENGTH"
    for each in choices:
        if not all(1 <= units(each[part]) <= 100 and str(each[part]).strip() for part in ("name", "value")):
            yield "choice: BASE_TYPE_BAD_LENGTH"


def _modal(data: Json) -> Iterator[str]:
    rows = data.get("components") or []
    if not 1 <= units(data.get("title") or "") <= 45 or not 1 <= len(rows) <= 5:
        yield "modal: BASE_TYPE_BAD_LENGTH"
    if not 1 <= units(data.get("custom_id") or "") <= 100:
        yield "custom_id: BASE_TYPE_BAD_LENGTH"
    for row in rows:
        part = row["component"]
        if row["type"] != 18 or not 1 <= units(row["label"]) <= 45 or units(row.get("description") or "") > 100:
            yield "label: BASE_TYPE_BAD_LENGTH"
        if not 1 <= units(part.get("value", "-")) <= 4_000 or not 1 <= units(part["custom_id"]) <= 100:
            yield "input: BASE_TYPE_BAD_LENGTH"
        if part["type"] not in {4, *OPTIONS_IN_A_MODAL}:
            yield f"component: unknown type {part['type']}"
        yield from _options(part)


def _options(select: Json) -> Iterator[str]:
    options = select.get("options") or []
    least, most = OPTIONS_IN_A_MODAL.get(select["type"], (0, 0))
    if not least <= len(options) <= most:
        yield "options: BASE_TYPE_BAD_LENGTH"
    if len({each["value"] for each in options}) < len(options):
        yield "options: SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"
    chosen = sum(bool(each.get("default")) for each in options)
    if chosen > (1 if select["type"] == 21 else select.get("max_values", 1)):
        yield "options: too many defaults"
    if not select.get("required", True) and select.get("min_values", 1 if select["type"] == 22 else 0):
        yield "min_values: must be 0 where nothing is required"
    for each in options:
        if not all(1 <= units(each[part]) <= 100 for part in ("label", "value")):
            yield "option: BASE_TYPE_BAD_LENGTH"


def thread(body: Json) -> str | None:
    """The first problem of a thread's name and archive duration."""
    if not 1 <= units(body.get("name") or "") <= 100 or not str(body["name"]).strip():
        return "name: BASE_TYPE_BAD_LENGTH"
    if body.get("auto_archive_duration", 1_440) not in ARCHIVE_DURATIONS:
        return "auto_archive_duration: BASE_TYPE_CHOICES"
    return None


def commands(listed: list[Json], installs: set[int]) -> str | None:
    """The first problem of a menu (https://discord.com/developers/docs/interactions/application-commands).

    `installs`: the ways in which the application can be installed.
    """
    if sum(command.get("type") == 3 for command in listed) > 15:
        return "too many message commands"
    for command in listed:
        kinds, contexts = command.get("integration_types", sorted(installs)), command.get("contexts", [0])
        if not {*kinds} <= installs or not kinds:
            return f"{command['name']}: integration_types are not the application's"
        if not {*contexts} <= {0, 1, 2} or not contexts or (2 in contexts and 1 not in kinds):
            return f"{command['name']}: contexts do not go with integration_types"
        if command.get("type", 1) == 1 and (problem := _menu(command, 0)):
            return problem
    return None


def install_config(config: Json, *, public: bool) -> str | None:
    """The first problem of the ways to install an application (.../resources/application#install-params-object)."""
    if not {*config} <= {"0", "1"}:
        return "unknown integration type"
    for kind, settings in config.items():
        params = settings.get("oauth2_install_params")
        if params is None:
            continue
        if not public:
            return "Private application cannot have a default authorization link"
        scopes = {*params["scopes"]}
        if not isinstance(params["permissions"], str) or not scopes <= {"bot", "applications.commands"}:
            return "install params"
        if kind == "1" and "bot" in scopes:
            return "a person cannot install a bot"
    return None


def usable(menu: list[Json], interaction: Json) -> str | None:
    """Why Discord would not show a command where it is used; None if it would."""
    data = interaction["data"]
    named = (each for each in menu if (each["name"], each.get("type", 1)) == (data["name"], data["type"]))
    if (command := next(named, None)) is None:
        return None  # nothing was registered, or a test of an odd command
    owners = {int(kind) for kind in interaction["authorizing_integration_owners"]}
    if interaction["context"] not in command.get("contexts", [0, 1, 2]):
        return f"{data['name']} is not offered in a place of this kind"
    if not owners & {*command.get("integration_types", [0])}:
        return f"{data['name']} is not offered to somebody who has not installed it"
    return None


def _menu(node: Json, depth: int) -> str | None:
    if not 1 <= units(node.get("description") or "") <= 100 or not 1 <= units(node.get("name") or "") <= 32:
        return f"{node.get('name')}: BASE_TYPE_BAD_LENGTH"
    options = node.get("options") or []
    if len(options) > 25 or len(node.get("choices") or []) > 25 or depth > 3:
        return f"{node['name']}: too many"
    required = [bool(each.get("required")) for each in options]
    if required != sorted(required, reverse=True):
        return f"{node['name']}: APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
    if node.get("autocomplete") and node.get("choices"):
        return f"{node['name']}: choices and autocomplete"
    return next((problem for each in options if (problem := _menu(each, depth + 1))), None)


def option_type(value: object) -> int:
    """Discord's type of an option with this value: true or false, a whole number, a file's content, or text."""
    return {bool: 5, int: 4, bytes: 11}.get(type(value), 3)


def root_of(menu: list[Json], words: str) -> str:
    """The name of the menu's command that has these words under it; `papers` if none has."""
    first = words.partition(" ")[0]
    roots = [command for command in menu if command.get("type", 1) == 1]
    named = (root["name"] for root in roots if first in {each["name"] for each in root.get("options") or ()})
    return next(named, "papers")


def chosen(menu: list[Json], words: str, options: dict[str, object]) -> str | None:
    """The first problem of a command's options: Discord's clients send only what the registered menu has.

    `confirm`, which a button sets, may be there: tests spare themselves the question with it.
    """
    root = root_of(menu, words)
    node = next((command for command in menu if command["name"] == root), None)
    for word in words.split():
        node = next((each for each in node["options"] if each["name"] == word), None) if node else None
    if node is None:
        return None  # nothing was registered, or a test of an odd command
    listed = {each["name"]: each for each in node.get("options") or ()}
    for name, value in options.items():
        if name == "confirm":
            continue
        option = listed.get(name)
        if option is None or option["type"] != option_type(value):
            return f"{words}: {name}={value!r} is not in the menu"
        if isinstance(value, int) and not option.get("min_value", value) <= value <= option.get("max_value", value):
            return f"{words}: {name}={value} is out of bounds"
    return None
