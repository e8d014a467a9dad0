"""Looking for handoffs: words, and filters among them (`is:mine label:vip refund`); the form that
writes the same; and what was found, a page at a time. Pure.

Without a filter people are looked for, by name, e-mail, id or what was said (`asks.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from adapters.slack import forms
from adapters.slack.arguments import length
from adapters.slack.blocks import Block, Body, actions, button, cut, escape, row, words
from adapters.slack.forms import View
from adapters.slack.pickers import ROWS, lines
from adapters.slack.verbs import VERBS
from bridge.lists import NOBODY, Place, Sort, Wanted, place_of
from bridge.model import OPEN, Agent, Micros, Status
from bridge.views import View as Shown

MORE = "found_more"
MAX_SHOWN = 80
STATUSES: Mapping[str, frozenset[Status]] = {
    "open": OPEN,
    "waiting": frozenset({Status.QUEUED}),
    "assigned": frozenset({Status.ASSIGNED}),
    "snoozed": frozenset({Status.SNOOZED}),
    "ended": frozenset(Status) - OPEN,
}
WHOSE = ("mine", "others", "unassigned")
SORTS: Mapping[str, str] = {
    "newest": "The newest first",
    "oldest": "The oldest first",
    "priority": "The most urgent first",
    "waiting": "Who waits longest first",
}
USAGE = (
    "is:mine, is:others or is:unassigned · is:open, is:waiting, is:assigned, is:snoozed or "
    "is:ended · is:paused · label:vip · queue:billing · newer:7d · older:2h · "
    "sort:newest, sort:oldest, sort:priority or sort:waiting"
)


@dataclass(frozen=True, slots=True)
class Sought:
    """`filtered`: handoffs are looked for, and else people; `paused`: people whose bot is paused;
    `fault`: what could not be understood."""

    wanted: Wanted
    filtered: bool = False
    paused: bool = False
    fault: str = ""


def read(text: str, by: Agent, now: Micros, queues: Sequence[str]) -> Sought:
    """What was typed, or chosen in the form."""
    sought, plain = Sought(Wanted()), list[str]()
    for word in text.split():
        name, _, value = word.partition(":")
        if name.casefold() not in _FILTERS or not value:
            plain.append(word)
            continue
        changed = _FILTERS[name.casefold()](sought, value, by, now)
        if changed is None or (name == "queue" and value not in queues):
            return replace(sought, fault=word)
        sought = replace(changed, filtered=not changed.paused)
    return replace(sought, wanted=replace(sought.wanted, text=" ".join(plain)))


def _is(sought: Sought, value: str, by: Agent, _: Micros) -> Sought | None:
    wanted = sought.wanted
    if value == "paused":
        return replace(sought, paused=True)
    if value in STATUSES:
        return replace(sought, wanted=replace(wanted, statuses=STATUSES[value]))
    whose = {"mine": {"agent": by.id}, "others": {"other_than": by.id}, "unassigned": _FREE}
    return replace(sought, wanted=replace(wanted, **whose[value])) if value in whose else None


_FREE: Mapping[str, Any] = {"agent": NOBODY}


def _label(sought: Sought, value: str, _by: Agent, _: Micros) -> Sought:
    return replace(sought, wanted=replace(sought.wanted, label=value))


def _queue(sought: Sought, value: str, _by: Agent, _: Micros) -> Sought:
    return replace(sought, wanted=replace(sought.wanted, queue=value))


def _of(sought: Sought, value: str, _by: Agent, _: Micros) -> Sought:
    return replace(sought, wanted=replace(sought.wanted, person=value))


def _newer(sought: Sought, value: str, _: Agent, now: Micros) -> Sought | None:
    ago = length(value)
    return replace(sought, wanted=replace(sought.wanted, since=now - ago)) if ago else None


def _older(sought: Sought, value: str, _: Agent, now: Micros) -> Sought | None:
    ago = length(value)
    return replace(sought, wanted=replace(sought.wanted, until=now - ago)) if ago else None


def _sort(sought: Sought, value: str, _by: Agent, _: Micros) -> Sought | None:
    known = value in SORTS
    return replace(sought, wanted=replace(sought.wanted, sort=Sort(value))) if known else None


_FILTERS = {
    "is": _is,
    "label": _label,
    "queue": _queue,
    "newer": _newer,
    "older": _older,
    "sort": _sort,
    "of": _of,
}


# --- the form ------------------------------------------------------------------------------------


def form(queues: Sequence[str]) -> View:
    """Each choice is the word that one would have typed."""
    whose = {"is:mine": "Mine", "is:others": "Others'", "is:unassigned": "Nobody's"}
    state = {f"is:{name}": name.capitalize() for name in STATUSES}
    ages = {"newer:1d": "In the last day", "newer:7d": "In the last week",
            "newer:30d": "In the last 30 days", "older:1h": "Over an hour ago",
            "older:1d": "Over a day ago", "older:7d": "Over a week ago"}  # fmt: skip
    fields = [
        forms.line("Words", "Name, e-mail, number, title, or what was said"),
        _menu("whose", "Whose", whose),
        _menu("state", "State", {**state, "is:paused": "With the bot paused"}),
        *([_menu("queue", "Queue", {f"queue:{q}": q for q in queues})] if len(queues) > 1 else []),
        forms.line("Label", "vip", block_id="label"),
        _menu("age", "Opened", ages),
        _menu("sort", "Order", {f"sort:{name}": label for name, label in SORTS.items()}),
    ]
    return forms.form_of(VERBS["find"], None, fields)


def _menu(block: str, label: str, choices: Mapping[str, str]) -> Block:
    options = [forms.option(value, text) for value, text in choices.items()]
    select = {"type": "static_select", "action_id": block, "options": options[: forms.MAX_OPTIONS]}
    return forms.field(block, label, select, optional=True)


# --- what was found ------------------------------------------------------------------------------


def page(text: str, views: Sequence[Shown], links: Mapping[str, str], sort: Sort) -> Body:
    """`views`: one more than a page has, where there is another page."""
    shown = views[:ROWS]
    title = f"Found for “{cut(text, MAX_SHOWN)}”"
    body = lines(title, shown, links, f"I found nothing for “{cut(text, MAX_SHOWN)}”.")
    if len(views) <= ROWS:
        return body
    further = orjson.dumps({"text": text, "after": place_of(shown[-1], sort)}).decode()
    return replace(body, blocks=[*body.blocks, actions([button(MORE, "More", further)])])


def read_more(value: str) -> tuple[str, Place] | None:
    """(text, after) of the button *More*."""
    try:
        parts: Any = orjson.loads(value)
        text, after = str(parts["text"]), tuple(parts["after"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    return (text, after) if all(type(each) is int for each in after) else None


def not_understood(word: str) -> Body:
    text = f"I do not know the filter “{cut(word, MAX_SHOWN)}”. There are {USAGE}."
    return Body(escape(text), [row(words(text))])
