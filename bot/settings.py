"""Settings from the environment, each declared once as a field of `Settings`: type, default, checks, help text.

`paperboy settings`, the log's redaction, error messages and the tests of bot/app/README.md read this declaration. A
field of type SecretStr is a secret: no message shows its value. All faults are reported at once.
"""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, InstanceOf, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError
from bot.model.category import canonical_category, is_category, is_known, similar_categories
from bot.model.client_ip import keeps_secrets
from bot.model.database import DatabaseUrl, read_database
from bot.model.source import SOURCES, default_sources, selectable_sources

FEEDS_MAX = 50
"""Feeds that PAPERBOY_FEEDS may name."""
SEPARATORS = re.compile(r"[,\s]+")
_Text = TypeVar("_Text", str, SecretStr)


def _split(value: object) -> object:
    return tuple(filter(None, SEPARATORS.split(value))) if isinstance(value, str) else value


def _source_names(names: tuple[str, ...]) -> tuple[str, ...]:
    if names == ("none",):
        return ()
    if optional := sorted(set(names) & (SOURCES.keys() - set(selectable_sources()))):
        fields = (field for name in optional for field in SOURCES[name].arguments.values())
        switches = [environment_name(field) for field in fields if Settings.model_fields[field].default is None]
        raise ValueError(f"leave out {', '.join(optional)}: it is read where {' and '.join(switches)} is set")
    if undeclared := sorted(set(names) - set(selectable_sources())):
        raise ValueError(f"there is no source {', '.join(undeclared)}; choose from {', '.join(selectable_sources())}")
    return names


def _categories(names: tuple[str, ...]) -> tuple[str, ...]:
    categories = tuple(map(canonical_category, names))
    for name, category in zip(names, categories, strict=True):
        if not is_category(category) or (("." in category or len(category) < 4) and not is_known(category)):
            near = " or ".join(similar_categories(name, most=2))
            raise ValueError(f"“{name}” is no arXiv category; did you mean {near}?")
    return categories


def _networks(addresses: tuple[str, ...]) -> tuple[str, ...]:
    for address in addresses:
        try:
            ip_network(address, strict=False)
        except ValueError:
            raise ValueError(f"{address} is no address; write them like 127.0.0.1 or 10.0.0.0/8") from None
    return addresses


def _feeds(urls: tuple[str, ...]) -> tuple[str, ...] | None:
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.username:
            name = parts.hostname or "one of them"  # what stands around it may be a password or a reader's key
            raise ValueError(f"{name} is no feed that is read; write addresses like https://example.org/feed.xml")
    if len(urls) > FEEDS_MAX:
        raise ValueError(f"at most {FEEDS_MAX} feeds are read")
    return urls or None


def _web_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValueError("write a URL like https://example.org, without a user name")
    return url.rstrip("/")


def _zotero_url(url: str) -> str:
    """A base URL that people's keys are sent to: encrypted, unless it is this machine."""
    base = _web_url(url)
    if not keeps_secrets(base):
        raise ValueError("write an https URL: people's API keys are sent there")
    return base


def _site_url(url: str) -> str:
    site = _web_url(url)
    parts = urlsplit(site)
    if parts.path or parts.query or parts.fragment:
        raise ValueError("write a host without a path, like https://papers.example.org: pages need a host of their own")
    return site


def _matching(pattern: str, remedy: str) -> AfterValidator:
    """A check that a text or secret matches a regular expression as a whole."""

    def check(value: _Text) -> _Text:
        if not re.fullmatch(pattern, value if isinstance(value, str) else value.get_secret_value()):
            raise ValueError(remedy)
        return value

    return AfterValidator(check)


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Several words, separated by commas or spaces."""
WebUrl = Annotated[str, AfterValidator(_web_url)]
"""An http or https URL without a user name; stored without a slash at the end."""
AsciiLine = Annotated[str, _matching(r"[ -~]*", "write one line of plain letters only")]
ChannelAddress = Annotated[str, _matching(r"[a-z]+:\S+", "write a channel like slack:T1/C2 or console:local")]
HeaderToken = Annotated[SecretStr, _matching(r"[!-~]*", "a key has plain letters only, and no spaces")]
_NO_MODEL = "write static, or onnx: and the directory of a model, like onnx:/srv/minilm"


def _unprefixed(variable: str, description: str) -> Any:  # Any: used for fields of several types
    """An optional setting under the variable name that a platform's own documentation uses."""
    return Field(None, validation_alias=variable, description=description)


class Settings(BaseSettings):
    """All settings. A field's variable is `PAPERBOY_` and its name in capitals unless it says another one."""

    model_config = SettingsConfigDict(env_prefix="PAPERBOY_", env_ignore_empty=True, extra="ignore", frozen=True)

    db: Annotated[Path | InstanceOf[DatabaseUrl], NoDecode, BeforeValidator(read_database)] = Field(
        Path("paperboy.db"),
        validation_alias=AliasChoices("PAPERBOY_DB", "DATABASE_URL"),
        description="The SQLite file, or a PostgreSQL URL like postgresql://user:password@host/name (or DATABASE_URL).",
    )
    contact: AsciiLine = Field(
        "", description="Your mail address or URL, sent to the sources in the User-Agent. Please set it."
    )
    sources: Annotated[Names, AfterValidator(_source_names)] = Field(
        default_sources(), description="Which sources are asked, separated by commas; `none` for none."
    )
    feeds: Annotated[Names | None, AfterValidator(lambda urls: urls and _feeds(urls))] = Field(
        None, description="RSS or Atom feeds, https only, whose mentions of papers are shown; read when set."
    )
    github_token: HeaderToken | None = Field(
        None, description="A GitHub token, without any scope, to read the stars of papers' code; read when set."
    )
    semantic_scholar_key: HeaderToken | None = Field(
        None, description="A key of Semantic Scholar, for more citations than it answers without one."
    )
    file: Path | None = Field(None, description="A JSON Lines file of papers and signals, read as one more source.")
    arxiv_categories: Annotated[Names, AfterValidator(_categories)] = Field(
        ("cs.AI", "cs.CL", "cs.CV", "cs.LG"),
        description="arXiv feeds that are always read, besides those that topics name.",
    )
    huggingface_url: WebUrl = Field("https://huggingface.co", description="Where Hugging Face is.")
    arxiv_api_url: WebUrl = Field("https://export.arxiv.org", description="Where arXiv's query API is.")
    arxiv_feed_url: WebUrl = Field("https://rss.arxiv.org", description="Where arXiv's feeds are.")
    hackernews_url: WebUrl = Field("https://hn.algolia.com", description="Where Hacker News search is.")
    biorxiv_url: WebUrl = Field("https://api.biorxiv.org", description="Where bioRxiv's and medRxiv's API is.")
    semantic_scholar_url: WebUrl = Field(
        "https://api.semanticscholar.org", description="Where Semantic Scholar's API is."
    )
    github_url: WebUrl = Field("https://api.github.com", description="Where GitHub's API is.")
    zotero_url: Annotated[str, AfterValidator(_zotero_url)] = Field(
        "https://api.zotero.org", description="Where Zotero's Web API is."
    )
    arxiv_interval: float = Field(3.0, ge=0, description="Seconds between two requests to arXiv; it asks for 3.")
    timeout: float = Field(20.0, gt=0, le=300, description="Seconds to wait for a source.")
    retries: int = Field(4, ge=1, le=10, description="How often a failing request is tried.")
    collect_minutes: float = Field(30.0, gt=0, description="Minutes between two looks at the sources.")
    tick_seconds: float = Field(60.0, gt=0, description="Seconds between two looks at who is due.")
    stop_seconds: float = Field(
        7.0, ge=0, le=600, description="Seconds that messages being sent get at a stop; the host must grant 3 more."
    )
    cache: Path | Literal["off"] | None = Field(
        None,
        description="A folder for copies of the search index that are mapped into memory, or `off`; it may be lost.",
    )
    pictures: Path | Literal["off"] | None = Field(
        None, description="A folder for pictures of papers on Paperboy's pages, or `off`; it may be lost."
    )
    host: str = Field("127.0.0.1", description="The address to listen on; 0.0.0.0 for all.")
    port: int | None = Field(
        None,
        ge=1,
        le=65_535,
        validation_alias=AliasChoices("PAPERBOY_PORT", "PORT"),
        description="The port to listen on (PORT works too); unset, Paperboy listens only if an adapter needs it.",
    )
    operator: ChannelAddress | None = Field(
        None, description="A channel for notices nobody else can be told, like slack:T1/C2."
    )
    log: Literal["text", "json"] = Field("text", description="Log lines as key=value text or as JSON.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")
    embeddings: Annotated[str, _matching("static|onnx:.+", _NO_MODEL)] = Field(
        "static",
        description="The model that search by meaning uses: `static`, which comes with Paperboy, or `onnx:DIR`.",
    )
    summaries: Literal["authors", "huggingface"] = Field(
        "authors",
        description="The sentence under a title: `authors`, from the abstract, or `huggingface`, its AI summary.",
    )
    llm_url: WebUrl | None = Field(
        None,
        description="An OpenAI-compatible API that may write summaries, like http://localhost:11434/v1.",
    )
    llm_model: AsciiLine = Field("", description="The model that writes them, as that API names it.")
    llm_key: HeaderToken | None = Field(None, description="The key of that API, if it wants one.")
    clock: Path | None = Field(
        None, description="For tests: a file that holds the time as ISO 8601, read instead of the clock."
    )

    secret_key: SecretStr | None = Field(
        None,
        description="Encrypts stored tokens and keys, signs links; `paperboy key` makes one. Several: newest first.",
    )
    slack_bot_token: SecretStr | None = _unprefixed("SLACK_BOT_TOKEN", "Slack: the bot token, xoxb-….")
    slack_app_token: SecretStr | None = _unprefixed(
        "SLACK_APP_TOKEN", "Slack, Socket Mode: the app-level token, xapp-…."
    )
    slack_signing_secret: SecretStr | None = _unprefixed("SLACK_SIGNING_SECRET", "Slack over HTTP: the signing secret.")
    slack_client_id: str | None = _unprefixed("SLACK_CLIENT_ID", "Slack for many workspaces: the OAuth client id.")
    slack_client_secret: SecretStr | None = _unprefixed(
        "SLACK_CLIENT_SECRET", "Slack for many workspaces: the OAuth secret."
    )
    slack_api_url: str = Field("https://slack.com/api/", description="Where Slack's Web API is.")
    slack_managers: Literal["members", "admins"] = Field(
        "members", description="Who may change a Slack channel's settings: its members, or workspace admins."
    )
    slack_internal_app: bool = Field(
        default=False, description="Whether Slack lets this app read history quickly (internal and Marketplace apps)."
    )
    slack_features: Names = Field(
        (), description="What /slack/install asks permissions for besides: links and agent, as its manifest has them."
    )
    discord_token: SecretStr | None = _unprefixed("DISCORD_TOKEN", "Discord: the bot's token.")
    discord_application_id: str | None = _unprefixed(
        "DISCORD_APPLICATION_ID", "Discord: the application's id, for the invite link; read from the token if not set."
    )
    discord_api_url: str = Field("https://discord.com/api", description="Where Discord's API is.")
    discord_message_content: bool = Field(
        default=False,
        description="Discord: whether to read messages for links to papers; needs the Message Content Intent.",
    )
    discord_gateway_url: str | None = Field(
        None, description="Where Discord's gateway is; if not set, the API is asked."
    )

    matrix_homeserver: WebUrl | None = _unprefixed(
        "MATRIX_HOMESERVER", "Matrix: the homeserver's URL, like https://matrix.example.org."
    )
    matrix_user: str | None = _unprefixed("MATRIX_USER", "Matrix: the account, like @paperboy:example.org.")
    matrix_access_token: SecretStr | None = _unprefixed("MATRIX_ACCESS_TOKEN", "Matrix: the account's access token.")
    webhooks: SecretStr | None = Field(
        None,
        description="Incoming webhooks, each name=kind:URL, separated by spaces: mattermost, teams, googlechat, json.",
    )

    public_url: Annotated[str, AfterValidator(_site_url)] | None = Field(
        None,
        description="Where people reach Paperboy's pages, like https://papers.example.org, for links.",
    )
    web: bool = Field(default=False, description="Whether Paperboy shows pages: today's list, search, feeds, an API.")
    web_rate: int = Field(120, ge=1, le=1_000_000, description="How many requests a minute one client's pages answer.")
    metrics_token: HeaderToken | None = Field(
        None, description="Whoever asks for /metrics with this token gets it; unset, this machine alone does."
    )
    mcp: bool = Field(
        default=False, description="Whether AI assistants are answered at /mcp, by the Model Context Protocol."
    )
    mcp_token: HeaderToken | None = Field(
        None, description="MCP: the token that opens /mcp; needed unless only this machine can reach it."
    )
    mcp_channel_token: HeaderToken | None = Field(
        None, description="MCP, `paperboy mcp`: a token of `/papers mcp token`, for a channel's topics and your list."
    )
    proxies: Annotated[Names, AfterValidator(_networks)] = Field(
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


def load(**overrides: object) -> Settings:
    """The settings of this process; `overrides` come from the command line. Raises SettingsError naming every fault."""
    set_options = {_init_name(name): value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**set_options)  # type: ignore[arg-type]  # checked by the model itself
    except ValidationError as error:
        faults = [_fault(str(f["loc"][0]) if f["loc"] else "", f["msg"]) for f in error.errors(include_input=False)]
        raise SettingsError(tuple(faults)) from None


def _init_name(field: str) -> str:
    """The name by which pydantic takes a field's value: its first alias, else its own."""
    info = Settings.model_fields.get(field)
    alias = info.validation_alias if info is not None else None
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else field


def table() -> list[tuple[str, str, str]]:
    """Variable, default and description of every setting, in the order of the declaration."""
    return [
        (environment_name(name), _default_text(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def secret_variables() -> frozenset[str]:
    """Environment variables whose values must not be shown."""
    return frozenset(
        environment_name(name) for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)
    )


def environment_name(field: str) -> str:
    """The environment variable that sets a field; a variable's name is returned as it is."""
    info = Settings.model_fields.get(field)
    if info is not None and isinstance(info.validation_alias, str):
        return info.validation_alias
    return field if field.isupper() else f"PAPERBOY_{field.upper()}"


def secret_keys(settings: Settings) -> tuple[str, ...]:
    """Keys of PAPERBOY_SECRET_KEY: all decrypt stored tokens, the first one encrypts."""
    return tuple(filter(None, SEPARATORS.split(secret_value(settings.secret_key) or "")))


def secret_value(secret: SecretStr | None) -> str | None:
    """The text of a secret; None if it is not set."""
    return None if secret is None else secret.get_secret_value()


def _default_text(default: object) -> str:
    return ",".join(default) if isinstance(default, tuple) else "" if default is None else str(default)


def _fault(field: str, message: str) -> str:
    remedy = message.removeprefix("Value error, ")
    if remedy == message:  # pydantic's own words, which begin with a capital; ours may begin with what somebody wrote
        remedy = f"{remedy[:1].lower()}{remedy[1:]}"
    return f"{environment_name(field)}: {remedy}"
