"""*Move work…*: somebody's open conversations given to a colleague or back to a queue, several at
once: at the change of shifts by who goes, or by a supervisor. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.slack import forms
from adapters.slack.blocks import Block, Body, actions, button, escape, row, words
from adapters.slack.forms import MOVE_WORK, QUEUE, WHICH, View
from adapters.slack.menus import MENU
from adapters.slack.names import safe_name
from bridge.model import Agent, AgentId
from bridge.views import View as Shown

FROM, TO, WORD = "from", "to", "word"
CHOSEN = "move_from"
"""Another agent was chosen, whose conversations are to be listed."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was filled in. `to` is a person's id, or else `queue` a name; neither: a fault."""

    of: AgentId
    handoffs: tuple[str, ...]
    to: str = ""
    queue: str = ""
    word: str = ""

    @property
    def faults(self) -> dict[str, str]:
        """By field."""
        which, to = f"{WHICH}:{self.of}", {TO: "Choose a colleague, or a queue below."}
        faults = {} if self.handoffs else {which: "Choose at least one."}
        return faults if self.to or self.queue else {**faults, **to}


def form(views: Sequence[Shown], of: str, queues: Sequence[str]) -> View:
    """`views`: what those have whose conversations may be moved; `of`: whose are."""
    people = _people(views)
    if not people:
        return forms.shown(_nothing(), "Move work")
    of = of if of in people else next(iter(people))
    own = [view for view in views if view.handoff.assignee == of][: forms.MAX_OPTIONS]
    fields = [
        _from(people, of),
        _which(own, of),
        *_to(queues),
        forms.line("A word for them", "", block_id=WORD),
    ]
    return forms.window("Move work", fields, MOVE_WORK, "Move")


def _nothing() -> Body:
    text = "Nobody has anything that could be moved."
    return Body(text, [row(words(text))])


def _people(views: Sequence[Shown]) -> dict[str, str]:
    """`Ana Torres (2)`, by id, who has most first."""
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for view in views:
        if who := view.handoff.assignee:
            counts[who] = counts.get(who, 0) + 1
            names[who] = safe_name(view.handoff.assignee_name, who)
    ordered = sorted(counts, key=lambda who: (-counts[who], names[who]))
    return {who: f"{names[who]} ({counts[who]})" for who in ordered}


def _from(people: Mapping[str, str], of: str) -> Block:
    options = [forms.option(who, name) for who, name in people.items()][: forms.MAX_OPTIONS]
    chosen = forms.option(of, people[of])
    options = options if chosen in options else [chosen, *options[1:]]
    select = {"type": "static_select", "action_id": CHOSEN, "options": options}
    field = forms.field(FROM, "From", {**select, "initial_option": chosen})
    return {**field, "dispatch_action": True}


def _which(views: Sequence[Shown], of: str) -> Block:
    """All of them, until somebody takes one out. Of each agent a field of its own: a client would
    else keep what was chosen of the one before."""
    options = [forms.option(view.handoff.id, forms.title(view)) for view in views]
    select = {"type": "multi_static_select", "action_id": WHICH, "options": options}
    return forms.field(f"{WHICH}:{of}", "Which", {**select, "initial_options": options})


def _to(queues: Sequence[str]) -> list[Block]:
    options = [forms.option(queue, queue) for queue in queues[: forms.MAX_OPTIONS]]
    select = {"type": "static_select", "action_id": QUEUE, "options": options}
    person = {"type": "users_select", "action_id": TO}
    to = forms.field(TO, "To a colleague", person, optional=True)
    return [
        {**to, "hint": forms.plain("One of both is needed: a colleague, or a queue.")},
        forms.field(QUEUE, "Or to a queue", select, optional=True),
    ]


def read(fields: Mapping[str, str]) -> Wish:
    return Wish(
        AgentId(fields.get(FROM, "")),
        tuple(fields.get(WHICH, "").split()),
        fields.get(TO, ""),
        fields.get(QUEUE, ""),
        fields.get(WORD, "").strip(),
    )


def moved(done: Sequence[str], to: str, refused: Mapping[str, str]) -> Body:
    """`refused`: why, by what is called so."""
    lines = [f"Moved to {to}: {', '.join(done)}." if done else "Nothing was moved."]
    lines += [f"{which} was not: {why}" for which, why in refused.items()]
    return Body(escape(" ".join(lines)), [row(words(line)) for line in lines])


def gone(mine: Body | None, by: Agent, back_after: float) -> Body:
    """What who goes away is told, and asked where they have something open. `back_after`: minutes
    until what is unanswered goes back to a queue; zero: it does not by itself."""
    head = "You are away, and are given nothing new."
    if mine is None:
        return Body(head, [row(words(head))])
    stays = "Yours stay yours until you hand them over."
    if back_after:
        stays = (
            f"What is unanswered goes back to its queue in {back_after:g} min; "
            "what you have answered stays yours."
        )
    offers = actions(
        [
            button(MOVE_WORK, "Hand over…", by.id, "Give your conversations to others", "primary"),
            button("online", "Back online", "desk"),
        ]
    )
    blocks = [row(words(f"{head} {stays}")), *mine.blocks, offers]
    return Body(f"{escape(f'{head} {stays}')}\n{mine.text}", blocks)


def absent(text: str) -> Body:
    """What who does nothing here is told, and their answer, which takes its place."""
    here = button("online", "I am here", "desk", "I am here: go online", "primary")
    return Body(escape(text), [row(words(text)), actions([here], f"{MENU}absent")])
