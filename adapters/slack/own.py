"""Actions of one's own as agents see them: the list, and the form of one that has fields. Pure."""

from __future__ import annotations

from adapters.slack import forms, menus
from adapters.slack.blocks import Block, Body, actions, escape, row, words
from adapters.slack.forms import FIELD, View
from adapters.slack.pickers import ROWS, listed
from adapters.slack.targets import Target
from adapters.slack.verbs import VERBS
from bridge.actions import VERB, Action, Actions, Field

LONGEST = 1_000


def page(own: Actions, target: Target) -> Body:
    """What there is, each by its word."""
    if not own:
        text = "This desk has no actions of its own: an administrator can add some ([[actions]])."
        return Body(escape(text), [row(words(text))])
    rows = [
        row([*words(f"!{each.name}", code=True), *words(f"  {each.label}")])
        for each in own.all[:ROWS]
    ]
    presses = menus.own_buttons(own, target)
    below = [actions(presses, f"own:{target.about}")] if presses else []
    return listed(f"Actions for {target.called}", [*rows, *below], len(own.all))


def form(action: Action, target: Target) -> View:
    """What it needs to know."""
    whom = row(words(target.called, bold=True))
    blocks = [whom, *(_input(each) for each in action.fields)]
    return forms.form_of(VERBS[VERB], target, blocks, action.name, action.label)


def _input(given: Field) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": given.name,
        "multiline": given.multiline,
        "max_length": LONGEST,
    }
    return forms.field(f"{FIELD}{given.name}", given.label, element, optional=not given.required)
