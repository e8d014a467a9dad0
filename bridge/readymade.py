"""Steps of the table in `lifecycle.py`: a ready-made answer goes the way of an agent's reply, and
what came of a macro is told where it was typed."""

from __future__ import annotations

from bridge import judging, templates, words
from bridge.commands import AgentSaid, OfHandoff, RanMacro, SendTemplate, UseSuggestion
from bridge.effects import Line, Mark
from bridge.talk import hold, take_and_reply
from bridge.texts import places
from bridge.turn import Turn
from bridge.words import Said, Sense

UNKNOWN, UNFILLED, MACRO = "unknown_template", "unfilled", "macro"
"""Codes of refusals; behind a line break stands of what."""


def send_template(turn: Turn, command: SendTemplate) -> None:
    """What would be sent with a gap in it, looks like a secret, or was made to look like a note, is
    refused: nothing of it is written down. All else that holds a reply back holds this one. The
    thread shows its words."""
    template = turn.policy.templates.template(command.name)
    if template is None:
        near = turn.policy.templates.near(command.name)
        return turn.reject("\n".join([UNKNOWN, *near]))
    locale = templates.language_of(turn.contact, turn.conversation)
    known = templates.values(turn.contact, turn.handoff, command.by.name)
    text, missing = template.filled(locale, known)
    if command.text and command.text != text:
        said = words.read(command.text)
        if said.sense is not Sense.REPLY:
            return turn.reject("not_a_reply")
        text, left = said.text, {name for name, _ in places(said.text)}
        missing = tuple(name for name in missing if name in left)
    if missing:
        return turn.reject("\n".join([UNFILLED, *missing]))
    if judging.leaks(turn.policy, text):
        return turn.reject("leaks")
    return as_reply(turn, command, command.to, text, command.said)


def as_reply(
    turn: Turn, command: SendTemplate | UseSuggestion, to: OfHandoff, text: str, source: str = ""
) -> None:
    """`!r` before it, as it were: whatever is usual in its queue, this is for the customer."""
    order = turn.conversation.agent_order  # the last one, wherever it was asked for
    spoken = AgentSaid(command.key, command.at, to, command.by, text, source, order)
    said = Said(Sense.REPLY, text, plainly=True)
    if held := judging.reasons_to_hold(turn, spoken, said):
        hold(turn, spoken, said, held, shown=True)
    else:
        take_and_reply(turn, spoken, text, shown=True)


def ran_macro(turn: Turn, command: RanMacro) -> None:
    """Its commands have had no mark of their own: the word has one for all of them."""
    turn.data = {"macro": command.name}
    if not command.refused:
        return turn.mark(command.said, Mark.NOTE)
    turn.mark(command.said, Mark.FAILED)
    by, detail = command.by, f"{MACRO}\n{command.step}\n{command.refused}"
    return turn.line(Line.REFUSED, who=by.id, name=by.name, detail=detail)
