"""Work Objects and their details, checked by the SDK's own classes.

https://docs.slack.dev/messaging/work-objects-implementation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slack_sdk.models import metadata as models

from tests.slack.fake.methods import Method, Refused
from tests.slack.fake.state import Token

if TYPE_CHECKING:
    from tests.slack.fake.server import FakeSlack


_FIELDS: dict[str, type[Any]] = {
    "description": models.EntityStringField,
    "created_by": models.EntityTypedField,
    "date_created": models.EntityTimestampField,
}


def check_entity(entity: dict[str, Any], *, linked: bool) -> None:
    """Refused for an object with a field that the SDK's classes do not have, or without one that they want."""
    if linked == ("app_unfurl_url" not in entity):
        raise Refused("invalid_metadata")
    _check(models.EntityMetadata, entity).validate_json()
    _check(models.ExternalRef, entity["external_ref"])
    payload = entity["entity_payload"]
    _check(models.EntityPayload, payload)
    _check(models.EntityAttributes, payload["attributes"])
    _check(models.EntityTitle, payload["attributes"]["title"])
    _check(models.ContentItemEntityFields, payload["fields"])
    for name, field in payload["fields"].items():
        _check(_FIELDS[name], field)
    for field in payload["custom_fields"]:
        _check(models.EntityCustomField, field)
        assert field["type"] in models.CustomFieldType
    actions = payload["actions"]
    _check(models.EntityActions, actions)
    for each in (*actions["primary_actions"], *actions["overflow_actions"]):
        _check(models.EntityActionButton, each)
    if len(actions["primary_actions"]) > 2 or len(actions["overflow_actions"]) > 5:
        raise Refused("invalid_metadata")


def _check(kind: type[Any], fields: dict[str, Any]) -> Any:
    try:
        model = kind(**fields)
    except TypeError:
        raise Refused("invalid_metadata") from None
    if model.additional_attributes:
        raise Refused("invalid_metadata")
    return model


def present_details(slack: FakeSlack, _token: Token, args: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/entity.presentDetails: a trigger works once."""
    trigger = slack.triggers.get(args["trigger_id"])
    if trigger is None or trigger.used:
        raise Refused("invalid_trigger_id")
    trigger.used = True
    if "metadata" in args:
        check_entity(args["metadata"], linked=False)
    slack.details[trigger.user.id] = args.get("metadata") or args["error"]
    return {}


METHODS = {
    "entity.presentDetails": Method(
        present_details,
        frozenset({"trigger_id", "metadata", "error", "user_auth_required", "user_auth_url"}),
        required=("trigger_id",),
    )
}
