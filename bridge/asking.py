"""Experts: an agent's question to whoever is in another place of the desk's network, and what they
answer. Steps of the table in `lifecycle.py`.

The question is a note of the handoff, and stands elsewhere as the head of a thread of its own: its
words and nothing else that is known of the user. What is written below it comes back as notes, from
anybody who may write there, until the handoff ends; it never goes to the user.
"""

from __future__ import annotations

from bridge import words
from bridge.cases import Case
from bridge.commands import AgentSaid, Ask, Command, Delivered, Result
from bridge.corrections import note
from bridge.effects import Line, Mark
from bridge.events import Kind
from bridge.favours import AskElsewhere
from bridge.model import Attachment, Role, Visibility
from bridge.turn import DESKBRIDGE, Turn
from bridge.words import Sense

OVER = "question_over"
"""Answers are no longer passed on: the handoff has ended."""


def ask(turn: Turn, command: Ask) -> None:
    if not command.text.strip():
        return turn.reject("no_words")
    question = note(turn, command.by, command.text)
    turn.mark(command.said, Mark.NOTE)
    turn.do(AskElsewhere(turn.open_handoff.id, question.id, command.place, command.said))
    return None


def put(turn: Turn, effect: AskElsewhere, result: Result) -> None:
    """It stands there, or why not: whoever asked is told in the handoff's thread."""
    question, place = turn.subject, effect.place
    who = {"who": question.author.id, "name": question.author.name}
    if isinstance(result, Delivered):
        return turn.line(Line.ASKED, question, **who, detail=place)
    reason = str(getattr(result, "reason", ""))
    turn.note(Kind.DELIVERY_FAILED, DESKBRIDGE, reason=reason, message=question.id)
    turn.mark(effect.said, Mark.FAILED)
    return turn.line(Line.NOT_ASKED, question, **who, detail=f"{reason}\n{place}")


def is_answer(case: Case, command: Command) -> bool:
    """Whether it is what somebody wrote below a question."""
    asked = case.subject
    return (
        isinstance(command, AgentSaid)
        and asked is not None
        and asked.visibility is Visibility.INTERNAL
        and asked.author.role is Role.AGENT
    )


def answered(turn: Turn, command: AgentSaid) -> None:
    """A note in the words of its author, which calls who asked."""
    if not turn.open_handoff.is_open:
        return turn.reject(OVER)
    said = words.read(command.text)
    text = said.text if said.sense is Sense.NOTE else command.text
    message = turn.say(
        command.by.as_author(),
        "\n".join(filter(None, [text, *map(_clip, command.attachments)])),
        visibility=Visibility.INTERNAL,
        handoff_id=turn.open_handoff.id,
        source=command.source,
    )
    turn.note(Kind.NOTE_ADDED, message.author, message=message.id)
    turn.mark(command.source, Mark.NOTE)
    asker = turn.subject.author.id
    turn.post(message, "" if asker == command.by.id else asker)
    turn.data = {"id": message.id, "note": True}
    return None


def _clip(file: Attachment) -> str:
    """The file itself stays where it is, for those who may see it there."""
    return f"📎 {file.name}"
