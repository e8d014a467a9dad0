"""Lists of handoffs for one agent's eyes: the queue, their own, and "which one do you mean?".
Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from adapters.slack.blocks import (
    Block,
    Body,
    actions,
    anchor,
    button,
    cut,
    escape,
    moment,
    rich,
    row,
    section,
    small,
    words,
)
from adapters.slack.card import number_of, state_word, title_of, utc
from adapters.slack.names import customer_name
from bridge.model import SECOND, Contact, Conversation
from bridge.ports import View

ROWS = 15
"""A message has at most fifty blocks, and nobody reads more."""
MAX_VALUE = 2_000
TITLE = 80
LABELS: Mapping[str, str] = {
    "assign": "Assign",
    "resolve": "Resolve",
    "pause": "Pause",
    "resume": "Resume",
}
QUESTIONS: Mapping[str, str] = {
    "assign": "Which one is to be assigned?",
    "resolve": "Which one is resolved?",
    "pause": "For whom is the bot to be silent?",
    "resume": "For whom is the bot to answer again?",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a press on a picker's button means: `about` is a handoff's or a conversation's id."""

    verb: str
    about: str
    to: str = ""
    reason: str = ""

    @property
    def value(self) -> str:
        parts = {"about": self.about, "to": self.to, "reason": self.reason}
        return orjson.dumps({name: text for name, text in parts.items() if text}).decode()


def read_choice(action_id: str, value: str) -> Choice | None:
    """What `picker` put into a button; None for anything else."""
    verb = action_id.removeprefix("pick_")
    try:
        parts: Any = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    if verb not in LABELS or not isinstance(parts, dict) or not parts.get("about"):
        return None
    texts = {name: str(parts.get(name, "")) for name in ("about", "to", "reason")}
    return Choice(verb, **texts)


def fits(choice: Choice) -> bool:
    """Whether the reason is short enough to travel in a button."""
    return len(choice.value) <= MAX_VALUE


def which(verb: str, views: Sequence[View], to: str = "", reason: str = "") -> Body:
    """One button for each handoff."""
    rows: list[Block] = []
    for view in views[:ROWS]:
        about = view.conversation.id if verb in ("pause", "resume") else view.handoff.id
        choice = Choice(verb, about, to, reason)
        rows += [row(_summary(view)), _press(choice, view.handoff.id, _called(view))]
    return _listed(QUESTIONS[verb], rows, len(views))


def whom(verb: str, found: Sequence[tuple[Conversation, Contact]]) -> Body:
    """One button for each user that a search found."""
    rows: list[Block] = []
    for conversation, contact in found[:ROWS]:
        name = customer_name(contact)
        choice = Choice(verb, conversation.id)
        rows += [
            row([*words(name, bold=True), *words(f" · {conversation.channel}")]),
            _press(choice, conversation.id, name),
        ]
    return _listed(QUESTIONS[verb], rows, len(found))


def listed(title: str, views: Sequence[View], links: Mapping[str, str], empty: str) -> Body:
    """A line for each handoff, with the way to its thread."""
    if not views:
        return Body(escape(empty), [row(words(empty))])
    lines = [section([*_summary(view, links.get(view.handoff.id, ""))]) for view in views[:ROWS]]
    for line in lines[:-1]:
        line["elements"].append({"type": "text", "text": "\n"})
    blocks = [row(words(title, bold=True)), rich(*lines)]
    return Body(escape(title), [*blocks, *_more(len(views))])


def _listed(title: str, rows: list[Block], count: int) -> Body:
    return Body(escape(title), [row(words(title, bold=True)), *rows, *_more(count)])


def _more(count: int) -> list[Block]:
    rest = count - ROWS
    return [small(f"and {rest} more: name the number")] if rest > 0 else []


def _press(choice: Choice, place: str, name: str) -> Block:
    verb = LABELS[choice.verb]
    pressed = button(f"pick_{choice.verb}", verb, choice.value, f"{verb} {name}")
    return actions([pressed], f"pick:{place}")


def _called(view: View) -> str:
    return f"{number_of(view.handoff)} {customer_name(view.contact)}".strip()


def _summary(view: View, link: str = "") -> list[Block]:
    """`#42 Sam Rivera · My parcel never arrived · Waiting 3 minutes ago`"""
    number = number_of(view.handoff)
    since = view.conversation.awaiting_since or view.handoff.opened_at
    head = [anchor(link, number)] if link and number else words(number, code=True)
    return [
        *head,
        *words(f" {customer_name(view.contact)}", bold=True),
        *words(f" · {cut(title_of(view.handoff), TITLE)}" if view.handoff.title else ""),
        *words(f" · {state_word(view)} · "),
        moment(since // SECOND, "{ago}", utc(since)),
    ]
