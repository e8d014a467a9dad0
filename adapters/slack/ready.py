"""Ready-made answers as agents see them: the list, and the picker with the words as this customer
will read them. Pure.

The picker is one modal: what is chosen in its menu, which filters while one types, changes what
stands below. What is sent is what stood there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.slack import forms, menus
from adapters.slack.blocks import Block, Body, actions, cut, escape, row, small, units, words
from adapters.slack.forms import ARG, MAX_INPUT, MAX_OPTION, WHICH, View
from adapters.slack.markdown import excerpt
from adapters.slack.names import first_name
from adapters.slack.pickers import ROWS, listed
from adapters.slack.targets import Target
from adapters.slack.verbs import VERBS
from bridge.model import Agent
from bridge.templates import WORD, Macro, Template, Templates, language_of, values

CHOSEN = "template_chosen"
EXCERPT = 120


@dataclass(frozen=True, slots=True)
class Filled:
    """A template's text for one user, and what is missing in it."""

    text: str
    missing: tuple[str, ...]


def filled(template: Template, target: Target, by: Agent) -> Filled:
    return _filled(template, target, _known(target, by))


def _known(target: Target, by: Agent) -> Mapping[str, str]:
    return values(target.contact, target.view.handoff if target.view else None, by.name)


def _filled(template: Template, target: Target, known: Mapping[str, str]) -> Filled:
    return Filled(*template.filled(language_of(target.contact, target.conversation), known))


# --- the list ------------------------------------------------------------------------------------


def page(templates: Templates, target: Target, by: Agent) -> Body:
    """What there is, each by its word, and the way into the picker."""
    rows: list[Block] = []
    shown = templates.all[:ROWS]
    for each, begins in zip(shown, _excerpts(shown, target, by, EXCERPT), strict=True):
        head = words(f"{templates.trigger}{each.name}", code=True)
        rows.append(row([*head, *words(f"  {begins}")]))
    if not rows:
        text = "This desk has no templates: an administrator can write some ([templates])."
        return Body(escape(text), [row(words(text))])
    press = actions([menus.press(VERBS[WORD], target)], f"templates:{target.about}")
    title = f"Templates for {target.called}"
    return listed(title, [*rows, press], len(templates.all))


def _excerpts(
    every: Sequence[Template | Macro], target: Target, by: Agent, room: int
) -> Iterator[str]:
    """The first words of each. There may be hundreds, and Slack waits for three seconds."""
    known = _known(target, by)
    for each in every:
        if isinstance(each, Macro):
            yield cut(f"Macro: {' · '.join(each.steps)}", room)
        else:
            yield excerpt(_filled(each, target, known).text, room)


# --- the picker ----------------------------------------------------------------------------------


def picker(templates: Templates, target: Target, by: Agent, name: str = "") -> View:
    """`name`: what was chosen; empty: nothing yet."""
    chosen = templates.template(name) or templates.macro(name)
    blocks = [row(words(target.called, bold=True))]
    if not templates:
        return forms.shown(page(templates, target, by), "Template")
    blocks.append(_menu(templates, target, by, chosen))
    if isinstance(chosen, Macro):
        blocks += _steps(chosen)
    elif chosen:
        blocks += _text(chosen, target, by)
    else:
        blocks.append(small(f"Choose one to see it as {first_name(target.contact)} will read it."))
    return forms.form_of(VERBS[WORD], target, blocks)


def _menu(
    templates: Templates, target: Target, by: Agent, chosen: Template | Macro | None
) -> Block:
    """Each with its first words, so that these are found, too."""
    begins = _excerpts(templates.all, target, by, MAX_OPTION)
    options = {
        each.name: forms.option(each.name, f"{each.name} · {words_}")
        for each, words_ in zip(templates.all, begins, strict=True)
    }
    select: Block = {
        "type": "static_select",
        "action_id": CHOSEN,
        "placeholder": forms.plain("Type to find one"),
        **forms.grouped(list(options.values())),
    }
    if chosen:
        select["initial_option"] = options[chosen.name]
    field = forms.field(f"{WHICH}:{target.about}", "Template", select)
    return {**field, "dispatch_action": True}


def _text(template: Template, target: Target, by: Agent) -> list[Block]:
    """The words, to be edited. Each template has a field of its own: a client would else keep what
    was typed for the one before."""
    made, name = filled(template, target, by), first_name(target.contact)
    gaps = ", ".join(f"{{{{{each}}}}}" for each in made.missing)
    hint = [small(f"Nothing is known of {name} for {gaps}: write it in.")] if gaps else []
    if units(made.text) > MAX_INPUT:
        long = small(f"Too long to be changed here; {name} gets it as it is:")
        return [*hint, long, row(words(cut(made.text, MAX_INPUT - 100)))]
    return [forms.text(f"As {name} will read it", made.text, f"{ARG}:{template.name}"), *hint]


def _steps(macro: Macro) -> list[Block]:
    title = small("Done in this order, up to the first that cannot be done:")
    listed_ = "\n".join(f"{n}. {step}" for n, step in enumerate(macro.steps, 1))
    return [title, row(words(cut(listed_, MAX_INPUT - 100)))]
