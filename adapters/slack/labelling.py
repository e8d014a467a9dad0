"""Labels as agents see them: what there is, and the form that puts some on and takes others off.
Pure."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.slack import forms, menus
from adapters.slack.arguments import labels as read
from adapters.slack.blocks import Block, Body, actions, cut, escape, row, small, words
from adapters.slack.forms import ARG, LABELS, View
from adapters.slack.targets import Target
from adapters.slack.verbs import VERBS
from bridge.labels import Labels

VERB = "label"
MOST_ON = 25
"""Of those that are on a handoff, so many can be taken off in the form: it has to remember them."""
ROOM = 1_500
"""Characters of the list."""


def page(labels: Labels, target: Target) -> Body:
    """What `!label` alone shows: those that are on it, and those there are."""
    on, title = " ".join(_on(target)), f"Labels of {target.called}"
    blocks = [row([*words(f"{title}: ", bold=True), *words(cut(on or "none", ROOM))])]
    if labels.names:
        blocks.append(small(f"There are {cut(', '.join(labels.names), ROOM)}"))
    if target.fits(VERBS[VERB]):
        blocks.append(actions([menus.press(VERBS[VERB], target)], f"labels:{target.about}"))
    return Body(escape(title), blocks)


def form(labels: Labels, target: Target) -> View:
    """A menu of those there are, in which those that are on it are chosen; a line for others, where
    others are allowed, as they are where there are none."""
    on = _on(target)[:MOST_ON]
    choices = tuple(dict.fromkeys([*on, *labels.names]))
    blocks = [row(words(target.called, bold=True))]
    if choices:
        menu = forms.field(LABELS, "Labels", _menu(choices, on), optional=True)
        blocks.append(menu)
    if labels.free:
        blocks.append(_others(optional=bool(choices)))
    return forms.form_of(VERBS[VERB], target, blocks, " ".join(on))


def _menu(choices: Sequence[str], on: Sequence[str]) -> Block:
    options = [forms.option(each, each) for each in choices]
    chosen = options[: len(on)]
    menu: Block = {"type": "multi_static_select", "action_id": LABELS, **forms.grouped(options)}
    return {**menu, **({"initial_options": chosen} if chosen else {})}


def _others(*, optional: bool) -> Block:
    line = {"type": "plain_text_input", "action_id": ARG, "placeholder": forms.plain("vip late")}
    return forms.field(ARG, "Others" if optional else "Labels", line, optional=optional)


def _on(target: Target) -> list[str]:
    """That could be typed: a tool may have brought others."""
    labels = target.view.handoff.labels if target.view else ()
    return [each for each in labels if read(each) == ((each,), ())]


def typed(before: str, chosen: str, others: str) -> str:
    """What one would have typed; `before`: what was on it when the form was shown, all with blanks
    between."""
    had, now = before.split(), chosen.split()
    put = [each for each in now if each not in had]
    off = [f"-{each}" for each in had if each not in now]
    return " ".join([*put, *others.replace(",", " ").split(), *off])
