"""What was filled into a modal, read back as the very text that one would have typed behind the
verb, so that a modal can do nothing else than the words can. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as field_
from typing import Any

import orjson

from adapters.slack import labelling
from adapters.slack.arguments import with_flag, with_labels
from adapters.slack.deciding import FORM
from adapters.slack.forms import (
    ARG,
    DO,
    FIELD,
    LABELS,
    MORE_ARG,
    MOVE_WORK,
    MYSELF,
    NOTE_FROM,
    QUEUE,
    SUGGESTION,
    WHICH,
    name_of,
)
from adapters.slack.heard import Malformed
from adapters.slack.ids import is_user
from adapters.slack.joining import FIND, MERGE
from adapters.slack.pickers import Choice
from adapters.slack.verbs import VERBS, Form, Verb


@dataclass(frozen=True, slots=True)
class Submitted:
    """`key` names the modal that was sent, and so what it asked for, once; `field` the one beside
    which it is said what was wrong. `kind`: of a form that is no verb's, with its `fields`."""

    key: str
    user: str
    choice: Choice
    field: str = ARG
    kind: str = ""
    fields: Mapping[str, str] = field_(default_factory=dict)


def read(payload: Mapping[str, Any]) -> Submitted | None:
    """A view_submission of a form; None: of something else. Raises Malformed."""
    view, user = payload.get("view"), payload.get("user")
    if not isinstance(view, dict) or not isinstance(user, dict) or not is_user(user.get("id")):
        raise Malformed("view")
    given = _values(view)
    fields = {name_of(block): value for block, value in given.items()}
    key, who, kind = f"slack:view:{view.get('id')}", str(user["id"]), view.get("callback_id")
    if kind in (MOVE_WORK, MYSELF, FORM, FIND, MERGE):
        about = str(view.get("private_metadata") or "")
        at = next(iter(given), ARG)
        return Submitted(key, who, Choice("", about), at, kind=str(kind), fields=fields)
    choice = _choice(view, fields)
    if choice is None:
        return None
    named = {name_of(block): block for block in given}
    at = named.get(ARG) or named.get(WHICH) or next(iter(given), ARG)
    return Submitted(key, who, choice, at)


def _choice(view: Mapping[str, Any], fields: Mapping[str, str]) -> Choice | None:
    if view.get("callback_id") == NOTE_FROM:
        return Choice("note", fields.get(WHICH, ""), fields.get(ARG, "").strip())
    if view.get("callback_id") == SUGGESTION:
        message = str(view.get("private_metadata") or "")
        return Choice(SUGGESTION, message, fields.get(ARG, "").strip())
    try:
        private: Any = orjson.loads(str(view.get("private_metadata") or ""))
    except orjson.JSONDecodeError:
        return None
    known = isinstance(private, dict) and private.get("verb") in VERBS
    if view.get("callback_id") != DO or not known:
        return None
    verb = VERBS[private["verb"]]
    first = str(private.get("first") or "")
    return Choice(verb.name, str(private.get("about") or ""), _args(verb, fields, first))


def _args(verb: Verb, fields: Mapping[str, str], before: str = "") -> str:
    """As one would have typed them."""
    if verb.form is Form.ACTION:
        filled = {name.removeprefix(FIELD): value for name, value in fields.items() if value}
        return "\n".join([before, *(f"{name}: {value}" for name, value in filled.items())])
    if verb.form is Form.LABELS:
        return labelling.typed(before, fields.get(LABELS, ""), fields.get(ARG, ""))
    first, second = fields.get(ARG, "").strip(), fields.get(MORE_ARG, "").strip()
    if verb.form is Form.TRANSFER and not first:
        return f"{fields.get(QUEUE, '')} {second}".strip() if fields.get(QUEUE) else ""
    if verb.form is Form.QUESTION:
        return f"<#{first}> {second}"
    if verb.form in (Form.PERSON, Form.TRANSFER):
        return f"<@{first}> {second}".strip()
    if verb.form is Form.TIME:
        return second or first
    if verb.form is Form.WORDS:
        return _sought(fields)
    if verb.form is Form.TEMPLATE:
        return "\n".join(filter(None, [fields.get(WHICH, ""), first]))
    if verb.form is Form.REASON:
        first = with_labels(fields.get(LABELS, ""), first)
    return with_flag(second, first) if second and verb.form is Form.REASON else first


def _sought(fields: Mapping[str, str]) -> str:
    """The filters of `finding.py`, and the words."""
    labels = (f"label:{label}" for label in fields.get("label", "").split())
    chosen = (fields.get(name, "") for name in ("whose", "state", "queue", "age", "sort"))
    return " ".join(filter(None, [*chosen, *labels, fields.get(ARG, "").strip()]))


def _values(view: Mapping[str, Any]) -> dict[str, str]:
    """What stands in each field, by block."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, dict) else None
    if not isinstance(values, dict):
        return {}
    return {
        str(block): _value(entry)
        for block, entries in values.items()
        if isinstance(entries, dict)
        for entry in entries.values()
        if isinstance(entry, dict)
    }


def _value(entry: Mapping[str, Any]) -> str:
    chosen = entry.get("selected_option")
    many = entry.get("selected_options")
    if isinstance(chosen, dict):
        return str(chosen.get("value") or "")
    if isinstance(many, list):
        return " ".join(str(each.get("value") or "") for each in many if isinstance(each, dict))
    names = ("selected_user", "selected_conversation", "value")
    return next((str(entry[name]) for name in names if entry.get(name)), "")
