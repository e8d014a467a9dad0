"""Lists for one agent's eyes: handoffs, users, and "which one do you mean?". Pure."""

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
from adapters.slack.card import ending, state_word, title_of, utc
from adapters.slack.names import customer_name, number_of
from adapters.slack.targets import Target
from adapters.slack.verbs import VERBS, Verb
from bridge.model import SECOND
from bridge.views import View

ROWS = 15
"""A message has at most fifty blocks, and nobody reads more."""
MAX_VALUE = 2_000
TITLE = 80
PICK = "pick_"
ASSIGN_ME = "assign_me"
"""The button of what nobody has."""
QUESTIONS: Mapping[str, str] = {
    "assign": "Which one is to be assigned?",
    "resolve": "Which one is resolved?",
    "pause": "For whom is the bot to be silent?",
    "resume": "For whom is the bot to answer again?",
    "say": "Who is to hear it?",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a press on a picker's button means: `about` is a handoff's or a conversation's id."""

    verb: str
    about: str
    args: str = ""

    @property
    def value(self) -> str:
        parts = {"about": self.about, "args": self.args}
        return orjson.dumps({name: text for name, text in parts.items() if text}).decode()


def read_choice(action_id: str, value: str) -> Choice | None:
    """What `which` put into a button; None for anything else."""
    verb = action_id.removeprefix(PICK)
    try:
        parts: Any = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    known = action_id.startswith(PICK) and verb in VERBS
    if not known or not isinstance(parts, dict) or not parts.get("about"):
        return None
    return Choice(verb, str(parts["about"]), str(parts.get("args", "")))


def fits(choice: Choice) -> bool:
    """Whether the arguments are short enough to travel in a button."""
    return len(choice.value) <= MAX_VALUE


def which(verb: Verb, targets: Sequence[Target], args: str = "") -> Body:
    """One button for each that may be meant."""
    rows: list[Block] = []
    for target in targets[:ROWS]:
        choice = Choice(verb.name, target.about, args)
        label = verb.label.rstrip("…")
        press = button(f"{PICK}{verb.name}", label, choice.value, f"{label} {target.called}")
        rows += [row(summary(target)), actions([press], f"pick:{target.about}")]
    return listed(QUESTIONS.get(verb.name, "Which one do you mean?"), rows, len(targets))


def lines(title: str, views: Sequence[View], links: Mapping[str, str], empty: str) -> Body:
    """A line for each handoff, with the way to its thread."""
    if not views:
        return Body(escape(empty), [row(words(empty))])
    parts = [section([*_line(view, links.get(view.handoff.id, ""))]) for view in views[:ROWS]]
    for part in parts[:-1]:
        part["elements"].append({"type": "text", "text": "\n"})
    blocks = [row(words(title, bold=True)), rich(*parts)]
    return Body(escape(title), [*blocks, *_more(len(views))])


def listed(title: str, rows: list[Block], count: int) -> Body:
    return Body(escape(title), [row(words(title, bold=True)), *rows, *_more(count)])


def _more(count: int) -> list[Block]:
    rest = count - ROWS
    return [small(f"and {rest} more: name the number")] if rest > 0 else []


def summary(target: Target) -> list[Block]:
    """`#42 Sam Rivera · My parcel never arrived · Waiting · 3 minutes ago`, or without a handoff
    `Sam Rivera · webchat · with the bot · 3 minutes ago`."""
    if target.view:
        return _line(target.view)
    talk = target.conversation
    who = f"paused by {talk.paused_by}" if talk.paused_by else "with the bot"
    last = [*words(" · "), _ago(talk.user_at)] if talk.user_at else []
    name = words(customer_name(target.contact), bold=True)
    return [*name, *words(f" · {talk.channel} · {cut(who, TITLE)}"), *last]


def _line(view: View, link: str = "") -> list[Block]:
    number = number_of(view.handoff)
    since = view.conversation.awaiting_since or view.handoff.opened_at
    head = [anchor(link, number)] if link and number else words(number, code=True)
    return [
        *head,
        *words(f" {customer_name(view.contact)}", bold=True),
        *words(f" · {title_of(view.handoff, TITLE)}" if view.handoff.title else ""),
        *words(f" · {state_word(view) if view.handoff.is_open else ending(view)} · "),
        _ago(since if view.handoff.is_open else view.handoff.closed_at),
    ]


def _ago(at: int) -> Block:
    return moment(at // SECOND, "{ago}", utc(at))
