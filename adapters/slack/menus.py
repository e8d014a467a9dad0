"""The buttons that fit, wherever they are shown: under the card, after `!`, in *Handoff…*. Pure."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from adapters.slack.blocks import Block, Body, actions, button, cut, escape, row, small, words
from adapters.slack.targets import Target
from adapters.slack.verbs import ENDING, OF_SUPERVISORS, TABLE, VERBS, Verb
from bridge.actions import NONE, VERB, Actions
from bridge.model import Agent
from bridge.ranks import Rank

MORE, WRAP_UP = "more", "wrap_up"
MAX_VALUE = 1_900
"""Characters that a button carries, at most 2,000."""
CHOICE_SEPARATOR = " "
OWN = "Of your desk"
DO = f"{VERB}:"
"""Before the name of an action of the desk's own, in what its button carries."""
MENU = "menu:"
"""How the rows of a menu are called."""


def fitting(target: Target) -> list[Verb]:
    """In the order of the table, which is by group."""
    return [verb for verb in TABLE if verb.group and target.fits(verb)]


def label_of(verb: Verb, target: Target) -> str:
    """A resolve that can still be taken back is not reopened but undone."""
    return "Undo" if verb.name == "reopen" and ENDING in target.states() else verb.label


def press(verb: Verb, target: Target, style: str = "") -> Block:
    label = label_of(verb, target)
    return button(verb.name, label, target.about, f"{label.rstrip('…')} {target.read_out}", style)


def more(target: Target, but: tuple[str, ...] = (), own: Actions = NONE) -> list[Block]:
    """*More…*: a select with groups, since an overflow menu holds only five. Without those whose
    buttons stand beside it; with the actions of the desk's `own`."""
    verbs = [verb for verb in fitting(target) if verb.name not in but]
    groups = [
        {"label": _plain(group), "options": [_option(verb, target) for verb in members]}
        for group, members in groupby(verbs, key=lambda verb: verb.group)
    ]
    if presses := own_buttons(own, target):
        named = [
            {
                "text": press["text"],
                "value": f"{press['action_id']}{CHOICE_SEPARATOR}{target.about}",
            }
            for press in presses
        ]
        groups.append({"label": _plain(OWN), "options": named})
    if not groups:
        return []
    select: Block = {
        "type": "static_select",
        "action_id": MORE,
        "placeholder": _plain("More…"),
        "option_groups": groups,
    }
    return [select]


def wrap_up(target: Target, reason: str = "") -> Block:
    """Asks for what the queue wants to be told, with the reason that was given."""
    value = cut(f"{target.about}{CHOICE_SEPARATOR}{reason}", MAX_VALUE)
    return button(WRAP_UP, "Wrap up…", value, f"Wrap up {target.read_out}", "primary")


def read_more(value: str) -> tuple[str, str]:
    """(verb, about) of a chosen option."""
    verb, _, about = value.partition(CHOICE_SEPARATOR)
    return verb, about


def menu(target: Target, by: Agent, but: tuple[str, ...] = (), own: Actions = NONE) -> Body:
    """Every action that whoever asks may do, without some, as buttons. What came of one takes the
    menu's place: Slack shows an answer beside it in the channel, also where the menu is in a
    thread."""
    head = [*words(target.called, bold=True), *words(": what would you like to do?")]
    blocks: list[Block] = [row(head)]
    but = (*but, "take") if target.is_of(by) else but
    but = (*but, *OF_SUPERVISORS) if by.rank is Rank.AGENT else but
    verbs = [verb for verb in fitting(target) if verb.name not in but]
    for group, members in groupby(verbs, key=lambda verb: verb.group):
        shown = [press(verb, target) for verb in members]
        blocks += [small(group), actions(shown, f"{MENU}{group}")]
    if presses := own_buttons(own, target):
        blocks += [small(OWN), actions(presses, f"{MENU}{OWN}")]
    return Body(escape(f"{target.called}: what would you like to do?"), blocks)


def own_buttons(own: Actions, target: Target) -> list[Block]:
    """Of the actions of the desk's own; none where they do not fit."""
    return [
        button(
            f"{DO}{each.name}",
            f"{each.label}…" if each.fields else each.label,
            target.about,
            f"{each.label} {target.read_out}",
        )
        for each in (own.all if target.fits(VERBS[VERB]) else ())
    ]


def _option(verb: Verb, target: Target) -> dict[str, Any]:
    """In the menu a verb whose button acts at once asks for more."""
    label = f"{verb.label} with a {verb.form}…" if verb.at_once else label_of(verb, target)
    return {"text": _plain(label), "value": f"{verb.name}{CHOICE_SEPARATOR}{target.about}"}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": True}
