"""What is asked of the API, as Pydantic models, and reading it; what stands in the address is in
`queries.py`, what is answered in `answers.py`. Unknown fields are ignored, wrong ones are named in
the error."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from starlette.requests import Request as Http

from bridge import attributes
from bridge.commands import Reply
from bridge.errors import BadRequest
from bridge.escalation import Attached, Confidence, EscalationBody, Short, with_links
from bridge.model import LATEST, SECOND, Button, Micros, Priority
from bridge.problems import clean, clean_json, parse_object

Id = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]


def _integral(value: object) -> object:
    """JSON has one kind of number: 3.0 is 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Integral = BeforeValidator(_integral)
Epoch = Annotated[int, Field(ge=0, lt=2**53), Integral]
Shape = TypeVar("Shape", bound=BaseModel)
UNFIT = "Some fields do not fit."


class Request(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)


def _small(told: dict[str, Any]) -> dict[str, Any]:
    if not attributes.fits(told):
        raise ValueError(f"must have at most {attributes.MAX_BYTES} bytes")
    return told


Attributes = Annotated[dict[str, Any], AfterValidator(_small)]


PICTURE = r"https://[!-Z^-~]+"
"""Without brackets, which not every reader of an address takes."""


def picture(url: str) -> str:
    """The address of a picture that anybody may load; else none."""
    return url if re.fullmatch(PICTURE, url) else ""


class UserShape(Request):
    id: Id
    name: Annotated[str, Field(max_length=200)] = ""
    email: Annotated[str, Field(max_length=200)] = ""
    avatar_url: Annotated[str, Field(max_length=1_000)] = ""
    locale: Annotated[str, Field(max_length=35)] = ""
    attributes: Attributes = {}


def either(*needs: Mapping[str, str]) -> ConfigDict:
    """One of these must be there, with the type that is said: what a validator checks, too, told to
    readers of the schema."""
    parts: list[Any] = [
        {
            "required": [n for n in need if need[n] != "null"],
            "properties": {name: {"type": kind} for name, kind in need.items()},
        }
        for need in needs
    ]
    return ConfigDict(
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
        json_schema_extra={"anyOf": parts},
    )


class HandoffRequest(EscalationBody):
    """`conversation_id`, or `channel` and `user`."""

    model_config = either({"conversation_id": "string"}, {"channel": "string", "user": "object"})

    id: Id | None = None
    conversation_id: Id | None = None
    channel: Id | None = None
    user: UserShape | None = None
    epoch: Epoch | None = None
    if_unavailable: Literal["queue", "reject"] = "queue"
    """What becomes of it where there is no desk."""

    @model_validator(mode="after")
    def _has_somebody(self) -> HandoffRequest:
        if not self.conversation_id and not (self.channel and self.user):
            raise ValueError("give conversation_id, or channel and user")
        return self


class ButtonShape(Request):
    text: Annotated[str, Field(min_length=1, max_length=80)]
    value: Annotated[str, Field(max_length=1_000)] = ""


class MessageRequest(Request):
    id: Id | None = None
    text: Annotated[str, Field(min_length=1, max_length=40_000)]
    attachments: Attached = []
    buttons: Annotated[list[ButtonShape], Field(max_length=13)] = []
    epoch: Epoch | None = None
    intent: Short = ""
    """What the bot took the customer to want, in its own words."""
    confidence: Confidence | None = None
    """How sure the bot is of it, 0 to 1."""
    speaker: Literal["bot", "desk"] = Field("bot", alias="as")

    @property
    def whole(self) -> str:
        return with_links(self.text, self.attachments)

    def reply(self) -> Reply:
        """As a bot's word."""
        buttons = tuple(Button(each.text, each.value) for each in self.buttons)
        files = tuple(each.file() for each in self.attachments)
        return Reply(self.text, buttons, files, self.intent, self.confidence)


class RelayRequest(Request):
    conversation: Id
    """Your own name of it."""
    user: UserShape
    id: Id
    """Of this message."""
    text: Annotated[str, Field(min_length=1, max_length=10_000)]
    attachments: Attached = []
    reply_to: Id

    @property
    def whole(self) -> str:
        return with_links(self.text, self.attachments)


class UserChange(Request):
    """What is left out stays as it is."""

    name: Annotated[str, Field(max_length=200)] | None = None
    email: Annotated[str, Field(max_length=200)] | None = None
    avatar_url: Annotated[str, Field(max_length=1_000, pattern=rf"^({PICTURE})?$")] | None = None
    locale: Annotated[str, Field(max_length=35)] | None = None
    attributes: Attributes | None = None
    """Those that are not named stay; null: known no more."""

    def told(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True) | (
            {"attributes": self.attributes} if self.attributes else {}
        )


class PauseRequest(Request):
    reason: Annotated[str, Field(max_length=500)] = ""


class MergeRequest(Request):
    channel: Id
    user_id: Id


class PresenceRequest(Request):
    online: bool


class AssignRequest(Request):
    agent: Id


SPACES = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""Written out: what a space is, is another thing to each reader of a pattern."""
LABEL = rf"^[^{SPACES}#+-][^{SPACES}]*$"
PATTERNS = {LABEL: "Should be one word, without spaces, that does not begin with #, + or -"}
"""What a text that fits a pattern looks like."""
Label = Annotated[str, Field(min_length=1, max_length=60, pattern=LABEL)]
Words = Annotated[str, Field(max_length=2_000)]


class TransferRequest(Request):
    """To an agent or to a queue."""

    model_config = either(
        {"agent": "string", "queue": "null"}, {"queue": "string", "agent": "null"}
    )

    agent: Id | None = None
    queue: Id | None = None
    note: Words = ""

    @model_validator(mode="after")
    def _has_one(self) -> TransferRequest:
        if (self.agent is None) == (self.queue is None):
            raise ValueError("give agent or queue")
        return self


class EndRequest(Request):
    reason: Words = ""


class ResolveRequest(EndRequest):
    labels: Annotated[
        list[Label], Field(max_length=50, description="Put on it before it is resolved.")
    ] = []


class SnoozeRequest(Request):
    """`until` as ISO 8601 with its zone, or `seconds` from now."""

    model_config = either(
        {"until": "string", "seconds": "null"}, {"seconds": "integer", "until": "null"}
    )

    until: AwareDatetime | None = None
    seconds: Annotated[int, Field(gt=0, le=90 * 86_400), Integral] | None = None

    @model_validator(mode="after")
    def _has_one(self) -> SnoozeRequest:
        if (self.until is None) == (self.seconds is None):
            raise ValueError("give until or seconds")
        return self

    def due(self, now: Micros) -> Micros:
        if self.until is not None:
            return min(int(self.until.timestamp() * SECOND), LATEST)
        return now + (self.seconds or 0) * SECOND


class LabelsRequest(Request):
    add: Annotated[list[Label], Field(max_length=50)] = []
    remove: Annotated[list[Label], Field(max_length=50)] = []


class NoteRequest(Request):
    text: Annotated[str, Field(min_length=1, max_length=10_000)]


class PriorityRequest(Request):
    priority: Priority


# --- reading -------------------------------------------------------------------------------------


def read(body: bytes, shape: type[Shape]) -> Shape:
    """Types are as they are in JSON: `"7"` is no number. Raises BadRequest: 400 for broken JSON,
    422 naming each field that does not fit."""
    values = clean_json(parse_object(body))
    try:
        return shape.model_validate_json(orjson.dumps(values), strict=True)
    except ValidationError as error:
        raise _unfit(error) from None


def read_query(request: Http, shape: type[Shape]) -> Shape:
    """Raises BadRequest (422): something does not fit, or comes twice."""
    pairs = request.query_params.multi_items()
    twice = {name for name, n in Counter(name for name, _ in pairs).items() if n > 1}
    if named := twice & shape.model_fields.keys():
        raise BadRequest("invalid", UNFIT, dict.fromkeys(sorted(named), "comes twice"))
    try:
        return shape.model_validate({name: clean(value) for name, value in pairs})
    except ValidationError as error:
        raise _unfit(error) from None


def says_too_little(shape: type[Shape]) -> bool:
    """Whether an empty object is not enough."""
    try:
        shape.model_validate({})
    except ValidationError:
        return True
    return False


def _unfit(error: ValidationError) -> BadRequest:
    fields = {_path(fault["loc"]): _told(fault) for fault in error.errors(include_url=False)}
    return BadRequest("invalid", UNFIT, fields)


def _told(fault: ErrorDetails) -> str:
    """Nobody reads a pattern: what it asks for is said in words, where we have them."""
    return PATTERNS.get(fault.get("ctx", {}).get("pattern", ""), fault["msg"])


def digest(shape: BaseModel) -> str:
    """The same for the same request, whatever the order or spacing of its JSON."""
    values = shape.model_dump(mode="json", exclude_unset=True)
    canonical = orjson.dumps(values, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.blake2b(canonical, digest_size=16).hexdigest()


def _path(where: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in where) or "body"
