"""All settings, from the environment first and then from `deskbridge.toml`.

A variable of the environment may stand in the file too, in small letters at its top; the sections
(`[handoff]`, `[[bots]]`, …) are in the file only. An empty variable counts as unset. All faults are
found at once and raised as one `SettingsError`, by name; no fault ever repeats a value, since
values are secrets often enough.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bridge.doubts import SHAPES, doubts
from bridge.errors import SettingsError
from bridge.settings_actions import ActionList
from bridge.settings_agents import AgentSettings
from bridge.settings_alerts import Alerts, AlertSettings, alert_conflicts
from bridge.settings_approvals import Approvals, ApprovalSettings
from bridge.settings_audit import AuditSettings, audit_conflicts
from bridge.settings_email import EmailSettings, SmtpUrl, email_conflicts
from bridge.settings_file import CONFIG, Place, file_values, path_of, places
from bridge.settings_hours import HoursSettings
from bridge.settings_key import kept_key
from bridge.settings_sections import (
    DEFAULT_QUEUE,
    SECTION_TYPES,
    ApiSettings,
    BotSettings,
    DeliverySettings,
    FileSettings,
    HandoffSettings,
    LabelSettings,
    LeakSettings,
    Messages,
    MessengerSettings,
    ProfileSettings,
    QueueList,
    ReplySettings,
    RetentionSettings,
    SlackSettings,
    WebchatSettings,
    WebhookSettings,
    WebSettings,
)
from bridge.settings_templates import TemplateSettings
from bridge.settings_triggers import TriggerList, hidden
from bridge.settings_types import (
    SECRET_LENGTH,
    ApiUrl,
    AppToken,
    BotSecret,
    DatabaseUrl,
    HttpUrl,
    LongSecret,
    Origin,
    RedisUrl,
    SecretList,
    checked_list,
    origin,
    words,
)

__all__ = ["BotSettings", "Settings"]

SQLITE = "sqlite:///"
NEEDS = (
    ("BOT_SECRET", "BOT_URL"),
    ("BOT_URL", "BOT_SECRET"),
    ("MESSENGER_APP_SECRET", "MESSENGER_PAGE_TOKEN"),
    ("MESSENGER_VERIFY_TOKEN", "MESSENGER_PAGE_TOKEN"),
    ("MESSENGER_PAGE_TOKEN", "MESSENGER_APP_SECRET"),
    ("SLACK_CHANNEL", "SLACK_BOT_TOKEN"),
    ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"),
    ("SLACK_BOT_TOKEN", "SLACK_CHANNEL"),
    ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"),
    ("SLACK_CLIENT_SECRET", "SLACK_CLIENT_ID"),
)
"""What is needed, with what."""
LOOPBACK = ("127.0.0.1", "localhost")


class Settings(BaseSettings):
    """Made by `Settings.load`; made directly, it reads neither the environment nor a file."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    database_url: DatabaseUrl = Field("sqlite:///deskbridge.db", repr=False)
    redis_url: RedisUrl | None = Field(None, repr=False)
    public_url: HttpUrl = "http://127.0.0.1:8080"
    secret_key: SecretList | None = None
    api_key: LongSecret | None = None

    slack_bot_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_app_token: AppToken | None = None
    slack_client_id: str = ""
    slack_client_secret: SecretStr | None = None
    slack_channel: str = ""
    slack_api_url: ApiUrl = "https://slack.com/api/"

    messenger_page_token: SecretStr | None = None
    messenger_app_secret: SecretStr | None = None
    messenger_verify_token: SecretStr | None = None
    messenger_api_url: HttpUrl = "https://graph.facebook.com/v26.0"

    console_token: LongSecret | None = None
    """Switches the channel `console` on, and is what it asks for."""

    webchat_origins: Annotated[tuple[Origin, ...], BeforeValidator(words)] = Field(
        default_factory=lambda valid: _own_origins(valid["public_url"])
    )
    webchat_identity_secret: LongSecret | None = None
    webchat_identity: Literal["anonymous", "preferred", "required"] = "anonymous"

    smtp_url: SmtpUrl | None = None
    email_inbound_secret: LongSecret | None = None

    bot_url: HttpUrl | None = None
    bot_secret: BotSecret | None = None

    files_dir: str = ""
    """A folder that all processes share; empty: beside the SQLite file, or within PostgreSQL."""
    metrics_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"

    messages: Messages = Field(default_factory=dict)
    """Occasion (with `_no_bot` for desks without one), language, text; empty: send nothing."""
    listed_bots: tuple[BotSettings, ...] = Field(default=(), alias="bots")
    queues: QueueList = DEFAULT_QUEUE
    hours: HoursSettings = HoursSettings()
    handoff: HandoffSettings = HandoffSettings()
    agents: AgentSettings = AgentSettings()
    templates: TemplateSettings = TemplateSettings()
    actions: ActionList = ()
    labels: LabelSettings = LabelSettings()
    triggers: TriggerList = ()
    profile: ProfileSettings = ProfileSettings()
    replies: ReplySettings = ReplySettings()
    leaks: LeakSettings = LeakSettings()
    alerts: Alerts = AlertSettings()
    approvals: Approvals = ApprovalSettings()
    audit: AuditSettings = AuditSettings()
    slack: SlackSettings = SlackSettings()
    delivery: DeliverySettings = DeliverySettings()
    webchat: WebchatSettings = WebchatSettings()
    messenger: MessengerSettings = MessengerSettings()
    email: EmailSettings = EmailSettings()
    web: WebSettings = WebSettings()
    api: ApiSettings = ApiSettings()
    webhooks: WebhookSettings = WebhookSettings()
    files: FileSettings = FileSettings()
    retention: RetentionSettings = RetentionSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic calls it by name
        init_settings: PydanticBaseSettingsSource,
        *_others: PydanticBaseSettingsSource,
        **_named: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """`load` alone decides what is read, so that a stray SLACK or BOTS variable is not."""
        return (init_settings,)

    @classmethod
    def checked(
        cls, env: Mapping[str, str] | None = None, toml_path: Path | str | None = None
    ) -> Settings:
        """The settings of this process. Nothing is made or written.

        Raises SettingsError with every fault found.
        """
        settings, faults = cls.examine(env, toml_path)
        if faults or settings is None:
            places = cls.places(list(faults), env, toml_path)
            raise SettingsError(faults, settings.doubts if settings else None, places)
        return settings

    @classmethod
    def load(
        cls, env: Mapping[str, str] | None = None, toml_path: Path | str | None = None
    ) -> Settings:
        """The same. Makes the secret key beside a SQLite file on first use."""
        settings = cls.checked(env, toml_path)
        return settings if settings.secret_key else settings._with_kept_key()

    @staticmethod
    def places(
        names: Sequence[str],
        env: Mapping[str, str] | None = None,
        toml_path: Path | str | None = None,
    ) -> dict[str, Place]:
        """Where what has a fault was written, by the names that `examine` gives."""
        env = os.environ if env is None else env
        file = file_values(env, toml_path, {})
        return places(names, env, file, str(path_of(env, toml_path)))

    @classmethod
    def examine(
        cls, env: Mapping[str, str] | None = None, toml_path: Path | str | None = None
    ) -> tuple[Settings | None, dict[str, str]]:
        """The settings with those that have a fault left out, and every fault by name. Nothing is
        made or written. None: the file cannot be read, and nobody knows what it would say."""
        env = os.environ if env is None else env
        faults: dict[str, str] = {}
        values = file_values(env, toml_path, faults) | _variables(env)
        unread = CONFIG in faults
        settings = cls._validated(values, faults)
        for name, fault in _conflicts(values):
            faults.setdefault(name, fault)
        if settings is None:
            settings = cls._validated(_sound(values, faults), {})
        for name, fault in hidden(values.get("triggers"), settings, [*faults]):
            faults.setdefault(name, fault)
        return None if unread else settings, dict(sorted(faults.items()))

    @classmethod
    def _validated(cls, values: dict[str, Any], faults: dict[str, str]) -> Settings | None:
        try:
            return cls(**values)
        except ValidationError as error:
            for fault in error.errors(include_input=False, include_url=False):
                if fault["type"] == "default_factory_not_called":
                    continue  # what it is made from has a fault of its own
                faults.setdefault(_name(fault["loc"]), _told(**fault))
            return None

    def _with_kept_key(self) -> Settings:
        path = Path(f"{self.database_url.removeprefix(SQLITE)}.key")
        try:
            text = kept_key(path)
            key = checked_list(SecretStr(text))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise SettingsError({"SECRET_KEY": f"cannot be kept in {path}: {reason}"}) from error
        return self.model_copy(update={"secret_key": key})

    @property
    def secret_keys(self) -> list[bytes]:
        """The first signs and encrypts, all verify and decrypt."""
        text = self.secret_key.get_secret_value() if self.secret_key else ""
        return [part.encode() for part in words(text)]

    @property
    def doubts(self) -> dict[str, str]:
        """What has an unusual shape, by name; to be told, not refused."""
        found = {name: getattr(self, name.lower()) for name in SHAPES}
        return doubts({name: _plain(value) for name, value in found.items()})

    @property
    def bots(self) -> tuple[BotSettings, ...]:
        if self.bot_url is None or self.bot_secret is None:
            return self.listed_bots
        return (BotSettings(url=self.bot_url, secret=self.bot_secret), *self.listed_bots)

    @property
    def files_folder(self) -> Path | None:
        """None: in the database."""
        if self.files_dir:
            return Path(self.files_dir)
        file = self.database_url.removeprefix(SQLITE)
        return Path(f"{file}.files") if file != self.database_url else None

    @property
    def slack_posts_per_second(self) -> float:
        return self.slack.posts_per_second

    @property
    def slack_connections(self) -> int:
        return self.slack.connections

    @property
    def slack_sweep_every(self) -> float:
        return self.slack.sweep_every

    @property
    def alerts_private(self) -> bool:
        return self.alerts.private

    @property
    def delivery_timeout(self) -> float:
        return self.delivery.timeout

    @property
    def delivery_quarantine(self) -> float:
        return self.delivery.quarantine

    @property
    def delivery_lease(self) -> float:
        return self.delivery.lease


SECTIONS = frozenset({"messages", *SECTION_TYPES})
VARIABLES = frozenset(
    name.upper()
    for name, field in Settings.model_fields.items()
    if (field.alias or name) not in SECTIONS
)


def _variables(env: Mapping[str, str]) -> dict[str, Any]:
    return {name.lower(): env[name] for name in VARIABLES if env.get(name)}


def _own_origins(public_url: str) -> tuple[str, ...]:
    """The origin of PUBLIC_URL. On this machine both of its names, as people type either."""
    url = urlsplit(public_url)
    if url.hostname not in LOOPBACK:
        return (origin(f"{url.scheme}://{url.netloc}"),)
    port = f":{url.port}" if url.port else ""
    return tuple(origin(f"{url.scheme}://{host}{port}") for host in LOOPBACK)


def _conflicts(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Faults between settings that are each fine, looked for even where others are not."""
    for name, needed_by in NEEDS:
        if values.get(needed_by.lower()) and not values.get(name.lower()):
            yield name, f"is needed with {needed_by}"
    doors = values.get("slack_signing_secret") or values.get("slack_app_token")
    if values.get("slack_bot_token") and not doors:
        fault = "is needed with SLACK_BOT_TOKEN, or SLACK_APP_TOKEN in its place (Socket Mode)"
        yield "SLACK_SIGNING_SECRET", fault
    identity = values.get("webchat_identity") in {"preferred", "required"}
    if identity and not values.get("webchat_identity_secret"):
        yield "WEBCHAT_IDENTITY_SECRET", "is needed to identify visitors"
    if not values.get("secret_key") and str(values.get("database_url", "")).startswith("postgres"):
        yield "SECRET_KEY", f"is needed with PostgreSQL: at least {SECRET_LENGTH} characters"
    yield from email_conflicts(values)
    yield from alert_conflicts(values)
    yield from audit_conflicts(values)
    yield from _same_bots(values)


def _same_bots(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    listed = values.get("bots")
    listed = listed if isinstance(listed, list) else []
    names = [str(bot.get("id", "default")) for bot in listed if isinstance(bot, dict)]
    names += ["default"] if values.get("bot_url") else []
    if len(names) != len(set(names)):
        yield "bots", "two have the same id (BOT_URL makes the one called default)"


def _plain(value: SecretStr | str | None) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value or ""


def _name(where: tuple[int | str, ...]) -> str:
    """`DATABASE_URL`, `handoff.preview`, `bots[0].url`."""
    first = str(where[0])
    if first.upper() in VARIABLES:
        return first.upper()
    rest = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in where[1:])
    return (first + "".join(rest)).removesuffix(".[key]")


def _sound(values: Mapping[str, Any], faults: Mapping[str, str]) -> dict[str, Any]:
    """The values at the top without those in which there is a fault."""
    faulty = {re.split(r"[.\[]", name)[0].lower() for name in faults}
    return {name: value for name, value in values.items() if name.lower() not in faulty}


def _sentence(message: str) -> str:
    """Pydantic's words behind a name, without its prefix for our own ones."""
    plain = message.removeprefix("Value error, ").replace("Field required", "is needed")
    plain = re.sub(r"^[A-Z]\w+ should ", "must ", plain)  # Input, String, Tuple …
    return plain[:1].lower() + plain[1:]


def _told(type: str, loc: tuple[int | str, ...], msg: str, **_: Any) -> str:
    if type == "extra_forbidden":
        return _unknown(loc)
    if type == "tuple_type":
        return "must be " + ("a list, in […]" if loc[1:] else f"[[{loc[0]}]], one for each")
    return _sentence(msg)


def _unknown(where: tuple[int | str, ...]) -> str:
    known = _known_beside(where)
    near = get_close_matches(str(where[-1]), known, n=1)
    return "is not a setting" + (f"; did you mean {near[0]}?" if near else "")


def _known_beside(where: tuple[int | str, ...]) -> list[str]:
    if len(where) == 1:
        return [name.lower() for name in VARIABLES] + sorted(SECTIONS)
    section = SECTION_TYPES.get(str(where[0]))
    fields = section.model_fields if section else {}
    return [field.alias or name for name, field in fields.items()]
