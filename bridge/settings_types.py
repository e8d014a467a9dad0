"""The kinds of values that settings have, each with its check. A fault never repeats the value."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

from bridge import patterns

SECRET_LENGTH = 32
BOT_SECRET_BYTES = range(24, 65)
DEFAULT_PORTS = {"http": 80, "https": 443}


def words(value: Any) -> Any:
    """A comma-separated text as its parts; anything else as it is."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def formed(pattern: str, otherwise: str) -> AfterValidator:
    """A text of this form; `otherwise` says in words what it must be."""
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(otherwise)
        return text

    return AfterValidator(check)


def origin(value: str) -> str:
    """An origin as browsers spell it: small letters, no default port, nothing after the host."""
    url = _web_url(value)
    if url.path.strip("/") or url.query or url.fragment or url.username is not None:
        raise ValueError("must be an origin: scheme://host or scheme://host:port, nothing after")
    host = f"[{url.hostname}]" if ":" in str(url.hostname) else str(url.hostname)
    port = "" if url.port in {None, DEFAULT_PORTS[url.scheme]} else f":{url.port}"
    return f"{url.scheme}://{host}{port}"


def checked_list(value: SecretStr) -> SecretStr:
    parts = words(value.get_secret_value())
    if not parts or any(len(part) < SECRET_LENGTH for part in parts):
        raise ValueError(f"each key must have at least {SECRET_LENGTH} characters")
    return value


def _web_url(value: str) -> SplitResult:
    try:
        url = urlsplit(value.strip())
        usable = url.scheme in DEFAULT_PORTS and bool(url.hostname) and url.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("must be a URL that starts with http:// or https://")
    return url


def _http_url(value: str) -> str:
    return _web_url(value).geturl().rstrip("/")


def _api_url(value: str) -> str:
    return _http_url(value) + "/"


def _database_url(value: str) -> str:
    if value.startswith(("postgresql://", "postgres://")):
        return value
    if not value.startswith("sqlite:///"):
        raise ValueError("must start with sqlite:/// or postgresql://")
    if value.removeprefix("sqlite:///") in {"", ":memory:"}:
        raise ValueError("must name a file, as in sqlite:///deskbridge.db")
    return value


def _redis_url(value: str) -> str:
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must start with redis://, rediss:// or unix://")
    return value


def _long(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < SECRET_LENGTH:
        raise ValueError(f"must have at least {SECRET_LENGTH} characters")
    return value


def _bot_secret(value: SecretStr) -> SecretStr:
    """Standard Webhooks: `whsec_` and the base64 of 24 to 64 random bytes."""
    text = value.get_secret_value()
    try:
        key = base64.b64decode(text.removeprefix("whsec_") + "==", validate=False)
    except binascii.Error:
        key = b""
    if not text.startswith("whsec_") or len(key) not in BOT_SECRET_BYTES:
        raise ValueError("must be whsec_ followed by the base64 of 24 to 64 random bytes")
    return value


def _app_token(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith("xapp-"):
        raise ValueError("must be an app-level token, xapp-…; the bot's xoxb-… is another one")
    return value


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        raise ValueError("must be an address or a network such as 10.0.0.0/8") from None


def _called(value: str) -> str:
    """A person (`U…`), a group (`S…`) or everyone, as the desk's network spells them."""
    if value and not re.fullmatch(r"[UWS][A-Z0-9]{2,20}|@here|@channel", value, re.ASCII):
        raise ValueError("must be the id of a person (U…) or of a group (S…), @here or @channel")
    return value


def _person_id(value: str) -> str:
    if not re.fullmatch(r"[UW][A-Z0-9]{2,20}", value, re.ASCII):
        raise ValueError("must be the id of a person (U…)")
    return value


def _member_id(value: str) -> str:
    if not re.fullmatch(r"[UWS][A-Z0-9]{2,20}", value, re.ASCII):
        raise ValueError("must be the id of a person (U…) or of a user group (S…)")
    return value


def _customer(value: str) -> str:
    """An e-mail address, or a channel and who it is there."""
    bare = value.strip().lower()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+|[a-z0-9_-]+:\S+", bare):
        raise ValueError("must be an e-mail address, or a channel and an id: messenger:1234")
    return bare


def _host_name(value: str) -> str:
    bare = value.strip().strip(".").casefold()
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", bare):
        raise ValueError("must be the name of a host or its end, such as corp.example")
    return bare


def _pattern(value: str) -> str:
    if found := patterns.fault(value):
        raise ValueError(found)
    return value


DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
RedisUrl = Annotated[str, AfterValidator(_redis_url)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
ApiUrl = Annotated[str, AfterValidator(_api_url)]
Origin = Annotated[str, AfterValidator(origin)]
Called = Annotated[str, AfterValidator(_called)]
MemberId = Annotated[str, AfterValidator(_member_id)]
PersonId = Annotated[str, AfterValidator(_person_id)]
Customer = Annotated[str, AfterValidator(_customer)]
HostName = Annotated[str, AfterValidator(_host_name)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Name = Annotated[
    str,
    formed(
        r"[a-z0-9][a-z0-9_-]{0,63}",
        "must be of a to z, 0 to 9, - and _, not begin with - or _, and have at most 64 characters",
    ),
]
Network = Annotated[str, AfterValidator(_network)]
LongSecret = Annotated[SecretStr, AfterValidator(_long)]
SecretList = Annotated[SecretStr, AfterValidator(checked_list)]
AppToken = Annotated[SecretStr, AfterValidator(_app_token)]
BotSecret = Annotated[SecretStr, AfterValidator(_bot_secret)]

OutcomeName = Annotated[
    str,
    formed(
        r"[^\s:#]([^:\n]{0,58}\S)?",
        "must have at most 60 characters, no colon in it and no # before it",
    ),
]
LabelName = Annotated[
    str,
    formed(
        r"[^\s#+-]\S{0,59}",
        "must be one word of at most 60 characters that does not begin with #, + or -",
    ),
]


LanguageCode = Annotated[str, formed(r"[a-z]{2,3}", "must be a language, such as fr")]


class Section(BaseModel):
    """What all sections of the file share: frozen, and a key that nobody knows is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
