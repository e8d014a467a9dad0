"""The forms of an approval, and what was filled into them. Pure.

An action is edited by its schema, a field for each of its parts, where they are texts, numbers,
choices or yes and no; anything else as JSON. What does not fit is said beside its field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from adapters.slack import forms, replies
from adapters.slack.approval import LABELS, PRESS, WHOLE, is_words, told
from adapters.slack.blocks import MAX_ELEMENT, Block, Body, cut, neutral, row, units, words
from adapters.slack.forms import ARG, FIELD, View
from bridge.gates import Act, Approval
from bridge.texts import split

FORM = "approval"
"""callback_id of all of them."""
MOST_FIELDS, MAX_NAME = 30, 100
LINE = 60
"""Characters of a text that is edited in one line."""
_NUMBER = re.compile("[1-9][0-9]{0,8}")
MOST_SHOWN = 40_000
"""Units of a draft in a window of its own: Slack takes windows of up to 250 kB."""
TOO_MUCH = "It is longer than Slack can show. The API has all of it, as"
TOO_LONG = "It is too long to be edited here. Respond instead, or decide by the API."
ASKS: Mapping[Act, tuple[str, str]] = {
    Act.REJECT: ("Why? The assistant gets the reason", "Reject"),
    Act.RESPOND: ("What is to be said instead", "Send"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a button or a form asks for."""

    act: Act
    approval: str
    revision: int


def read(action_id: str, value: str) -> Wish | None:
    """Of a button, whose value is `apr_1|2`; None: of another one."""
    act = action_id.removeprefix(PRESS)
    if act == action_id:
        return None
    approval, _, revision = value.partition("|")
    if act not in LABELS or not approval or not _NUMBER.fullmatch(revision):
        return None
    return Wish(Act(act), approval, int(revision))


def read_whole(action_id: str, value: str) -> str:
    """Of which approval all is to be shown; empty: another button."""
    return value.partition("|")[0] if action_id == WHOLE else ""


def whole(it: Approval) -> View:
    """All of what is voted on."""
    said = told(it.value)
    shown = cut(said, MOST_SHOWN)
    blocks = [row(words(each)) for each in split(shown, MAX_ELEMENT)]
    if shown != said:
        blocks.append(row(words(f"{TOO_MUCH} {it.id}.", bold=True)))
    return forms.shown(Body("", blocks), "Draft")


def form(wish: Wish, it: Approval) -> View:
    """Of one that needs more than a click."""
    about = [row(words(" ".join(it.title.split()) or "Approval", bold=True))]
    if wish.act is Act.EDIT:
        fields, submit = _editing(it), "Approve"
        if fields is None:
            return forms.shown(replies.plain(TOO_LONG), "Edit")
    else:
        label, submit = ASKS[wish.act]
        fields = [forms.text(label)]
    title = LABELS[wish.act][0].rstrip("…")
    private = f"{wish.act}|{wish.approval}|{wish.revision}"
    return forms.window(title, [*about, *fields], FORM, submit) | {"private_metadata": private}


def read_form(private: str) -> Wish | None:
    act, _, value = private.partition("|")
    return read(f"{PRESS}{act}", value)


def _editing(it: Approval) -> list[Block] | None:
    """None: it does not fit into a form whole."""
    if it.is_text and is_words(it.value):
        return _whole("The answer, in Markdown: **bold**, [name](address)", it.value["text"])
    parts = _parts(it)
    if not parts:
        return _whole("The action, as JSON", _json(it.value))
    fields = [_field(name, schema, it) for name, schema in parts.items()]
    return None if any(field is None for field in fields) else [f for f in fields if f]


def _whole(label: str, text: str) -> list[Block] | None:
    return None if units(text) > forms.MAX_INPUT else [forms.text(label, text)]


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _parts(it: Approval) -> dict[str, Mapping[str, Any]]:
    """The properties of its schema, if the value is an object of no others."""
    schema = it.form if isinstance(it.form, dict) else {}
    found = schema.get("properties")
    value = it.value
    if (
        not isinstance(found, dict)
        or not isinstance(value, dict)
        or not value.keys() <= found.keys()
    ):
        return {}
    sound = all(isinstance(each, dict) and ":" not in name for name, each in found.items())
    fits = 0 < len(found) <= MOST_FIELDS and all(0 < len(name) <= MAX_NAME for name in found)
    return found if sound and fits else {}


def _field(name: str, schema: Mapping[str, Any], it: Approval) -> Block | None:
    required = it.form.get("required", ())
    optional = name not in required if isinstance(required, list) else True
    label = cut(neutral(str(schema.get("title") or name)), 200) or name
    value, block_id = it.value.get(name), f"{FIELD}{name}"
    options = _options(schema)
    if options:
        made = [forms.option(each, each) for each in options]
        chosen = [each for each in made if name in it.value and each["value"] == _typed(value)]
        select: Block = {"type": "static_select", "action_id": name, "options": made}
        select |= {"initial_option": chosen[0]} if chosen else {}
        return forms.field(block_id, label, select, optional=optional)
    typed = _typed(value) if name in it.value else ""
    if units(typed) > forms.MAX_INPUT:
        return None
    many = len(typed) > LINE or not _is_plain(schema)
    element: Block = {"type": "plain_text_input", "action_id": name, "multiline": many}
    element |= {"max_length": forms.MAX_INPUT} | (
        {"initial_value": neutral(typed)} if typed else {}
    )
    return forms.field(block_id, label, element, optional=optional)


def _options(schema: Mapping[str, Any]) -> list[str]:
    """What there is to choose from, as it is typed; none: anything."""
    if schema.get("type") == "boolean":
        return ["true", "false"]
    listed = schema.get("enum")
    if not isinstance(listed, list) or not 0 < len(listed) <= forms.MAX_OPTIONS:
        return []
    typed = [_typed(each) for each in listed]
    short = all(0 < len(each) <= forms.MAX_OPTION for each in typed)
    return typed if short and len(set(typed)) == len(typed) else []


def _is_plain(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") in ("string", "number", "integer", "boolean")


def _typed(value: Any) -> str:
    """As one types it: words without quotes, all else as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


# --- what was filled in --------------------------------------------------------------------------


def value_of(it: Approval, fields: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
    """The new value, and what is wrong, by field."""
    if it.is_text and is_words(it.value):
        return {"text": fields.get(ARG, "")}, {}
    parts = _parts(it)
    if not parts:
        return _read_json(fields.get(ARG, ""), ARG)
    value: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, schema in parts.items():
        given = fields.get(f"{FIELD}{name}", "")
        if given:
            value[name], fault = _read(schema, given, f"{FIELD}{name}")
            faults |= fault
    return value, faults


def _read(schema: Mapping[str, Any], given: str, field: str) -> tuple[Any, dict[str, str]]:
    listed = schema.get("enum")
    for each in listed if isinstance(listed, list) else ():
        if _typed(each) == given:
            return each, {}
    if schema.get("type") == "string":
        return given, {}
    value, fault = _read_json(given.strip(), field)
    known = isinstance(schema.get("type"), str)
    return (given, {}) if fault and not known else (value, fault)


def _read_json(given: str, field: str) -> tuple[Any, dict[str, str]]:
    try:
        return orjson.loads(given), {}
    except orjson.JSONDecodeError as error:
        return None, {field: f"This is not valid JSON: {cut(str(error), 100)}"}


def faults_of(it: Approval, faults: Mapping[str, str]) -> dict[str, str]:
    """What the core found, by field of the form: what is about a part stands beside it."""
    parts = _parts(it) if not it.is_text else {}
    found: dict[str, str] = {}
    for path, fault in faults.items():
        name = path.partition(".")[0]
        field = f"{FIELD}{name}" if name in parts else next(iter(parts), "")
        field = field if not field or field.startswith(FIELD) else f"{FIELD}{field}"
        told = (
            fault if name in parts or not path or path in ("value", "text") else f"{path}: {fault}"
        )
        found.setdefault(field or ARG, cut(told, 150))
    return found
