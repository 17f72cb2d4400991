"""Installation of the application: in servers, and by people for themselves.

Discord takes commands for people only from an application that people can install. It is made one the first time;
after that, what stands on the Installation page of the developer portal holds.
"""

from __future__ import annotations

import logging
from typing import Any

import discord

from adapters.discord.manifest import GUILD_INSTALL, PERSON_PARAMS, SERVER_PARAMS, USER_INSTALL
from adapters.discord.servers import Notes

log = logging.getLogger("paperboy.discord")
NOTE = "discord user install "
"""Beside an application's id: the name of the note that it was made installable for people once."""


async def allow_user_install(client: discord.Client, notes: Notes) -> bool:
    """Whether people can install the application for themselves; it is made so once, where Discord allows that."""
    application: Any = await client.http.application_info()
    config: dict[str, Any] = application.get("integration_types_config") or {}
    note = f"{NOTE}{application['id']}"
    if USER_INSTALL in config or await notes.get_note(note) is not None:
        return USER_INSTALL in config
    # Discord refuses default install settings for an application that only its owner may install.
    is_public = application.get("bot_public")
    server, person = ({"oauth2_install_params": each} if is_public else {} for each in (SERVER_PARAMS, PERSON_PARAMS))
    config = {GUILD_INSTALL: server, **config, USER_INSTALL: person}
    try:
        edited: Any = await client.http.edit_application_info(reason=None, payload={"integration_types_config": config})
    except discord.HTTPException as error:
        log.warning(
            "people cannot install Paperboy for themselves reason=%r remedy='tick User Install under Installation in"
            " the developer portal, then restart'",
            str(error)[:200],
        )
        return False
    await notes.put_note(note, "yes")
    log.info("made Paperboy installable for people")
    return USER_INSTALL in (edited.get("integration_types_config") or {})
