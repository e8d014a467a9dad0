"""Modals: what a verb needs to know before it can be done, asked for in fields. Pure. What was
filled in is read in `filled.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from adapters.slack.arguments import (
    SILENT,
    SPAM,
    flagged,
    labelled,
)
from adapters.slack.blocks import Block, Body, cut, neutral, row, words
from adapters.slack.card import title_of
from adapters.slack.names import customer_name, number_of
from adapters.slack.targets import Target
from adapters.slack.verbs import VERBS, Form, Verb
from bridge.model import Priority
from bridge.queues import WrapUp
from bridge.views import View as Shown

View = dict[str, Any]
DO, NOTE_FROM, SHOWN, SUGGESTION = "do", "note_from", "shown", "suggestion"
"""callback_ids: a form of a verb; a note out of a message; a result, with nothing to submit; what
is made of a suggestion."""
MOVE_WORK, MYSELF = "move_work", "my_profile"
"""And of forms that are no verb's; who reads them is told all fields."""
ARG, MORE_ARG, WHICH, QUEUE, LABELS = "arg", "more_arg", "which", "queue", "labels"
FIELD = "field_"
"""Before the name of a field of an action of one's own."""
TITLE = "Deskbridge"
MAX_TITLE = 24
MAX_INPUT = 3_000
MAX_OPTIONS = 100
MAX_OPTION = 75
MAX_HINT = 150
TIMES = (
    ("1h", "1 hour"),
    ("3h", "3 hours"),
    ("tomorrow", "Tomorrow, 9:00"),
    ("monday", "Monday, 9:00"),
)


def form(verb: Verb, target: Target | None, queues: Sequence[str] = ()) -> View:
    """The modal of a verb. `target` is None for one that is about the desk. `queues`: all there
    are."""
    whom = [row(words(target.called, bold=True))] if target else []
    blocks = [*whom, *FIELDS[verb.form](verb)]
    own = target.view.handoff.queue if target and target.view else ""
    others = [queue for queue in queues if queue != own]
    if verb.form is Form.TRANSFER and others:
        blocks[len(whom) : len(whom) + 1] = _person_or_queue(others)
    return form_of(verb, target, blocks)


def wrap_up(target: Target, wanted: WrapUp, args: str = "") -> View:
    """What a queue wants to be told before it is resolved, and what may be said besides. `args`:
    what was typed behind the verb."""
    silent, rest = flagged(args, SILENT)
    _, reason = labelled(rest)
    verb, missing = VERBS["resolve"], wanted.missing(_labels_of(target), reason)
    blocks = [row(words(target.called, bold=True))]
    if "labels" in missing:
        blocks.append(field(LABELS, "Labels", _choose_labels(wanted)))
    first, quietly = _reason(verb)
    if wanted.outcomes:
        options = [option(each, each) for each in wanted.outcomes]
        chosen = [each for each in options if each["value"] == wanted.spelt(reason)]
        select: Block = {"type": "static_select", "action_id": ARG, **grouped(options)}
        first = field(ARG, "How it ended", {**select, **_initial(chosen)})
    elif reason:
        first["element"]["initial_value"] = neutral(reason)
    if silent:
        quietly["element"]["initial_options"] = quietly["element"]["options"]
    return form_of(verb, target, [*blocks, first, quietly])


def _labels_of(target: Target) -> tuple[str, ...]:
    return target.view.handoff.labels if target.view else ()


def _choose_labels(wanted: WrapUp) -> Block:
    if not wanted.labels:
        return {"type": "plain_text_input", "action_id": LABELS, "placeholder": plain("refund vip")}
    options = [option(each, each) for each in wanted.labels]
    return {"type": "multi_static_select", "action_id": LABELS, **grouped(options)}


def _initial(chosen: list[Block]) -> Block:
    return {"initial_option": chosen[0]} if chosen else {}


def form_of(
    verb: Verb, target: Target | None, blocks: list[Block], first: str = "", title: str = ""
) -> View:
    """With fields of one's own. `first`: what the verb's arguments begin with, whatever is filled
    in."""
    about = target.about if target else ""
    private = orjson.dumps({"verb": verb.name, "about": about, "first": first}).decode()
    return _view(title or verb.label.rstrip("…"), blocks, DO, _submit(verb), private)


def note_from(text: str, views: Sequence[Shown], chosen: str = "") -> View:
    """*Add as note*: the words of any message, to one of the open handoffs (or the thread's)."""
    options = [option(view.handoff.id, title(view)) for view in views[:MAX_OPTIONS]]
    select: Block = {"type": "static_select", "action_id": WHICH, "options": options}
    select |= _initial([option for option in options if option["value"] == chosen])
    fields = [field(WHICH, "Which conversation", select), _text("Note", cut(text, MAX_INPUT))]
    return _view("Add as note", fields, NOTE_FROM, "Add")


def suggestion(fields: list[Block], message: str) -> View:
    """*Edit* under a suggestion, which is the message of this id."""
    return _view("Suggestion", fields, SUGGESTION, "Send", message)


def shown(body: Body, title: str = TITLE) -> View:
    """What came of it, or what was asked for."""
    return _view(title, body.blocks or [row(words(body.text))], SHOWN)


def window(name: str, blocks: list[Block], callback_id: str, submit: str) -> View:
    """A form that is no verb's."""
    return _view(name, blocks, callback_id, submit)


def title(view: Shown) -> str:
    """`#42 Sam Rivera · My parcel never arrived`"""
    about = title_of(view.handoff)
    name = f"{number_of(view.handoff)} {customer_name(view.contact)}"
    return f"{name} · {about}" if about else name


def _submit(verb: Verb) -> str:
    sends = verb.name == "say" or verb.form is Form.TEMPLATE
    return "Send" if sends else _SUBMITS.get(verb.form, verb.label.rstrip("…"))


_SUBMITS: Mapping[Form, str] = {
    Form.TEXT: "Add",
    Form.WORDS: "Find",
    Form.PRIORITY: "Set",
    Form.LABELS: "Set",
    Form.QUESTION: "Ask",
    Form.ACTION: "Run",
}


# --- fields --------------------------------------------------------------------------------------


def _reason(verb: Verb) -> list[Block]:
    fields = [_text("Reason", optional=True, many=False)]
    if verb.name in FLAGS:
        flag, label, text = FLAGS[verb.name]
        boxes = {"type": "checkboxes", "action_id": MORE_ARG, "options": [option(flag, text)]}
        fields.append(field(MORE_ARG, label, boxes, optional=True))
    return fields


FLAGS: Mapping[str, tuple[str, str, str]] = {
    "resolve": (SILENT, "Quietly", "Say nothing to the customer"),
    "block": (SPAM, "Spam", "It is spam, and labelled so"),
}
"""By verb: what one would have typed before the reason, and the check box in its place."""


def _words(verb: Verb) -> list[Block]:
    return [_text("Text" if verb.form is Form.TEXT else "Look for", many=verb.form is Form.TEXT)]


def _person(_: Verb) -> list[Block]:
    return [field(ARG, "To whom", {"type": "users_select", "action_id": ARG})]


def _person_or_queue(queues: Sequence[str]) -> list[Block]:
    """One of both; who fills in both means the person."""
    options = [option(queue, queue) for queue in queues[:MAX_OPTIONS]]
    select = {"type": "static_select", "action_id": QUEUE, "options": options}
    person = {"type": "users_select", "action_id": ARG}
    return [
        field(ARG, "To whom", person, optional=True),
        field(QUEUE, "Or to a queue", select, optional=True),
    ]


def _transfer(_: Verb) -> list[Block]:
    word = {"type": "plain_text_input", "action_id": MORE_ARG, "max_length": 1_500}
    return [*_person(_), field(MORE_ARG, "A word for them", word, optional=True)]


def _question(_: Verb) -> list[Block]:
    """Not where people of other organizations are."""
    channel: Block = {
        "type": "conversations_select",
        "action_id": ARG,
        "filter": {"include": ["public", "private"], "exclude_external_shared_channels": True},
    }
    return [field(ARG, "In which channel", channel), _text("Question", block_id=MORE_ARG)]


def _time(_: Verb) -> list[Block]:
    select: Block = {
        "type": "static_select",
        "action_id": ARG,
        "options": [option(value, label) for value, label in TIMES],
    }
    select["initial_option"] = select["options"][0]
    other = {
        "type": "plain_text_input",
        "action_id": MORE_ARG,
        "placeholder": plain("2h, 30m, 3d"),
    }
    return [
        field(ARG, "For how long", select),
        field(MORE_ARG, "Or another time", other, optional=True),
    ]


def _priority(_: Verb) -> list[Block]:
    options = [option(str(each), str(each)) for each in Priority]
    select = {"type": "static_select", "action_id": ARG, "options": options}
    return [field(ARG, "Priority", select)]


FIELDS: Mapping[Form, Callable[[Verb], list[Block]]] = {
    Form.REASON: _reason,
    Form.TEXT: _words,
    Form.WORDS: _words,
    Form.PERSON: _person,
    Form.TRANSFER: _transfer,
    Form.TIME: _time,
    Form.PRIORITY: _priority,
    Form.QUESTION: _question,
}


def text(label: str, initial: str = "", block_id: str = ARG) -> Block:
    """Words, with those that are there already."""
    return _text(label, initial, block_id=block_id)


def line(label: str, hint: str = "", initial: str = "", block_id: str = ARG) -> Block:
    """A line that may stay empty."""
    element: Block = {"type": "plain_text_input", "action_id": block_id, "max_length": 300}
    if hint:
        element["placeholder"] = plain(cut(neutral(hint), MAX_HINT))
    if initial:
        element["initial_value"] = neutral(initial)
    return field(block_id, label, element, optional=True)


def _text(
    label: str,
    initial: str = "",
    *,
    block_id: str = ARG,
    optional: bool = False,
    many: bool = True,
) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": name_of(block_id),
        "multiline": many,
        "max_length": MAX_INPUT if many else 1_500,
    }
    if initial:
        element["initial_value"] = neutral(initial)
    return field(block_id, label, element, optional=optional)


def field(block_id: str, label: str, element: Block, *, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element,
        "optional": optional,
    }


def option(value: str, label: str) -> dict[str, Any]:
    return {"text": plain(cut(neutral(label), MAX_OPTION)), "value": value}


def grouped(options: list[dict[str, Any]]) -> dict[str, Any]:
    """The options of a menu, which filters while one types: a list has at most a hundred, and a
    menu as many groups."""
    if len(options) <= MAX_OPTIONS:
        return {"options": options}
    starts = range(0, min(len(options), MAX_OPTIONS**2), MAX_OPTIONS)
    parts = [options[start : start + MAX_OPTIONS] for start in starts]
    names = [f"{part[0]['value']} to {part[-1]['value']}" for part in parts]
    return {
        "option_groups": [
            {"label": plain(cut(name, MAX_OPTION)), "options": part}
            for name, part in zip(names, parts, strict=True)
        ]
    }


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def _view(
    title: str, blocks: list[Block], callback_id: str, submit: str = "", private: str = ""
) -> View:
    made: View = {
        "type": "modal",
        "title": plain(cut(title, MAX_TITLE)),
        "close": plain("Cancel" if submit else "Close"),
        "callback_id": callback_id,
        "blocks": blocks,
    }
    if submit:
        made["submit"] = plain(cut(submit, MAX_TITLE))
    return {**made, "private_metadata": private} if private else made


def name_of(block_id: str) -> str:
    """What stands behind it makes it another one for clients, which keep what was in the old."""
    return block_id.partition(":")[0]
