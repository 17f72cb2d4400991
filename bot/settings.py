"""Settings from the environment; every fault is reported at once, and no value of a secret ever is."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError

SOURCES = ("huggingface", "arxiv", "hackernews")
_CATEGORY = re.compile(r"[a-z-]+(\.[A-Za-z-]+)?")

Names = Annotated[tuple[str, ...], NoDecode]


def _named(name: str, description: str) -> Any:  # one door for fields of several types
    """An optional setting under a name that people know already."""
    return Field(None, validation_alias=name, description=description)


class Settings(BaseSettings):
    """Everything that can be set. Names in the environment are `PAPERBOY_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="PAPERBOY_", env_ignore_empty=True, extra="ignore", frozen=True)

    db: Path = Field(Path("paperboy.db"), description="The SQLite file.")
    contact: str = Field(
        "", description="Your mail address or URL, sent to the sources in the User-Agent. Please set it."
    )
    sources: Names = Field(SOURCES, description="Which sources are asked, separated by commas.")
    file: Path | None = Field(None, description="A JSON Lines file of papers and signals, read as one more source.")
    arxiv_categories: Names = Field(
        ("cs.AI", "cs.CL", "cs.CV", "cs.LG"),
        description="arXiv feeds that are always read, besides those that topics name.",
    )
    huggingface_url: str = Field("https://huggingface.co", description="Where Hugging Face is.")
    arxiv_api_url: str = Field("https://export.arxiv.org", description="Where arXiv's query API is.")
    arxiv_feed_url: str = Field("https://rss.arxiv.org", description="Where arXiv's feeds are.")
    hackernews_url: str = Field("https://hn.algolia.com", description="Where Hacker News search is.")
    arxiv_interval: float = Field(3.0, ge=0, description="Seconds between two requests to arXiv; it asks for 3.")
    timeout: float = Field(20.0, gt=0, le=300, description="Seconds to wait for a source.")
    retries: int = Field(4, ge=1, le=10, description="How often a failing request is tried.")
    collect_minutes: float = Field(30.0, gt=0, description="Minutes between two looks at the sources.")
    tick_seconds: float = Field(60.0, gt=0, description="Seconds between two looks at who is due.")
    host: str = Field("127.0.0.1", description="The address to listen on; 0.0.0.0 for all.")
    port: int | None = Field(
        None,
        ge=1,
        le=65_535,
        validation_alias=AliasChoices("PAPERBOY_PORT", "PORT"),
        description="The port to listen on (PORT works too); unset, Paperboy listens only if an adapter needs it.",
    )
    operator: str | None = Field(None, description="A channel for notices nobody else can be told, like slack:T1/C2.")
    log: Literal["text", "json"] = Field("text", description="Log lines as key=value text or as JSON.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")
    embeddings: str = Field(
        "static",
        description="The model that search by meaning uses: `static`, which comes with Paperboy, or `onnx:DIR`.",
    )
    llm_url: str | None = Field(
        None,
        description="An OpenAI-compatible API that may write summaries, like http://localhost:11434/v1.",
    )
    llm_model: str = Field("", description="The model that writes them, as that API names it.")
    llm_key: SecretStr | None = Field(None, description="The key of that API, if it wants one.")
    clock: Path | None = Field(
        None, description="For tests: a file that holds the time as ISO 8601, read instead of the clock."
    )

    secret_key: SecretStr | None = Field(
        None,
        description="Encrypts OAuth's tokens, signs links in mail; `paperboy key` makes one. Several: newest first.",
    )
    slack_bot_token: SecretStr | None = _named("SLACK_BOT_TOKEN", "Slack: the bot token, xoxb-….")
    slack_app_token: SecretStr | None = _named("SLACK_APP_TOKEN", "Slack, Socket Mode: the app-level token, xapp-….")
    slack_signing_secret: SecretStr | None = _named("SLACK_SIGNING_SECRET", "Slack over HTTP: the signing secret.")
    slack_client_id: str | None = _named("SLACK_CLIENT_ID", "Slack for many workspaces: the OAuth client id.")
    slack_client_secret: SecretStr | None = _named(
        "SLACK_CLIENT_SECRET", "Slack for many workspaces: the OAuth secret."
    )
    slack_api_url: str = Field("https://slack.com/api/", description="Where Slack's Web API is.")
    slack_managers: Literal["members", "admins"] = Field(
        "members", description="Who may change a Slack channel's settings: its members, or workspace admins."
    )
    slack_internal_app: bool = Field(
        default=False, description="Whether Slack lets this app read history quickly (internal and Marketplace apps)."
    )
    discord_token: SecretStr | None = _named("DISCORD_TOKEN", "Discord: the bot's token.")
    discord_application_id: str | None = _named(
        "DISCORD_APPLICATION_ID", "Discord: the application's id, for the invite link; read from the token if not set."
    )
    discord_api_url: str = Field("https://discord.com/api", description="Where Discord's API is.")
    discord_gateway_url: str | None = Field(
        None, description="Where Discord's gateway is; if not set, the API is asked."
    )

    public_url: str | None = Field(
        None,
        description="Where people reach Paperboy's pages, like https://papers.example.org, for links.",
    )
    web: bool = Field(default=False, description="Whether Paperboy shows pages: today's list, search, feeds, an API.")
    web_rate: int = Field(120, ge=1, le=1_000_000, description="How many requests a minute one client's pages answer.")
    proxies: Names = Field(
        ("127.0.0.1", "::1"),
        description="Addresses or networks whose X-Forwarded-For and -Proto are believed, separated by commas.",
    )

    smtp_url: SecretStr | None = Field(
        None,
        description="Mail: the server that takes it, smtps://user@smtp.example.org or, with STARTTLS, smtp://….",
    )
    smtp_password: SecretStr | None = Field(None, description="Mail: the password of that user.")
    mail_from: str | None = Field(
        None, description="Mail: the sender, like papers@example.org or Paperboy <papers@example.org>."
    )

    @field_validator("sources", "arxiv_categories", "proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, re.split(r"[,\s]+", value))) if isinstance(value, str) else value

    @field_validator("sources")
    @classmethod
    def _known_sources(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(value) - set(SOURCES)):
            raise ValueError(f"there is no source {', '.join(unknown)}; choose from {', '.join(SOURCES)}")
        return value

    @field_validator("arxiv_categories")
    @classmethod
    def _categories(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [name for name in value if not _CATEGORY.fullmatch(name)]:
            raise ValueError(f"{wrong[0]} is no arXiv category; write them like cs.CL")
        return value

    @field_validator("huggingface_url", "arxiv_api_url", "arxiv_feed_url", "hackernews_url", "llm_url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise ValueError("write a URL like https://example.org, without a user name")
        return value.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        return None if value is None else cls._url(value)

    @field_validator("proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each, strict=False)
            except ValueError:
                raise ValueError(f"{each} is no address; write them like 127.0.0.1 or 10.0.0.0/8") from None
        return value

    @field_validator("embeddings")
    @classmethod
    def _model(cls, value: str) -> str:
        if value != "static" and not re.fullmatch(r"onnx:.+", value):
            raise ValueError("write static, or onnx: and the directory of a model, like onnx:/srv/minilm")
        return value

    @field_validator("llm_key")
    @classmethod
    def _sendable(cls, value: SecretStr | None) -> SecretStr | None:
        told = secret_value(value) or ""
        if not told.isascii() or not told.isprintable() or " " in told:
            raise ValueError("a key has plain letters only, and no spaces")
        return value

    @field_validator("contact", "llm_model")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not value.isascii() or not value.isprintable():
            raise ValueError("write one line of plain letters only")
        return value

    @field_validator("operator")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[a-z]+:\S+", value):
            raise ValueError("write a channel like slack:T1/C2 or console:local")
        return value


def load(**overrides: object) -> Settings:
    """The settings of this process; `overrides` come from the command line. Raises SettingsError naming every fault."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # checked by the model itself
    except ValidationError as error:
        faults = [_fault(str(f["loc"][0]) if f["loc"] else "", f["msg"]) for f in error.errors(include_input=False)]
        raise SettingsError(tuple(faults)) from None


def table() -> list[tuple[str, str, str]]:
    """Every setting as (variable, default, what it does)."""
    return [
        (environment_name(name), _shown(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def secret_keys(settings: Settings) -> tuple[str, ...]:
    """The keys that open stored tokens, the one that locks first."""
    return tuple(filter(None, re.split(r"[,\s]+", secret_value(settings.secret_key) or "")))


def _shown(default: object) -> str:
    return ",".join(default) if isinstance(default, tuple) else "" if default is None else str(default)


def environment_name(field: str) -> str:
    """The variable that sets a field; of a variable, itself."""
    info = Settings.model_fields.get(field)
    if info is not None and isinstance(info.validation_alias, str):
        return info.validation_alias
    return field if field.isupper() else f"PAPERBOY_{field.upper()}"


def secret_value(secret: SecretStr | None) -> str | None:
    """A secret's value, for the one who needs it."""
    return None if secret is None else secret.get_secret_value()


def _fault(field: str, message: str) -> str:
    said = message.removeprefix("Value error, ")
    return f"{environment_name(field)}: {said[:1].lower()}{said[1:]}"
